"""Classes of recordings for a trained network: the names of the folders that hold them."""

import posixpath
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from snnc.stages.names import NAME_LIMIT
from snnc.text import one_line, shortened, spelt_otherwise, with_near
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.days import is_day
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.folder import Recording
from snnc.trainer.data.known_classes import is_word, layout_of_known, with_known_source
from snnc.trainer.data.layout import BY_CLASS, BY_SPEAKER, Layout
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.outline import numbers
from snnc.trainer.data.usual_layout import (
    SEPARATORS,
    are_parts,
    in_order,
    layout_of_speakers,
    of_one_class,
    of_unread_speakers,
)

_PARTED = re.compile("[" + re.escape("".join(SEPARATORS)) + "]")


def with_classes(
    events: EventDataset,
    folder: Path,
    names: Sequence[str],
    classes: Sequence[str],
    sources: Collection[str] = (),
) -> tuple[EventDataset, list[str]]:
    """`events` of the files `names` below `folder`, labelled by their first folders as by `snnc encode`.

    If no first folder is called as one of the network's `classes`, by the layout by which all have one of
    them; without a class, if there is none. Notes say where labels are from, or why there are none, and
    speakers, if names of files tell them, or are those of `sources`, which the network knows.
    """
    tops = in_order(name.partition("/")[0] for name in names if "/" in name)
    if not any(top in classes for top in tops):
        if are_parts(names) or (known := layout_of_known(names, classes, sources)) is None:
            return events, _none(folder, names, tops, classes)
        named = _read(events, folder, names, known)
        note = f"labels are those that names of folders and files tell, read as {known}"
        whom = f"; sources (field `speaker`): {listed(named.speaker_names)}" if named.speaker_names else ""
        return named, [note + whom]
    deep = all(name.count("/") > 1 and not is_day(name.split("/")[1]) for name in names)
    by_files = with_known_source(BY_CLASS, names, sources) or (None if deep else _lettered(names))
    by_files = None if by_files == BY_SPEAKER else by_files
    named = _read(events, folder, names, by_files or (BY_SPEAKER if deep else BY_CLASS))
    speakers, loose = named.speaker_names, [name for name in names if "/" not in name]
    notes = [f"labels are the names of the folders: {listed([top for top in tops if top in classes])}"]
    if by_files is not None:
        notes.append(
            f"sources (field `speaker`) are those that names of folders and files tell, read as {by_files}: "
            f"{listed(speakers or ())}"
        )
    elif not deep:
        notes += of_unread_speakers(names) or of_one_class(names)
    if loose:
        lie = "1 recording lies" if len(loose) == 1 else f"{len(loose)} recordings lie"
        notes.append(f"{lie} in no folder of a class, so without a label ({listed(loose)})")
    return named, notes


def _lettered(names: Sequence[str]) -> str | None:
    """The layout by which names of files tell speakers, if one is called by letters: numbers count takes."""
    if (layout := layout_of_speakers(names)) is None:
        return None
    read = [Layout(layout).parts(name.rpartition(".")[0]) for name in names]
    return layout if any(map(str.isalpha, "".join(each[1] or "" for each in read if each))) else None


def _read(events: EventDataset, folder: Path, names: Sequence[str], layout: str) -> EventDataset:
    """`events` with the classes and the speakers of their files `names`, where these fit `layout`."""
    found, reading = [], Layout(layout)
    for name in names:
        label, speaker = reading.parts(name.rpartition(".")[0]) or (NO_CLASS, None)
        found.append(Recording(folder / name, name, _fit(label), speaker and _fit(speaker)))
    own, labels, speakers, of_whom = numbers(found)
    return replace(events, class_names=own, labels=labels, speaker_names=speakers, speaker=of_whom)


def _fit(name: str) -> str:
    """As a name can be; that of a class of the network is one."""
    return shortened(one_line(name), NAME_LIMIT)


def _none(folder: Path, names: Sequence[str], tops: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Why there are no labels, where folders seem to be there for them."""
    own = folder.resolve().name
    if not tops:
        if own not in classes:
            return _by_some(names, classes)
        return [f"no labels, as the recordings lie in {folder} itself: give the folder that holds {own!r}"]
    below = in_order(name.split("/")[1] for name in names if name.count("/") > 1)
    deeper = in_order(folder for name in names for folder in name.split("/")[1:-1])
    if any(each in classes for each in below):
        inner = next(name.partition("/")[0] for name in names if name.split("/")[1] in classes)
        return [f"no labels, as folders of classes lie deeper: give {folder / inner} by itself"]
    return [
        f"no labels, as no folder ({with_near(tops, classes)}) is called as a class of the network "
        f"({listed(classes)}){spelt_otherwise([*tops, *deeper], classes)}",
        *_by_some([posixpath.basename(name) for name in names], classes),
    ]


def _by_some(names: Sequence[str], classes: Sequence[str]) -> list[str]:
    """That files without a folder are called by classes, but not most in one way; else they are new ones."""
    words = {name for name in classes if is_word(name)}
    some = [name for name in names if words.intersection(_PARTED.split(name.rpartition(".")[0]))]
    if not some:
        return []
    return [
        f"no labels, as {len(some)} of {len(names)} names of files tell a class of the network "
        f"({listed(some)}), and not most in one place; `snnc encode` has --layout"
    ]
