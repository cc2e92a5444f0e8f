"""What is held of one sample that both sides ran, and the layers of the contract on what arrived there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph, Trace
from snnc.verification.diagnosis.layer_model import Before, Integers, LayerModel, contract

VARIABLES = ("u", "v", "spikes")

State: TypeAlias = Mapping[str, npt.NDArray[Any]]
"""One layer in one sample: what is held of "u", "v", "spikes" and "w", each [steps, neurons]."""
Held: TypeAlias = Mapping[str, Integers]
"""What is held of one layer, by variable, int64 [T, neurons]."""


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """One sample: `inputs` [T, inputs], None if unknown; by layer what was `expected`, and what was `found`.

    `before` is the sample that the same run had before, None if there was none or it is not held.
    """

    inputs: npt.NDArray[Any] | None
    expected: Sequence[State]
    found: Sequence[State]
    before: Observed | None = None

    @property
    def swapped(self) -> Observed:
        """The other side in the place of the one that was found."""
        before = None if self.before is None else self.before.swapped
        return Observed(self.inputs, self.found, self.expected, before)


def run_observed(inputs: npt.NDArray[Any], expected: Trace, found: Trace) -> list[Observed]:
    """The samples uint8 [samples, T, inputs] of one run of both sides, in its order."""
    samples: list[Observed] = []
    for k, spikes in enumerate(inputs):
        before = samples[-1] if samples else None
        samples.append(Observed(spikes, _states(expected, k), _states(found, k), before))
    return samples


def _states(trace: Trace, sample: int) -> list[State]:
    return [
        {name: values[sample] for name in (*VARIABLES, "w") if (values := getattr(layer, name)) is not None}
        for layer in trace
    ]


def held(observed: Observed, index: int) -> dict[str, Integers]:
    """What was found of a layer."""
    state = observed.found[index]
    return {name: np.asarray(state[name]).astype(np.int64) for name in VARIABLES if name in state}


def model(graph: QuantizedGraph, observed: Observed, index: int) -> LayerModel | None:
    """A layer of the contract on what arrived at it, None if that is not held.

    That is what the layer before it was found to have sent, or should have, where that is all that is held.
    """
    signal = _signal(observed, index)
    return None if signal is None else contract(graph.layers[index], signal, _ended(observed.before, index))


def _signal(observed: Observed, index: int) -> npt.NDArray[Any] | None:
    if index == 0:
        return observed.inputs
    sides = observed.found[index - 1], observed.expected[index - 1]
    return next((side["spikes"] for side in sides if "spikes" in side), None)


def _ended(before: Observed | None, index: int) -> Before | None:
    if before is None:
        return None
    signal, state = _signal(before, index), held(before, index)
    if signal is None or "u" not in state or "v" not in state:
        return None
    return Before(state["u"][-1], state["v"][-1], signal.astype(np.int64))
