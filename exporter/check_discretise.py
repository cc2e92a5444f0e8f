"""The promise of discretise: batch norm folded, delays rounded; or the network that training finished."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snnc.errors import PassError
from snnc.exporter.check_common import equal, every_neuron, every_synapse, keeps_chain
from snnc.stages import DiscreteLayer, DiscreteModel, TrainedLayer, TrainedModel

SLACK = 1e-12
"""Of products and quotients in float64, relative to the numbers that they are of."""


def of_discretise(
    before: TrainedModel | DiscreteModel, after: DiscreteModel, bits: Sequence[int] | None = None
) -> None:
    """The chain stays; each layer is the one that training finished for its `bits`, or is folded and rounded.

    `bits` of each layer, None: nothing that was finished is asked for. Folded: weights and biases are those
    of batch norm, delays the learned ones, rounded half to even as positions; tau and threshold stay. An
    imported network stays as it is.

    Raises
    ------
    PassError
        It names the layer, and the synapse or neuron.
    """
    if isinstance(before, DiscreteModel):
        if after is not before:
            raise PassError("a network that is discrete already became another one")
        return
    keeps_chain(before, after)
    for index, (old, new) in enumerate(zip(before.layers, after.layers, strict=True)):
        finished = None if bits is None else before.quantised.get(bits[index])
        if finished is None:
            _rounded(old, new)
            _folded(old, new)
            promised: TrainedLayer | DiscreteLayer = old
        else:
            promised = finished[index]
            _finished(finished[index], new)
        equal(new.name, "tau", new.tau, promised.tau)
        equal(new.name, "threshold", new.threshold, promised.threshold)
        equal(new.name, "tau_syn", new.tau_syn, getattr(promised, "tau_syn", 1.0))
        equal(new.name, "scale", new.scale, getattr(promised, "scale", None))


def _finished(old: DiscreteLayer, new: DiscreteLayer) -> None:
    problem = "not that which training finished"
    every_synapse(new.weight == old.weight, new.name, new.weight, f"a weight, {problem}")
    every_synapse(new.delay == old.delay, new.name, new.delay, f"a delay, {problem}")
    every_neuron(new.bias == old.bias, new.name, new.bias, f"a bias, {problem}")


def _rounded(old: TrainedLayer, new: DiscreteLayer) -> None:
    """A tap n of the kernel lies at the position n - T_d // 2, and is the delay T_d - 1 - n."""
    half = old.kernel_size // 2
    possible = (new.delay >= 0) & (new.delay < old.kernel_size)
    every_synapse(possible, new.name, new.delay, f"no delay of 0..{old.kernel_size - 1}")
    place = half - new.delay.astype(np.float64)
    off = np.abs(place - np.minimum(np.maximum(old.position.astype(np.float64), -half), half))
    right = (off < 0.5) | ((off == 0.5) & (place % 2 == 0))
    every_synapse(right, new.name, new.delay, "not the learned delay, rounded")


def _folded(old: TrainedLayer, new: DiscreteLayer) -> None:
    weight, norm = old.weight.astype(np.float64), old.batch_norm
    bias = size = np.zeros(len(weight))
    if norm is not None:
        gamma, beta, mean, var = (
            getattr(norm, name).astype(np.float64) for name in ("gamma", "beta", "mean", "var")
        )
        spread = np.sqrt(var + norm.eps)
        weight = gamma[:, None] * weight / spread[:, None]
        bias = beta - gamma * mean / spread
        size = np.abs(beta) + np.abs(gamma * mean / spread)
    problem = "not that of batch norm"
    close = np.abs(new.weight - weight) <= SLACK * np.abs(weight)
    every_synapse(close, new.name, new.weight, f"a weight, {problem}")
    every_neuron(np.abs(new.bias - bias) <= SLACK * size, new.name, new.bias, f"a bias, {problem}")
