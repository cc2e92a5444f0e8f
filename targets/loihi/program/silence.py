"""Input that provably keeps a layer silent outside its samples.

A neuron does not spike in a step if u + bias <= 0 there: v then decays or falls, and it had not crossed
the threshold (which is not negative) before. The functions below follow the interval in which u must
lie, for every possible input, and choose in each step the smallest gate g <= 0 that holds its upper
end at or below -bias. The lower end must stay above -2**23, where u would wrap around to a large
positive value.
"""

from __future__ import annotations

import numpy as np

U_LIMIT = 1 << 23  # u is kept in -U_LIMIT + 1 .. U_LIMIT
STATE_SHIFT = 6  # inputs enter u shifted left by this
DECAY_SHIFT = 12

Interval = tuple[np.ndarray, np.ndarray]


def decay(x: np.ndarray, register: int) -> np.ndarray:
    """Lava's decay of u, toward zero; `register` is du, to which Lava adds 1."""
    return np.sign(x) * ((np.abs(x) * ((1 << DECAY_SHIFT) - register - 1)) >> DECAY_SHIFT)


def drive(layer: dict) -> Interval:
    """Smallest and largest sum that the synapses of each neuron can deliver in one step."""
    weight = layer["weight"].astype(np.int64) * layer["payload_max"]
    return np.minimum(weight, 0).sum(axis=1), np.maximum(weight, 0).sum(axis=1)


def current_range(layer: dict, steps: int) -> Interval:
    """Interval of u after at most `steps` steps from u = 0; everything, for a neuron that could wrap."""
    low_in, high_in = drive(layer)
    low, high = np.zeros_like(low_in), np.zeros_like(high_in)
    for _ in range(steps):
        before = low, high
        low = decay(low, layer["du"]) + (low_in << STATE_SHIFT)
        high = decay(high, layer["du"]) + (high_in << STATE_SHIFT)
        wraps = (low <= -U_LIMIT) | (high > U_LIMIT)
        low, high = np.where(wraps, -U_LIMIT + 1, low), np.where(wraps, U_LIMIT, high)
        if np.array_equal(before, (low, high)):
            break
    return low, high


def silencing_gate(layer: dict, steps: int, u: Interval, inputs: Interval) -> np.ndarray | None:
    """Gate int32 [neurons, steps] for a layer whose u lies in `u`; None if no safe one exists."""
    bias = layer["bias_mant"].astype(np.int64) << int(layer["bias_exp"])
    (low, high), (low_in, high_in) = u, inputs
    gate = np.zeros((len(bias), steps), np.int64)
    for step in range(steps):
        low = decay(low, layer["du"]) + (low_in << STATE_SHIFT)
        high = decay(high, layer["du"]) + (high_in << STATE_SHIFT)
        excess = np.maximum(high + bias, 0)
        gate[:, step] = -excess >> STATE_SHIFT  # rounds away from zero
        low, high = low + (gate[:, step] << STATE_SHIFT), high + (gate[:, step] << STATE_SHIFT)
        if (low <= -U_LIMIT).any():
            return None
    return gate.astype(np.int32)


def gate_between(layer: dict, time_steps: int, gap: int) -> np.ndarray | None:
    """Gate for the `gap` steps that follow a sample, with any spikes still in flight."""
    return silencing_gate(layer, gap, current_range(layer, time_steps), drive(layer))


def gate_before(layer: dict, steps: int) -> np.ndarray:
    """Gate for the `steps` steps before the first sample, when nothing acts but the bias."""
    zero = np.zeros(len(layer["weight"]), np.int64)
    gate = silencing_gate(layer, steps, (zero, zero), (zero, zero))
    if gate is None:
        raise ArithmeticError("the bias alone drives u to its limit; the bias is out of range")
    return gate


def gate_signal(
    layer: dict, between: np.ndarray | None, lead: int, samples: int, time_steps: int
) -> np.ndarray:
    """Gate int32 [neurons, lead + ...] for a whole run: `lead` steps, then samples with gaps between.

    Nothing follows the last sample, so a run of one sample needs no `between`.
    """
    open_ = np.zeros((len(layer["weight"]), time_steps), np.int32)
    parts = [gate_before(layer, lead), open_]
    for _ in range(samples - 1):
        parts += [between, open_]
    return np.concatenate(parts, axis=1)
