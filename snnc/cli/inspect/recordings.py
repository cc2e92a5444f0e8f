"""Recordings of events, with their classes or without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from snnc.cli.free_model import free_model
from snnc.cli.inspect.description import Description, command
from snnc.report.network_facts import names
from snnc.text import one_line


def events_description(events: Any, path: Path) -> Description:
    """Of an `EventDataset`, from whatever file."""
    from snnc.cli.encode_outline import untrainable
    from snnc.trainer.data.class_names import NO_CLASS
    from snnc.trainer.data.copies import of_copies
    from snnc.trainer.data.short_recordings import unlabelled
    from snnc.trainer.data.silent_lines import silent_lines
    from snnc.trainer.data.single_takes import single_takes

    labelled = events.class_names != (NO_CLASS,)
    notes = [*events.notes, *of_copies(events), *filter(None, [single_takes(events.speaker)])]
    notes += [_without_names(path)] if events.numbered else []
    facts = {
        "recordings": len(events),
        "events": len(events.times),
        "units": events.unit_count,
        **({"units without an event": silent_lines(events) or "none"} if len(events.times) else {}),
        "longest": f"{float(events.duration.max(initial=0)):.3f} s",
        "times": times(events),
        "last event": f"{float(events.times.max(initial=0)) * events.tick_s:.6g} s",
        **classes_and_sources(events, "recordings"),
        **({} if events.layout is None else {"layout of the recordings": one_line(events.layout)}),
        "SHA-256 of the events": events.sha256(),
    } | {f"note {number}" if number > 1 else "note": note for number, note in enumerate(notes, 1)}
    run = command("run", "ARTIFACT", "--input", path)
    if not labelled:
        return Description("unlabelled event recordings", facts, run, "events")
    if unlabelled(events).size:
        compare = command("verify", "ARTIFACT", "--input", path)
        return Description("partly labelled event recordings", facts, (run, compare), "events")
    refusal = untrainable(events)
    following = (
        *([] if refusal else [command("train", path, "-o", free_model())]),
        command("test", "MODEL", "--dataset", path),
        command("verify", "ARTIFACT", "--dataset", path),
        run,
    )
    refused = {"training": f"refused: {refusal}"} if refusal else {}
    return Description("labelled event recordings", facts | refused, following, "events")


def _without_names(path: Path) -> str:
    """That only a network of as many classes, in the same order, is tested rightly with these labels."""
    from snnc.trainer.data.places_of_names import by_number

    return (
        "labels are numbers, and the file has no names of classes: a network takes them for the numbers of "
        "its own classes, from 0 (`snnc test` refuses them if one is beyond these); where these are others "
        f"or in another order, name the classes as the network does, in {by_number(path.name)}"
    )


def classes_and_sources(events: Any, of: str) -> dict[str, object]:
    """The classes of an `EventDataset`, of its recordings or samples, which `of` says, and whose these are.

    `NO_CLASS` is none of the classes: it stands for a label that is missing.
    """
    from snnc.trainer.data.class_names import NO_CLASS
    from snnc.trainer.data.oddities import recordings_of_classes
    from snnc.trainer.data.short_recordings import labelled, unlabelled

    without, facts = unlabelled(events).size, dict[str, object]()
    if without == len(events):
        classes = tuple(each for each in events.class_names if each != NO_CLASS)
        facts["classes"] = f"{names(classes)}; none of the {of} has a label" if classes else "none known"
    else:
        known = labelled(events)
        facts["classes"] = names(known.class_names)
        facts[f"{of} a class"] = recordings_of_classes(known)
        facts |= {f"{of} without a label": without} if without else {}
    return facts | {"sources (field `speaker`)": _sources(events)}


def times(events: Any) -> str:
    """How they are stored, on which it depends by which rule they fall into steps."""
    whole = events.times.dtype.kind == "u"
    return f"whole ticks of {events.tick_s:g} s" if whole else f"floats, in units of {events.tick_s:g} s"


def _sources(events: Any) -> str:
    numbers = sorted({int(speaker) for speaker in events.speaker if speaker >= 0})
    if events.speaker_names is None:
        return str(len(numbers) or "not named")
    return f"{len(numbers)}: {', '.join(f'{number} {events.speaker_names[number]}' for number in numbers)}"
