"""NIR's nodes as parts of a layer of the contract: neurons as one step, what lies between as synapses.

NIR's equations are continuous. A forward Euler step of `dt` makes of tau dv/dt = v_leak - v + R I

    v[t] = (1 - dt/tau) v[t-1] + dt/tau (v_leak + R I[t])

and of a `Cuba` neuron's current, in the same way, I[t], which acts in the step in which it changes; other
steps are in `integration`. The contract resets to 0, so the membrane is counted from `v_reset`, where it also
starts.

`Linear`, `Affine`, `Scale` and `Delay` are folded one after the other. First there are wires: each line is
one source, scaled and delayed. A `Linear` that adds lines up makes sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import nir
import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.exporter.nir.foreign import BeyondChainError
from snnc.exporter.nir.integration import EULER, SAME, shares

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Dynamics:
    """One step of a layer: v += gain * input + drive, times constants in steps.

    `gain`, `drive`, float64 [neurons]; `threshold` float64 [neurons], above which a neuron fires, or None.
    `tau` is infinite where nothing leaks, `tau_syn` 1 where the current has no memory.
    """

    gain: FloatArray
    drive: FloatArray
    tau: float
    tau_syn: float
    threshold: FloatArray | None


def memoryless(neurons: int) -> Dynamics:
    """The membrane is the input of the same step."""
    return Dynamics(np.ones(neurons), np.zeros(neurons), 1.0, 1.0, None)


def dynamics(name: str, node: nir.NIRNode, neurons: int, dt: float, how: str, fires: bool = True) -> Dynamics:
    """Steps of `dt` seconds of the neuron node `node`, called `name`; without `fires`, as if it never fired.

    `how` is one of `INTEGRATIONS`.

    Raises
    ------
    InputError
        A parameter has not one value a neuron or is not finite, time constants differ within the layer or are
        shorter than `dt`, or a threshold is not above the reset.
    """

    def value(field: str) -> FloatArray:
        return _parameter(name, node, field, neurons)

    zero = np.zeros(neurons)
    if isinstance(node, nir.Threshold):
        return Dynamics(zero + 1, zero, 1.0, 1.0, _positive(name, value("threshold")) if fires else None)
    reset, threshold = zero, None
    if fires and isinstance(node, nir.IF | nir.LIF | nir.CubaLIF):
        reset = value("v_reset")
        threshold = _positive(name, value("v_threshold") - reset)
    if isinstance(node, nir.I | nir.IF):
        return Dynamics(value("r") * dt, zero, np.inf, 1.0, threshold)
    if isinstance(node, nir.LI | nir.LIF):
        (tau, share), tau_syn = _steps(name, "tau", value("tau"), dt, how), 1.0
        gain = value("r") / share
    else:
        (tau, share), (tau_syn, share_syn) = (
            _steps(name, field, value(field), dt, how) for field in ("tau_mem", "tau_syn")
        )
        gain = value("r") / share * value("w_in") / share_syn
    return Dynamics(gain, (value("v_leak") - reset) / tau, tau, tau_syn, threshold)


def numbers(name: str, field: str, value: object) -> FloatArray:
    """`value` as float64. Raises `InputError` if it holds no real numbers."""
    found = np.asarray(value)
    if found.dtype.kind not in "fiub":
        raise InputError(f"node {name!r}: {field} is {found.dtype}, expected numbers")
    return found.astype(np.float64)


def one_for_each(name: str, field: str, value: object, lines: int) -> FloatArray:
    """float64 [lines], where one value stands for equal ones. Raises `InputError` unless all are finite."""
    values = numbers(name, field, value)
    if values.size == 1:
        values = np.broadcast_to(values.reshape(()), (lines,))
    elif values.shape.count(1) == values.ndim - 1:  # a row, whatever batch or place it has
        values = values.reshape(-1)
    return _finite(name, field, values, (lines,))


def matrix(name: str, value: object, lines: int) -> FloatArray:
    """Weights float64 [any, lines]. Raises `InputError` unless all are finite."""
    values = numbers(name, "weight", value)
    return _finite(name, "weight", values, (np.shape(values)[0] if values.ndim else 0, lines))


def _finite(name: str, field: str, values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    if values.shape != shape:
        raise InputError(f"node {name!r}: {field} has the shape {values.shape}, expected {shape}")
    if not np.isfinite(values).all():
        raise InputError(f"node {name!r}: {field} holds NaN or infinity")
    return values


def _parameter(name: str, node: nir.NIRNode, field: str, neurons: int) -> FloatArray:
    values = numbers(name, field, getattr(node, field))
    if values.size != 1 and (values.size != neurons or values.shape.count(1) < values.ndim - 1):
        raise InputError(
            f"node {name!r} ({type(node).__name__}): {field} has the shape {values.shape}, expected one "
            f"value for each of {neurons} neurons, or one for all"
        )
    never = field.endswith("threshold") & (values == np.inf)  # the neuron does not fire
    if not (np.isfinite(values) | never).all():
        raise InputError(f"node {name!r} ({type(node).__name__}): {field} holds NaN or infinity")
    return np.broadcast_to(values.reshape(-1), (neurons,))


def _positive(name: str, threshold: FloatArray) -> FloatArray:
    if not (threshold > 0).all():
        neuron = int(threshold.argmin())
        raise InputError(
            f"node {name!r}, neuron {neuron}: its threshold minus its reset is {threshold[neuron]:.4g}, "
            "expected > 0: the neuron would fire without input"
        )
    return threshold


def _steps(name: str, field: str, seconds: FloatArray, dt: float, how: str) -> tuple[float, float]:
    """A layer's time constant in steps, after each of which 1 - 1/tau remains; and 1 / what it takes up."""
    low, high = float(seconds.min()), float(seconds.max())
    if high - low > SAME * high:
        raise BeyondChainError(
            f"node {name!r}: {field} differs between neurons ({low:.6g} .. {high:.6g} s); the contract has "
            "one decay per layer, train with one time constant per layer"
        )
    lost, taken = shares(name, field, np.array([high]), dt, how)
    if how == EULER:
        steps = max(1.0, high / dt)
        return steps, steps
    return float(1 / lost[0]), float(1 / taken[0])


