"""NIR's neurons -> what a step of the contract needs: gain, constant drive, time constants, threshold.

NIR's equations are continuous. A step of `dt` is a forward Euler step, as in the importers and exporters of
snnTorch and Norse: of tau dv/dt = v_leak - v + R I it makes

    v[t] = (1 - dt/tau) v[t-1] + dt/tau (v_leak + R I[t])

and of a `Cuba` neuron's current, in the same way, I[t], which acts in the step in which it changes. (Exact
integration would leave exp(-dt/tau) of v; at tau = 20 dt that is 0.951 instead of 0.95.) The contract resets
to 0, so the membrane is counted from `v_reset`, where it also starts.
"""

from __future__ import annotations

from dataclasses import dataclass

import nir
import numpy as np
import numpy.typing as npt

from snnc.errors import InputError

FloatArray = npt.NDArray[np.float64]

SAME = 1e-5
"""Relative difference up to which time constants of a layer count as equal: float32 does not hold more."""


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


def dynamics(name: str, node: nir.NIRNode, neurons: int, dt: float, fires: bool = True) -> Dynamics:
    """Steps of `dt` seconds of the neuron node `node`, called `name`; without `fires`, as if it never fired.

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
        tau, tau_syn = _steps(name, "tau", value("tau"), dt), 1.0
        gain = value("r") / tau
    else:
        tau, tau_syn = (_steps(name, field, value(field), dt) for field in ("tau_mem", "tau_syn"))
        gain = value("r") / tau * value("w_in") / tau_syn
    return Dynamics(gain, (value("v_leak") - reset) / tau, tau, tau_syn, threshold)


def numbers(name: str, field: str, value: object) -> FloatArray:
    """`value` as float64. Raises `InputError` if it holds no real numbers."""
    found = np.asarray(value)
    if found.dtype.kind not in "fiub":
        raise InputError(f"node {name!r}: {field} is {found.dtype}, expected numbers")
    return found.astype(np.float64)


def _parameter(name: str, node: nir.NIRNode, field: str, neurons: int) -> FloatArray:
    values = numbers(name, field, getattr(node, field))
    if values.size != 1 and values.shape != (neurons,):
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


def _steps(name: str, field: str, seconds: FloatArray, dt: float) -> float:
    """A layer's time constant in steps."""
    low, high = float(seconds.min()), float(seconds.max())
    if high - low > SAME * high:
        raise InputError(
            f"node {name!r}: {field} differs between neurons ({low:.6g} .. {high:.6g} s); the contract has "
            "one decay a layer, train with one time constant a layer"
        )
    if high < dt * (1 - SAME):
        raise InputError(
            f"node {name!r}: {field} is {high:.6g} s, shorter than the step of {dt:.6g} s, so that an Euler "
            "step would overshoot; pass a --dt of at most that"
        )
    return max(1.0, high / dt)
