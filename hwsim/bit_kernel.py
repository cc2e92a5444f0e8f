"""Delivery of spikes as bits: eight samples and 64 steps at a time, whatever the firing rate.

A source's spikes are a train of bytes, one a step, that hold a bit for each of eight samples. A synapse
reads the train from its delay's many bytes earlier on. A weight is a few signed powers of two (its
non-adjacent form: at 8 bits, fewer than three of them on average). So what arrives at a neuron is, for each
power, the count of ones among some trains, and counts are kept as bits too: plane p holds bit p of the sum
for every step and sample. Carry-save adders add eight trains at once, 512 bits wide. At the end the planes
are turned into integers.

A train to subtract is added inverted: -x = (1 - x) - 1. Sums are modulo 2^16 or 2^24, whichever surely
holds what arrives (clause 2), and so exact.

The inner loops are in LLVM's vectors, which become whatever the processor has; numba has none. They stand in
this file because numba's cache knows a function by the text of its file alone.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from snnc.compiled import compiled

SAMPLES = 8
"""Bits of a byte."""
VECTOR = 64
"""Bytes added at once."""
TILE = 8
"""Neurons whose sums are turned into states, or written out, together."""

_intrinsic: Any = intrinsic  # mypy would take its first argument for one that callers give
_BITS = ir.VectorType(ir.IntType(64), 8)
_LANES = ir.VectorType(ir.IntType(32), 8)


@_intrinsic
def add_trains(
    typing: Any,
    memory: Any,
    inputs: Any,
    first: Any,
    stop: Any,
    planes: Any,
    carries: Any,
    size: Any,
    flip: Any,
) -> Any:
    """Add trains of bits, eight at a time, to three bit planes; write what the planes cannot hold.

    `memory` is a flat uint8 array of rows of `size` bytes. The trains are at `inputs[first : stop]` (int32),
    a multiple of eight. Bits of the plane at `planes` count 1, of the next two 2 and 4. Each eight trains
    leave a row of bits that count 8, the first at `carries`. With a `flip` of all ones (else 0) the trains
    are added inverted: full adders commute with NOT, so it is the sums that are inverted, before and after.

    In LLVM's vectors, which become whatever the processor has. numba has none, and its own loops would check
    each time that no two of the rows overlap.
    """
    signature = types.void(memory, inputs, *[types.intp] * 5, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base, table = (
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(signature.args[:2], arguments[:2], strict=True)
        )
        first, stop, planes, carries, size, flip = arguments[2:]
        number = first.type

        def at(*place: Any) -> Any:
            address = builder.gep(base, [functools.reduce(builder.add, place)])
            return builder.bitcast(address, _BITS.as_pointer())

        def full_adder(a: Any, b: Any, c: Any) -> tuple[Any, Any]:
            majority = builder.or_(builder.and_(a, b), builder.and_(c, builder.or_(a, b)))
            return builder.xor(builder.xor(a, b), c), majority

        undefined, lane = ir.Constant(_BITS, ir.Undefined), ir.IntType(32)
        flips = builder.insert_element(undefined, flip, lane(0))
        flips = builder.shuffle_vector(flips, undefined, ir.VectorType(lane, 8)([lane(0)] * 8))
        eights = builder.udiv(builder.sub(stop, first), number(8))

        def add(column: Any, width: int) -> None:
            """All trains to `width` vectors from `column` on, whose planes stay in registers meanwhile."""
            columns = [builder.add(column, number(VECTOR * i)) for i in range(width)]
            rows = [[at(planes, c, builder.mul(size, number(k))) for k in range(3)] for c in columns]
            sums = [[cgutils.alloca_once(builder, _BITS) for _ in range(3)] for _ in columns]
            for place, kept in zip(itertools.chain(*rows), itertools.chain(*sums), strict=True):
                builder.store(builder.xor(builder.load(place, align=VECTOR), flips), kept)
            with cgutils.for_range(builder, eights, intp=number) as group:
                k = builder.add(first, builder.mul(group.index, number(8)))
                starts = [builder.load(builder.gep(table, [builder.add(k, number(i))])) for i in range(8)]
                starts = [builder.sext(start, number) for start in starts]
                for c, kept in zip(columns, sums, strict=True):
                    x = [builder.load(at(start, c), align=1) for start in starts]
                    ones, twos, fours = map(builder.load, kept)
                    ones, e = full_adder(ones, x[0], x[1])
                    ones, f = full_adder(ones, x[2], x[3])
                    ones, g = full_adder(ones, x[4], x[5])
                    ones, h = full_adder(ones, x[6], x[7])
                    twos, e = full_adder(twos, e, f)
                    twos, f = full_adder(twos, g, h)
                    fours, carry = full_adder(fours, e, f)
                    for value, where in zip((ones, twos, fours), kept, strict=True):
                        builder.store(value, where)
                    place = at(carries, builder.mul(group.index, size), c)
                    builder.store(builder.xor(carry, flips), place, align=VECTOR)
            for place, kept in zip(itertools.chain(*rows), itertools.chain(*sums), strict=True):
                builder.store(builder.xor(builder.load(kept), flips), place, align=VECTOR)

        with cgutils.for_range(builder, builder.udiv(size, number(2 * VECTOR)), intp=number) as pair:
            add(builder.mul(pair.index, number(2 * VECTOR)), 2)
        odd = builder.urem(size, number(2 * VECTOR))
        with builder.if_then(builder.icmp_unsigned("!=", odd, number(0))):
            add(builder.sub(size, odd), 1)
        return context.get_dummy_value()

    return signature, generate


@_intrinsic
def fire_tile(
    typing: Any,
    arriving: Any,
    bias: Any,
    keep: Any,
    threshold: Any,
    fired: Any,
    counts: Any,
    stride: Any,
    steps: Any,
) -> Any:
    """Clauses 3 to 6 for a tile of neurons and eight samples, a vector of samples for each neuron.

    `arriving` int32, `stride` from neuron to neuron, eight samples a step; `fired` uint8 [TILE, steps] is
    overwritten, a bit for each sample; `counts` int64 [8] grows by the spikes of each. Nothing may saturate.
    """
    signature = types.void(arriving, bias, keep, threshold, fired, counts, types.intp, types.intp)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = {
            k: context.make_array(signature.args[k])(context, builder, arguments[k]).data
            for k in (0, 1, 3, 4, 5)
        }
        keep, stride, steps = arguments[2], arguments[6], arguments[7]
        number, lane = stride.type, ir.IntType(32)

        def constant(value: int) -> Any:
            return ir.Constant(_LANES, [value] * 8)

        def spread(value: Any) -> Any:
            one = builder.insert_element(ir.Constant(_LANES, ir.Undefined), value, lane(0))
            return builder.shuffle_vector(one, one, ir.Constant(_LANES, [0] * 8))

        def of_neuron(array: Any, n: int) -> Any:
            return spread(builder.load(builder.gep(array, [number(n)])))

        keeps, zero = spread(keep), constant(0)
        biases = [of_neuron(data[1], n) for n in range(TILE)]
        tops = [of_neuron(data[3], n) for n in range(TILE)]
        membranes = [cgutils.alloca_once(builder, _LANES) for _ in range(TILE)]
        spikes = cgutils.alloca_once(builder, _LANES)
        for place in (*membranes, spikes):
            builder.store(zero, place)
        with cgutils.for_range(builder, steps, intp=number) as step:
            here = builder.mul(step.index, number(8))
            for n in range(TILE):
                place = builder.gep(data[0], [builder.add(here, builder.mul(stride, number(n)))])
                a = builder.load(builder.bitcast(place, _LANES.as_pointer()), align=4)
                v = builder.load(membranes[n])
                negative = builder.icmp_signed("<", v, zero)
                size = builder.select(negative, builder.sub(zero, v), v)
                high = builder.mul(builder.lshr(size, constant(12)), keeps)
                low = builder.lshr(builder.mul(builder.and_(size, constant(4095)), keeps), constant(12))
                kept = builder.add(high, low)
                kept = builder.select(negative, builder.sub(zero, kept), kept)
                v = builder.add(builder.add(kept, builder.shl(a, constant(6))), biases[n])
                spike = builder.icmp_signed(">", v, tops[n])
                builder.store(builder.select(spike, zero, v), membranes[n])
                place = builder.gep(data[4], [builder.add(step.index, builder.mul(steps, number(n)))])
                builder.store(builder.bitcast(spike, ir.IntType(8)), place)
                builder.store(builder.add(builder.load(spikes), builder.zext(spike, _LANES)), spikes)
        for b in range(8):
            place = builder.gep(data[5], [number(b)])
            more = builder.zext(builder.extract_element(builder.load(spikes), lane(b)), number)
            builder.store(builder.add(builder.load(place), more), place)
        return context.get_dummy_value()

    return signature, generate


@compiled
def pack(spikes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Trains [sources, T], a byte a step with a bit for each sample, of spikes [1 .. 8, T, sources]."""
    samples, steps, sources = spikes.shape
    trains = np.empty((sources, steps), np.uint8)
    byte = np.empty(sources, np.uint8)
    for t in range(steps):
        byte[:] = 0
        for b in range(samples - 1, -1, -1):
            now = spikes[b, t]
            for j in range(sources):
                byte[j] = np.uint8(np.uint8(byte[j] + byte[j]) + now[j])
        for j in range(sources):
            trains[j, t] = byte[j]
    return trains


