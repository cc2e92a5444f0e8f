"""Rows of bits, a sample each, turned into words, a step each, in LLVM's vectors."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from snnc.hwsim.bit_trains import VECTOR

BITS = ir.VectorType(ir.IntType(64), VECTOR // 8)
"""A row of bits."""
LANES = ir.VectorType(ir.IntType(32), 8)
"""A number for each of eight samples."""


def transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Bits transposed: bit b of row r and bit r of row b change places in each byte of eight `BITS`."""
    rows = list(rows)
    for size, pattern in ((4, 0x0F), (2, 0x33), (1, 0x55)):
        mask = ir.Constant(BITS, [pattern * 0x0101010101010101] * BITS.count)
        shift = ir.Constant(BITS, [size] * BITS.count)
        for r in range(8):
            if not r & size:
                a, b = rows[r], rows[r + size]
                swap = builder.and_(builder.xor(builder.lshr(a, shift), b), mask)
                rows[r] = builder.xor(a, builder.shl(swap, shift))
                rows[r + size] = builder.xor(b, swap)
    return rows


def by_step(builder: Any, low: list[Any], high: list[Any]) -> list[Any]:
    """Of bytes, a `BITS` of steps for each of eight samples: 16-bit words, a vector of samples a step."""
    halves = zip(*(_zip(builder, x, y, 1) for x, y in zip(low, high, strict=True)), strict=True)
    words: list[Any] = [None] * VECTOR
    for half, zipped in enumerate(halves):
        # Eight rows of eight words in each 16 bytes: zipped three times more, rows are columns.
        rows = list(zipped)
        for _ in range(3):
            pairs = zip(rows[:4], rows[4:], strict=True)
            rows = [row for x, y in pairs for row in _zip(builder, x, y, 2)]
        for k, row in enumerate(rows):
            row = builder.bitcast(row, ir.VectorType(ir.IntType(16), VECTOR // 2))
            for part in range(VECTOR // 16):
                which = ir.Constant(LANES, list(range(8 * part, 8 * part + 8)))
                words[16 * part + 8 * half + k] = builder.shuffle_vector(row, row, which)
    return words


def _zip(builder: Any, x: Any, y: Any, size: int) -> tuple[Any, Any]:
    """Elements of `size` bytes of x and y in turn, in each 16 bytes: of their first and of their last half.

    Within 16 bytes, for that is one instruction where vectors are of 32.
    """
    of = ir.VectorType(ir.IntType(8 * size), VECTOR // size)
    x, y = builder.bitcast(x, of), builder.bitcast(y, of)
    each = 16 // size
    found = []
    for half in range(2):
        mask = []
        for part in range(0, VECTOR // size, each):
            for k in range(each // 2):
                here = part + half * each // 2 + k
                mask += [here, here + VECTOR // size]
        which = ir.Constant(ir.VectorType(ir.IntType(32), len(mask)), mask)
        found.append(builder.bitcast(builder.shuffle_vector(x, y, which), BITS))
    return found[0], found[1]
