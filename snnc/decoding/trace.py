"""What the layers of a trace are to the contract: their order, which are read out, and their classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.arrays import same
from snnc.decoding.scores import SCORES
from snnc.decoding.softmax import Scale
from snnc.stages.quantized import QuantizedGraph
from snnc.stages.readout import OF_SPIKES
from snnc.stages.trace import LayerTrace


@dataclass(frozen=True, slots=True)
class Recorded:
    """How the population `layer` (its number in a trace) is decoded; without the names of its classes.

    `end`: the steps before it count. `scale` as in `snnc.stages.Readout`.
    """

    layer: int
    decoder: str
    scale: Scale | None
    end: int

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    @property
    def variable(self) -> str:
        """What of the population is decoded: "v" or "spikes"."""
        return "spikes" if self.decoder in OF_SPIKES else "v"

    def own(self, record: npt.NDArray[Any], first: int = 0) -> npt.NDArray[Any]:
        """The steps t < `end` of a record [samples, steps, neurons] that begins with step `first`."""
        return record[:, : max(0, self.end - first)]

    def classes(self, record: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
        """The class of each sample of a record of all its steps, [samples]."""
        with np.errstate(over="ignore", invalid="ignore"):
            found: npt.NDArray[np.intp] = SCORES[self.decoder](self.own(record), self.scale).argmax(axis=1)
        return found


def recorded(graph: QuantizedGraph) -> tuple[Recorded, ...]:
    """One for each readout of `graph`, in its order."""
    return tuple(
        Recorded(graph.trace_index(each.population), each.decoder, each.scale, graph.end(each.population))
        for each in graph.readouts
    )


def trace_order(graph: QuantizedGraph) -> tuple[int, ...]:
    """Numbers of the layers of a trace of `graph`, in the contract order of their populations."""
    number = {each.name: index for index, each in enumerate(graph.stateful)}
    return tuple(number[name] for name in graph.order if name in number)


def records(graph: QuantizedGraph, layers: Sequence[LayerTrace]) -> list[npt.NDArray[Any]]:
    """What each readout of `graph` is decoded from, [samples, T, classes]: v or spikes."""
    return [getattr(layers[each.layer], each.variable) for each in recorded(graph)]
