"""Products compiled for this processor, and nothing between them: what is in a cache is used there.

A transform goes through the signal once, a few columns at a time: it makes the even and the odd part and
their products. The sums of Gauss's trick are made where a product reads its matrices, so that two planes of a
complex frequency go through memory in place of three. Results depend neither on the number of threads nor on
the processor's vectors.
"""

import numpy as np
import torch
from numba.core import config
from torch import Tensor

from snnc.compiled import floats
from snnc.trainer.buffers import empty
from snnc.trainer.products.compiled_transform import analyse, synthesise
from snnc.trainer.products.tile import (
    COLUMNS,
    FAST,
    LANES,
    ROWS,
    combine,
    combine_transposed,
    multiply_tile,
)
from snnc.trainer.products.transform import Transform
from snnc.trainer.threads import share

_TERMS = 128
"""Terms of a product's sums that are added up at a time: so much of both matrices stays in the cache."""


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
        """Real parts of all frequencies, then imaginary ones of all but the first and the last."""
        spectrum = empty((len(transform.cosine) + len(transform.sine), *signal.shape[1:]), like=signal)
        analyse(signal.contiguous(), spectrum, transform)
        return spectrum

    def synthesise(self, spectrum: Tensor, transform: Transform) -> Tensor:
        signal = empty((transform.length, *spectrum.shape[1:]), like=spectrum)
        synthesise(spectrum, signal, transform)
        return signal

    def multiply(self, left: Tensor, right: Tensor, conjugate: bool = False) -> Tensor:
        out = empty((*left.shape[:2], right.shape[2]), like=left)
        frequencies = len(left) // 2 + 1
        ends = (left.data_ptr(), right.data_ptr(), out.data_ptr())
        sizes = (frequencies, *left.shape[1:], right.shape[2])
        work = (ends, left.stride(), right.stride(), sizes, conjugate)
        share(lambda first, last: _multiply(first, last, *work), frequencies, 1)
        return out


