"""Linear operations on lines, as `Operation`: weights, gains, places, convolutions, taps in time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.conversion.axes import Axes
from snnc.conversion.values import Operation, Path, Value
from snnc.exporter.nir.kernels import Kernel, dilated
from snnc.exporter.nir.lines import At, Lines
from snnc.exporter.nir.signals import Signal

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def gain(factor: FloatArray) -> Operation:
    """`factor` [lines] times each line."""
    return Operation("gain", (factor,), lambda signal, at: signal.scaled(at, factor))


def matrix(
    line: IntArray, source: IntArray, weight: FloatArray, lines: int, whole: object = None
) -> Operation:
    """Entries of a matrix with `lines` rows. `whole`: what tells it from others; the entries if None."""
    nothing = np.zeros(len(line), np.int64)

    def apply(signal: Signal, at: At) -> Signal:
        return signal.mapped(at, Lines(lines, signal.lines, line, source, weight, nothing))

    return Operation("matrix", (lines, whole) if whole is not None else (lines, line, source, weight), apply)


def picked(value: Value, lines: IntArray, axes: Axes) -> Value:
    """A tensor with `axes` whose line k is line `lines[k]` of `value`; -1: nothing.

    What moves lines one after another is one operation, and a path of which nothing is left is gone: so a
    shift register, which moves its lines in each step, does not grow. Raises `AxesError` as `Value.then`.
    """
    after = value.then(_picked(lines), axes)
    merged = [_merged(path) for path in after.paths]
    return replace(after, paths=tuple(path for path in merged if path is not None))


def _picked(lines: IntArray) -> Operation:
    here = np.flatnonzero(lines >= 0)
    return replace(matrix(here, lines[here], np.ones(len(here)), len(lines)), picks=lines)


def _merged(path: Path) -> Path | None:
    """`path` whose last operations, if both move lines, are one; None if no line is left."""
    *others, last = path.operations
    picks = last.picks
    if picks is not None and others and others[-1].picks is not None:
        picks = np.where(picks >= 0, others[-1].picks[picks], -1)
        path = replace(path, operations=(*others[:-1], _picked(picks)))
    return None if picks is not None and (picks < 0).all() else path


def later(steps: IntArray) -> Operation:
    """Each line `steps` [lines] later."""
    return Operation("later", (steps,), lambda signal, at: signal.delayed(at, steps))


def taps(weight: FloatArray, extent: int, dilation: int, groups: int) -> Operation:
    """A convolution over time, weight [O, I, taps]: tap k delays by `extent` - k * `dilation`."""
    out, each, _ = weight.shape
    post, channel, tap = np.nonzero(weight)
    source = channel + post // (out // groups) * each
    delay = extent - tap * dilation
    entries = Lines(out, each * groups, post, source, weight[post, channel, tap], delay)
    return Operation("taps", (weight, dilation, groups), lambda signal, at: signal.mapped(at, entries))


@dataclass(frozen=True, slots=True)
class Made:
    """An operation, the axes of what it gives, and the bias [lines] that comes with it."""

    operation: Operation
    axes: Axes
    bias: FloatArray | None = None


def kernel(
    axes: Axes,
    weight: FloatArray,
    bias: FloatArray,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Made:
    """A convolution over the last dimensions: weight [O, I, k] or [O, I, kh, kw]. Raises `AxesError`."""
    sides = weight.ndim - 2
    channels, *size = axes.grid(sides)
    strides, spread = pair(stride, sides), pair(dilation, sides)
    if sides == 1:
        weight, size = weight[:, :, None, :], [1, *size]
    weight = dilated("conv", weight, spread)
    if padding == "same":
        around = [(extent - 1) // 2 for extent in weight.shape[2:]]
        behind = [extent - 1 - before for extent, before in zip(weight.shape[2:], around, strict=True)]
        # Behind is one more where the extent is even: a row of zeros before the kernel makes both equal.
        more = [b - a for a, b in zip(around, behind, strict=True)]
        weight, pads = np.pad(weight, ((0, 0), (0, 0), (more[0], 0), (more[1], 0))), (behind[0], behind[1])
    else:
        pads = pair(0 if padding == "valid" else padding, sides, before=0)
    made = Kernel(weight, np.zeros(len(weight)), (channels, *size), strides, pads, groups)  # type: ignore[arg-type]
    return _made(axes, made, sides, bias)


def _made(axes: Axes, made: Kernel, sides: int, bias: FloatArray | None) -> Made:
    own = made.convolution()
    out = (own.grid_out[0], *own.grid_out[3 - sides :])
    after = replace(axes, dims=(*axes.dims[: -sides - 1], *((size,) for size in out)))
    parts = (made.weight, made.grid, made.stride, made.padding, made.groups)
    operation = Operation("kernel", parts, lambda signal, at: signal.convolved(at, made, rows=sides == 2))
    return Made(operation, after, None if bias is None else np.repeat(bias, own.blocks))


def average(
    axes: Axes, extent: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int], sides: int
) -> Made:
    """The average over `extent` places of each channel."""
    channels, *size = axes.grid(sides)
    weight = np.full((channels, 1, *extent), 1 / (extent[0] * extent[1]))
    grid = (channels, *([1, *size] if sides == 1 else size))
    return _made(axes, Kernel(weight, np.zeros(channels), grid, stride, padding, channels), sides, None)  # type: ignore[arg-type]


def pair(value: Any, sides: int, before: int = 1) -> tuple[int, int]:
    """Of one side, `before` and the number."""
    given = list(value) if isinstance(value, tuple | list | np.ndarray) else [value] * sides
    if sides == 1:
        return before, int(given[0])
    return int(given[0]), int(given[-1])
