"""Which populations fire on recordings: golden and generated inputs drive a network harder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from snnc.stages import SYNTHETIC, LayerTrace, QuantizedGraph


@dataclass(slots=True)
class OnRecordings:
    """`fired`: of each layer of a trace, whether a neuron fired on a recording; None before one ran."""

    graph: QuantizedGraph
    fired: npt.NDArray[np.bool_] | None = field(init=False, default=None)

    def see(self, group: str, layers: Iterable[LayerTrace]) -> None:
        """Count what samples of a group of inputs made fire, if they were recorded."""
        if group not in SYNTHETIC:
            fired = np.array([layer.spikes.any() for layer in layers])
            self.fired = fired if self.fired is None else self.fired | fired

    def silent(self) -> tuple[str, ...]:
        """Populations with a threshold that fired on none; empty if no recording ran."""
        if self.fired is None:
            return ()
        each = zip(self.graph.stateful, self.fired, strict=True)
        return tuple(of.name for of, fired in each if of.threshold is not None and not fired)
