"""The contract over whole batches, in numpy, with a rule of it replaced: faults that inputs should show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from snnc.stages import QuantizedGraph, QuantizedLayer

Array = np.ndarray
TOP = 2**23


def toward_zero(x: Array, k: int) -> Array:
    return np.sign(x) * (np.abs(x) * (4096 - k) >> 12)


def wrap24(x: Array) -> Array:
    return x - 2**24 * (x > TOP) + 2**24 * (x <= -TOP)


def arrive(layer: QuantizedLayer, spikes: Array) -> Array:
    """a of clause 2, [samples, T, neurons]; `spikes` int64 [samples, T, sources]."""
    a = np.zeros((*spikes.shape[:2], layer.neurons))
    floats = spikes.astype(np.float64)  # exact, and its products are fast
    for d in np.unique(layer.delay[layer.weight != 0]):
        if d < spikes.shape[1]:
            a[:, d:] += floats[:, : spikes.shape[1] - d] @ np.where(layer.delay == d, layer.weight, 0).T
    return a.astype(np.int64)


@dataclass(frozen=True)
class Rules:
    """The contract's, unless others are given; in the layer called `only`, if it is named."""

    arrive: Callable[[QuantizedLayer, Array], Array] = arrive
    decay_u: Callable[[Array, int], Array] = toward_zero
    decay_v: Callable[[Array, int], Array] = toward_zero
    wrap: Callable[[Array], Array] = wrap24
    clip: Callable[[Array], Array] = lambda v: np.clip(v, 1 - TOP, TOP - 1)
    fires: Callable[[Array, int], Array] = lambda v, vth: v > vth * 64
    reset: Callable[[Array, Array, int], Array] = lambda v, fired, vth: np.where(fired, 0, v)
    source: Callable[[Array], Array] = lambda spikes: spikes
    only: str | None = None


def run(graph: QuantizedGraph, inputs: Array, rules: Rules | None = None) -> list[Array]:
    """u, v and spikes of each layer, [3, samples, T, neurons] each."""
    return list(layer_by_layer(graph, inputs, rules or Rules()))


def layer_by_layer(graph: QuantizedGraph, inputs: Array, given: Rules) -> Iterator[Array]:
    spikes = inputs.astype(np.int64)
    for layer in graph.layers:
        rules = given if given.only in (None, layer.name) else Rules()
        a = rules.arrive(layer, rules.source(spikes)) * 64
        bias = layer.bias_mant.astype(np.int64) * 2**layer.bias_exp
        u = v = np.zeros_like(a[:, 0])
        out = np.zeros((3, *a.shape), np.int64)
        for t in range(a.shape[1]):
            u = rules.wrap(rules.decay_u(u, layer.decay_u) + a[:, t])
            v = rules.clip(rules.decay_v(v, layer.decay_v) + u + bias)
            if layer.threshold is not None:
                fired = rules.fires(v, layer.threshold)
                v = rules.reset(v, fired, layer.threshold)
                out[2, :, t] = fired
            out[0, :, t], out[1, :, t] = u, v
        yield out
        spikes = out[2]


def shown(graph: QuantizedGraph, inputs: Array, rules: Rules) -> bool:
    """Whether some state differs under `rules`."""
    return not hidden(graph, inputs, {"the fault": rules})


def hidden(graph: QuantizedGraph, inputs: Array, mutants: Mapping[str, Rules]) -> list[str]:
    """The names of those under which no state differs."""
    right = run(graph, inputs)

    def differs(rules: Rules) -> bool:
        pairs = zip(right, layer_by_layer(graph, inputs, rules), strict=True)
        return any(not np.array_equal(*pair) for pair in pairs)

    return [name for name, rules in mutants.items() if not differs(rules)]


def last_remains(layer: QuantizedLayer, spikes: Array) -> Array:
    """Of what arrives at a neuron in one step, that of the last source."""
    a = np.zeros((*spikes.shape[:2], layer.neurons), np.int64)
    for j in range(layer.inputs):
        alone = replace(layer, weight=np.where(np.arange(layer.inputs) == j, layer.weight, 0))
        came = arrive(alone, spikes)
        a = np.where(came != 0, came, a)
    return a


def first_counts(most: int) -> Callable[[QuantizedLayer, Array], Array]:
    """Nothing arrives where more than `most` spikes do."""

    def arriving(layer: QuantizedLayer, spikes: Array) -> Array:
        count = arrive(replace(layer, weight=(layer.weight != 0).astype(np.int32)), (spikes != 0).astype(int))
        return np.where(count > most, 0, arrive(layer, spikes))

    return arriving


