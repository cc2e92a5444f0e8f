"""What is odd about samples that a user gives to an exported network, beside those that trained it."""

from __future__ import annotations

import numpy as np

from snnc.batches import batches
from snnc.exporter.artifact import carries_model, source_model
from snnc.stages import Artifact
from snnc.trainer.data.silent_lines import named_lines
from snnc.trainer.line_record import heard_in, recorded
from snnc.trainer.other_data import learned_steps, longer_than_learned, notes_of_file
from snnc.verification.led_lines import leads_on
from snnc.verification.spike_input import SpikeInput, line_notes


def notes_of_input(given: SpikeInput, artifact: Artifact, empty_too: bool = True) -> tuple[str, ...]:
    """What is odd about samples: of a file of events its times and addresses, and of all their length
    and silent lines.

    `empty_too`: recordings without an event are told; `of_silent` does it with what their classes are.
    """
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


def silent_here(given: SpikeInput, artifact: Artifact) -> tuple[str, ...]:
    """That no sample has an event on some lines with synapses, where no model tells of training's lines."""
    graph = artifact.graph
    if given.golden or (carries_model(artifact) and recorded(source_model(artifact)) is not None):
        return ()
    heard = heard_in((given.frames(part) for part in batches(graph, len(given))), graph.inputs)
    leads = leads_on(graph)
    if not (silent := leads & ~heard.lines).any():
        return ()
    count = "the one sample" if len(given) == 1 else f"any of the {len(given)} samples"
    have = "has" if np.count_nonzero(silent) == 1 else "have"
    lines = f"{np.count_nonzero(silent)} of {np.count_nonzero(leads)} input lines that lead to neurons"
    return (
        f"{lines} {have} no event in {count} ({named_lines(silent)}), so these samples do not compare "
        "their synapses",
    )
