"""Ways to make an input train and to change one; `stimuli.py` looks which of them reach something new.

A train is uint8 [T, inputs] of 0 .. `payload_max`. What is random comes from the generator that is passed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import QuantizedGraph, QuantizedLayer

Train = npt.NDArray[np.uint8]
Rng = np.random.Generator

SHAPES = (
    "sparse",
    "dense",
    "silent, then dense",
    "bursts",
    "early",
    "late",
    "single lines",
    "few events",
    "even",
)


def shaped(graph: QuantizedGraph, shape: str, rng: Rng) -> Train:
    """A random train of one of the `SHAPES`, with random payloads; half of the time all the largest."""
    steps, inputs = graph.time_steps, graph.inputs
    fires = rng.random((steps, inputs), np.float32) < _rates(shape, steps, inputs, rng)
    if not fires.any():
        fires[rng.integers(steps), rng.integers(inputs)] = True
    most = largest_events(graph)
    if np.max(most) == 1:
        return fires.astype(np.uint8)
    least = most if rng.random() < 0.5 else 1
    payload = rng.integers(least, most + 1, fires.shape)
    return np.where(fires, payload, 0).astype(np.uint8)


def largest_events(graph: QuantizedGraph) -> int | npt.NDArray[np.int64]:
    """The largest event: one number of a chain, int64 [inputs] of another graph."""
    if graph.is_chain:
        return graph.payload_max
    found = [each for each in graph.populations if each.payload_max is not None]
    return np.repeat([each.payload_max or 1 for each in found], [each.neurons for each in found])


def _rates(shape: str, steps: int, inputs: int, rng: Rng) -> npt.NDArray[np.float64]:
    """The probability of an event in each step and line; [T, inputs], or what broadcasts to it."""
    step = np.arange(steps)[:, None]
    cut = rng.integers(steps)
    rate = 0.5 ** rng.uniform(0, 5)
    if shape == "sparse":
        return np.array(0.5 ** rng.uniform(4, 9))
    if shape == "dense":
        return np.array(rng.uniform(0.4, 1))
    if shape == "silent, then dense":
        return np.where(step >= cut, rng.uniform(0.4, 1), 0.0)
    if shape == "bursts":  # of some lines each, of a few steps
        start = rng.integers(0, steps, inputs)
        length = rng.integers(1, max(2, steps // 4 + 1), inputs)
        chosen = rng.random(inputs) < rng.uniform(0.1, 1)
        return np.where(chosen & (step >= start) & (step < start + length), max(rate, 0.5), 0.0)
    if shape == "early":
        return np.where(step <= cut // 2, rate, 0.0)
    if shape == "late":
        return np.where(step >= steps - 1 - cut // 2, rate, 0.0)
    if shape == "single lines":
        lines = rng.choice(inputs, min(inputs, int(rng.integers(1, 4))), replace=False)
        return np.where(np.isin(np.arange(inputs), lines), max(rate, 0.2), 0.0)
    if shape == "few events":
        return np.array(rng.integers(1, 9) / (steps * inputs))
    return np.array(rate)


VOLLEY = 64
"""Most spikes of a layer that a volley asks for; with each layer they are several times as many."""
LAGS = 16
"""How many steps before it is to spike a neuron may be driven, at most."""


def plain(graph: QuantizedGraph) -> list[Train]:
    """Silence, every input in every step, in the first one, and in the last one."""
    trains = np.zeros((4, graph.time_steps, graph.inputs), np.uint8)
    trains[1] = trains[2, 0] = trains[3, -1] = largest_events(graph)
    return list(trains)


def drive(graph: QuantizedGraph, rng: Rng) -> Train:
    """Every line that excites, or that inhibits, a neuron of the first layer, in every step or in fewer."""
    row = graph.layers[0].weight[rng.integers(graph.layers[0].neurons)]
    train = np.zeros((graph.time_steps, graph.inputs), np.uint8)
    train[:: rng.integers(1, 5), row * rng.choice([-1, 1]) > 0] = graph.payload_max
    return train


def volley(graph: QuantizedGraph, index: int, neuron: int, step: int, rng: Rng) -> Train:
    """Events after which a neuron of layer `index` should spike in `step`, if nothing else disturbs it.

    Its strongest synapses, somewhat at random, are made to deliver just then, as many as its threshold asks
    for: by events, or by spikes of the layer before, for which the same is done.
    """
    train = np.zeros((graph.time_steps, graph.inputs), np.uint8)
    wanted = {(neuron, step)}
    for layer in reversed(graph.layers[: index + 1]):
        chosen = rng.permutation(sorted(wanted))[:VOLLEY].tolist()
        wanted = {spike for who, when in chosen for spike in _senders(layer, who, when, rng)}
    for line, sent in wanted:
        train[sent, line] = graph.payload_max
    return train


def _senders(layer: QuantizedLayer, neuron: int, step: int, rng: Rng) -> Iterator[tuple[int, int]]:
    """Sources, and the steps in which they must spike for the neuron to spike in `step`."""
    response, rest = _response(layer, neuron, step)
    lags = np.arange(min(step, LAGS) + 1)
    sources = np.flatnonzero(layer.weight[neuron] > 0)
    gain = np.outer(response[lags], layer.weight[neuron, sources])
    sent = step - lags[:, None] - layer.delay[neuron, sources]
    where = np.argwhere((sent >= 0) & (gain > gain.max(initial=0) / 16))
    gains = gain[tuple(where.T)]
    order = np.argsort(-gains * rng.uniform(0.5, 1, len(gains)), kind="stable")
    missing = ((layer.threshold or 0) << formats.STATE_FRACTION_BITS) - rest
    needed = missing * rng.choice([1.0, 1.0, 1.25, 2.0]) / (1 << formats.STATE_FRACTION_BITS)
    for k in order:
        if needed < 0:
            break
        needed -= gains[k]
        lag, source = where[k]
        yield int(sources[source]), int(sent[lag, source])


def _response(layer: QuantizedLayer, neuron: int, step: int) -> tuple[npt.NDArray[np.float64], float]:
    """What is left in v of a unit of current by lag, and v of the neuron at rest in `step`; no resets."""
    keep_u, keep_v = 1 - layer.decay_u / formats.DECAY_ONE, 1 - layer.decay_v / formats.DECAY_ONE
    current, v, rest, response = 1.0, 0.0, 0.0, []
    for _ in range(step + 1):
        v = v * keep_v + current
        current *= keep_u
        rest = rest * keep_v + layer.bias[neuron]
        response.append(v)
    return np.array(response), rest


def mutated(graph: QuantizedGraph, train: Train, other: Train, rng: Rng) -> Train:
    """`train` changed at random in one way, perhaps with a part of `other`."""
    steps, inputs = train.shape
    most = np.broadcast_to(largest_events(graph), inputs)
    changed, kind = train.copy(), rng.integers(10)
    first, last = np.sort(rng.integers(0, steps + 1, 2))
    if kind == 0:  # a few events added or removed
        for _ in range(rng.integers(1, 9)):
            where = rng.integers(steps), rng.integers(inputs)
            changed[where] = 0 if changed[where] else rng.integers(1, most[where[1]] + 1)
    elif kind == 1:  # events left out
        changed[rng.random(train.shape) < 0.5 ** rng.integers(1, 5)] = 0
    elif kind == 2:  # shifted, and what leaves at one end comes in at the other
        changed = np.roll(changed, rng.integers(-3, 4), axis=0)
    elif kind == 3:  # some steps of another
        changed[first:last] = other[first:last]
    elif kind == 4:  # some lines of another
        lines = rng.random(inputs) < 0.5
        changed[:, lines] = other[:, lines]
    elif kind == 5:  # both
        changed = np.maximum(changed, other)
    elif kind == 6:  # a burst or a silence of one line
        on, line = rng.integers(2), rng.integers(inputs)
        changed[first:last, line] = most[line] * on
    else:  # another from some step on: what was reached before stays so
        changed[first:] = other[first:]
    return changed
