"""Products compiled for this processor, and nothing between them: what is in a cache is used there.

A transform goes through the signal once, a few columns at a time: it makes the even and the odd part, the two
products, and their sums. Results depend neither on the number of threads nor on the processor's vectors.
"""

from functools import lru_cache

import numpy as np
import torch
from numba.core import config
from torch import Tensor

from snnc.compiled import floats
from snnc.trainer.buffers import empty
from snnc.trainer.products.tile import COLUMNS, FAST, LANES, ROWS, copy, multiply_tile, transpose
from snnc.trainer.products.transform import Transform
from snnc.trainer.threads import share

_TERMS = 256
"""Terms of a product's sums that are added up at a time: so much of both matrices stays in the cache."""
_BLOCK = 512
"""Columns that a transform works on: what it needs of them stays in the cache."""
_PITCH = _BLOCK + 16
"""From row to row there; after a power of two, all rows would want the same lines of the cache."""


class Compiled:
    """As `ByTorch`."""

    def unavailable_reason(self) -> str | None:
        if config.DISABLE_JIT:
            return "numba does not compile here (NUMBA_DISABLE_JIT)"
        return None if FAST else "this processor has no instruction that multiplies and adds"

    def supports(self, signal: Tensor) -> bool:
        if config.DISABLE_JIT:
            return False
        return signal.device.type == "cpu" and signal.dtype == torch.float32

    def analyse(self, signal: Tensor, transform: Transform) -> Tensor:
        planes = empty((transform.planes, *signal.shape[1:]), like=signal)
        self._transform(_analyse, signal.contiguous(), planes, transform)
        return planes

    def synthesise(self, planes: Tensor, transform: Transform) -> Tensor:
        signal = empty((transform.length, *planes.shape[1:]), like=planes)
        self._transform(_synthesise, planes, signal, transform)
        return signal

    def multiply(self, left: Tensor, right: Tensor) -> Tensor:
        out = empty((*left.shape[:2], right.shape[2]), like=left)
        ends = (left.data_ptr(), right.data_ptr(), out.data_ptr())
        sizes = (*left.shape[1:], right.shape[2])
        work = (ends, left.stride(), right.stride(), sizes)
        share(lambda first, last: _multiply(first, last, *work), len(left), 1)
        return out

    def _transform(self, loop, source: Tensor, result: Tensor, transform: Transform) -> None:  # type: ignore[no-untyped-def]
        matrices, mix = _constants(transform)
        sizes = (*transform.cosine.shape, *transform.sine.shape)
        ends = [tensor.detach().numpy().reshape(len(tensor), -1) for tensor in (source, result)]
        share(lambda first, last: loop(first, last, *ends, *matrices, sizes, mix), ends[0].shape[1], _BLOCK)


@lru_cache(maxsize=64)
def _constants(transform: Transform) -> tuple[list[np.ndarray], np.ndarray]:
    """Cosines and sines, with zeros up to whole tiles both ways; the mix."""
    matrices = [
        np.pad(matrix.numpy(), [(0, -size % ROWS) for size in matrix.shape])
        for matrix in (transform.cosine, transform.sine)
    ]
    return matrices, np.array(transform.mix, np.float32)


