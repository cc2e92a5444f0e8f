"""The neurons of SSM-inspired-LIF as populations of the contract.

In the work u is the membrane before the reset, which comes in the next step. x is what arrives, S the spikes:

    w = beta w + a u + b S;  u = alpha (u - S) + (1 - alpha) (x - w);  S = u > threshold

In the contract v is u after the reset: u - S. So a u + b S is a v + (a + b) S, and with (1 - alpha) w for w
the equations are those of `adlif`, of the order "new". Where u is complex, w is what its imaginary part takes
from the real part in the next step, and the order is "old".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from snnc.conversion.checkpoints.state import FloatArray, State
from snnc.stages.float_population import ABOVE
from snnc.stages.population import ADLIF, LI, LIF, NEW, OLD, SUBTRACT

Range = tuple[float, float]
ALPHA, BETA = (
    (float(np.exp(-1 / 5)), float(np.exp(-1 / 25))),
    (float(np.exp(-1 / 30)), float(np.exp(-1 / 120))),
)
LIMITS: Mapping[str, tuple[Range, Range, Range, Range]] = {
    "adLIF": (ALPHA, BETA, (-1, 1), (0, 2)),
    "RadLIF": (ALPHA, BETA, (-1, 1), (0, 2)),
    "CadLIF": ((0.36, 0.96), (0.96, 0.99), (0, 1), (0, 2)),
}
"""To which the work clamps alpha, beta, a and b when it computes; the file holds them as training left
them.
"""
RECURRENT = ("RLIF", "RadLIF")
RESONATE_DT, RESONATE_MOST = 0.004, -0.1
"""Seconds a step in the equation of ResonateFire, and its largest real part."""


@dataclass(frozen=True, slots=True)
class Neurons:
    """`gain` [neurons] multiplies what arrives; `parameters` are those of `FloatPopulation`."""

    gain: FloatArray
    parameters: Mapping[str, Any]


def _spiking(model: str, gain: FloatArray, threshold: float, reset_by: Any, **others: Any) -> Neurons:
    given = {"threshold": threshold, "reset": SUBTRACT, "reset_by": reset_by, "fires": ABOVE, "keep_u": 0.0}
    return Neurons(gain, {"model": model, **given, **others})


def _clamped(state: State, key: str, neurons: int, limits: Range) -> FloatArray:
    low, high = map(np.float32, limits)
    return state.tensor(key, neurons).clip(low, high).astype(np.float64)


def _two_currents(
    alpha: FloatArray, beta: FloatArray, a: FloatArray, b: FloatArray, threshold: float
) -> Neurons:
    gain = 1 - alpha
    return _spiking(
        ADLIF, gain, threshold, 1.0, keep_v=alpha, keep_w=beta, ka=gain * a, kb=gain * (a + b), order=NEW
    )


def _adaptive(kind: str) -> Callable[[State, str, int, float], Neurons]:
    def read(state: State, name: str, neurons: int, threshold: float) -> Neurons:
        alpha, beta, a, b = [
            _clamped(state, f"{name}.{key}", neurons, limits)
            for key, limits in zip(("alpha", "beta", "a", "b"), LIMITS[kind], strict=True)
        ]
        return _two_currents(alpha, beta, a, b, threshold)

    return read


def _silif(state: State, name: str, neurons: int, threshold: float) -> Neurons:
    """alpha = exp(-e^(alpha + dt)), beta so, of logarithms in the file."""
    dt = state.array(f"{name}.dt", neurons)
    with np.errstate(over="ignore"):  # of a rate too large for a float nothing remains
        alpha, beta = (
            np.exp(-np.exp(state.array(f"{name}.{key}", neurons) + dt)) for key in ("alpha", "beta")
        )
    a, b = (
        _clamped(state, f"{name}.{key}", neurons, limits) for key, limits in (("a", (0, 1)), ("b", (0, 2)))
    )
    return _two_currents(alpha, beta, a, b, 1.0)


def _csilif(state: State, name: str, neurons: int, threshold: float) -> Neurons:
    """Complex u = alpha (u - S / 2) + b x, S = 2 Re u > threshold, with alpha = exp(e^log_dt (-e^p + i q)).

    p is `log_log_alpha`, q `alpha_img`.
    """
    keys = ("log_log_alpha", "alpha_img", "log_dt", "b")
    decay, turn, dt, gain = (state.array(f"{name}.{key}", neurons) for key in keys)
    with np.errstate(over="ignore"):
        size, angle = np.exp(-np.exp(decay + dt)), turn * np.exp(dt)
    if not np.isfinite(angle).all():
        state.refuse(f"{name}.log_dt holds {dt.max():g}, which makes an angle too large for a float")
    real, imaginary = size * np.cos(angle), size * np.sin(angle)
    if (real < 0).any():
        state.refuse(
            f"{name}.alpha_img, neuron {int((real < 0).argmax())}: u turns by more than a quarter in a step; "
            "in the contract what remains of v is 0 or more"
        )
    return _spiking(
        ADLIF, gain, threshold / 2, 0.5, keep_v=real, keep_w=real, ka=imaginary**2, kb=0.0, order=OLD
    )


def _resonate(state: State, name: str, neurons: int, threshold: float) -> Neurons:
    """Complex u = u + dt ((p + i q) u + x) - S, S = Re u > 1."""
    real = _clamped(state, f"{name}.alpha_real", neurons, (-np.inf, RESONATE_MOST))
    keep = 1 + RESONATE_DT * real
    turn = RESONATE_DT * state.array(f"{name}.alpha_im", neurons)
    if (keep <= 0).any():
        low = int(keep.argmin())
        state.refuse(
            f"{name}.alpha_real, neuron {low}: holds {real[low]:g}, of u nothing above 0 remains in a step; "
            f"expected more than {-1 / RESONATE_DT:g}"
        )
    gain = np.full(neurons, RESONATE_DT)
    return _spiking(
        ADLIF, gain, 1.0, 1 / keep, keep_v=keep, keep_w=keep, ka=turn**2, kb=turn**2 / keep, order=OLD
    )


def _lif(state: State, name: str, neurons: int, threshold: float) -> Neurons:
    """u = alpha (u - S) + (1 - alpha) x."""
    alpha = _clamped(state, f"{name}.alpha", neurons, ALPHA)
    return _spiking(LIF, 1 - alpha, threshold, 1.0, keep_v=alpha)


def readout_neurons(state: State, name: str, neurons: int) -> Neurons:
    """u = alpha u + (1 - alpha) x."""
    alpha = _clamped(state, f"{name}.alpha", neurons, ALPHA)
    return Neurons(1 - alpha, {"model": LI, "keep_u": 0.0, "keep_v": alpha})


NEURONS: Mapping[str, Callable[[State, str, int, float], Neurons]] = MappingProxyType(
    {
        "SiLIF": _silif,
        "CSiLIF": _csilif,
        "LIF": _lif,
        "adLIF": _adaptive("adLIF"),
        "CadLIF": _adaptive("CadLIF"),
        "ResonateFire": _resonate,
        "RLIF": _lif,
        "RadLIF": _adaptive("RadLIF"),
    }
)
"""By the work's `model_type`."""
