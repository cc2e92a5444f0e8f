"""The `neuron` group of a layer -> what the contract needs to know of its neurons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snnc import formats
from snnc.exporter.lava_dl.fields import HIGH, Fields
from snnc.stages import Population
from snnc.stages.bounds import IntArray
from snnc.stages.population import LI, LIF, ZERO

CUBA = ("CUBA", "LOIHI")
"""Names of the one neuron that the contract has, `lif` with a reset to zero; LOIHI is the older one."""
BIAS_EXPONENT = 6
"""A bias is in units of 64, as weights are."""
OF_TRAINING = ("theta", "scaleRho", "tauRho")
"""Parameters of the gradient; netx reads none of them."""
OTHERS = {
    "SDNN": "sends graded differences (sigma-delta)",
    "ALIF": "adapts its threshold",
    "RF": "has a phase",
    "RF_IZ": "has a phase",
    "ADRF": "has a phase and adapts its threshold",
    "ADRF_IZ": "has a phase and adapts its threshold",
}


@dataclass(frozen=True, slots=True)
class Neurons:
    """Parameters of `count` neurons. `threshold` is None of neurons that the file has no threshold for."""

    count: int
    decay_u: IntArray
    decay_v: IntArray
    threshold: IntArray | None
    bias: IntArray

    def spiking(self, name: str) -> Population:
        """They as a population that spikes. Raises `StageError` for a value beyond the contract's."""
        return Population(
            name,
            LIF,
            self.count,
            decay_u=self.decay_u,
            decay_v=self.decay_v,
            bias_mant=self.bias,
            bias_exp=BIAS_EXPONENT if self.bias.any() else 0,
            threshold=self.threshold,
            reset=ZERO,
        )

    def silent(self, name: str) -> Population:
        """They as a population that never spikes."""
        return Population(
            name,
            LI,
            self.count,
            decay_u=self.decay_u,
            decay_v=self.decay_v,
            bias_mant=self.bias,
            bias_exp=BIAS_EXPONENT if self.bias.any() else 0,
        )


def neurons_of(layer: Fields, neuron: Fields | None, grid: tuple[int, int, int]) -> Neurons:
    """The neurons of a layer of the grid C, H, W; `neuron`: its group, if it has one.

    Raises
    ------
    InputError
        If they are of another kind, or have a parameter that the contract has no place for.
    """
    count = grid[0] * grid[1] * grid[2]
    bias = layer.for_neurons("bias", grid) if "bias" in layer else _all(count, 0)
    low, high = formats.BIAS_MANTISSA_MIN, formats.BIAS_MANTISSA_MAX
    if (wrong := (bias < low) | (bias > high)).any():
        layer.refuse(f"bias holds {int(bias[wrong][0])}, the contract has {low} .. {high}")
    if neuron is None:
        return Neurons(count, _all(count, 0), _all(count, formats.DECAY_ONE), None, bias)
    kind = neuron.text("type")
    if kind not in CUBA:
        why = f", which {OTHERS[kind]}" if kind in OTHERS else ""
        neuron.refuse(
            f"type is {kind[:40]!r}{why}; the contract has {' and '.join(CUBA)} alone: train the network "
            "with neurons of slayer's cuba"
        )
    if neuron.number("gradedSpike", 0, 1, default=0) or neuron.number("messageBits", 0, HIGH, default=0):
        neuron.refuse("its spikes are graded (gradedSpike, messageBits), the contract's are 0 or 1")
    if (steps := neuron.number("refDelay", 0, HIGH, default=1)) > 1:
        neuron.refuse(
            f"refDelay is {steps}, a refractory time that the contract does not have; 0 and 1 mean none"
        )
    for name in ("wgtExp", "weight_exp"):
        if exponent := neuron.number(name, -HIGH, HIGH, default=0):
            neuron.refuse(
                f"{name} is {exponent}, which netx does not apply, so the file leaves open what is meant; "
                f"put the factor into the weights, and write {name} 0"
            )
    neuron.drop(*OF_TRAINING)
    found = Neurons(
        count,
        neuron.for_neurons("iDecay", grid),
        neuron.for_neurons("vDecay", grid),
        neuron.for_neurons("vThMant", grid),
        bias,
    )
    neuron.finish()
    return found


def _all(count: int, value: int) -> IntArray:
    return np.full(count, value, np.int32)
