"""The layout of a folder of recordings of which nothing is said, or the question which is meant."""

import os
import posixpath
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from snnc.errors import InputError, UnencodedError
from snnc.trainer.data.encode_options import encode_command, run_command, told_layout
from snnc.trainer.data.layout import ANY, BY_CLASS, BY_SPEAKER, Layout
from snnc.trainer.data.levels import which_level
from snnc.trainer.data.longer_sources import of_longer_names
from snnc.trainer.data.loose_names import layout_of_loose
from snnc.trainer.data.other_sound import WAV, listed
from snnc.trainer.data.parts_of_paths import parts_told
from snnc.trainer.data.same_sources import of_several_places
from snnc.trainer.data.usual_depth import of_usual_depth
from snnc.trainer.data.usual_layout import (
    are_counted,
    are_days,
    are_parts,
    classes_in_files,
    either,
    exchanged,
    only_folder,
    plain_speakers,
    tops_of,
    usual_layout,
)
from snnc.trainer.data.words_in_names import words_in_names

_BESIDE = 1000


def asked(folder: Path, sounds: Sequence[str]) -> str:
    """The layout of `sounds`, of which nothing is said.

    A few that lie at another depth hide no question that the others raise.

    Raises
    ------
    InputError
        There is no usual layout, or several may be meant.
    """
    for most in of_usual_depth(sounds):
        others = sorted({*sounds} - {*most})
        try:
            _with_parts(folder, most, others)
        except InputError as error:
            first, *more = error.args
            odd = f"{_lie(len(others))} at another depth ({listed(others)})"
            skip = "--skip leaves out what does not fit the layout"
            if max(name.count("/") for name in others) > min(name.count("/") for name in most):
                skip += ', and "{}" takes text over several folders, so a layout may read what lies deeper'
            raise type(error)(f"{first}; {odd}: {skip}", *more) from None
    try:
        return _with_parts(folder, sounds)
    except InputError as error:
        first, *more = error.args
        raise type(error)(f"{first}{_unfit(sounds, first)}", *more) from None


def _unfit(sounds: Sequence[str], question: str) -> str:
    """Those that do not fit the layouts that a `question` names, where they are so few that they may be left
    out; else empty."""
    found = dict[str, None]()
    for text in re.findall(r'--layout "([^"]+)"', question):
        without = [name for name in sounds if not _fits(name, text)]
        if 2 * len(without) < len(sounds) and "--skip" not in question:
            found |= dict.fromkeys(without)
    if not found:
        return ""
    do = "recording does" if len(found) == 1 else "recordings do"
    return f"; {len(found)} {do} not fit ({listed(list(found))}): move them, or --skip leaves them out"


def _with_parts(folder: Path, sounds: Sequence[str], others: Sequence[str] = ()) -> str:
    """As `_usual`; where several layouts may be meant, the error tells of what paths are made, too."""
    try:
        return _usual(folder, sounds, others)
    except InputError as error:
        plain = isinstance(error, UnencodedError)  # the classes are, unless it divides names at too few marks
        if "--layout" not in str(error) or (parts := parts_told(sounds, mixed=plain)) is None:
            raise
        raise type(error)(*error.args, parts) from None


