"""NIR's convolutions and pools as the contract's convolution: no dilation, equal padding at both edges."""

from __future__ import annotations

from dataclasses import dataclass

import nir
import numpy as np
import numpy.typing as npt

from snnc.errors import InputError, StageError
from snnc.exporter.nir.layers import numbers
from snnc.stages import FloatConvolution

FloatArray = npt.NDArray[np.float64]
Grid = tuple[int, int, int]

KERNELS = (nir.Conv1d, nir.Conv2d, nir.SumPool2d, nir.AvgPool2d)
KERNEL_LIMIT = 1 << 24
"""Most elements of a kernel, zeros between those that are dilated included."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A node of `KERNELS` on a `grid` of channels, rows and columns; Conv1d has one row.

    `weight` float64 [O, I, kh, kw], `bias` [O].
    """

    weight: FloatArray
    bias: FloatArray
    grid: Grid
    stride: tuple[int, int]
    padding: tuple[int, int]
    groups: int

    def convolution(self) -> FloatConvolution:
        """It, without a delay."""
        return FloatConvolution(self.weight, 0, self.grid, self.stride, self.padding, self.groups)  # type: ignore[arg-type]


def kernel_of(name: str, node: nir.NIRNode, shape: tuple[int, ...]) -> Kernel:
    """The node `node` of `KERNELS`, which reads lines of `shape`, a leading batch of 1 included.

    Raises
    ------
    InputError
        If the shape is no grid, or the node's numbers are of a wrong kind or disagree with it.
    """
    sides = 1 if isinstance(node, nir.Conv1d) else 2
    if len(shape) <= sides or any(size != 1 for size in shape[: -sides - 1]):
        wanted = "channels and positions" if sides == 1 else "channels, rows and columns"
        raise InputError(f"node {name!r} reads lines of the shape {list(shape)}, expected {wanted}")
    channels, *size = shape[-sides - 1 :]
    stride = _pair(name, "stride", node.stride, sides, 1)
    if isinstance(node, nir.SumPool2d | nir.AvgPool2d):
        extent = _pair(name, "kernel_size", node.kernel_size, sides, 1)
        _check_size(name, channels * extent[0] * extent[1])
        value = 1.0 if isinstance(node, nir.SumPool2d) else 1 / (extent[0] * extent[1])
        weight = np.full((channels, 1, *extent), value)
        padding = _pair(name, "padding", node.padding, sides, 0)
        kernel = Kernel(weight, np.zeros(channels), (channels, *size), stride, padding, channels)  # type: ignore[arg-type]
        return _fitting(name, kernel)
    weight = numbers(name, "weight", node.weight)
    if weight.ndim != sides + 2 or 0 in weight.shape or not np.isfinite(weight).all():
        raise InputError(
            f"node {name!r}: weight has the shape {weight.shape}, expected {sides + 2} dimensions of finite "
            "numbers, none of them empty"
        )
    said = [] if node.input_shape is None else np.atleast_1d(node.input_shape).tolist()
    if said not in ([], size):
        raise InputError(f"node {name!r}: says that it reads {said}, but {size} arrive; make both equal")
    dilation = _pair(name, "dilation", node.dilation, sides, 1)
    padding_of = node.padding
    if sides == 1:
        weight, size = weight[:, :, None, :], [1, *size]
        stride, dilation = (1, stride[0]), (1, dilation[0])
    weight = dilated(name, weight, dilation)
    weight, padding = _padded(name, weight, padding_of, stride, sides)
    bias = numbers(name, "bias", node.bias)
    bias = np.broadcast_to(bias.reshape(()), len(weight)) if bias.size == 1 else bias
    if bias.shape != weight.shape[:1] or not np.isfinite(bias).all():
        raise InputError(
            f"node {name!r}: bias has the shape {bias.shape}, expected a finite number for each of "
            f"{len(weight)} channels"
        )
    groups = int(_pair(name, "groups", node.groups, 1, 1)[0])
    return _fitting(name, Kernel(weight, bias, (channels, *size), stride, padding, groups))  # type: ignore[arg-type]


def _fitting(name: str, kernel: Kernel) -> Kernel:
    """`kernel`. Raises `InputError` where it does not fit its grid."""
    try:
        kernel.convolution()
    except StageError as error:
        raise InputError(f"node {name!r}: {error}") from error
    return kernel


