"""Network files as lava-dl writes them (slayer's `export_hdf5`), and random small ones.

A network is a list of layers, a layer the dictionary of its fields; `neuron` is a dictionary, too.
"""

from __future__ import annotations

import io
from typing import Any

import h5py
import numpy as np

Layer = dict[str, Any]
CUBA = {"type": b"CUBA", "iDecay": 4096, "vDecay": 0, "vThMant": 1, "refDelay": 1, "gradedSpike": False}
OF_TRAINING = {"theta": 1600, "scaleRho": 1.0, "tauRho": 0.5, "wgtExp": 0, "type": b"LOIHI"}
"""What older files also say of neurons."""
WIDEST = (1 << 18) - 1
"""The threshold that slayer writes where only membranes are read."""


def cuba(**fields: Any) -> dict[str, Any]:
    return {**CUBA, **fields}


def dense(weight: Any, neuron: dict[str, Any] | None = None, **fields: Any) -> Layer:
    weight = np.asarray(weight, np.float32)
    sizes = {"inFeatures": weight.shape[-1], "outFeatures": len(weight), "shape": [len(weight)]}
    made = {"type": b"dense", "weight": weight, **sizes, **fields}
    return made | ({} if neuron is None else {"neuron": neuron})


def conv(weight: Any, shape: Any, neuron: dict[str, Any], groups: int = 1, **fields: Any) -> Layer:
    weight = np.asarray(weight, np.float32)
    channels = {"inChannels": weight.shape[1] * groups, "outChannels": len(weight), "groups": groups}
    usual = {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "kernelSize": list(weight.shape[2:4])}
    return {
        "type": b"conv",
        "shape": shape,
        "weight": weight,
        "neuron": neuron,
        **channels,
        **usual,
        **fields,
    }


def pool(size: tuple[int, int], shape: Any, weight: int, neuron: dict[str, Any]) -> Layer:
    kernel = np.full((1, 1, *size), weight, np.float32)
    usual = {"stride": list(size), "padding": [0, 0], "dilation": [1, 1], "kernelSize": list(size)}
    return {"type": b"pool", "shape": shape, "weight": kernel, "neuron": neuron, **usual}


def as_file(layers: list[Layer], **others: Any) -> bytes:
    """The file's content; `others` are further members of its root."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for name, value in others.items():
            file[name] = value
        for number, layer in enumerate(layers):
            group = file.create_group(f"layer/{number}")
            for name, value in layer.items():
                if name == "neuron":
                    for parameter, number_of in value.items():
                        group[f"neuron/{parameter}"] = number_of
                elif name == "type":
                    group.create_dataset("type", (1,), "S10", [value])
                else:
                    group[name] = value
    return buffer.getvalue()


def random_network(rng: np.random.Generator) -> list[Layer]:
    """Of every kind of layer, small enough for a scalar loop."""
    layers: list[Layer] = []
    grid = None
    if rng.random() < 0.6:
        grid = tuple(int(n) for n in rng.integers(1, [4, 6, 6], endpoint=True))
        first: Layer = {"type": b"input", "shape": list(grid)}
        if rng.random() < 0.4:
            neuron = cuba(vDecay=int(rng.integers(0, 4097)), vThMant=int(rng.integers(1, 60)))
            first |= {"neuron": neuron, "weight": np.float32([40]), "bias": np.float32(36)}
        layers.append(first)
        for _ in range(rng.integers(0, 3)):
            layers.append(_random_grid_layer(rng, grid))
            grid = tuple(layers[-1]["shape"])
        size = int(np.prod(grid))
        layers.append({"type": b"flatten", "shape": [1, 1, size] if rng.random() < 0.5 else [size, 1, 1]})
    else:
        size = int(rng.integers(1, 7))
    for _ in range(rng.integers(1, 4)):
        layers.append(_random_dense(rng, size))
        size = len(layers[-1]["weight"])
    end = rng.random()
    if end < 0.2 and size % 2 == 0 and grid is not None:
        layers.append({"type": b"average", "shape": [size // 2, 1, 1]})
    elif end < 0.4:
        layers[-1]["neuron"]["vThMant"] = WIDEST
    elif end < 0.5:
        layers.append(dense(_weights(rng, (3, size))))
    return layers


def _weights(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Even ones -256 .. 254, or any of 8 bits; most are small, some 0."""
    largest = int(rng.choice([4, 20, 127]))
    weight = rng.integers(-largest, largest + 1, shape) * (rng.random(shape) < 0.7)
    return weight * 2 if rng.random() < 0.5 else weight


def _random_neuron(rng: np.random.Generator, channels: int) -> dict[str, Any]:
    def one_or_each(low: int, high: int) -> Any:
        return rng.integers(low, high, channels) if rng.random() < 0.3 else int(rng.integers(low, high))

    decay = 4096 if rng.random() < 0.4 else one_or_each(0, 4097)
    neuron = cuba(iDecay=decay, vDecay=one_or_each(0, 4097), vThMant=one_or_each(0, 80))
    return neuron | (OF_TRAINING if rng.random() < 0.3 else {})


def _with_bias_or_delay(rng: np.random.Generator, layer: Layer, channels: int) -> Layer:
    how = rng.random()
    if how < 0.4:
        bias = rng.integers(-30, 31, channels if rng.random() < 0.7 else 1)
        return layer | {"bias": bias.astype(np.float32)}
    if how < 0.8:
        return layer | {"delay": rng.integers(0, 6, channels).astype(np.float32)}
    return layer


def _random_dense(rng: np.random.Generator, inputs: int) -> Layer:
    outputs = int(rng.integers(1, 6))
    layer = dense(_weights(rng, (outputs, inputs)), _random_neuron(rng, outputs))
    if rng.random() < 0.3:
        return layer | {"type": b"dense_rec", "weight_rec": _weights(rng, (outputs, outputs))}
    if rng.random() < 0.2:  # between any two neurons, as snnc writes them
        return layer | {"delay": rng.integers(0, 6, (outputs, inputs))}
    return _with_bias_or_delay(rng, layer, outputs)


def _random_grid_layer(rng: np.random.Generator, grid: tuple[int, ...]) -> Layer:
    if rng.random() < 0.3:
        size = tuple(int(rng.choice([n for n in (1, 2, 3) if side % n == 0])) for side in grid[1:])
        shape = [grid[0], grid[1] // size[0], grid[2] // size[1]]
        return pool(size, shape, int(rng.choice([1, 5, 64])), _random_neuron(rng, grid[0]))
    groups = int(rng.choice([n for n in (1, 2) if grid[0] % n == 0]))
    out = groups * int(rng.integers(1, 3))
    size, stride, padding, dilation = (
        rng.integers(low, high, 2) for low, high in ((1, 4), (1, 3), (0, 3), (1, 3))
    )
    reach = (size - 1) * dilation + 1
    padding = np.maximum(padding, -(-(reach - grid[1:]) // 2))  # so that the kernel fits
    shape = [out, *((np.array(grid[1:]) + 2 * padding - reach) // stride + 1)]
    weight = _weights(rng, (out, grid[0] // groups, *size))
    fields = {"stride": stride, "padding": padding, "dilation": dilation}
    layer = conv(weight, shape, _random_neuron(rng, out), groups, **fields)
    if rng.random() < 0.3:
        layer["weight"] = layer["weight"][..., None]  # older files keep an axis of time
    return _with_bias_or_delay(rng, layer, out)
