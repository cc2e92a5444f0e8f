"""A neuron node of NIR as a population of the contract in real numbers.

The steps are those of `layers`, with a value of every parameter for each neuron. Weights stay as they are
in the file; the factor with which a step takes the input up (dt / tau * r, ...) divides thresholds and
biases instead. So what the file calls v is `gain` times the v of the population.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import nir
import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.exporter.nir.foreign import SPIKING
from snnc.exporter.nir.integration import shares
from snnc.exporter.nir.layers import numbers
from snnc.exporter.nir.options import LATE
from snnc.stages import FloatPopulation
from snnc.stages.float_population import AT
from snnc.stages.population import LI, LIF, SUBTRACT

FloatArray = npt.NDArray[np.float64]

FIELDS = ("tau", "tau_mem", "tau_syn", "r", "v_leak", "v_threshold", "v_reset", "w_in", "threshold")


@dataclass(frozen=True, slots=True)
class Neurons:
    """The neurons `node`; parameters float64 [neurons], None where the node has none.

    `keep_u`, `keep_v`: what remains of current and membrane after a step; `gain`: how much of the input the
    membrane takes up; `drift`: what v_leak adds in a step; `threshold`: None if it has none.
    """

    name: str
    node: nir.NIRNode
    shape: tuple[int, ...]
    keep_u: FloatArray
    keep_v: FloatArray
    gain: FloatArray
    drift: FloatArray
    leak: FloatArray
    threshold: FloatArray | None
    v_reset: FloatArray

    @property
    def neurons(self) -> int:
        return prod(self.shape)

    @property
    def remembers(self) -> bool:
        """Whether the next step knows anything of this one's v."""
        return bool(self.keep_v.any())

    def population(self, input_bias: FloatArray, reset: str | None, fires: str | None) -> FloatPopulation:
        """With the bias `input_bias` that arrives; `reset` and `fires` None: it never fires, a readout."""
        spiking = reset is not None and self.threshold is not None
        base = self.v_reset if spiking else 0  # v is counted from here
        bias = (self.drift - self.leak * base) / self.gain
        if not self.keep_u.any() and fires != AT:  # finer there, but v is no whole number of weights then
            bias, input_bias = bias + input_bias, np.zeros(self.neurons)
        threshold = (self.threshold - base) / self.gain if spiking else None  # type: ignore[operator]
        if threshold is not None and not (threshold > 0).all():
            neuron = int(threshold.argmin())
            raise InputError(
                f"node {self.name!r}, neuron {neuron}: its threshold minus its reset is "
                f"{threshold[neuron] * self.gain[neuron]:.4g}, expected > 0: the neuron would fire without "
                "input"
            )
        reset_by = threshold if reset == SUBTRACT else None
        if threshold is not None and reset == LATE:
            reset, reset_by = SUBTRACT, self._taken_off(threshold)
        return FloatPopulation(
            self.name,
            LIF if spiking else LI,
            self.neurons,
            input_bias=input_bias,
            keep_u=self.keep_u,
            keep_v=self.keep_v,
            bias=bias,
            threshold=threshold,
            fires=fires if spiking else None,
            reset=reset if spiking else None,
            reset_by=reset_by,
        )

    def _taken_off(self, threshold: FloatArray) -> FloatArray:
        """What a spike takes off v at once, so that its decay leaves `threshold` to be taken off later."""
        forgets = np.flatnonzero(self.keep_v == 0)
        if len(forgets):
            raise InputError(
                f"node {self.name!r}, neuron {forgets[0]}: forgets its v in a step, so that the threshold "
                "cannot be subtracted in the next one (--reset subtract-late); write a longer time constant, "
                "or pass --reset subtract or --integration exact if that is how it was trained"
            )
        return threshold / self.keep_v


def neurons_of(
    name: str, node: nir.NIRNode, dt: float, how: str, lines: tuple[int, ...] | None = None
) -> Neurons:
    """Steps of `dt` seconds, of which `how` says the kind (`INTEGRATIONS`), of the neuron node `node`.

    `lines`: how many there are, by their shape, where each parameter is one number (`one_number.py`).

    Raises
    ------
    InputError
        If it does not say how many neurons it has, a parameter has not one value for each of them or is not
        finite, a time constant is shorter than `dt`, or an input factor is not above 0.
    """
    given = {field: numbers(name, field, getattr(node, field)) for field in FIELDS if hasattr(node, field)}
    if lines is None and all(value.ndim == 0 for value in given.values()):
        raise InputError(
            f"node {name!r} ({type(node).__name__}): its parameters are single numbers without a dimension, "
            "and nothing that feeds it says how many neurons it has; write one value for each"
        )
    shape = lines or max(
        (value.shape for value in given.values()), key=lambda shape: (prod(shape), len(shape))
    )
    count = prod(shape)
    kind = f"node {name!r} ({type(node).__name__})"

    def value(field: str) -> FloatArray:
        found = given[field]
        if (found.size != 1 and found.shape != shape) or not count:
            raise InputError(
                f"{kind}: {field} has the shape {found.shape}, expected {shape} as another parameter, or one "
                "value for all"
            )
        never = field.endswith("threshold") & (found == np.inf)  # the neuron does not fire
        if not (np.isfinite(found) | never).all():
            raise InputError(f"{kind}: {field} holds NaN or infinity")
        return np.broadcast_to(found.reshape(-1), (count,))

    one, zero = np.ones(count), np.zeros(count)
    memory_u, leak, gain = one, one, one
    if isinstance(node, nir.I | nir.IF):
        leak, gain = zero, value("r") * dt
    elif isinstance(node, nir.LI | nir.LIF):
        leak, taken = shares(name, "tau", value("tau"), dt, how)
        gain = value("r") * taken
    elif isinstance(node, nir.CubaLI | nir.CubaLIF):
        memory_u, taken_u = shares(name, "tau_syn", value("tau_syn"), dt, how)
        leak, taken = shares(name, "tau_mem", value("tau_mem"), dt, how)
        gain = value("r") * taken * value("w_in") * taken_u
    if not (gain > 0).all():
        neuron = int(gain.argmin())
        raise InputError(
            f"{kind}, neuron {neuron}: r times w_in makes {gain[neuron]:.4g} of what arrives, expected > 0; "
            "write the sign into the weights"
        )
    drift = value("v_leak") * leak if "v_leak" in given else zero
    threshold = value("v_threshold") if "v_threshold" in given else None
    threshold = value("threshold") if isinstance(node, nir.Threshold) else threshold
    reset = value("v_reset") if isinstance(node, SPIKING) and "v_reset" in given else zero
    return Neurons(name, node, shape, one - memory_u, one - leak, gain, drift, leak, threshold, reset)
