"""Recordings in a folder: which files are some, of what class and whom, and what else lies there."""

import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from snnc.errors import InputError, UnencodedError
from snnc.trainer.data.alike import of_alike
from snnc.trainer.data.array_files import advice_of_folder
from snnc.trainer.data.beside_recordings import beside
from snnc.trainer.data.encode_options import encode_command, run_command, told_layout
from snnc.trainer.data.layout import ANY, BY_CLASS, BY_SPEAKER, Layout
from snnc.trainer.data.levels import which_level, which_level_of_most
from snnc.trainer.data.other_sound import WAV, listed
from snnc.trainer.data.parts_of_paths import parts_told
from snnc.trainer.data.same_sources import of_several_folders
from snnc.trainer.data.usual_layout import (
    are_counted,
    are_days,
    are_parts,
    classes_in_files,
    either,
    exchanged,
    in_order,
    layout_of_loose,
    numbered_tops,
    of_unread_speakers,
    only_folder,
    plain_speakers,
    tops_of,
    usual_layout,
)
from snnc.trainer.data.walk import refuse_foreign, walked
from snnc.trainer.data.words_in_names import words_in_names

_BESIDE = 1000


@dataclass(frozen=True, slots=True)
class Recording:
    """`name` is its path from the folder on, with "/" between names; `speaker` None where nobody is named."""

    path: Path
    name: str
    label: str
    speaker: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """Recordings sorted by name, the layout by which they are read, and `notes` on what is odd."""

    recordings: tuple[Recording, ...]
    layout: str
    notes: tuple[str, ...]


def find_recordings(folder: Path, layout: str | None = None, skip: bool = False) -> Found:
    """The WAV files below `folder`.

    Without a `layout`, the first folder is the class, and the second, if every recording lies in one, the
    speaker. `skip`: recordings of other kinds, and a few that do not fit the layout, are left out, and noted.

    Raises
    ------
    InputError
        There is no such folder, it cannot be read, or holds no recording; a recording does not fit the
        layout, or is of a kind that is not read; classes cannot be told; or names of files plainly tell
        speakers, and no layout is given.
    """
    read = None if layout is None else Layout(layout)
    walk = walked(folder)
    skipped = refuse_foreign(folder, walk, skip)
    if not walk.sounds:
        arrays = advice_of_folder(folder, walk.others)
        where = "put recordings there, in a folder for each class: CLASS/NAME.wav"
        raise InputError(arrays or f"{folder}: holds no WAV file; {where}")
    if read is None:
        read = Layout(_asked(folder, walk.sounds))
    recordings, unfit = _read(folder, walk.sounds, read, skip)
    notes = [*beside(walk, [each.name for each in recordings]), *_alike(recordings), *skipped, *unfit]
    deep = sum(each.name.count("/") > 1 for each in recordings)
    if layout is None and deep and not read.names_speakers:
        notes.append(
            f"{deep} of {len(recordings)} recordings lie in a folder below their class, the others do not, "
            f'so folders name no sources (field `speaker`); --layout "{BY_SPEAKER}" needs all of them there'
        )
    notes += of_several_folders(read.text, [(each.name, each.speaker) for each in recordings])
    if layout is None and not read.names_speakers:
        notes += of_unread_speakers(walk.sounds, layout_too=True)
    if layout is None and read.text == BY_CLASS and (tops := numbered_tops(walk.sounds)):
        notes.append(
            f"folders {listed(tops)} are taken for classes; if they are sources (field `speaker`), --layout "
            'says where the class stands, as "{speaker}/{class}_{}" of patient_01/cough_3.wav'
        )
    return Found(tuple(recordings), read.text, tuple(notes))


def _asked(folder: Path, sounds: Sequence[str]) -> str:
    """As `_usual`; where several layouts may be meant, the error tells of what paths are made, too."""
    try:
        return _usual(folder, sounds)
    except UnencodedError:  # the classes are plain
        raise
    except InputError as error:
        if "--layout" not in str(error) or (parts := parts_told(sounds)) is None:
            raise
        raise InputError(*error.args, parts) from None


