"""What `snnc encode` tells before it encodes: classes, speakers, and the parts of training."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snnc.trainer.data.encoding import EncodedFolder
    from snnc.trainer.data.events import EventDataset
    from snnc.trainer.data.outline import Outline

_CLASSES = 12
"""Most classes, and speakers, that are named."""


def outline_lines(found: Outline | EncodedFolder, chosen: bool = False) -> list[str]:
    """Its classes and speakers, and how training will divide it. `chosen`: the user gave the layout."""
    import numpy as np

    from snnc.cli.named_takes import numbered_speakers
    from snnc.trainer.data.alike import of_alike
    from snnc.trainer.data.single_takes import single_takes

    events = found.events
    counts = np.bincount(events.labels, minlength=len(events.class_names)).tolist()
    pairs = list(zip(events.class_names, counts, strict=True))
    shown = ", ".join(f"{name} {count}" for name, count in pairs[:_CLASSES])
    more = ", ..." if len(pairs) > _CLASSES else ""
    single = [f"note: {told}" for told in [single_takes(events.speaker)] if told]
    odd = [*filter(None, [numbered_speakers(events, found.layout)]), *single]
    alike = of_alike("sources", events.speaker_names or ())  # a note says which
    apart = "; sources whose names hardly differ may be in two" if alike else "; no source is in two"
    return [
        f"classes     {len(pairs)}: {shown}{more}",
        f"sources     {_sources(events, found.layout)}",
        *([] if chosen else _reverse(events, found.layout)),
        *_parts(events, "" if single else apart),
        *odd[:1],
    ]


ONE_CLASS = "it has one class, and a network tells classes apart"


def untrainable(events: EventDataset) -> str:
    """Why no network can be trained on `events` alone, as a class of one recording; empty if one can."""
    from snnc.errors import LEAVE_OUT, InputError
    from snnc.trainer.data import split_by_default
    from snnc.trainer.data.short_recordings import without_label

    if told := without_label(events):
        return f"{told}; {LEAVE_OUT}"
    try:
        split_by_default(events)
    except InputError as error:
        return str(error)
    return "" if len(events.class_names) > 1 else ONE_CLASS


def _sources(events: EventDataset, layout: str) -> str:
    from snnc.trainer.data.usual_layout import layout_of_files

    names = events.speaker_names
    if names is None:
        other, file = layout_of_files(events.files or ()) or ("{class}/{speaker}_{}", "CLASS/ann_3.wav")
        example = f'for example --layout "{other}" for {file}'
        return f"none named (field `speaker`); if names of files do, --layout says where, {example}"
    shown = ", ".join(names[:_CLASSES]) + (", ..." if len(names) > _CLASSES else "")
    return f"{len(names)} (field `speaker`): {shown} (layout {layout})"


def _reverse(events: EventDataset, layout: str) -> list[str]:
    """That folders in folders are read as classes and sources, where the reverse is as likely."""
    from snnc.trainer.data.layout import BY_SPEAKER
    from snnc.trainer.data.levels import crossed
    from snnc.trainer.data.other_sound import listed
    from snnc.trainer.data.usual_layout import exchanged

    names = events.speaker_names
    if names is None or layout != BY_SPEAKER or not crossed(events.files or ()):
        return []
    return [
        f"note: {listed(events.class_names)} are taken for classes; if {listed(names)} are the classes, "
        f'give `snnc encode` --layout "{exchanged(layout)}" (and --overwrite, if the file is there)'
    ]


def _parts(events: EventDataset, apart: str) -> list[str]:
    """How training divides `events`, unless its configuration says otherwise; `apart`: if by speaker."""
    from snnc.errors import InputError
    from snnc.trainer.data import split_by_default

    try:
        splits = split_by_default(events)
    except InputError as error:
        return [f"parts       cannot be trained on: {error}"]
    sizes = f"{len(splits.train)} train, {len(splits.validation)} validation, {len(splits.test)} test"
    if not splits.shared_speakers:
        return [f"parts       {sizes}{apart}"]
    if splits.names_speakers:
        return [f"parts       {sizes}, at random; they share sources", _WARNING]
    return [f"parts       {sizes}, at random", _WARNING]


_WARNING = (
    "warning: parts are at random: one person or machine may train and test, so accuracy on test says little "
    "about new ones"
)
