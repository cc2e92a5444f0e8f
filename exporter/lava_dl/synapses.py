"""Weights and delays of a layer -> synapses of the contract, and their weight exponent."""

from __future__ import annotations

import numpy as np

from snnc import formats
from snnc.errors import StageError
from snnc.exporter.lava_dl.fields import Fields
from snnc.exporter.lava_dl.file import NUMBER_LIMIT
from snnc.stages import Convolution, SynapseMatrix
from snnc.stages.bounds import IntArray
from snnc.stages.population import NEURON_LIMIT

Grid = tuple[int, int, int]
"""Channels, rows and columns."""
MANY_CHANNELS = 64
INT8 = formats.SignedFormat(formats.WEIGHT_BITS_DEFAULT)


def identity(grid: Grid) -> Convolution:
    """A synapse of weight 1 from every neuron of the grid to the neuron at the same place."""
    channels, rows, columns = grid
    if channels > MANY_CHANNELS or rows * columns == 1:  # in a row, since the kernel has channels^2 elements
        grid = (1, 1, channels * rows * columns)
    kernel = np.eye(grid[0], dtype=np.int32)[:, :, None, None]
    return Convolution(kernel, np.zeros_like(kernel), grid)


def dense(layer: Fields, neurons: int, biased: bool, inputs: int | None) -> tuple[SynapseMatrix, int]:
    """The synapses of a `dense` layer from `inputs` neurons, None: as many as it has weights for."""
    given = _matrix(layer, "weight", neurons, inputs)
    layer.same("inFeatures", [given.shape[1]])
    layer.same("outFeatures", [neurons])
    weight, exponent = _scaled(layer, "weight", given)
    return SynapseMatrix(weight, _delays(layer, weight.shape, biased)), exponent


def recurrent(layer: Fields, neurons: int) -> tuple[SynapseMatrix, int]:
    """The synapses of a `dense_rec` layer between its own neurons: a spike acts one step later."""
    weight, exponent = _scaled(layer, "weight_rec", _matrix(layer, "weight_rec", neurons, neurons))
    if "delay" in layer and layer.numbers("delay").any():
        layer.refuse(
            "is recurrent and has delays; netx applies them to both of its synapses, slayer to what it "
            "sends, so the file leaves open what is meant: train it without delays"
        )
    return SynapseMatrix(weight, np.ones(weight.shape, np.int32)), exponent


def convolution(layer: Fields, grid: Grid, biased: bool) -> tuple[Convolution, int]:
    """The synapses of a `conv` layer from a grid. Weights are [O, I, kh, kw], not flipped, as in PyTorch."""
    given = _kernel(layer)
    out, each, *size = given.shape
    groups = layer.number("groups", 1, NEURON_LIMIT, default=1)
    layer.same("inChannels", [each * groups])
    layer.same("outChannels", [out])
    layer.same("kernelSize", size)
    kernel, exponent = _scaled(layer, "weight", given)
    kernel = _dilated(layer, kernel, layer.pair("dilation", 1, default=1))
    delay = np.zeros(kernel.shape, np.int32)
    if "delay" in layer:
        found = layer.numbers("delay").reshape(-1)
        if found.size not in (1, out):
            layer.refuse(f"delay has {found.size} numbers, expected 1, or {out} for the channels")
        _check(layer, found, biased)
        delay += found[:, None, None, None]
    stride, padding = layer.pair("stride", 1, default=1), layer.pair("padding", 0, default=0)
    try:
        return Convolution(kernel, delay, grid, stride, padding, groups), exponent
    except StageError as error:  # it does not know which layer it is of
        return layer.refuse(error.args[0])


def pool(layer: Fields, grid: Grid) -> tuple[Convolution, int]:
    """The synapses of a `pool` layer: its one kernel, for each channel."""
    given = _kernel(layer)
    if given.shape[:2] != (1, 1):
        layer.refuse(f"weight has shape {given.shape}, expected one kernel [1, 1, rows, columns]")
    size = given.shape[2:]
    layer.same("kernelSize", size)
    stride, padding = layer.pair("stride", 1), layer.pair("padding", 0, default=0)
    dilation = layer.pair("dilation", 1, default=1)
    if stride != size or padding != (0, 0) or dilation != (1, 1) or grid[1] % size[0] or grid[2] % size[1]:
        layer.refuse(
            f"a pool of {size} with stride {stride}, padding {padding} and dilation {dilation} on a grid of "
            f"{grid[1:]}; where it does not cover the grid tile by tile, slayer mixes channels: use `conv`"
        )
    if "delay" in layer and layer.numbers("delay").any():
        layer.refuse("is a pool with delays, which is not supported; use `conv` with groups")
    kernel, exponent = _scaled(layer, "weight", given)
    kernel = np.repeat(kernel, grid[0], axis=0)
    return Convolution(kernel, np.zeros_like(kernel), grid, stride, groups=grid[0]), exponent