@compiled
def unpack(trains: npt.NDArray[np.uint8], samples: int) -> npt.NDArray[np.uint8]:
    """The spikes of `pack`."""
    sources, steps = trains.shape
    spikes = np.empty((samples, steps, sources), np.uint8)
    for b in range(samples):
        for t in range(steps):
            for j in range(sources):
                spikes[b, t, j] = (trains[j, t] >> b) & 1
    return spikes


@compiled
def _transpose(planes: npt.NDArray[np.uint8], out: npt.NDArray[np.uint64]) -> None:
    """Eight planes [8, T] of a bit a sample to [T] words of a byte a sample.

    The 8 x 8 bits are transposed as in H. S. Warren, Hacker's Delight, 7-3.
    """
    for t in range(len(out)):
        x = np.uint64(0)
        for p in range(8):
            x |= np.uint64(planes[p, t]) << np.uint64(8 * p)
        y = (x ^ (x >> np.uint64(7))) & np.uint64(0x00AA00AA00AA00AA)
        x ^= y ^ (y << np.uint64(7))
        y = (x ^ (x >> np.uint64(14))) & np.uint64(0x0000CCCC0000CCCC)
        x ^= y ^ (y << np.uint64(14))
        y = (x ^ (x >> np.uint64(28))) & np.uint64(0x00000000F0F0F0F0)
        out[t] = x ^ y ^ (y << np.uint64(28))