def _usual(folder: Path, sounds: Sequence[str], others: Sequence[str]) -> str:
    """The layout of `sounds`, beside which a few `others` lie at another depth.

    Raises `InputError` if there is no usual one.
    """
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
                f"{of_longer_names(layout, sounds)}"
            )
        if (question := which_level(sounds)) is not None:
            raise InputError(f"{folder}: {question}")
        if (words := words_in_names(sounds)) is not None:
            fit = [name for name in sounds if _fits(name, words.layout)]
            apart = "".join(f"; by the first, {note}" for note in of_several_places(words.layout, fit))
            raise InputError(f"{folder}: {words.question(sounds)}{apart}")
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
    every = _lie(len(sounds)) if others else "all recordings lie"
    if len(loose) == len(sounds):
        raise InputError(
            f"{folder}: {every} in {where} ({listed(loose)}), so their class is not known; make "
            f"a folder for each class{_told_by_names(inner, loose)}; to classify recordings without "
            f"labels: {run_command(folder)}{'' if inner else _above(folder, loose)}"
        )
    if loose:
        their, them = ("its", "it") if len(loose) == 1 else ("their", "them")
        few = 2 * len(loose) < len(sounds)
        rest = told_layout([name for name in sounds if name not in {*loose}]) if few else None
        leave = f', or leave {them} out: --layout "{rest}" --skip' if rest else ""
        raise InputError(
            f"{folder}: {_lie(len(loose))} in {where} ({listed(loose)}), and others in folders there, so "
            f"{their} class is not known; move {them} into the folder of {their} class{leave}"
        )
    above, _, last = inner.rpartition("/")
    one = f"{above}/{BY_SPEAKER}" if above else BY_SPEAKER
    so = f'--layout "{one}", but one class alone trains no network'
    if not above and any("/" in name and name.partition("/")[0] != last for name in others):
        so = f'--layout "{BY_CLASS}"'
    raise InputError(
        f"{folder}: {every} in its folder {inner!r}, in folders; if these are the classes: "
        f"{encode_command(folder / inner)}; if {last!r} is a class: {so}"
    )


def _fits(sound: str, layout: str) -> bool:
    return Layout(layout).parts(sound.rpartition(".")[0]) is not None


def _either(sounds: Sequence[str], layout: str, names: Sequence[str], above: str = "") -> str:
    """What is said of folders that may be the classes, by `layout`, and of `names` of files that may be, too.

    `above`: the place of a layout for the folder that all these lie in, if there is one.
    """
    first = f"{above}/" if above else ""
    longer = of_longer_names(layout, sounds, first)
    return (
        f"are called {listed(tops_of(sounds))}, and names of files tell {listed(names)}; which of both are "
        f'the classes is not known. --layout "{first}{layout}" takes folders for classes and those names for '
        f'sources (field `speaker`); --layout "{first}{exchanged(layout)}" reads the reverse, and --layout '
        f'"{first}{BY_CLASS}" folders as classes without sources, so that the same source may train and '
        f"test{longer}; choose one of {'these' if longer else 'the three'}"
    )


def _told_by_names(inner: str, loose: Sequence[str]) -> str:
    """How names of files that lie in the folder `inner`, or in any ("{}"), may tell their classes."""
    if inner != "{}" and set(inner) & set("{}"):  # which no layout names
        return ""
    before = f"{inner}/" if inner else ""
    found = layout_of_loose([posixpath.basename(name) for name in loose])
    if found is None and parts_told(loose) is not None:
        return ", or say with --layout which parts of names are classes and sources"
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
    told = are_counted(sources) and not are_counted(classes)
    reverse = "" if told else f'; the reverse is --layout "{before}{exchanged(layout)}"'
    return f"{said} and {listed(sources)} sources (field `speaker`){reverse}{odd}"


def _lie(count: int) -> str:
    return "1 recording lies" if count == 1 else f"{count} recordings lie"


def _above(folder: Path, loose: Sequence[str]) -> str:
    """A hint where `folder` may be one class of several: other folders with WAV files lie beside it.

    Empty where names of its files, which are `loose`, tell classes: of several parts, or of one whose words
    none beside has; one that others have may be a source of each class.
    """
    found = layout_of_loose(loose)
    if parts_told(loose) is not None or (found is not None and found[2]):
        return ""

    def alike(name: str) -> bool:
        if found is None or not _is_sound(name):
            return _is_sound(name)
        read = Layout(found[0]).parts(name.rpartition(".")[0])
        return read is not None and read[0] in found[1]

    parent = folder.resolve().parent
    try:
        beside = [
            each.name
            for each in sorted(islice(parent.iterdir(), _BESIDE))
            if each.is_dir() and any(map(alike, islice(os.listdir(each), _BESIDE)))
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