def _matrix(layer: Fields, name: str, neurons: int, inputs: int | None) -> IntArray:
    """Weights [neurons, inputs]."""
    found = layer.numbers(name)
    if found.ndim == 1 and found.size % neurons == 0:
        found = found.reshape(neurons, -1)
    if found.ndim != 2 or found.shape[0] != neurons:
        layer.refuse(f"{name} has shape {found.shape}, expected [{neurons}, inputs]")
    if inputs is not None and found.shape[1] != inputs:
        layer.refuse(f"{name} reads {found.shape[1]} neurons, there are {inputs} before it")
    return found


def _kernel(layer: Fields) -> IntArray:
    """Weights [O, I, kh, kw]; older files have a fifth axis of length 1, that of time."""
    found = layer.numbers("weight")
    if found.ndim == 5 and found.shape[4] == 1:
        found = found[..., 0]
    if found.ndim != 4:
        layer.refuse(f"weight has shape {found.shape}, expected [outputs, inputs, rows, columns]")
    return found


def _scaled(layer: Fields, name: str, weight: IntArray) -> tuple[IntArray, int]:
    """Weights of 8 bits and the least exponent that makes the given ones of them."""
    low, high = int(weight.min()), int(weight.max())
    exponent = 0
    while low >> exponent < INT8.minimum or high >> exponent > INT8.maximum:
        exponent += 1
    if exponent > formats.WEIGHT_EXPONENT_MAX or (weight & ((1 << exponent) - 1)).any():
        layer.refuse(
            f"{name} holds {low} .. {high}, and not all are multiples of {1 << exponent}: no 8-bit numbers "
            f"({INT8.minimum} .. {INT8.maximum}) with one exponent up to {formats.WEIGHT_EXPONENT_MAX} are "
            "equal to them, as the contract needs; quantise the weights (quantize_8bit of slayer)"
        )
    return weight >> exponent, exponent


def _delays(layer: Fields, shape: tuple[int, ...], biased: bool) -> IntArray:
    """int32 [neurons, inputs], as netx reads the `delay` of a dense layer."""
    if "delay" not in layer:
        return np.zeros(shape, np.int32)
    found = layer.numbers("delay")
    if found.ndim <= 1 and found.size == shape[0]:
        _check(layer, found, biased)
        return np.broadcast_to(found.reshape(-1, 1), shape)
    if found.ndim == 0 or found.shape in (shape, shape[1:]):
        _check(layer, found, biased=False)
        return np.broadcast_to(found, shape)
    return layer.refuse(
        f"delay has shape {found.shape}, expected [{shape[0]}] for the neurons, [{shape[1]}] for the inputs, "
        f"or {list(shape)} for the synapses"
    )


def _check(layer: Fields, delay: IntArray, biased: bool) -> None:
    """`biased`: neurons have biases, and the delay is theirs.

    slayer delays what a neuron sends, netx what it receives. Without a bias both send the same spikes.
    """
    if (delay < 0).any():
        layer.refuse(f"delay holds {int(delay.min())} steps, expected 0 and more")
    if biased and delay.any():
        layer.refuse(
            "has biases and axonal delays; netx delays what its neurons receive, slayer what they send, and "
            "with a bias these are different networks: train it without one of them"
        )


def _dilated(layer: Fields, kernel: IntArray, dilation: tuple[int, int]) -> IntArray:
    """The kernel with zeros between its elements, which are no synapses."""
    if dilation == (1, 1):
        return kernel
    sizes = [(n - 1) * step + 1 for n, step in zip(kernel.shape[2:], dilation, strict=True)]
    if kernel.shape[0] * kernel.shape[1] * sizes[0] * sizes[1] > NUMBER_LIMIT:
        layer.refuse(f"a kernel with dilation {dilation} has more than {NUMBER_LIMIT} elements; use less")
    wide = np.zeros((*kernel.shape[:2], *sizes), np.int32)
    wide[:, :, :: dilation[0], :: dilation[1]] = kernel
    return wide
