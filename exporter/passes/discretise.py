"""Pass: TrainedModel -> DiscreteModel. Fold batch norm and round the delays; weights stay floating point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.exporter.passes.promises import equal, every_neuron, every_synapse, keeps_chain
from snnc.stages import DiscreteLayer, DiscreteModel, TrainedLayer, TrainedModel

FloatArray = npt.NDArray[np.float64]

SLACK = 1e-12
"""Of products and quotients in float64, relative to the numbers that they are of."""


@dataclass(frozen=True, slots=True)
class Discretise(Pass[TrainedModel | DiscreteModel, DiscreteModel]):
    """A layer is taken from the network that training finished for its `bits`, if there is one.

    Its weights lie on the grid of the integers then. `bits`: one number for all layers, or one a layer; None
    asks for the network before any quantisation. An imported net is discrete already and stays as it is.
    """

    bits: int | tuple[int, ...] | None = None

    takes = (TrainedModel, DiscreteModel)
    name: ClassVar[str] = "discretise"

    @classmethod
    def planned(cls, before: TrainedModel | DiscreteModel, plan: Plan, exported: Exported) -> Self:
        return cls(None if plan.options.anew else plan.bits)

    def run(self, before: TrainedModel | DiscreteModel) -> DiscreteModel:
        if isinstance(before, DiscreteModel):
            return before
        bits = self.bits if isinstance(self.bits, tuple) else (self.bits or 0,) * len(before.layers)
        layers = [
            before.quantised[layer_bits][index] if layer_bits in before.quantised else _layer(layer)
            for index, (layer, layer_bits) in enumerate(zip(before.layers, bits, strict=True))
        ]
        return DiscreteModel(tuple(layers), before.time_steps, before.bin_s, before.class_names)

    def check(self, before: TrainedModel | DiscreteModel, after: DiscreteModel) -> None:
        """The chain stays; each layer is the one that training finished for its bits, or folded and rounded.

        Folded: weights and biases are those of batch norm, delays the learned ones, rounded half to even as
        positions; tau and threshold stay.
        """
        if isinstance(before, DiscreteModel):
            if after is not before:
                raise PassError("the pass changed a network that was discrete already")
            return
        keeps_chain(before, after)
        for index, (old, new) in enumerate(zip(before.layers, after.layers, strict=True)):
            bits = self.bits[index] if isinstance(self.bits, tuple) else self.bits
            finished = None if bits is None else before.quantised.get(bits)
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

    def summary(self, before: TrainedModel | DiscreteModel, after: DiscreteModel) -> dict[str, int | float]:
        """Synapses, how many delays were not whole, how far the farthest moved, and neurons with a bias.

        Delays are counted from the Gaussian network where training itself made them whole; those of an
        imported net are whole already.
        """
        steps = np.zeros(0)
        if isinstance(before, TrainedModel):
            learned = before.gaussian or before.layers
            moved = [np.abs(layer.position - np.rint(layer.position))[layer.weight != 0] for layer in learned]
            steps = np.concatenate(moved)
        return {
            "synapses": sum(int(np.count_nonzero(layer.weight)) for layer in after.layers),
            "delays_rounded": int(np.count_nonzero(steps)),
            "largest_delay_change_steps": round(float(steps.max(initial=0.0)), 4),
            "neurons_with_bias": sum(int(np.count_nonzero(layer.bias)) for layer in after.layers),
        }


def _layer(layer: TrainedLayer) -> DiscreteLayer:
    weight, bias = fold_batch_norm(layer)
    return DiscreteLayer(layer.name, weight, round_delays(layer), bias, layer.tau, layer.threshold)


def fold_batch_norm(layer: TrainedLayer) -> tuple[FloatArray, FloatArray]:
    """Weight [neurons, inputs] and bias [neurons] that equal weight followed by batch norm.

    Batch norm acts on the summed, delayed input of every step, so its offset becomes a bias that is
    added every step. Computed in float64 from the float32 parameters.
    """
    weight = layer.weight.astype(np.float64)
    norm = layer.batch_norm
    if norm is None:
        return weight, np.zeros(weight.shape[0])
    gain = norm.gamma.astype(np.float64) / np.sqrt(norm.var.astype(np.float64) + norm.eps)
    return weight * gain[:, None], norm.beta.astype(np.float64) - norm.mean.astype(np.float64) * gain


def round_delays(layer: TrainedLayer) -> npt.NDArray[np.int32]:
    """Delays in steps, int32 [neurons, inputs], from DCLS positions.

    DCLS places tap `T_d // 2 + P` of a kernel that is cross-correlated with an input padded on the
    left by T_d - 1, so tap n is delay `T_d - 1 - n`. Positions are clamped to +-(T_d // 2), as in
    training, and *P* is rounded half to even (Hammouamri et al. 2024, section 3.2, and the dcls
    library's "max" version): rounding the delay instead would break ties the other way when
    T_d // 2 is odd.
    """
    half = layer.kernel_size // 2
    position = np.rint(np.clip(layer.position.astype(np.float64), -half, half))
    return (layer.kernel_size - 1 - (half + position)).astype(np.int32)


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