@floats
def _multiply(first, last, ends, left_steps, right_steps, sizes):  # type: ignore[no-untyped-def]
    """Of the matrices from `first` to `last`. All that is not in a cache is read or written in order."""
    left, right, out = ends
    rows, terms, columns = sizes
    tall, wide, deep = -(-rows // ROWS) * ROWS, -(-columns // COLUMNS) * COLUMNS, min(_TERMS, terms)
    a, b = np.zeros(tall * deep, np.float32), np.zeros(deep * wide, np.float32)
    c = np.zeros(tall * wide, np.float32)
    at, of, to = a.ctypes.data, b.ctypes.data, c.ctypes.data
    upright = left_steps[1] > left_steps[2]
    row_step, step = (deep, 1) if upright else (1, tall)
    for p in range(first, last):
        for term in range(0, terms, _TERMS):
            some = min(_TERMS, terms - term)
            source = left + 4 * (p * left_steps[0] + term * left_steps[2])
            if upright:
                for row in range(rows):
                    copy(source + 4 * row * left_steps[1], at + 4 * row * deep, some)
            else:
                for k in range(some):
                    copy(source + 4 * k * left_steps[2], at + 4 * k * tall, rows)
            _fill(
                right + 4 * (p * right_steps[0] + term * right_steps[1]), right_steps, some, columns, of, deep
            )
            for panel in range(wide // COLUMNS):
                for row in range(0, tall, ROWS):
                    sums = to + 4 * (row * wide + panel * COLUMNS)
                    tile_of = of + 4 * panel * deep * COLUMNS
                    multiply_tile(
                        at + 4 * row * row_step, row_step, step, tile_of, COLUMNS, sums, wide, some, term > 0
                    )
        for row in range(rows):
            copy(to + 4 * row * wide, out + 4 * (p * rows + row) * columns, columns)
    return len(a) + len(b) + len(c)  # they live until here


@floats
def _fill(source, steps, terms, columns, panels, deep):  # type: ignore[no-untyped-def]
    """Panels [deep, COLUMNS] of a matrix [terms, columns]."""
    whole = columns // COLUMNS * COLUMNS
    if steps[1] >= steps[2]:
        for k in range(terms):
            line = source + 4 * k * steps[1]
            for column in range(0, whole, COLUMNS):
                copy(line + 4 * column, panels + 4 * (column * deep + k * COLUMNS), COLUMNS)
            copy(line + 4 * whole, panels + 4 * (whole * deep + k * COLUMNS), columns - whole)
        return
    squares = terms // LANES * LANES
    for column in range(0, columns, LANES):
        line = source + 4 * column * steps[2]
        to = panels + 4 * (column // COLUMNS * deep * COLUMNS + column % COLUMNS)
        if column + LANES <= columns:
            for k in range(0, squares, LANES):
                transpose(line + 4 * k, steps[2], to + 4 * k * COLUMNS, COLUMNS)
            _fill_slowly(line, steps[2], squares, terms, LANES, to)
        else:
            _fill_slowly(line, steps[2], 0, terms, columns - column, to)


@floats
def _fill_slowly(line, step, first, last, columns, to):  # type: ignore[no-untyped-def]
    """What is left of whole squares."""
    for j in range(columns):
        for k in range(first, last):
            copy(line + 4 * (j * step + k), to + 4 * (k * COLUMNS + j), 1)


@floats
def _analyse(first, last, signal, planes, cosine, sine, sizes, mix):  # type: ignore[no-untyped-def]
    frequencies, evens, complexes, odds = sizes
    even, odd, a, b = _room(cosine.shape[1]), _room(sine.shape[1]), _room(len(cosine)), _room(len(sine))
    for begin in range(first, last, _BLOCK):
        end = min(begin + _BLOCK, last)
        _split(signal[:, begin:end], even, odd, evens, odds)
        _product(cosine, cosine.shape[1], 1, even, evens, a, len(cosine), end - begin)
        _product(sine, sine.shape[1], 1, odd, odds, b, len(sine), end - begin)
        _copy(a[0], planes[0, begin:end])
        for part in range(3):
            row = 1 if part == 0 else frequencies + (part - 1) * complexes
            of_a, of_b = mix[part]
            for f in range(complexes):
                _mix(a[f + 1], b[f], of_a, of_b, planes[row + f, begin:end])


@floats
def _synthesise(first, last, planes, signal, cosine, sine, sizes, mix):  # type: ignore[no-untyped-def]
    frequencies, evens, complexes, odds = sizes
    even, odd, a, b = _room(cosine.shape[1]), _room(sine.shape[1]), _room(len(cosine)), _room(len(sine))
    for begin in range(first, last, _BLOCK):
        end = min(begin + _BLOCK, last)
        _copy(planes[0, begin:end], a[0, : end - begin])
        for f in range(complexes):
            x, y = planes[1 + f, begin:end], planes[frequencies + f, begin:end]
            z = planes[frequencies + complexes + f, begin:end]
            _mix_three(x, y, z, mix[:, 0], a[f + 1])
            _mix_three(x, y, z, mix[:, 1], b[f])
        _product(cosine, 1, cosine.shape[1], a, frequencies, even, cosine.shape[1], end - begin)
        _product(sine, 1, sine.shape[1], b, complexes, odd, sine.shape[1], end - begin)
        _join(even, odd, evens, odds, signal[:, begin:end])


@floats
def _room(rows):  # type: ignore[no-untyped-def]
    return np.zeros((rows, _PITCH), np.float32)


@floats
def _product(left, row_step, step, right, terms, out, rows, width):  # type: ignore[no-untyped-def]
    """`rows` are whole tiles, and what lies beyond `width` is not kept."""
    a, b, c = left.ctypes.data, right.ctypes.data, out.ctypes.data
    for column in range(0, width, COLUMNS):
        for row in range(0, rows, ROWS):
            at, of, to = a + 4 * row * row_step, b + 4 * column, c + 4 * (row * _PITCH + column)
            multiply_tile(at, row_step, step, of, _PITCH, to, _PITCH, terms, False)


@floats
def _split(signal, even, odd, evens, odds):  # type: ignore[no-untyped-def]
    """As `by_torch._even_and_odd`; the frame has evens + odds values."""
    length, middle = len(signal), evens - odds
    if middle:
        if odds < length:
            _copy(signal[odds], even[0])
        else:
            even[0] = 0
    for i in range(odds):
        earlier, later = odds - 1 - i, evens + i
        if later < length:
            _mix(signal[later], signal[earlier], np.float32(1), np.float32(1), even[middle + i])
            _mix(signal[later], signal[earlier], np.float32(1), np.float32(-1), odd[i])
        elif earlier < length:
            _copy(signal[earlier], even[middle + i])
            _mix(signal[earlier], signal[earlier], np.float32(-1), np.float32(0), odd[i])
        else:
            even[middle + i] = 0
            odd[i] = 0


@floats
def _join(even, odd, evens, odds, signal):  # type: ignore[no-untyped-def]
    """As `by_torch._joined`."""
    length, middle = len(signal), evens - odds
    if middle and odds < length:
        _copy(even[0, : signal.shape[1]], signal[odds])
    for i in range(odds):
        earlier, later = odds - 1 - i, evens + i
        if earlier < length:
            _mix(even[middle + i], odd[i], np.float32(1), np.float32(-1), signal[earlier])
        if later < length:
            _mix(even[middle + i], odd[i], np.float32(1), np.float32(1), signal[later])


@floats
def _copy(source, result):  # type: ignore[no-untyped-def]
    for j in range(min(len(source), len(result))):
        result[j] = source[j]


@floats
def _mix(a, b, of_a, of_b, result):  # type: ignore[no-untyped-def]
    for j in range(min(len(a), len(result))):
        result[j] = of_a * a[j] + of_b * b[j]


@floats
def _mix_three(a, b, c, shares, result):  # type: ignore[no-untyped-def]
    of_a, of_b, of_c = shares
    for j in range(len(a)):
        result[j] = of_a * a[j] + of_b * b[j] + of_c * c[j]
