"""The innermost loop of a matrix product: a tile of sums that stays in a processor's vector registers.

numba has no vectors of registers, so the tile is written in LLVM's language. Every sum is of one multiply-add
after the other, in order: it depends neither on the vectors' width nor on the number of threads.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_HOST = llvmlite.binding.get_host_cpu_features()
FAST = bool(_HOST.get("fma") or _HOST.get("neon"))
"""Whether the processor multiplies and adds in one instruction; without, each would be a call."""

LANES = 16 if _HOST.get("avx512f") else 8 if _HOST.get("avx") else 4
"""Floats in a register."""
_VECTORS = 2
COLUMNS = _VECTORS * LANES
ROWS = 6 if LANES == 8 else 8
"""Their sums, a row of the right matrix and a value of the left one fill 16 registers, or 32."""
HALF = ROWS // 2
"""Rows of a smaller tile, where fewer are left."""

_intrinsic: Any = intrinsic
_I32, _I64, _FLOAT = ir.IntType(32), ir.IntType(64), ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_BYTES, _ZERO = ir.Constant(_I64, 4), ir.Constant(_I64, 0)


def _tile(rows: int) -> Any:
    @_intrinsic
    def tile(typing, left, row_step, step, right, right_step, out, out_step, terms, before):  # type: ignore[no-untyped-def]
        """[rows, COLUMNS] floats at `out`: left [rows, terms] @ right [terms, COLUMNS] and what was `before`.

        These are addresses, `before` like `out`, or 0 for nothing. Steps are in floats, from row to row and,
        of `left`, from term to term.
        """

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _sums_of_tile(builder, rows, *arguments)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 9), generate

    return tile


def _sums_of_tile(
    builder: Any,
    count: int,
    left: Any,
    row_step: Any,
    step: Any,
    right: Any,
    right_step: Any,
    out: Any,
    out_step: Any,
    terms: Any,
    before: Any,
) -> None:
    zero = ir.Constant(_VECTOR, [0.0] * LANES)
    sums = [[cgutils.alloca_once(builder, _VECTOR) for _ in range(_VECTORS)] for _ in range(count)]
    places = [_after(builder, out, out_step, number) for number in range(count)]
    for each in chain.from_iterable(sums):
        builder.store(zero, each)
    rows = [_after(builder, left, row_step, number) for number in range(count)]
    step, right_step = builder.mul(step, _BYTES), builder.mul(right_step, _BYTES)
    with cgutils.for_range(builder, terms) as loop:
        now = builder.mul(loop.index, step)
        line = builder.add(right, builder.mul(loop.index, right_step))
        vectors = [_load(builder, line, number) for number in range(_VECTORS)]
        for address, row in zip(rows, sums, strict=True):
            value = builder.load(builder.inttoptr(builder.add(address, now), _FLOAT.as_pointer()))
            spread = _spread(builder, value)
            for vector, each in zip(vectors, row, strict=True):
                builder.store(_multiply_add(builder, spread, vector, builder.load(each)), each)
    with builder.if_then(builder.icmp_signed("!=", before, _ZERO)):
        for number, row in enumerate(sums):
            place = _after(builder, before, out_step, number)
            for vector, each in enumerate(row):
                builder.store(builder.fadd(builder.load(each), _load(builder, place, vector)), each)
    for place, row in zip(places, sums, strict=True):
        for vector, each in enumerate(row):
            builder.store(builder.load(each), _pointer(builder, place, vector), align=4)


multiply_tile, multiply_half = _tile(ROWS), _tile(HALF)


@_intrinsic
def combine(typing, source, other, factor, to, count):  # type: ignore[no-untyped-def]
    """`count` floats `source + factor * other`, from address to address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, other, factor, to, count = arguments
        for kind, index in _along(builder, count):
            scale = _spread(builder, factor) if kind is _VECTOR else factor
            places = [_float_at(builder, kind, each, index) for each in (source, other, to)]
            values = [builder.load(place, align=4) for place in places[:2]]
            total = builder.fadd(values[0], builder.fmul(scale, values[1]))
            builder.store(total, places[2], align=4)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.float32, types.intp, types.intp), generate


@_intrinsic
def sum_and_difference(typing, first, second, to_sum, to_difference, count):  # type: ignore[no-untyped-def]
    """`count` floats `first + second` and `first - second`, from address to address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        *addresses, count = arguments
        for kind, index in _along(builder, count):
            places = [_float_at(builder, kind, each, index) for each in addresses]
            one, other = (builder.load(place, align=4) for place in places[:2])
            builder.store(builder.fadd(one, other), places[2], align=4)
            builder.store(builder.fsub(one, other), places[3], align=4)
        return context.get_dummy_value()

    return types.void(*[types.intp] * 5), generate


@_intrinsic
def combine_transposed(typing, source, other, factor, step, to, to_step):  # type: ignore[no-untyped-def]
    """The same of a square of LANES rows of LANES floats, transposed; steps from row to row."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, other, factor, step, to, to_step = arguments
        scale = _spread(builder, factor)
        rows = []
        for number in range(LANES):
            first, second = (
                _load(builder, _after(builder, each, step, number), 0) for each in (source, other)
            )
            rows.append(builder.fadd(first, builder.fmul(scale, second)))
        half = LANES // 2
        picks = [
            [number for k in range(first, first + half) for number in (k, k + LANES)] for first in (0, half)
        ]
        picks = [ir.Constant(ir.VectorType(_I32, LANES), pick) for pick in picks]
        for _ in range(LANES.bit_length() - 1):  # each time, two rows become one that alternates
            pairs = zip(rows[:half], rows[half:], strict=True)
            rows = [builder.shuffle_vector(*pair, pick) for pair in pairs for pick in picks]
        for number, row in enumerate(rows):
            builder.store(row, _pointer(builder, _after(builder, to, to_step, number), 0), align=4)
        return context.get_dummy_value()

    types_ = [types.intp, types.intp, types.float32, types.intp, types.intp, types.intp]
    return types.void(*types_), generate


def _along(builder: Any, count: Any) -> Iterator[tuple[Any, Any]]:
    """Inside of loops over `count` floats: vectors or what is left of them, and the index of the first."""
    whole = builder.mul(builder.udiv(count, ir.Constant(_I64, LANES)), ir.Constant(_I64, LANES))
    for kind, first, last, step in ((_VECTOR, _ZERO, whole, LANES), (_FLOAT, whole, count, 1)):
        with cgutils.for_range_slice(builder, first, last, ir.Constant(_I64, step), _I64) as (index, _):
            yield kind, index


def _float_at(builder: Any, kind: Any, address: Any, index: Any) -> Any:
    return builder.inttoptr(builder.add(address, builder.mul(index, _BYTES)), kind.as_pointer())


def _after(builder: Any, address: Any, step: Any, number: int) -> Any:
    """`address` and `number` steps of floats."""
    return builder.add(address, builder.mul(step, ir.Constant(_I64, 4 * number)))


def _pointer(builder: Any, address: Any, vector: int) -> Any:
    offset = ir.Constant(_I64, 4 * LANES * vector)
    return builder.inttoptr(builder.add(address, offset), _VECTOR.as_pointer())


def _load(builder: Any, address: Any, vector: int) -> Any:
    return builder.load(_pointer(builder, address, vector), align=4)


def _spread(builder: Any, value: Any) -> Any:
    """A vector of nothing but `value`."""
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(_I32, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_I32, LANES), [0] * LANES))


def _multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(_VECTOR, [_VECTOR] * 3), f"llvm.fma.v{LANES}f32"
    )
    return builder.call(function, [a, b, c])
