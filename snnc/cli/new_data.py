"""What is odd about recordings that a user gives to a trained network, on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snnc.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snnc.stages import Artifact
    from snnc.verification.spike_input import SpikeInput


def tell(notes: Iterable[str]) -> None:
    """A line each, apart from results."""
    from snnc.cli import console

    out = console.out(stderr=True)
    for note in notes:
        out.print(f"note: {note}")


def notes_of_input(given: SpikeInput, artifact: Artifact, empty_too: bool = True) -> tuple[str, ...]:
    """What is odd about samples: of a file of events its times and addresses, and of all their length
    and silent lines.

    `empty_too`: recordings without an event are told; `of_silent` does it with what their classes are.
    """
    import numpy as np

    from snnc.batches import batches
    from snnc.exporter.artifact import carries_model, source_model
    from snnc.trainer.other_data import learned_steps, longer_than_learned, notes_of_file
    from snnc.verification.spike_input import line_notes

    model = source_model(artifact) if carries_model(artifact) else None
    lines = () if given.golden else line_notes(artifact, given)
    if given.events is not None:
        return *notes_of_file(given.events, model, empty_too), *lines
    if model is None or (steps := learned_steps(model)) is None:
        return lines
    late = [
        part.start + np.flatnonzero(given.frames(part)[:, steps:].any(axis=(1, 2)))
        for part in batches(artifact.graph, len(given))
    ]
    return *longer_than_learned(np.concatenate(late), len(given), model), *lines


def of_silent(silent: Sequence[int], count: int, files: Sequence[str] | None) -> tuple[str, ...]:
    """That these of `count` samples hold no event, so that their classes are of silence; empty if none."""
    if not silent:
        return ()
    first = f"sample {silent[0]}" if files is None else one_line(files[silent[0]])
    hold, their = ("holds", "its class is") if len(silent) == 1 else ("hold", "their classes are")
    return (
        f"{len(silent)} of {count} recordings {hold} no event (first: {first}): {their} what the "
        "network makes of silence",
    )