@compiled
def _memory(
    trains: npt.NDArray[np.uint8],
    start: npt.NDArray[np.int64],
    neurons: int,
    before: int,
    sums: int,
) -> tuple[npt.NDArray[np.uint8], int, int]:
    """The memory that `bit_lists` lays out, with the trains in it; how many planes; where carries begin."""
    sources, steps = trains.shape
    planes = (len(start) - 1) // (2 * neurons)
    length = (steps + VECTOR - 1) // VECTOR * VECTOR
    longest = 0
    for i in range(neurons):
        longest = max(longest, start[(i + 1) * 2 * planes] - start[i * 2 * planes])
    carries = sums + (planes + 2) * length
    allocated = np.zeros(carries + longest // 8 * length + VECTOR, np.uint8)
    memory = allocated[-allocated.ctypes.data % VECTOR :]
    rows = memory[length : length + sources * (before + steps)].reshape(sources, before + steps)
    rows[:, before:] = trains
    return memory, planes, carries


@compiled
def _sum(
    i: int,
    memory: npt.NDArray[np.uint8],
    total: npt.NDArray[np.uint8],
    words: npt.NDArray[np.uint64],
    inputs: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    excess: Any,
    sums: int,
    carries: int,
    row: npt.NDArray[np.int32],
) -> None:
    """What arrives at neuron `i`: `row` [T * 8], eight samples a step. `total` and `words` are worked in."""
    length, planes, steps = total.shape[1], total.shape[0] - 2, words.shape[1]
    total[:] = 0
    begin = start[i * planes * 2]
    for p in range(planes):
        for sign in range(2):
            k = (i * planes + p) * 2 + sign
            first, stop = start[k], start[k + 1]
            if first < stop:
                carry = carries + (first - begin) // 8 * length
                flip = np.uint64(0) - np.uint64(sign)
                add_trains(memory, inputs, first, stop, sums + p * length, carry, length, flip)
    for g in range(planes // 8):
        _transpose(total[8 * g : 8 * g + 8], words[g])
    octets = words.reshape(-1).view(np.uint8).reshape(planes // 8, 8 * steps)
    if planes == 16:
        for m in range(8 * steps):
            x = np.int32(octets[0, m]) | np.int32(octets[1, m]) << 8
            row[m] = np.int16(x - excess)
    else:
        for m in range(8 * steps):
            x = np.int32(octets[0, m]) | np.int32(octets[1, m]) << 8 | np.int32(octets[2, m]) << 16
            row[m] = np.int32(np.int32((x - excess) << 8) >> 8)


@compiled
def deliver_bits(
    trains: npt.NDArray[np.uint8],
    inputs: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    excess: npt.NDArray[np.int32],
    before: int,
    sums: int,
    arriving: npt.NDArray[np.int32],
) -> None:
    """Clause 2 with work in proportion to synapses x T, eight samples for the price of one.

    Parameters
    ----------
    trains
        [sources, T], as `pack` makes them.
    inputs, start, excess, before, sums
        As `bit_lists` returns them, for 16 or 24 planes.
    arriving
        [samples, T, neurons], overwritten.
    """
    samples, steps, neurons = arriving.shape
    memory, planes, carries = _memory(trains, start, neurons, before, sums)
    total = memory[sums:carries].reshape(planes + 2, -1)
    words = np.empty((planes // 8, steps), np.uint64)
    tile = np.empty((TILE, 8 * steps + 16), np.int32)
    for i in range(neurons):
        _sum(i, memory, total, words, inputs, start, excess[i], sums, carries, tile[i % TILE])
        if i % TILE == TILE - 1 or i == neurons - 1:
            low = i - i % TILE
            for t in range(steps):
                for b in range(samples):
                    for n in range(i - low + 1):
                        arriving[b, t, low + n] = tile[n, 8 * t + b]


@compiled
def fire_bits(
    trains: npt.NDArray[np.uint8],
    inputs: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    excess: npt.NDArray[np.int32],
    before: int,
    sums: int,
    bias: npt.NDArray[np.int32],
    keep: Any,
    threshold: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int64],
) -> npt.NDArray[np.uint8]:
    """The trains [neurons, T] of a layer that keeps no u, cannot saturate, and whose states nobody wants.

    As `deliver_bits` and clauses 3 to 6, a tile of neurons after the other, in registers. `bias` and
    `threshold` (`vth << 6`) are for whole tiles: beyond the last neuron the threshold is one that no v
    exceeds. `keep` is 4096 less the decay constant of v, `counts` [8] becomes the spikes of each sample.
    """
    neurons, steps = len(excess), trains.shape[1]
    memory, planes, carries = _memory(trains, start, neurons, before, sums)
    total = memory[sums:carries].reshape(planes + 2, -1)
    words = np.empty((planes // 8, steps), np.uint64)
    tile = np.zeros((TILE, 8 * steps + 16), np.int32)
    fired = np.empty((len(bias), steps), np.uint8)
    counts[:] = 0
    for i in range(neurons):
        _sum(i, memory, total, words, inputs, start, excess[i], sums, carries, tile[i % TILE])
        if i % TILE == TILE - 1 or i == neurons - 1:
            low = i - i % TILE
            tiles = slice(low, low + TILE)
            fire_tile(tile, bias[tiles], keep, threshold[tiles], fired[tiles], counts, tile.shape[1], steps)
    return fired[:neurons]
