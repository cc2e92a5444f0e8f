"""Fourier transforms compiled for this processor: a few columns of a signal at a time, all in the cache.

With angles 2 pi f m / N and an even N, cosines of f and of N / 2 - f are equal where m is even, and opposite
where it is odd; for sines, it is the other way round. So even and odd m are summed apart, for half of the
frequencies: their sum and their difference are what f and N / 2 - f have. That is half of the work.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from torch import Tensor

from snnc.compiled import floats
from snnc.trainer.products.tile import (
    COLUMNS,
    HALF,
    ROWS,
    combine,
    multiply_half,
    multiply_tile,
    sum_and_difference,
)
from snnc.trainer.products.transform import Transform
from snnc.trainer.threads import share

_BLOCK = 512
"""Columns that a transform works on: what it needs of them stays in the cache."""
_PITCH = _BLOCK + 16
"""From row to row there; after a power of two, all rows would want the same lines of the cache."""


def analyse(signal: Tensor, spectrum: Tensor, transform: Transform) -> None:
    """Write the `spectrum` of a contiguous signal [length, ...]."""
    _run(_analyse, signal, spectrum, transform)


def synthesise(spectrum: Tensor, signal: Tensor, transform: Transform) -> None:
    """The transpose of `analyse`."""
    _run(_synthesise, spectrum, signal, transform)


def _run(loop: Any, source: Tensor, result: Tensor, transform: Transform) -> None:
    quarters, middle = _quarters(transform), transform.sine.shape[1]
    ends = [tensor.detach().numpy().reshape(len(tensor), -1) for tensor in (source, result)]
    share(lambda first, last: loop(first, last, *ends, *quarters, middle), ends[0].shape[1], _BLOCK)


@lru_cache(maxsize=256)
def _quarters(transform: Transform) -> list[np.ndarray]:
    """Cosines of frequencies from 0 to N / 4 and sines of those from 1 on, of even and of odd steps.

    With zeros up to whole tiles both ways.
    """
    some = (len(transform.cosine) - 1) // 2
    cosine, sine = transform.cosine.numpy()[: some + 1], transform.sine.numpy()[:some]
    quarters = [cosine[:, 0::2], cosine[:, 1::2], sine[:, 1::2], sine[:, 0::2]]
    return [np.pad(quarter, [(0, -size % ROWS) for size in quarter.shape]) for quarter in quarters]


@floats
def _analyse(first, last, signal, spectrum, cosine0, cosine1, sine0, sine1, middle):  # type: ignore[no-untyped-def]
    steps, found = _room(cosine0.shape[1]), _room(len(cosine0))
    some = (len(spectrum) // 2) // 2
    for begin in range(first, last, _BLOCK):
        count = min(_BLOCK, last - begin)
        _split(signal, begin, count, steps, middle)
        _product(cosine0, cosine0.shape[1], 1, steps[0], middle // 2 + 1, found[0], some + 1, count)
        _product(cosine1, cosine1.shape[1], 1, steps[1], (middle + 1) // 2, found[1], some + 1, count)
        _product(sine0, sine0.shape[1], 1, steps[2], middle // 2, found[2], some, count)
        _product(sine1, sine1.shape[1], 1, steps[3], (middle + 1) // 2, found[3], some, count)
        _unfold(found, spectrum, begin, count)


@floats
def _synthesise(first, last, spectrum, signal, cosine0, cosine1, sine0, sine1, middle):  # type: ignore[no-untyped-def]
    steps, folded = _room(cosine0.shape[1]), _room(len(cosine0))
    some = (len(spectrum) // 2) // 2
    for begin in range(first, last, _BLOCK):
        count = min(_BLOCK, last - begin)
        _fold(spectrum, begin, count, folded)
        _product(cosine0, 1, cosine0.shape[1], folded[0], some + 1, steps[0], middle // 2 + 1, count)
        _product(cosine1, 1, cosine1.shape[1], folded[1], some + 1, steps[1], (middle + 1) // 2, count)
        _product(sine0, 1, sine0.shape[1], folded[2], some, steps[2], middle // 2, count)
        _product(sine1, 1, sine1.shape[1], folded[3], some, steps[3], (middle + 1) // 2, count)
        _join(steps, signal, begin, count, middle)


@floats
def _room(rows):  # type: ignore[no-untyped-def]
    """Rows for each quarter."""
    return np.zeros((4, rows, _PITCH), np.float32)


@floats
def _product(left, row_step, step, right, terms, out, rows, width):  # type: ignore[no-untyped-def]
    """Columns up to `width`, in whole tiles: what lies beyond, and a tile's last rows, mean nothing."""
    a, b, c = left.ctypes.data, right.ctypes.data, out.ctypes.data
    for column in range(0, width, COLUMNS):
        of, row = b + 4 * column, 0
        while row < rows:
            at, to = a + 4 * row * row_step, c + 4 * (row * _PITCH + column)
            if rows - row > HALF:
                multiply_tile(at, row_step, step, of, _PITCH, to, _PITCH, terms, 0)
                row += ROWS
            else:
                multiply_half(at, row_step, step, of, _PITCH, to, _PITCH, terms, 0)
                row += HALF


