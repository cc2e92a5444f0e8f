"""Input trains that drive one neuron, or one layer, as far as it goes: by gradients through the network.

A train starts from the signs of the weights along the ways to its aim, and climbs: a number for each event
that may be, above 0 where it is, follows the gradient of the aim, in floating point, through what the
simulator says of the train as it is. A spike is given the derivative of a fast sigmoid (Zenke and Ganguli
2018). Of all trains on the way the best is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.batches import batches
from snnc.compiled import compiled
from snnc.hwsim.event_driven import simulate
from snnc.stages import LayerTrace, QuantizedGraph, QuantizedLayer, Trace
from snnc.verification.inputs.trains import Train

Floats = npt.NDArray[np.float32]

NEURONS = 2
"""Of a layer, tried for each extreme: those with the largest sums of weights of its sign."""
ROUNDS, LEAST_ROUNDS = 48, 4
WORK = 5_000_000_000
"""Weights, zeros too, times steps times trains times rounds, at most, unless the least rounds take more."""
TINY = np.float32(1e-30)
RATE, KEPT, KEPT_SQUARES = np.float32(0.1), np.float32(0.9), np.float32(0.99)
"""Of the climb (Kingma and Ba 2015): its step, what it keeps of earlier gradients, and of their squares."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a train is to make large in `step`: `sign` times u or v of `neuron`, or all spikes (None)."""

    layer: int
    variable: str
    neuron: int | None
    sign: int
    step: int


