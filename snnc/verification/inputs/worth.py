"""What is reached as one number, by which a search tells the better of two inputs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph
from snnc.verification.inputs.coverage import ENOUGH, ONE_WEIGHT, Count, Reached
from snnc.verification.inputs.distances import Gaps
from snnc.verification.inputs.reachable import Reachable

Score = npt.NDArray[np.float64]


class Worth:
    """The sum, over layers and what can be reached of them, of the shares that are.

    What is a matter of a layer counts as much as all of its neurons together.
    """

    def __init__(self, graph: QuantizedGraph, reachable: Reachable) -> None:
        self.graph, self.reachable = graph, reachable
        self.synapses = [_delivered(graph, index) for index in range(len(graph.layers))]
        counts = reachable.counts.copy()
        counts[:, Count.EQUALITIES] = False  # `met` has them by neuron
        counts[:, Count.TIES] = False  # sought by `close_scores.py`
        self.counts = counts
        sources = [np.zeros(graph.inputs, np.int64), *reachable.earliest]
        self.sources = sources[: len(graph.layers)]
        self.most = self.of(self._everything())

    def of(self, found: Reached) -> Score:
        """Of one `Reached`, or of each sample of `reached_by_each`."""
        score = ((found.counts > 0) & self.counts).sum(axis=(-2, -1)).astype(np.float64)
        for index, delivered in enumerate(self.synapses):
            first, may = found.first[index], self.reachable
            score += delivered[np.arange(len(delivered)), first].sum(axis=-1) / max(1, delivered[:, 0].sum())
            score += (found.first[index + 1] < self.graph.time_steps).mean(axis=-1)
            met = found.met[index] & may.met[index]
            score += met.mean(axis=-1) + met.any(axis=-1)
            score += ((found.most[index] >= 2) & (may.most[index] >= 2)).mean(axis=-1)
            spikes, most = (np.minimum(one.most[index], ENOUGH).max(axis=-1) for one in (found, may))
            score += spikes / max(1, most)
            score += _near(found.above[index], may.above[index])
            score += _near(found.below[index], may.below[index])
            source = self.sources[index]
            score += ((first == 0) & (source == 0)).any(axis=-1)
            score += (found.last[index] & (source < self.graph.time_steps)).any(axis=-1)
        return score

    def all_reached(self, found: Reached) -> bool:
        """Whether nothing is left to reach, as far as is known."""
        return bool(self.of(found) >= self.most - 1e-9)

    def _everything(self) -> Reached:
        """More than can be reached in some, but not in what is worth something."""
        may, lines = self.reachable, self.graph.inputs
        first = np.zeros(lines, np.int32), *(one.astype(np.int32) for one in may.earliest)
        ever = np.ones(lines, np.bool_), *(one < self.graph.time_steps for one in may.earliest)
        most = tuple(one.astype(np.int32) for one in may.most)
        return Reached(0, first, ever, may.met, may.above, may.below, most, may.counts.astype(np.int64))


def _near(gaps: Gaps, least: Gaps) -> Score:
    """The share of neurons within one weight, that one had the least distance, and how near the best was."""
    share = ((gaps < ONE_WEIGHT) & (least < ONE_WEIGHT)).mean(axis=-1)
    best = gaps.min(axis=-1) / least.min()
    return np.asarray(share + (best <= 1) + np.maximum(0, 3 - np.log2(np.maximum(best, 1)) / 8))


def _delivered(graph: QuantizedGraph, index: int) -> npt.NDArray[np.int64]:
    """How many synapses of a source carry a spike if it spikes first in a step; [sources, T + 1]."""
    layer, steps = graph.layers[index], graph.time_steps
    exists = (layer.weight != 0) & (layer.delay < steps)
    found = np.zeros((layer.inputs, steps + 1), np.int64)
    # One with delay d is carried up to step T - 1 - d.
    np.add.at(found, (np.nonzero(exists)[1], steps - 1 - layer.delay[exists]), 1)
    return found[:, ::-1].cumsum(axis=1)[:, ::-1]