@floats
def _split(signal, begin, count, steps, middle):  # type: ignore[no-untyped-def]
    """The even part of the frame, at even and at odd steps from its middle, and the odd part."""
    length, step = signal.shape
    start, to, size = signal.ctypes.data + 4 * begin, steps.ctypes.data, steps.shape[1]
    nothing, twice = np.float32(0), np.float32(-2)
    if middle < length:
        combine(start + 4 * middle * step, start + 4 * middle * step, nothing, to, count)
    else:
        steps[0, 0] = 0
    for m in range(1, middle + 1):
        even = to + 4 * _PITCH * (m % 2 * size + m // 2)
        odd = to + 4 * _PITCH * ((3 if m % 2 else 2) * size + (m - 1) // 2)
        later, earlier = start + 4 * (middle + m) * step, start + 4 * (middle - m) * step
        if middle + m < length:
            sum_and_difference(later, earlier, even, odd, count)
        elif middle - m < length:
            combine(earlier, earlier, nothing, even, count)
            combine(earlier, earlier, twice, odd, count)
        else:
            steps[m % 2, m // 2] = 0
            steps[3 if m % 2 else 2, (m - 1) // 2] = 0


@floats
def _join(steps, signal, begin, count, middle):  # type: ignore[no-untyped-def]
    """What `_split` hands back for a gradient of its parts."""
    length, step = signal.shape
    start, of, size = signal.ctypes.data + 4 * begin, steps.ctypes.data, steps.shape[1]
    none, minus, plus = np.float32(0), np.float32(-1), np.float32(1)
    if middle < length:
        combine(of, of, none, start + 4 * middle * step, count)
    for m in range(1, middle + 1):
        even = of + 4 * _PITCH * (m % 2 * size + m // 2)
        odd = of + 4 * _PITCH * ((3 if m % 2 else 2) * size + (m - 1) // 2)
        if middle + m < length:
            combine(even, odd, plus, start + 4 * (middle + m) * step, count)
        if middle - m < length:
            combine(even, odd, minus, start + 4 * (middle - m) * step, count)


@floats
def _unfold(found, spectrum, begin, count):  # type: ignore[no-untyped-def]
    """Frequencies f and N / 2 - f from the sums of even and of odd steps."""
    half, step = len(spectrum) // 2, spectrum.shape[1]
    start, of, size = spectrum.ctypes.data + 4 * begin, found.ctypes.data, 4 * _PITCH * found.shape[1]
    none = np.float32(0)
    for f in range(half // 2 + 1):
        real, mirrored, row = start + 4 * f * step, start + 4 * (half - f) * step, of + 4 * _PITCH * f
        if f == half - f:
            combine(row, row, none, real, count)
        else:
            sum_and_difference(row, row + size, real, mirrored, count)
        if f == 0:
            continue
        even, odd = row - 4 * _PITCH + 2 * size, row - 4 * _PITCH + 3 * size
        if f == half - f:
            combine(odd, odd, none, real + 4 * half * step, count)
        else:
            sum_and_difference(odd, even, real + 4 * half * step, mirrored + 4 * half * step, count)


@floats
def _fold(spectrum, begin, count, folded):  # type: ignore[no-untyped-def]
    """What `_unfold` hands back for a gradient of frequencies."""
    half, step = len(spectrum) // 2, spectrum.shape[1]
    start, to, size = spectrum.ctypes.data + 4 * begin, folded.ctypes.data, 4 * _PITCH * folded.shape[1]
    none = np.float32(0)
    for f in range(half // 2 + 1):
        real, mirrored, row = start + 4 * f * step, start + 4 * (half - f) * step, to + 4 * _PITCH * f
        if f == half - f:
            combine(real, real, none, row, count)
            folded[1, f] = 0
        else:
            sum_and_difference(real, mirrored, row, row + size, count)
        if f == 0:
            continue
        even, odd = row - 4 * _PITCH + 2 * size, row - 4 * _PITCH + 3 * size
        if f == half - f:
            combine(real + 4 * half * step, real + 4 * half * step, none, odd, count)
            folded[2, f - 1] = 0
        else:
            sum_and_difference(real + 4 * half * step, mirrored + 4 * half * step, odd, even, count)
