"""Proof that no input train makes u wrap or v clip (contract, clause 9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import RangeProofError
from snnc.stages import QuantizedGraph, QuantizedLayer

Bounds = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LayerBounds:
    """Worst case of each neuron over all input trains, int64 [neurons]; v before the clip."""

    layer: str
    u_min: Bounds
    u_max: Bounds
    v_min: Bounds
    v_max: Bounds


def layer_bounds(layer: QuantizedLayer, time_steps: int) -> LayerBounds:
    """Intervals that u and v never leave, by running the recurrences on interval ends for T steps.

    Sound because every operation is monotone in its arguments. In one step each source delivers at
    most one spike to a neuron, since a pair has one delay: a lies between the sum of the negative
    and the sum of the positive weights, whatever the delays are.
    """
    weight = layer.weight.astype(np.int64) << formats.STATE_FRACTION_BITS
    drive_min, drive_max = np.minimum(weight, 0).sum(axis=1), np.maximum(weight, 0).sum(axis=1)
    bias = layer.bias.astype(np.int64)
    zero = np.zeros(layer.neurons, np.int64)
    u_lo, u_hi, v_lo, v_hi = zero, zero, zero, zero
    u_min, u_max, v_min, v_max = zero, zero, zero, zero
    for _ in range(time_steps):
        u_lo, u_hi = _decay(u_lo, layer.decay_u) + drive_min, _decay(u_hi, layer.decay_u) + drive_max
        before = v_lo, v_hi
        v_lo, v_hi = _decay(v_lo, layer.decay_v) + u_lo + bias, _decay(v_hi, layer.decay_v) + u_hi + bias
        u_min, u_max = np.minimum(u_min, u_lo), np.maximum(u_max, u_hi)
        v_min, v_max = np.minimum(v_min, v_lo), np.maximum(v_max, v_hi)
        if layer.threshold is not None:
            # What does not fire stays at or below the threshold; what fires becomes 0.
            top = layer.threshold << formats.STATE_FRACTION_BITS
            may_fire = v_hi > top
            v_lo = np.where(may_fire, np.minimum(v_lo, 0), v_lo)
            v_hi = np.where(may_fire, top, v_hi)
        if (
            np.array_equal(before[0], v_lo)
            and np.array_equal(before[1], v_hi)
            and layer.decay_u == formats.DECAY_ONE
        ):
            break  # a fixed point: later steps repeat it
    return LayerBounds(layer.name, u_min, u_max, v_min, v_max)


def graph_bounds(graph: QuantizedGraph) -> tuple[LayerBounds, ...]:
    """Bounds of every layer."""
    return tuple(layer_bounds(layer, graph.time_steps) for layer in graph.layers)


def refuse_overflow(bounds: tuple[LayerBounds, ...]) -> None:
    """Raise unless the bounds exclude every overflow.

    Raises
    ------
    RangeProofError
        If u could leave -2^23+1 .. 2^23 or v could leave +-(2^23 - 1); it names layer, neuron,
        bound and limit, and how many weight bits fewer would pass.
    """
    for b in bounds:
        for what, value, limit in (
            ("u", b.u_max, formats.U_MAX),
            ("u", b.u_min, formats.U_MIN),
            ("v", b.v_max, formats.V_LIMIT),
            ("v", b.v_min, -formats.V_LIMIT),
        ):
            neuron = int(value.argmax() if limit > 0 else value.argmin())
            worst = int(value[neuron])
            if abs(worst) > abs(limit):
                fewer = int(np.ceil(np.log2(abs(worst) / abs(limit))))
                raise RangeProofError(
                    f"{b.layer}, neuron {neuron}: {what} can reach {worst}, the limit is {limit}; "
                    f"export with {fewer} fewer weight bits, or pass --allow-saturation to count it in runs"
                )


def overflow_excluded(bounds: tuple[LayerBounds, ...]) -> bool:
    """Whether `refuse_overflow` passes."""
    try:
        refuse_overflow(bounds)
    except RangeProofError:
        return False
    return True


def certificate(bounds: tuple[LayerBounds, ...]) -> list[dict[str, int | str]]:
    """The proof as plain data for the manifest: the worst bounds of each layer."""
    return [
        {
            "layer": b.layer,
            "u_min": int(b.u_min.min()),
            "u_max": int(b.u_max.max()),
            "v_min": int(b.v_min.min()),
            "v_max": int(b.v_max.max()),
        }
        for b in bounds
    ]


def _decay(x: Bounds, k: int) -> Bounds:
    kept: Bounds = np.sign(x) * ((np.abs(x) * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)
    return kept