@dataclass(frozen=True, slots=True)
class Wires:
    """Line k carries `gain[k] * x[source[k]]`, `delay[k]` steps later, plus `bias[k]`; `inputs` sources."""

    inputs: int
    source: IntArray
    gain: FloatArray
    delay: IntArray
    bias: FloatArray

    @classmethod
    def straight(cls, inputs: int) -> Wires:
        zero = np.zeros(inputs)
        return cls(inputs, np.arange(inputs), zero + 1, zero.astype(np.int64), zero)

    @property
    def lines(self) -> int:
        return len(self.source)

    def scaled(self, factor: FloatArray) -> Wires:
        return replace(self, gain=self.gain * factor, bias=self.bias * factor)

    def delayed(self, name: str, steps: IntArray) -> Wires:
        _refuse_delayed_bias(name, self.bias, steps)
        return replace(self, delay=self.delay + steps)

    def weighed(self, name: str, weight: FloatArray, bias: FloatArray) -> Wires | Sums:
        bias = bias + weight @ self.bias
        if (np.count_nonzero(weight, axis=1) <= 1).all():
            line = np.argmax(weight != 0, axis=1)
            gain = weight[np.arange(len(weight)), line] * self.gain[line]
            return Wires(self.inputs, self.source[line], gain, self.delay[line], bias)
        neuron, line = np.nonzero(weight * self.gain)
        shape = (len(weight), self.inputs)
        pair, delay = neuron * self.inputs + self.source[line], self.delay[line]
        carried = weight[neuron, line] * self.gain[line]
        total = np.bincount(pair, carried, shape[0] * shape[1]).astype(np.float64)
        longest = np.zeros(shape[0] * shape[1], np.int64)
        np.maximum.at(longest, pair, delay)
        other = np.flatnonzero(delay != longest[pair])
        if len(other):
            first = other[0]
            raise BeyondChainError(
                f"node {name!r}: neuron {neuron[first]} hears source {self.source[line[first]]} with delays "
                f"of {delay[first]} and {longest[pair[first]]} steps; the contract has one delay per pair"
            )
        return Sums(total.reshape(shape), longest.reshape(shape), bias)

    def sums(self) -> Sums:
        weight = np.zeros((self.lines, self.inputs))
        delay = np.zeros(weight.shape, np.int64)
        weight[np.arange(self.lines), self.source] = self.gain
        delay[np.arange(self.lines), self.source] = self.delay
        return Sums(weight, delay, self.bias)


@dataclass(frozen=True, slots=True)
class Sums:
    """`weight` and `delay` in steps, [lines, sources], and `bias` [lines]."""

    weight: FloatArray
    delay: IntArray
    bias: FloatArray

    @property
    def lines(self) -> int:
        return len(self.weight)

    def scaled(self, factor: FloatArray) -> Sums:
        return replace(self, weight=self.weight * factor[:, None], bias=self.bias * factor)

    def delayed(self, name: str, steps: IntArray) -> Sums:
        _refuse_delayed_bias(name, self.bias, steps)
        return replace(self, delay=self.delay + steps[:, None])

    def weighed(self, name: str, weight: FloatArray, bias: FloatArray) -> Sums:
        axonal = np.where(self.weight != 0, self.delay, 0).max(axis=0)
        if ((self.weight != 0) & (self.delay != axonal)).any():
            raise BeyondChainError(
                f"node {name!r}: its weights combine synapses with different delays, which gives a pair of "
                "neurons several delays; the contract has one delay per pair"
            )
        total = weight @ self.weight
        return Sums(total, np.broadcast_to(axonal, total.shape), bias + weight @ self.bias)

    def sums(self) -> Sums:
        return self


def _refuse_delayed_bias(name: str, bias: FloatArray, steps: IntArray) -> None:
    late = np.flatnonzero((bias != 0) & (steps != 0))
    if len(late):
        line = late[0]
        raise InputError(
            f"node {name!r}, line {line}: delays a bias by {steps[line]} steps; in the contract a bias acts "
            "from the first step, put it after the delay"
        )
