"""What lava-dl's networks compute, by Lava's fixed-point equations in plain NumPy, one step after the other.

Each layer has a clock of its own, which starts when the first spikes of the layer before can reach it; in
Lava that is one step later, as its resets are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Layer = dict[str, Any]
States = tuple[np.ndarray, np.ndarray, np.ndarray]
BITS24 = 1 << 24


def run(layers: list[Layer], events: np.ndarray, axonal: bool = False) -> dict[int, States]:
    """u, v and spikes int64 [T, neurons] of each layer that has them; `events` [T, inputs].

    `axonal`: a delay for each neuron delays what it sends, as in slayer, instead of what it receives, as in
    netx. Then u and v are others, the spikes are not.
    """
    found: dict[int, States] = {}
    spikes, grid = np.asarray(events, np.int64), None
    for number, layer in enumerate(layers):
        kind = layer["type"].decode()
        if kind == "input":
            grid = [int(n) for n in layer["shape"]]
            if "neuron" not in layer:
                continue
            sums, own = spikes, None  # netx puts the values into the bias, which is added in every step
        elif kind == "flatten":
            continue
        elif kind == "average":
            groups = int(layer["shape"][0])
            sums = spikes.reshape(len(spikes), groups, -1).sum(axis=2)
            found[number] = sums * 64, sums * 64, np.zeros_like(sums)
            continue
        else:
            delayed = _delays(layer, axonal)
            sums = np.stack([_sums(layer, spikes, t, grid, delayed) for t in range(len(spikes))])
            own = layer["weight_rec"].astype(np.int64) if kind == "dense_rec" else None
            if kind != "dense" and kind != "dense_rec":
                grid = [int(n) for n in layer["shape"]]
        found[number] = _neurons(layer, sums, own, from_bias=kind == "input")
        spikes = found[number][2]
        if axonal and np.ndim(layer.get("delay", np.zeros((0, 0)))) == 1:
            each = np.repeat(layer["delay"].astype(int), spikes.shape[1] // len(layer["delay"]))
            late = np.zeros_like(spikes)
            for neuron, d in enumerate(each):
                late[d:, neuron] = spikes[: len(spikes) - d, neuron]
            spikes = late
            found[number] = (*found[number][:2], spikes)
    return found


def _delays(layer: Layer, axonal: bool) -> np.ndarray:
    """Delays of what each neuron receives, [outputs or channels], or [outputs, inputs]."""
    found = np.asarray(layer.get("delay", 0)).astype(int)
    return np.zeros(1, int) if axonal and found.ndim == 1 else np.atleast_1d(found)


def _sums(layer: Layer, spikes: np.ndarray, t: int, grid: Any, delay: np.ndarray) -> np.ndarray:
    """The weighted sums that arrive at step t."""

    def at(step: int) -> np.ndarray:
        return spikes[step] if step >= 0 else np.zeros_like(spikes[0])

    weight = layer["weight"].astype(np.int64)
    if layer["type"] in (b"dense", b"dense_rec"):
        delay = np.broadcast_to(delay.reshape(-1, 1) if delay.ndim == 1 else delay, weight.shape)
        return sum((weight * (delay == d)) @ at(t - d) for d in range(int(delay.max()) + 1))
    steps = np.broadcast_to(delay, layer["shape"][0])
    return np.concatenate(
        [_channel(layer, weight, at(t - int(d)).reshape(grid), o).ravel() for o, d in enumerate(steps)]
    )


def _channel(layer: Layer, weight: np.ndarray, image: np.ndarray, o: int) -> np.ndarray:
    """One channel of a convolution, element by element of the kernel. `image` [C, H, W]."""
    (py, px), (sy, sx), (dy, dx) = (np.asarray(layer[name]) for name in ("padding", "stride", "dilation"))
    image = np.pad(image, ((0, 0), (py, py), (px, px)))
    rows, columns = (int(n) for n in layer["shape"][1:])
    weight = weight.reshape(weight.shape[:4])
    if layer["type"] == b"pool":
        kernel, first = weight[0], o
    else:
        kernel = weight[o]
        first = o // (len(weight) // layer["groups"]) * len(kernel)
    total = np.zeros((rows, columns), np.int64)
    for i, p, q in np.ndindex(*kernel.shape):
        seen = image[first + i, p * dy :, q * dx :][: (rows - 1) * sy + 1 : sy, : (columns - 1) * sx + 1 : sx]
        total += kernel[i, p, q] * seen
    return total


def _decay(x: np.ndarray, by: np.ndarray) -> np.ndarray:
    return np.sign(x) * ((np.abs(x) * (4096 - by)) >> 12)


def _neurons(layer: Layer, sums: np.ndarray, own: np.ndarray | None, from_bias: bool) -> States:
    """Lava's LIF, bit-accurate, with a bias exponent of 6; without a neuron netx has an integrator."""
    neuron = layer.get("neuron", {"iDecay": 0, "vDecay": 4096, "vThMant": 1 << 17})
    count = sums.shape[1]

    def each(value: Any) -> np.ndarray:
        found = np.asarray(value).astype(np.int64).ravel()
        return found.repeat(count // len(found)) if len(found) > 1 else np.full(count, found[0])

    du, dv, top = (each(neuron[name]) for name in ("iDecay", "vDecay", "vThMant"))
    bias = np.zeros(count, np.int64) if from_bias else each(layer.get("bias", 0))
    u, v, fired = (np.zeros(count, np.int64) for _ in range(3))
    states: tuple[list[np.ndarray], ...] = ([], [], [])
    for arriving in sums:
        if from_bias:
            bias, arriving = arriving, 0
        if own is not None:
            arriving = arriving + own @ fired
        u = _decay(u, du) + (arriving << 6)
        u = np.where(u > BITS24 // 2, u - BITS24, np.where(u <= -BITS24 // 2, u + BITS24, u))
        v = np.clip(_decay(v, dv) + u + (bias << 6), 1 - BITS24 // 2, BITS24 // 2 - 1)
        fired = (v > (top << 6)).astype(np.int64)
        v = np.where(fired == 1, 0, v)
        for kept, value in zip(states, (u, v, fired), strict=True):
            kept.append(value)
    return tuple(np.stack(each_) for each_ in states)  # type: ignore[return-value]
