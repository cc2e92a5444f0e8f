"""Classes of recordings for a trained network: the names of the folders that hold them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from snnc.stages.names import NAME_LIMIT
from snnc.text import one_line, shortened
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.class_spellings import class_spellings, read_as
from snnc.trainer.data.days import is_day
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.known_classes import as_in_training, layout_of_most
from snnc.trainer.data.known_sources import with_known_source
from snnc.trainer.data.layout import BY_CLASS, BY_SPEAKER, Layout
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.outline import numbers
from snnc.trainer.data.recording import Recording
from snnc.trainer.data.usual_layout import (
    are_parts,
    in_order,
    layout_of_speakers,
    of_one_class,
    of_unread_speakers,
)
from snnc.trainer.data.why_unlabelled import why_unlabelled


def with_classes(
    events: EventDataset,
    folder: Path,
    names: Sequence[str],
    classes: Sequence[str],
    sources: Collection[str] = (),
    layout: str | None = None,
) -> tuple[EventDataset, list[str]]:
    """`events` of the files `names` below `folder`, labelled by the `layout` of training if it is theirs.

    Else by their first folders as by `snnc encode`; if none of these is called as one of the network's
    `classes`, by the layout by which most have one of them; without a class, if there is none. Notes say
    where labels are from, or why there are none, and speakers, if names of files tell them, or are those of
    `sources`, which the network knows. A name that has the form of one class alone is that class.
    """
    spellings = class_spellings(names, classes, layout)
    known = {*classes, *spellings}
    # BY_CLASS is left to what follows, which reads first folders as it does, and finds sources below them.
    if layout and layout != BY_CLASS and (alike := as_in_training(layout, names, known)) is not None:
        return _told(events, folder, names, spellings, layout, alike, ", as those of training were")
    tops = in_order(name.partition("/")[0] for name in names if "/" in name)
    if not any(top in known for top in tops):
        if are_parts(names) or (found := layout_of_most(names, known, sources)) is None:
            return events, why_unlabelled(folder, names, tops, classes, spellings)
        return _told(events, folder, names, spellings, *found)
    deep = all(name.count("/") > 1 and not is_day(name.split("/")[1]) for name in names)
    by_files = with_known_source(BY_CLASS, names, sources) or (None if deep else _lettered(names))
    taken = by_files or (BY_SPEAKER if deep else BY_CLASS)
    named, spelt = _read(events, folder, names, spellings, taken)
    speakers, loose = named.speaker_names, [name for name in names if "/" not in name]
    notes = [f"labels are the names of the folders: {listed([top for top in tops if top in known])}", *spelt]
    if taken != BY_CLASS:
        notes.append(
            f"sources (field `speaker`) are those that names of folders and files tell, read as {taken}: "
            f"{listed(speakers or ())}"
        )
    else:
        notes += of_unread_speakers(names) or of_one_class(names)
    if loose:
        lie = "1 recording lies" if len(loose) == 1 else f"{len(loose)} recordings lie"
        notes.append(f"{lie} in no folder of a class, so without a label ({listed(loose)})")
    return named, notes


def _told(
    events: EventDataset,
    folder: Path,
    names: Sequence[str],
    spellings: Mapping[str, str],
    layout: str,
    alike: Sequence[str],
    how: str = "",
) -> tuple[EventDataset, list[str]]:
    """`events` of `names`, read by a layout that is for those `alike`, and notes; `how` it was found."""
    named, spelt = _read(events, folder, names, spellings, layout, alike)
    note = f"labels are those that names of folders and files tell, read as {one_line(layout)}{how}"
    whom = f"; sources (field `speaker`): {listed(named.speaker_names)}" if named.speaker_names else ""
    return named, [note + whom, *spelt, *_strays(named, names)]


def _lettered(names: Sequence[str]) -> str | None:
    """The layout by which names of files tell speakers, if one is called by letters: numbers count takes."""
    if (layout := layout_of_speakers(names)) is None:
        return None
    read = [Layout(layout).parts(name.rpartition(".")[0]) for name in names]
    return layout if any(map(str.isalpha, "".join(each[1] or "" for each in read if each))) else None


def _strays(named: EventDataset, names: Sequence[str]) -> list[str]:
    """The files `names` that are called, or lie, otherwise than most, so that they have no label; a note."""
    if NO_CLASS not in named.class_names:
        return []
    without = named.labels == named.class_names.index(NO_CLASS)
    others = [name for name, each in zip(names, without.tolist(), strict=True) if each]
    lie = (
        "1 recording lies or is called" if len(others) == 1 else f"{len(others)} recordings lie or are called"
    )
    return [f"{lie} otherwise, so without a label ({listed(others)})"]


def _read(
    events: EventDataset,
    folder: Path,
    names: Sequence[str],
    spellings: Mapping[str, str],
    layout: str,
    alike: Collection[str] | None = None,
) -> tuple[EventDataset, list[str]]:
    """`events` with the classes and the speakers of their files `names`, where these fit `layout`, and a note
    on classes that are `spellings` of those of the network.

    `alike`: those that it is for, if it is not for all.
    """
    found, labels_read, reading = [], set[str](), Layout(layout)
    fit = set(names if alike is None else alike)
    for name in names:
        read = reading.parts(name.rpartition(".")[0]) if name in fit else None
        label, speaker = read or (NO_CLASS, None)
        labels_read.add(label)
        label = spellings.get(label, label)
        found.append(Recording(folder / name, name, _fit(label), speaker and _fit(speaker)))
    own, labels, speakers, of_whom = numbers(found)
    named = replace(events, class_names=own, labels=labels, speaker_names=speakers, speaker=of_whom)
    return named, read_as(spellings, labels_read)


def _fit(name: str) -> str:
    """As a name can be; that of a class of the network is one."""
    return shortened(one_line(name), NAME_LIMIT)
