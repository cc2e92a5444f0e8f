"""Accuracy of executors with an arithmetic of their own, beside that of the integers on the same recordings.

Those that compute by the contract have its accuracy. Of one that does not, it is counted as the recordings
are compared: by what its program decodes, else by what clause 7 makes of its states.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.decoding.decoder import decoders
from snnc.stages import AccuracyStage, QuantizedGraph, Trace
from snnc.verification.one_executor import Batch

COMPARED = "as compared"
"""What follows the name of a group of inputs: of a split, those that executors were compared on."""

Labels = Mapping[str, npt.NDArray[np.int64]]


@dataclass(slots=True)
class Tally:
    """Of the labelled recordings of a group: how many, how many each side decodes right, the second loses."""

    total: int = 0
    right: int = 0
    own: int = 0
    lost: int = 0

    def stages(self, group: str, reference: str, name: str) -> tuple[AccuracyStage, AccuracyStage]:
        """The integers, by the `reference`, and the executor `name`."""
        split = f"{group}, {COMPARED}"
        return (
            AccuracyStage(reference, split, self.right, self.total, lost=0),
            AccuracyStage(name, split, self.own, self.total, lost=self.lost),
        )


def count(
    tallies: dict[str, Tally],
    graph: QuantizedGraph,
    expected: Trace,
    found: Trace,
    batch: Batch,
    labels: Labels,
) -> None:
    """Add a batch to the tally of each of its groups that has labels; these are of the first readout."""
    if not any(name in labels for name, _, _ in batch.parts):
        return
    right, own = _classes(graph, expected), _classes(graph, found)
    for name, start, rows in batch.parts:
        if name in labels:
            wanted = labels[name][start : start + rows.stop - rows.start]
            ours, theirs = right[rows] == wanted, own[rows] == wanted
            tally = tallies.setdefault(name, Tally())
            tally.total += len(wanted)
            tally.right += int(ours.sum())
            tally.own += int(theirs.sum())
            tally.lost += int((ours & ~theirs).sum())


def _classes(graph: QuantizedGraph, trace: Trace) -> npt.NDArray[np.int64]:
    first = decoders(graph)[0]
    for answer in trace.answers:
        if answer.classes is not None and answer.of in (None, first.readout.population):
            return np.asarray(answer.classes, np.int64)
    return np.asarray(first.classes(first.record(trace.layers)), np.int64)