def driven(graph: QuantizedGraph) -> list[Train]:
    """For each aim the train that was found to drive it farthest, uint8 [T, inputs]; the same every time."""
    aims = list(_aims(graph))
    size = graph.time_steps * len(aims) * sum(layer.weight.size for layer in graph.layers)
    rounds = max(LEAST_ROUNDS, min(ROUNDS, WORK // max(1, size)))
    return [train for part in batches(graph, len(aims)) for train in _climbed(graph, aims[part], rounds)]


def _climbed(graph: QuantizedGraph, aims: list[Aim], rounds: int) -> list[Train]:
    """The best train for each of `aims` after `rounds` rounds; the aims do not influence each other."""
    wish = _scaled(_gradient(graph, aims, None)) * np.float32(0.2)
    best = np.zeros(wish.shape, np.bool_)
    found = np.full(len(aims), -np.inf)
    mean, square = np.zeros_like(wish), np.zeros_like(wish)
    for count in range(1, rounds + 1):
        trains = np.where(wish > 0, np.uint8(graph.payload_max), np.uint8(0))
        trace = simulate(graph, trains)
        now = np.array([_height(aim, trace, k) for k, aim in enumerate(aims)])
        better = now > found
        found[better], best[better] = now[better], trains[better] != 0
        slope = _scaled(_gradient(graph, aims, trace))
        mean += (1 - KEPT) * (slope - mean)
        square += (1 - KEPT_SQUARES) * (slope**2 - square)
        size_now = np.sqrt(square / (1 - KEPT_SQUARES**count)) + np.float32(1e-8)
        wish += RATE * mean / (1 - KEPT**count) / size_now
    return list(best * np.uint8(graph.payload_max))


def _aims(graph: QuantizedGraph) -> Iterator[Aim]:
    """Both signs of u and v of each layer, but for v that a spike ends; and spikes in one step.

    What a layer sends is to arrive before the end.
    """
    last = graph.time_steps - 1
    for index, layer in enumerate(graph.layers):
        for sign in (1, -1):
            sums = np.maximum(sign * layer.weight.astype(np.int64), 0).sum(axis=1)
            for neuron in np.argsort(-sums, kind="stable")[:NEURONS].tolist():
                yield Aim(index, "u", neuron, sign, last)
                if layer.threshold is None or sign < 0:
                    yield Aim(index, "v", neuron, sign, last)
        if layer.spikes:
            after = graph.layers[index + 1]
            yield Aim(index, "spikes", None, 1, max(0, last - after.max_delay))


def _height(aim: Aim, trace: Trace, sample: int) -> int:
    state = getattr(trace.layers[aim.layer], aim.variable)[sample, aim.step]
    return int(state.sum() if aim.neuron is None else aim.sign * state[aim.neuron])


def _scaled(gradient: Floats) -> Floats:
    """By its size, apart in each train."""
    size = np.sqrt((gradient**2).mean(axis=(1, 2), keepdims=True))
    return np.asarray(gradient / np.maximum(size, np.float32(1e-20)))


def _gradient(graph: QuantizedGraph, aims: list[Aim], trace: Trace | None) -> Floats:
    """Of each aim by its train's events: float32 [aims, T, inputs].

    Without a trace every neuron passes on what it gets, as if it were to spike with it.
    """
    steps, arriving = graph.time_steps, None
    for index in reversed(range(len(graph.layers))):
        layer = graph.layers[index]
        wanted = {name: np.zeros((len(aims), steps, layer.neurons), np.float32) for name in ("u", "v")}
        wanted["spikes"] = np.zeros_like(wanted["u"]) if arriving is None else arriving
        for k, aim in enumerate(aims):
            if aim.layer == index:
                at = slice(None) if aim.neuron is None else aim.neuron
                wanted[aim.variable][k, aim.step, at] = aim.sign
        current = _through_neurons(layer, wanted, None if trace is None else trace.layers[index])
        arriving = np.zeros((len(aims), steps, layer.inputs), np.float32)
        spread_back(current, np.asarray(layer.weight), np.asarray(layer.delay), arriving)
        # Only directions count; through many layers the sizes would leave the range of float32.
        arriving /= np.maximum(np.abs(arriving).max(axis=(1, 2), keepdims=True), TINY)
    assert arriving is not None
    return arriving


def _through_neurons(layer: QuantizedLayer, wanted: dict[str, Floats], state: LayerTrace | None) -> Floats:
    """The gradient by what arrives, from those by u, v and spikes; float32 [aims, T, neurons]."""
    keep_u, keep_v = (np.float32(1 - decay / formats.DECAY_ONE) for decay in (layer.decay_u, layer.decay_v))
    steepness = None if layer.threshold is None else _steepness(layer, state, wanted["v"].shape)
    current = np.zeros_like(wanted["v"])
    from_u = from_v = np.zeros_like(current[:, 0])
    for t in reversed(range(current.shape[1])):
        by_v = wanted["v"][:, t] + from_v
        if state is not None and steepness is not None:
            by_v = np.where(state.spikes[:, t], np.float32(0), by_v)  # the reset ends what was before
        if steepness is not None:
            by_v = by_v + wanted["spikes"][:, t] * steepness[:, t]
        current[:, t] = wanted["u"][:, t] + by_v + from_u
        from_u, from_v = keep_u * current[:, t], keep_v * by_v
    return current


def _steepness(layer: QuantizedLayer, state: LayerTrace | None, shape: tuple[int, ...]) -> Any:
    """The derivative of a spike by v before the reset."""
    level = max(1, layer.threshold or 0) << formats.STATE_FRACTION_BITS
    if state is None:
        return np.full(shape, 1 / level, np.float32)
    before = np.zeros(shape, np.float32)
    before[:, 1:] = state.v[:, :-1] * np.float32(1 - layer.decay_v / formats.DECAY_ONE)
    v = before + state.u + layer.bias
    return (1 / (1 + 2 * np.abs(v / level - 1)) ** 2 / level).astype(np.float32)


@compiled
def spread_back(
    current: npt.NDArray[np.float32],
    weight: npt.NDArray[np.int32],
    delay: npt.NDArray[np.int32],
    source: npt.NDArray[np.float32],
) -> None:
    """Clause 2 backwards: what a source's spike adds to the neurons, times `current` [trains, T, neurons], is
    added to `source` [trains, T, sources]."""
    steps = current.shape[1]
    for k in range(len(current)):
        for t in range(steps):
            for i in range(current.shape[2]):
                wanted = current[k, t, i]
                if wanted == 0:
                    continue
                for j in range(source.shape[2]):
                    sent = t - delay[i, j]
                    if sent >= 0:
                        source[k, sent, j] += wanted * np.float32(weight[i, j])
