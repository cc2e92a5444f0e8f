"""Which synapses deliver a spike to a neuron in a step: what the debugger lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph


@dataclass(frozen=True, slots=True)
class Arrival:
    """A spike of `source`, a neuron's number, after the population's name where several lead to the neuron.

    It delivers `weight`, which is shifted by the projection's exponent, times `payload`.
    """

    source: str
    weight: int
    payload: int
    delay: int
    spike_step: int


class Incoming:
    """The synapses into one neuron, of all projections; `longest` is the longest delay of its population."""

    def __init__(self, graph: QuantizedGraph, name: str, neuron: int) -> None:
        into = graph.into(name)
        several = len({each.source for each in into}) > 1
        self.longest = max((each.synapses.max_delay for each in into), default=0)
        self._parts = []
        for each in into:
            of = each.synapses.as_list()
            here = of.post == neuron
            weight = of.weight[here].astype(np.int64) << each.weight_exp
            label = f"{each.source} " if several else ""
            self._parts.append((each.source, label, of.pre[here], weight, of.delay[here]))

    def arriving(self, signals: Mapping[str, npt.NDArray[np.uint8]], step: int) -> list[Arrival]:
        """Those that deliver at `step` what populations sent: `signals` [T, neurons] by name."""
        found = []
        for source, label, pre, weight, delay in self._parts:
            sent = step - delay.astype(np.int64)
            (there,) = np.nonzero(sent >= 0)
            for k in there[signals[source][sent[there], pre[there]] != 0].tolist():
                payload = int(signals[source][sent[k], pre[k]])
                found.append(
                    Arrival(f"{label}{pre[k]}", int(weight[k]), payload, int(delay[k]), int(sent[k]))
                )
        return found
