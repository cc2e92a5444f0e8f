"""The options with which `snnc encode` takes the recordings of a folder, as far as its files tell them."""

import os
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from snnc.errors import InputError
from snnc.text import shell
from snnc.trainer.data.joined_names import join_options
from snnc.trainer.data.known_classes import all_as_in_training, layout_of_known
from snnc.trainer.data.layout import BY_CLASS, BY_SPEAKER, Layout
from snnc.trainer.data.levels import which_level
from snnc.trainer.data.loose_names import layout_of_loose
from snnc.trainer.data.usual_depth import of_usual_depth
from snnc.trainer.data.usual_layout import (
    are_counted,
    are_days,
    are_parts,
    classes_in_files,
    either,
    layout_of_speakers,
    only_folder,
    plain_speakers,
    usual_layout,
)
from snnc.trainer.data.walk import sounds_below
from snnc.trainer.data.words_in_names import words_in_names

LOOKED_AT = 1000
"""Most recordings that are read, of all parts of a folder, to find those of several channels."""


def events_of(folder: Path) -> str:
    """The name of the file that `folder`, encoded, is kept in."""
    return f"{folder.resolve().name or 'recordings'}.npz"


def free(file: Path) -> Path:
    """`file`, or where it exists the first of NAME-2, NAME-3 and so on that does not: nothing is replaced."""
    names = (file.with_name(f"{file.stem}-{number}{file.suffix}") for number in count(2))
    return file if not file.exists() else next(each for each in names if not each.exists())


def encode_command(
    folder: Path,
    output: Path | None = None,
    classes: Sequence[str] = (),
    trained: str | None = None,
    join_names: bool | None = None,
) -> str:
    """The command that encodes `folder` into `output`, by default a new file called as the folder.

    `classes`: those of a network, which recordings should be of; `trained`: the layout of those of its
    training; `join_names`: as the user said. Where only the user knows the layout (`is_told`), it names the
    choices.
    """
    output = output or free(Path(events_of(folder)))
    options = encode_options(folder, classes, trained, join_names)
    return shell("snnc", "encode", folder, "-o", output, *options)


def run_command(folder: Path) -> str:
    """The command that classifies the recordings of `folder`, which need no labels."""
    return shell("snnc", "run", "ARTIFACT", "--input", folder)


def folder_advice(folder: Path, classes: Sequence[str] = (), trained: str | None = None) -> str:
    """How its recordings are used, as the rest of a sentence that says that data are the `folder`.

    `classes`: those of the network that they are for; `trained`: the layout of those of its training.
    """
    encode = encode_command(folder, classes=classes, trained=trained)
    if is_told(folder, classes, trained):
        return f"; if it holds WAV files, make events of it: {encode}"
    if not any(os.path.dirname(name) == "" for name in _sounds(folder)):
        return f" of recordings, and its names may be read in several ways: {encode} tells them"
    return (
        f" of recordings, and neither folders nor names of files tell their classes; {run_command(folder)} "
        "classifies them without labels; if you know their classes, make a folder for each, or tell "
        '`snnc encode` what the names say, as --layout "{class}-{}" does of up-3.wav'
    )


def encode_options(
    folder: Path, classes: Sequence[str] = (), trained: str | None = None, join_names: bool | None = None
) -> list[str]:
    """`--layout`, `--join-names`, `--mix` and `--skip`, as its recordings need them; none where it cannot be
    read.

    `--layout` tells classes or speakers that names of files tell, and folders do not; or where each recording
    has one of the `classes` of a network, as in the layout by which it was `trained`.
    """
    if not (sounds := _sounds(folder)):
        return []
    layout = _layout(sounds, classes, trained)
    told = [] if layout in (None, BY_CLASS, BY_SPEAKER) else ["--layout", layout]
    return [*told, *join_options(sounds, layout, join_names), *_of_sound(folder, sounds)[0]]