def composed(first: FloatConvolution, second: Kernel) -> FloatConvolution | None:
    """`second` of what `first` gives as one convolution; None where that is none, or not a sensible one.

    It is none where the lines between them are another grid to `second`.

    The padding of `second` stands for places beyond those that `first` gives: there, `first` must see
    nothing but padding of its own.
    """
    delays = first.delay[first.kernel != 0]
    if first.grid_out != second.grid or (len(delays) and delays.min() != delays.max()):
        return None
    for side in (0, 1):
        pad, stride, extent = first.padding[side], first.stride[side], first.kernel.shape[2 + side]
        before = extent - 1 - stride - pad  # the last row that the place before the first one reads
        behind = first.grid_out[1 + side] * stride - pad
        if second.padding[side] and (before >= 0 or behind < first.grid[1 + side]):
            return None
    inner, outer = (_ungrouped(each, groups) for each, groups in _both(first, second))
    rows, columns = (
        inner.shape[2 + axis] + first.stride[axis] * (outer.shape[2 + axis] - 1) for axis in (0, 1)
    )
    if len(outer) * inner.shape[1] * rows * columns > KERNEL_LIMIT:
        return None
    weight = np.zeros((len(outer), inner.shape[1], rows, columns))
    for p, q in np.ndindex(outer.shape[2:]):
        y, x = first.stride[0] * p, first.stride[1] * q
        part = np.einsum("om,mihw->oihw", outer[:, :, p, q], inner)
        weight[:, :, y : y + inner.shape[2], x : x + inner.shape[3]] += part
    strides = (first.stride[0] * second.stride[0], first.stride[1] * second.stride[1])
    padding = tuple(first.padding[k] + first.stride[k] * second.padding[k] for k in (0, 1))
    delay = int(delays[0]) if len(delays) else 0
    return FloatConvolution(weight, delay, first.grid, strides, padding)  # type: ignore[arg-type]


def _both(first: FloatConvolution, second: Kernel) -> tuple[tuple[FloatArray, int], ...]:
    return (first.weights, first.groups), (second.weight, second.groups)


def _ungrouped(weight: FloatArray, groups: int) -> FloatArray:
    """The same kernel for one group, with zeros."""
    if groups == 1:
        return weight
    out, each, *size = weight.shape
    whole = np.zeros((out, each * groups, *size))
    for group in range(groups):
        rows = slice(group * out // groups, (group + 1) * out // groups)
        whole[rows, group * each : (group + 1) * each] = weight[rows]
    return whole


def _pair(name: str, field: str, value: object, sides: int, low: int) -> tuple[int, int]:
    """One or two whole numbers from `low` on; one that is given stands for equal ones."""
    array = np.asarray(value)
    if array.dtype.kind not in "iu" or array.size not in (1, sides) or (array < low).any():
        raise InputError(f"node {name!r}: {field} is {array.tolist()!r}, expected whole numbers >= {low}")
    found = np.broadcast_to(array.reshape(-1), (sides,)).tolist()
    return found[0], found[-1]


def _check_size(name: str, elements: int) -> None:
    if elements > KERNEL_LIMIT:
        raise InputError(
            f"node {name!r}: its kernel has {elements} elements, the limit is {KERNEL_LIMIT}; use a smaller "
            "one"
        )


def dilated(name: str, weight: FloatArray, dilation: tuple[int, int]) -> FloatArray:
    if dilation == (1, 1):
        return weight
    out, each, *size = weight.shape
    rows, columns = ((extent - 1) * apart + 1 for extent, apart in zip(size, dilation, strict=True))
    _check_size(name, out * each * rows * columns)
    spread = np.zeros((out, each, rows, columns))
    spread[:, :, :: dilation[0], :: dilation[1]] = weight
    return spread


def _padded(
    name: str, weight: FloatArray, padding: object, stride: tuple[int, int], sides: int
) -> tuple[FloatArray, tuple[int, int]]:
    """The kernel and its padding: "same" needs one more behind than before where the kernel is even, which a
    row of zeros before the kernel makes equal.
    """
    word = padding.decode(errors="replace") if isinstance(padding, bytes) else padding
    if isinstance(word, np.ndarray) and word.dtype.kind in "SUO" and word.ndim == 0:
        word = str(word)
    if isinstance(word, str):
        if word == "valid":
            return weight, (0, 0)
        if word != "same" or stride != (1, 1):
            raise InputError(
                f"node {name!r}: padding is {word!r} with the stride {stride}, expected 'valid', 'same' with "
                "the stride 1, or whole numbers"
            )
        even = [(weight.shape[2 + side] + 1) % 2 for side in (0, 1)]
        weight = np.pad(weight, ((0, 0), (0, 0), (even[0], 0), (even[1], 0)))
        return weight, (weight.shape[2] // 2, weight.shape[3] // 2)
    pair = _pair(name, "padding", padding, sides, 0)
    return weight, (0, pair[0]) if sides == 1 else pair