def _usual(folder: Path, sounds: Sequence[str]) -> str:
    """The layout of a folder of which nothing is said. Raises `InputError` if there is no usual one."""
    if (question := which_level_of_most(sounds)) is not None:
        raise InputError(f"{folder}: {question}")
    if (usual := usual_layout(sounds)) is not None:
        if usual == BY_CLASS and (both := either(sounds)) is not None:
            raise InputError(f"{folder}: its folders {_either(sounds, *both)}")
        if usual == BY_CLASS and (inverse := classes_in_files(sounds)) is not None:
            layout, names = inverse
            raise UnencodedError(
                f"{folder}: its folders are numbered ({listed(tops_of(sounds))}), and names of files tell "
                f'{listed(names)}. --layout "{layout}" takes folders for sources (field `speaker`) and those '
                f'names for classes; --layout "{exchanged(layout)}" reads the reverse, and --layout '
                f'"{BY_CLASS}" folders as classes alone'
            )
        if usual == BY_CLASS and (plain := plain_speakers(sounds)) is not None:
            layout, names = plain
            raise UnencodedError(
                f"{folder}: names of files tell sources (field `speaker`: {listed(names)}); without them the "
                f'same source may train and test. --layout "{layout}" reads them, --layout "{BY_CLASS}" '
                f'says that they are none; if they are the classes, --layout "{exchanged(layout)}"'
            )
        if (question := which_level(sounds)) is not None:
            raise InputError(f"{folder}: {question}")
        if (words := words_in_names(sounds)) is not None:
            raise InputError(f"{folder}: {words.question(sounds)}")
        return usual
    if are_parts(sounds):
        tops, whole = tops_of(sounds), told_layout(sounds)
        alone = f"encode each by itself ({encode_command(folder / tops[0])}), or all of them"
        made = f"make folders for classes in them, as {tops[0]}/CLASS/NAME.wav, for"
        remedy = f'{made} --layout "{{}}/{BY_CLASS}"' if whole is None else f'{alone}: --layout "{whole}"'
        below = [name.partition("/")[2] for name in sounds]
        if whole is None and (both := either(below)) is not None:
            remedy = f"their folders {_either(below, *both, above=ANY)}"
        elif whole is None and (question := which_level(below, above=ANY)) is not None:
            remedy = f"their {question}"
        elif whole is None and (words := words_in_names(below)) is not None:
            remedy = words.within(ANY).question(below)
        raise InputError(
            f"{folder}: its folders {listed(tops)} are named as parts of data, not as classes; {remedy}"
        )
    if are_days(sounds):
        told = "" if any(name.count("/") > 1 for name in sounds) else _told_by_names("{}", sounds)
        raise InputError(
            f"{folder}: its folders {listed(tops_of(sounds))} are days, so the class of a recording is not "
            f'known; make a folder for each class{told}, or --layout "{BY_CLASS}" if days are the classes'
        )
    inner = only_folder(sounds)
    loose = [name for name in sounds if posixpath.dirname(name) == inner]
    where = f"its folder {inner!r}" if inner else "the folder itself"
    if len(loose) == len(sounds):
        raise InputError(
            f"{folder}: all recordings lie in {where} ({listed(loose)}), so their class is not known; make "
            f"a folder for each class{_told_by_names(inner, loose)}; to classify recordings without "
            f"labels: {run_command(folder)}{'' if inner else _above(folder)}"
        )
    if loose:
        their, them = ("its", "it") if len(loose) == 1 else ("their", "them")
        raise InputError(
            f"{folder}: {_lie(len(loose))} in {where} ({listed(loose)}), and others in folders there, so "
            f"{their} class is not known; move {them} into the folder of {their} class"
        )
    above, _, last = inner.rpartition("/")
    one = f"{above}/{BY_SPEAKER}" if above else BY_SPEAKER
    raise InputError(
        f"{folder}: all recordings lie in its folder {inner!r}, in folders; if these are the classes: "
        f'{encode_command(folder / inner)}; if {last!r} is a class: --layout "{one}", but one class alone '
        "trains no network"
    )