def sound_options(
    folder: Path, layout: str | None, join_names: bool | None = None
) -> tuple[list[str], list[str], bool]:
    """`--join-names`, `--mix` and `--skip`, as its recordings need them; those that `--skip` leaves out, also
    the few that do not fit a `layout`; whether these are all, as no more than `LOOKED_AT` are read."""
    sounds = _sounds(folder)
    reading = None if layout is None else Layout(layout)
    fit = [name for name in sounds if reading is None or reading.parts(name.rpartition(".")[0]) is not None]
    options, unread = _of_sound(folder, fit)
    if 0 < len(sounds) - len(fit) < len(fit):
        kept = {*fit}
        unread = [*(name for name in sounds if name not in kept), *unread]
        options = [*options, *(["--skip"] if "--skip" not in options else [])]
    return [*join_options(fit, layout, join_names), *options], unread, len(fit) <= LOOKED_AT


def is_told(folder: Path, classes: Sequence[str] = (), trained: str | None = None) -> bool:
    """Whether `encode_options` take its recordings: else nothing tells their classes, or either of two may be
    these. True where it cannot be read."""
    sounds = _sounds(folder)
    return not sounds or _layout(sounds, classes, trained) is not None


def _sounds(folder: Path) -> Sequence[str]:
    try:
        return sounds_below(folder, skip=True)[0]
    except InputError:  # which the command tells
        return ()


def _layout(sounds: Sequence[str], classes: Sequence[str], trained: str | None) -> str | None:
    if trained is not None and all_as_in_training(trained, sounds, classes):
        return trained
    layout = told_layout(sounds)
    if classes and not _all_of(sounds, layout, classes):
        return layout_of_known(sounds, classes) or layout
    return layout


def _all_of(sounds: Sequence[str], layout: str | None, classes: Sequence[str]) -> bool:
    """Whether by `layout` each recording has one of these classes."""
    read = [layout and Layout(layout).parts(name.rpartition(".")[0]) for name in sounds]
    return all(each and each[0] in classes for each in read)


def told_layout(sounds: Sequence[str]) -> str | None:
    """The layout of paths from the folder on; None where they do not tell it, or several may be."""
    if not all(map(_are_read, of_usual_depth(sounds))):
        return None  # `snnc encode` asks, and names the others
    if (usual := usual_layout(sounds)) is not None:
        if usual == BY_CLASS and either(sounds) is not None:
            return None
        if usual == BY_CLASS and (inverse := classes_in_files(sounds)) is not None:
            return inverse[0]
        if which_level(sounds) is not None or words_in_names(sounds) is not None:
            return None
        return usual if usual != BY_CLASS else layout_of_speakers(sounds) or usual
    if all("/" not in name for name in sounds):
        return _counted_sources(sounds)
    if are_days(sounds) and all(name.count("/") == 1 for name in sounds):
        below = _counted_sources([os.path.basename(name) for name in sounds])
        return below and f"{{}}/{below}"
    if are_days(sounds):
        return None
    parts = are_parts(sounds)
    inner = "{}" if parts else only_folder(sounds)
    if not inner or (not parts and set(inner) & set("{}")):  # which no layout names
        return None
    above = inner.count("/") + 1
    below = told_layout(["/".join(name.split("/")[above:]) for name in sounds])
    return below and f"{inner}/{below}"


def _are_read(sounds: Sequence[str]) -> bool:
    """Whether `snnc encode` reads them without a layout, by their first folders."""
    told = told_layout(sounds)
    unsure = told is not None and told == layout_of_speakers(sounds) and plain_speakers(sounds) is None
    return told in (BY_CLASS, BY_SPEAKER) or unsure


def _counted_sources(names: Sequence[str]) -> str | None:
    """The layout of files without folders whose names plainly tell sources, which are counted, and classes,
    which are not."""
    found = layout_of_loose(names)
    if found is None or not found[2] or not are_counted(found[2]) or are_counted(found[1]):
        return None
    return found[0]


def _of_sound(folder: Path, sounds: Sequence[str]) -> tuple[list[str], list[str]]:
    """`--mix` and `--skip`, as the recordings `sounds` need them, and which of them cannot be encoded."""
    from snnc.trainer.data.readable import not_encoded  # here: it reads sound, which few need

    looked_at = [folder / name for name in sounds[:: -(-len(sounds) // LOOKED_AT) or 1]]
    refused = [Path(file) for file, _ in not_encoded(looked_at, mix=False)]
    still = [file for file, _ in not_encoded(refused, mix=True)]
    mixed = ["--mix"] if len(still) < len(refused) else []
    skip = ["--skip"] if 0 < len(still) < len(looked_at) else []
    return [*mixed, *skip], [Path(file).relative_to(folder).as_posix() for file in still]
