"""The inner loops of the bit kernel in LLVM's vectors, which become whatever the processor has.

numba has no such vectors, and its own loops would check each time that no two of the rows overlap.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from snnc.hwsim.bit_trains import VECTOR
from snnc.hwsim.bit_transposition import BITS, LANES, by_step, transposed

TILE = 8
"""Neurons whose sums are turned into states, or written out, together."""

_intrinsic: Any = intrinsic  # mypy would take its first argument for one that callers give
_TERNARY = bool(binding.get_host_cpu_features().get("avx512vl"))


@_intrinsic
def add_trains(
    typing: Any,
    memory: Any,
    inputs: Any,
    start: Any,
    first: Any,
    planes: Any,
    sums: Any,
    carries: Any,
    share: Any,
) -> Any:
    """Add up the trains of a neuron, eight at a time, to `planes` bit planes at `sums`.

    `memory` is flat, uint8. For each plane there are two lists of trains, to add and to subtract: the rows at
    `inputs[start[k] : start[k + 1]]`, a multiple of eight, k from `first` on. Each eight leave a row of bits
    for the plane three up, the first at `carries`. Those to subtract are added inverted: full adders commute
    with NOT, so it is the sums that are inverted, before and after.

    Positions are times `share`, but for those of the planes. It is an integer, or None for 1.
    """
    signature = types.void(memory, inputs, start, *[types.intp] * 4, share)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base, table, borders = (
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(signature.args[:3], arguments[:3], strict=True)
        )
        first, planes, sums, carries, share = arguments[3:]
        number = first.type
        shared = signature.args[-1] != types.none
        inverted = ir.Constant(BITS, [-1] * BITS.count)
        kept = [cgutils.alloca_once(builder, BITS) for _ in range(3)]  # that count 1, 2 and 4

        def at(place: Any) -> Any:
            return builder.bitcast(builder.gep(base, [place]), BITS.as_pointer())

        def spread(size: Any) -> Any:
            return builder.mul(size, share) if shared else size

        next_carry = cgutils.alloca_once_value(builder, spread(carries))

        def put(*values: Any) -> None:
            for value, place in zip(values, kept, strict=True):
                builder.store(value, place)

        def border(k: Any) -> Any:
            return builder.load(builder.gep(borders, [k]))

        def add(k: Any, invert: Callable[[Any], Any]) -> None:
            begin = border(k)
            eights = builder.udiv(builder.sub(border(builder.add(k, number(1))), begin), number(8))
            carry_to = builder.load(next_carry)
            put(*(invert(builder.load(place)) for place in kept))
            with cgutils.for_range(builder, eights, intp=number) as group:
                k = builder.add(begin, builder.mul(group.index, number(8)))
                x = []
                for i in range(8):
                    row = builder.load(builder.gep(table, [builder.add(k, number(i))]))
                    x.append(builder.load(at(spread(builder.sext(row, number))), align=1))
                ones, twos, fours = map(builder.load, kept)
                ones, e = _full_adder(builder, x[0], x[1], ones)
                ones, f = _full_adder(builder, x[2], x[3], ones)
                ones, g = _full_adder(builder, x[4], x[5], ones)
                ones, h = _full_adder(builder, x[6], x[7], ones)
                twos, e = _full_adder(builder, e, f, twos)
                twos, f = _full_adder(builder, g, h, twos)
                fours, carry = _full_adder(builder, e, f, fours)
                put(ones, twos, fours)
                place = at(builder.add(carry_to, builder.mul(group.index, spread(number(VECTOR)))))
                builder.store(invert(carry), place, align=VECTOR)
            put(*(invert(builder.load(place)) for place in kept))
            builder.store(builder.add(carry_to, builder.mul(eights, spread(number(VECTOR)))), next_carry)

        put(*[ir.Constant(BITS, [0] * BITS.count)] * 3)
        with cgutils.for_range(builder, planes, intp=number) as plane:
            k = builder.add(first, builder.mul(plane.index, number(2)))
            add(k, lambda bits: bits)
            add(builder.add(k, number(1)), lambda bits: builder.xor(bits, inverted))
            ones, twos, fours = map(builder.load, kept)
            place = at(builder.add(spread(sums), builder.mul(plane.index, number(VECTOR))))
            builder.store(ones, place, align=VECTOR)
            put(twos, fours, ir.Constant(BITS, [0] * BITS.count))
        return context.get_dummy_value()

    return signature, generate


def _full_adder(builder: Any, a: Any, b: Any, c: Any, ternary: bool = _TERNARY) -> tuple[Any, Any]:
    """Sum and carry of three bits. `c` comes last, for it is what the next adder waits for.

    LLVM makes three instructions of it where there are some of three operands (AVX-512), else five. Each way
    is longer on the other kind of processor.
    """
    differ = builder.xor(a, b)
    if ternary:
        carry = builder.or_(builder.and_(a, b), builder.and_(c, builder.or_(a, b)))
    else:
        carry = builder.xor(a, builder.and_(differ, builder.xor(a, c)))
    return builder.xor(differ, c), carry


def _integers(octets: int) -> Any:
    """An intrinsic that makes integers of 8 * `octets` bit planes, 2 or 3."""

    @_intrinsic
    def integers(typing: Any, memory: Any, sums: Any, excess: Any, row: Any) -> Any:
        """Write to `row`, int32 [8 * VECTOR], eight samples a step, the planes at `sums` less `excess`."""
        signature = types.void(memory, types.intp, types.int32, row)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            base, out = (
                context.make_array(signature.args[k])(context, builder, arguments[k]).data for k in (0, 3)
            )
            sums, excess = arguments[1:3]
            number, lane = sums.type, ir.IntType(32)
            least = builder.insert_element(ir.Constant(LANES, ir.Undefined), excess, lane(0))
            least = builder.shuffle_vector(least, least, ir.Constant(LANES, [0] * 8))

            def plane(p: int) -> Any:
                place = builder.gep(base, [builder.add(sums, number(VECTOR * p))])
                return builder.load(builder.bitcast(place, BITS.as_pointer()), align=VECTOR)

            octet = [transposed(builder, [plane(8 * o + p) for p in range(8)]) for o in range(octets)]
            octet.append([ir.Constant(BITS, [0] * BITS.count)] * 8)
            words = [by_step(builder, *octet[:2])]
            if octets == 3:
                words.append(by_step(builder, *octet[2:]))
            beyond = ir.Constant(LANES, [32 - 8 * octets] * 8)
            for step in range(VECTOR):
                value = builder.zext(words[0][step], LANES)
                if octets == 3:
                    high = builder.zext(words[1][step], LANES)
                    value = builder.or_(value, builder.shl(high, ir.Constant(LANES, [16] * 8)))
                value = builder.ashr(builder.shl(builder.sub(value, least), beyond), beyond)
                place = builder.bitcast(builder.gep(out, [number(8 * step)]), LANES.as_pointer())
                builder.store(value, place, align=4)
            return context.get_dummy_value()

        return signature, generate

    return integers


integers_16, integers_24 = _integers(2), _integers(3)


@_intrinsic
def fire_tile(
    typing: Any,
    arriving: Any,
    bias: Any,
    keep: Any,
    threshold: Any,
    v: Any,
    fired: Any,
    counts: Any,
    share: Any,
    steps: Any,
) -> Any:
    """Clauses 3 to 6 for a tile of neurons and eight samples, a vector of samples for each neuron.

    `arriving` int32 [TILE, ...], eight samples a step, and from step to step `share` times 8; `v` int32
    [TILE, 8] is that of the step before, and becomes that of the last; `fired` uint8 [TILE, steps] is
    overwritten, a bit for each sample; `counts` int64 [8] grows by the spikes of each. Nothing may saturate.
    """
    signature = types.void(arriving, bias, keep, threshold, v, fired, counts, types.intp, types.intp)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        arriving, bias, threshold, v, fired, counts = (
            context.make_array(signature.args[k])(context, builder, arguments[k]) for k in (0, 1, 3, 4, 5, 6)
        )
        keep, share, steps = arguments[2], arguments[7], arguments[8]
        number, lane = steps.type, ir.IntType(32)

        def constant(value: int) -> Any:
            return ir.Constant(LANES, [value] * 8)

        def spread(value: Any) -> Any:
            one = builder.insert_element(ir.Constant(LANES, ir.Undefined), value, lane(0))
            return builder.shuffle_vector(one, one, ir.Constant(LANES, [0] * 8))

        def of_neuron(array: Any, n: int) -> Any:
            return spread(builder.load(builder.gep(array.data, [number(n)])))

        def lanes(array: Any, n: int, step: Any) -> Any:
            row = builder.mul(builder.udiv(builder.extract_value(array.strides, 0), number(4)), number(n))
            place = builder.gep(array.data, [builder.add(row, builder.mul(step, number(8)))])
            return builder.bitcast(place, LANES.as_pointer())

        keeps, zero = spread(keep), constant(0)
        biases = [of_neuron(bias, n) for n in range(TILE)]
        tops = [of_neuron(threshold, n) for n in range(TILE)]
        membranes = [cgutils.alloca_once(builder, LANES) for _ in range(TILE)]
        for n, place in enumerate(membranes):
            builder.store(builder.load(lanes(v, n, number(0)), align=4), place)
        spikes = cgutils.alloca_once(builder, LANES)
        builder.store(zero, spikes)
        with cgutils.for_range(builder, steps, intp=number) as step:
            for n in range(TILE):
                a = builder.load(lanes(arriving, n, builder.mul(step.index, share)), align=4)
                old = builder.load(membranes[n])
                negative = builder.icmp_signed("<", old, zero)
                size = builder.select(negative, builder.sub(zero, old), old)
                high = builder.mul(builder.lshr(size, constant(12)), keeps)
                low = builder.lshr(builder.mul(builder.and_(size, constant(4095)), keeps), constant(12))
                kept = builder.add(high, low)
                kept = builder.select(negative, builder.sub(zero, kept), kept)
                new = builder.add(builder.add(kept, builder.shl(a, constant(6))), biases[n])
                spike = builder.icmp_signed(">", new, tops[n])
                builder.store(builder.select(spike, zero, new), membranes[n])
                row = builder.mul(builder.extract_value(fired.strides, 0), number(n))
                place = builder.gep(fired.data, [builder.add(step.index, row)])
                builder.store(builder.bitcast(spike, ir.IntType(8)), place)
                builder.store(builder.add(builder.load(spikes), builder.zext(spike, LANES)), spikes)
        for n, place in enumerate(membranes):
            builder.store(builder.load(place), lanes(v, n, number(0)), align=4)
        for b in range(8):
            place = builder.gep(counts.data, [number(b)])
            more = builder.zext(builder.extract_element(builder.load(spikes), lane(b)), number)
            builder.store(builder.add(builder.load(place), more), place)
        return context.get_dummy_value()

    return signature, generate