@floats
def _multiply(first, last, ends, left_steps, right_steps, sizes, conjugate):  # type: ignore[no-untyped-def]
    """Of the frequencies from `first` to `last`. All that is not in a cache is read or written in order.

    Gauss's products, with q = (a + b) c: (a + ib) (c + id) = q - b (c + d) + i (q + a (d - c)), and with the
    conjugate (a + ib) (c - id) = q + b (d - c) + i (q - a (c + d)).
    """
    left, right, out = ends
    frequencies, rows, terms, columns = sizes
    tall, wide = -(-rows // ROWS) * ROWS, -(-columns // COLUMNS) * COLUMNS
    deep = -(-terms // -(-terms // _TERMS))
    a, b = np.zeros(tall * deep, np.float32), np.zeros(deep * wide, np.float32)
    whole = tall == rows and wide == columns  # then sums are made where they belong
    sums = np.zeros(0 if whole else 2 * tall * wide, np.float32)
    # Addresses are signed: of a signed and an unsigned number, numba would make a float.
    at, of, apart = np.int64(a.ctypes.data), np.int64(b.ctypes.data), np.int64(sums.ctypes.data)
    room, size = (at, of, tall, wide, deep), (rows, terms, columns)
    minus, none, plus, twice = np.float32(-1), np.float32(0), np.float32(1), np.float32(-2)
    nothing = np.int64(0)
    for f in range(first, last):
        to_real = out + 4 * f * rows * columns
        to_imaginary = out + 4 * (frequencies + f - 1) * rows * columns
        real = to_real if whole else apart
        imaginary = to_imaginary if whole else real + 4 * tall * wide
        l1, r1 = left + 4 * f * left_steps[0], right + 4 * f * right_steps[0]
        if f in (0, frequencies - 1):
            _add(l1, l1, none, left_steps, r1, r1, none, right_steps, size, room, real, nothing)
        else:
            l2 = left + 4 * (frequencies + f - 1) * left_steps[0]
            r2 = right + 4 * (frequencies + f - 1) * right_steps[0]
            _add(l1, l2, plus, left_steps, r1, r1, none, right_steps, size, room, real, nothing)
            if conjugate:
                _add(l1, l1, twice, left_steps, r1, r2, plus, right_steps, size, room, imaginary, real)
                _add(l2, l2, none, left_steps, r2, r1, minus, right_steps, size, room, real, real)
            else:
                _add(l1, l1, none, left_steps, r2, r1, minus, right_steps, size, room, imaginary, real)
                _add(l2, l2, twice, left_steps, r1, r2, plus, right_steps, size, room, real, real)
            if not whole:
                _crop(imaginary, wide, to_imaginary, rows, columns)
        if not whole:
            _crop(real, wide, to_real, rows, columns)
    return len(a) + len(b) + len(sums)  # they live until here


@floats
def _crop(sums, step, to, rows, columns):  # type: ignore[no-untyped-def]
    for row in range(rows):
        line = sums + 4 * row * step
        combine(line, line, np.float32(0), to + 4 * row * columns, columns)


@floats
def _add(l1, l2, of_l2, left_steps, r1, r2, of_r2, right_steps, size, room, sums, before):  # type: ignore[no-untyped-def]
    """`sums` [tall, wide]: (l1 + of_l2 l2) [rows, terms] @ (r1 + of_r2 r2), and `before` unless 0."""
    rows, terms, columns = size
    at, of, tall, wide, deep = room
    upright = left_steps[1] > left_steps[2]
    row_step, step = (deep, 1) if upright else (1, tall)
    for term in range(0, terms, deep):
        some = min(deep, terms - term)
        skip = 4 * term * left_steps[2]
        if upright:
            for row in range(rows):
                line = skip + 4 * row * left_steps[1]
                combine(l1 + line, l2 + line, of_l2, at + 4 * row * deep, some)
        else:
            for k in range(some):
                line = skip + 4 * k * left_steps[2]
                combine(l1 + line, l2 + line, of_l2, at + 4 * k * tall, rows)
        skip = 4 * term * right_steps[1]
        _fill(r1 + skip, r2 + skip, of_r2, right_steps, some, columns, of, deep)
        start = sums if term > 0 else before
        for panel in range(wide // COLUMNS):
            for row in range(0, tall, ROWS):
                place = 4 * (row * wide + panel * COLUMNS)
                lines, tile = at + 4 * row * row_step, of + 4 * panel * deep * COLUMNS
                since = start + place if start else 0
                multiply_tile(lines, row_step, step, tile, COLUMNS, sums + place, wide, some, since)


@floats
def _fill(source, other, factor, steps, terms, columns, panels, deep):  # type: ignore[no-untyped-def]
    """Panels [deep, COLUMNS] of matrices [terms, columns]."""
    whole = columns // COLUMNS * COLUMNS
    if steps[1] >= steps[2]:
        for k in range(terms):
            line = 4 * k * steps[1]
            for column in range(0, whole, COLUMNS):
                at, to = line + 4 * column, panels + 4 * (column * deep + k * COLUMNS)
                combine(source + at, other + at, factor, to, COLUMNS)
            at, to = line + 4 * whole, panels + 4 * (whole * deep + k * COLUMNS)
            combine(source + at, other + at, factor, to, columns - whole)
        return
    for column in range(0, columns, LANES):
        line = 4 * column * steps[2]
        to = panels + 4 * (column // COLUMNS * deep * COLUMNS + column % COLUMNS)
        squares = terms // LANES * LANES if column + LANES <= columns else 0
        for k in range(0, squares, LANES):
            at = line + 4 * k
            combine_transposed(source + at, other + at, factor, steps[2], to + 4 * k * COLUMNS, COLUMNS)
        for j in range(min(LANES, columns - column)):  # what is left of whole squares
            for k in range(squares, terms):
                at = line + 4 * (j * steps[2] + k)
                combine(source + at, other + at, factor, to + 4 * (k * COLUMNS + j), 1)