def _either(sounds: Sequence[str], layout: str, names: Sequence[str], above: str = "") -> str:
    """What is said of folders that may be the classes, by `layout`, and of `names` of files that may be, too.

    `above`: the place of a layout for the folder that all these lie in, if there is one.
    """
    first = f"{above}/" if above else ""
    return (
        f"are called {listed(tops_of(sounds))}, and names of files tell {listed(names)}; which of both are "
        f'the classes is not known. --layout "{first}{layout}" takes folders for classes and those names for '
        f'sources (field `speaker`); --layout "{first}{exchanged(layout)}" reads the reverse, and --layout '
        f'"{first}{BY_CLASS}" folders as classes without sources, so that the same source may train and '
        "test; choose one of the three"
    )


def _told_by_names(inner: str, loose: Sequence[str]) -> str:
    """How names of files that lie in the folder `inner`, or in any ("{}"), may tell their classes."""
    if inner != "{}" and set(inner) & set("{}"):  # which no layout names
        return ""
    before = f"{inner}/" if inner else ""
    found = layout_of_loose([posixpath.basename(name) for name in loose])
    if found is None:
        return f', or rename them, as up-ann-3.wav, and say --layout "{before}{{class}}-{{speaker}}-{{}}"'
    layout, classes, sources = found
    reading = Layout(layout)
    read = {name: reading.parts(posixpath.basename(name).rpartition(".")[0]) for name in loose}
    others = [name for name, parts in read.items() if parts is None or parts[0] not in classes]
    odd = f"; called otherwise: {listed(others)}" if others else ""
    said = f', or say --layout "{before}{layout}" if {listed(classes)} are the classes'
    if not sources:
        return said + odd
    reverse = "" if are_counted(sources) else f'; the reverse is --layout "{before}{exchanged(layout)}"'
    return f"{said} and {listed(sources)} sources (field `speaker`){reverse}{odd}"


def _lie(count: int) -> str:
    return "1 recording lies" if count == 1 else f"{count} recordings lie"


def _above(folder: Path) -> str:
    """A hint where `folder` is one class of several: other folders with WAV files lie beside it."""
    parent = folder.resolve().parent
    try:
        beside = [
            each.name
            for each in sorted(islice(parent.iterdir(), _BESIDE))
            if each.is_dir() and any(_is_sound(name) for name in islice(os.listdir(each), _BESIDE))
        ]
    except OSError:  # a hint less
        return ""
    if len(beside) < 2:
        return ""
    return (
        f"; or, if {folder.resolve().name!r} is one of the classes, name the folder above: "
        + encode_command(folder.parent if folder.name else parent)
    )


def _is_sound(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in WAV


def _read(
    folder: Path, sounds: Sequence[str], layout: Layout, skip: bool
) -> tuple[list[Recording], list[str]]:
    """The recordings, and a note on those that do not fit the layout, if they are few and to be left out."""
    recordings, unfit = [], []
    for name in sounds:
        parts = layout.parts(os.path.splitext(name)[0])
        if parts is None:
            unfit.append(name)
        else:
            recordings.append(Recording(folder / name, name, *parts))
    if not unfit:
        return recordings, []
    misfit = f'do not fit the layout "{layout.text}" ({listed(unfit)})'
    few = 2 * len(unfit) < len(sounds)
    if few and skip:
        return recordings, [f"left out: {len(unfit)} of {len(sounds)} recordings {misfit}"]
    leave = ", leave them out with --skip" if few else ""
    raise InputError(
        f"{folder}: {len(unfit)} of {len(sounds)} recordings {misfit}; rename or move them{leave}, or give "
        "another --layout"
    )


def _alike(recordings: Sequence[Recording]) -> list[str]:
    """Names that people take for the same, and that are not."""
    speakers = in_order(each.speaker for each in recordings if each.speaker is not None)
    return [
        *of_alike("classes", in_order(each.label for each in recordings)),
        *of_alike("sources (field `speaker`)", speakers),
    ]