def cut(variable: str, limit: int, only: str | None = None) -> Rules:
    """a, u or v is held at `limit` if it goes farther, on that side of 0; or of the spikes that come in a
    step no more than `limit` count."""

    def held(x: Array) -> Array:
        return np.minimum(x, limit) if limit > 0 else np.maximum(x, limit)

    if variable == "a":
        return Rules(arrive=lambda layer, spikes: held(arrive(layer, spikes)), only=only)
    if variable == "u":
        return Rules(wrap=lambda x: held(wrap24(x)), only=only)
    if variable == "v":
        return Rules(clip=lambda v: held(np.clip(v, 1 - TOP, TOP - 1)), only=only)
    assert variable == "queue"
    return Rules(source=lambda x: np.where(np.cumsum(x != 0, axis=-1) > limit, 0, x), only=only)


def without(step: int) -> Callable[[Array], Array]:
    def source(spikes: Array) -> Array:
        left = spikes.copy()
        left[:, step] = 0
        return left

    return source


def nearest(x: Array, k: int) -> Array:
    return np.sign(x) * (np.abs(x) * (4096 - k) + 2048 >> 12)


def away(x: Array, k: int) -> Array:
    return -np.sign(x) * (-np.abs(x) * (4096 - k) >> 12)


def down(x: Array, k: int) -> Array:
    return x * (4096 - k) >> 12


def up(x: Array, k: int) -> Array:
    return -(-x * (4096 - k) >> 12)


def narrow(x: Array, k: int) -> Array:
    """The product in 32 bits."""
    return np.sign(x) * ((np.abs(x) * (4096 - k)).astype(np.int32).astype(np.int64) >> 12)


MUTANTS = {
    "v >> 6 > vth": Rules(fires=lambda v, vth: v >> 6 > vth),
    "v > threshold + 1": Rules(fires=lambda v, vth: v > 64 * vth + 1),
    "v > threshold + 3": Rules(fires=lambda v, vth: v > 64 * vth + 3),
    "v > threshold + 63": Rules(fires=lambda v, vth: v > 64 * vth + 63),
    "v > 64 * (vth + 1)": Rules(fires=lambda v, vth: v > 64 * (vth + 1)),
    "v >= threshold": Rules(fires=lambda v, vth: v >= 64 * vth),
    "v > threshold - 1": Rules(fires=lambda v, vth: v > 64 * vth - 1),
    "v > threshold - 2": Rules(fires=lambda v, vth: v > 64 * vth - 2),
    "v > 64 * (vth - 1)": Rules(fires=lambda v, vth: v > 64 * (vth - 1)),
    "v >> 6 >= vth, rounded": Rules(fires=lambda v, vth: v + 32 >> 6 > vth),
    "wrap at 2^23": Rules(wrap=lambda x: x - 2**24 * (x >= TOP) + 2**24 * (x <= -TOP)),
    "no wrap at -2^23": Rules(wrap=lambda x: x - 2**24 * (x > TOP) + 2**24 * (x < -TOP)),
    "wrap above 2^23 alone": Rules(wrap=lambda x: x - 2**24 * (x > TOP)),
    "wrap below -2^23 alone": Rules(wrap=lambda x: x + 2**24 * (x <= -TOP)),
    "u saturates": Rules(wrap=lambda x: np.clip(x, 1 - TOP, TOP)),
    "v clipped at -2^23 and 2^23": Rules(clip=lambda v: np.clip(v, -TOP, TOP)),
    "v clipped above alone": Rules(clip=lambda v: np.minimum(v, TOP - 1)),
    "v clipped below alone": Rules(clip=lambda v: np.maximum(v, 1 - TOP)),
    "v wraps": Rules(clip=wrap24),
    "u decays down": Rules(decay_u=down),
    "v decays down": Rules(decay_v=down),
    "u decays up": Rules(decay_u=up),
    "v decays up": Rules(decay_v=up),
    "u decays to the nearest": Rules(decay_u=nearest),
    "v decays to the nearest": Rules(decay_v=nearest),
    "u decays away from zero": Rules(decay_u=away),
    "v decays away from zero": Rules(decay_v=away),
    "v decays in 32 bits": Rules(decay_v=narrow),
    "u decays in 32 bits": Rules(decay_u=narrow),
    "reset by subtraction": Rules(reset=lambda v, fired, vth: np.where(fired, v - 64 * vth, v)),
    "first step lost": Rules(source=without(0)),
    "last step lost": Rules(source=without(-1)),
    "of two arrivals the last remains": Rules(arrive=last_remains),
    "more than two arrivals are lost": Rules(arrive=first_counts(2)),
    "more than seven arrivals are lost": Rules(arrive=first_counts(7)),
}
