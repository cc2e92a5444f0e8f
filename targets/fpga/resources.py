"""What a core takes of a board's device, by estimate, and how many lanes fit.

The estimate's basis: block RAMs and multipliers are counted from the sizes of the memories and the products
of a lane, as yosys maps them. LUTs and flip-flops are a sum over the widths of a lane's numbers, whose
constants come from syntheses; docs/fpga.md has placements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from snnc.errors import LimitError
from snnc.stages import QuantizedGraph
from snnc.stages.population import LI
from snnc.target import Setting
from snnc.targets.fpga.boards import BOARDS, FLAT, Board, Family
from snnc.targets.fpga.layout import IntArray, Layout, layout
from snnc.targets.fpga.settings import FIT, LANES, SIM
from snnc.targets.fpga.shape import Shape, shape

FILLED = 0.85
"""Share of the LUTs and flip-flops that placement fills with ease."""
SMALL = 1 << 11
"""Bits of a memory up to which it lies in LUTs."""
REGISTERS, TABLE = 1 << 6, 1 << 10
"""The same where LUTs are no memories, for each block RAM it would take: in registers; a table in logic."""
SPRAM_WORDS, SPRAM_BITS = 1 << 14, 16
"""Of a block of the memories that no bitstream fills."""


class Need(NamedTuple):
    """What a design takes of a device. `spram`: blocks of the memories that no bitstream fills."""

    block_rams: int
    multipliers: int
    luts: int
    flip_flops: int
    spram: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A network in the lanes that were chosen, its core's shape, and what that takes."""

    layout: Layout
    shape: Shape
    need: Need


class Memory(NamedTuple):
    """`copies` memories of `words` of `bits`; `table`: nothing is written to them."""

    words: int
    bits: int
    copies: int = 1
    table: bool = False


def memories_of(of: Layout, size: Shape, board: Board) -> Iterator[Memory]:
    """All memories of a design, without those in SPRAM."""
    lanes = size.lanes
    if not size.spram:
        full, rest = divmod(size.words, 1 << size.bank_bits)
        yield Memory(1 << size.bank_bits, size.word_width, full, table=True)
        yield Memory(rest, size.word_width, table=True)
    ends = size.time_bits if size.input_ends else 0
    row = size.word_bits + size.count_bits
    if not board.family.lut_ram:  # with few block RAMs, this one counts
        row = _varying(of.words.start) + _varying(of.words.count)
    yield Memory(size.rows, row + ends, table=True)
    yield Memory(size.ring_words, size.sum_bits, lanes)
    yield Memory(size.groups, size.v_bits, lanes)
    if size.u_state:
        yield Memory(size.groups, size.u_bits, lanes)
    if size.adapt:
        yield Memory(size.groups, size.w_bits + 1, lanes)
    biases = size.bias_bits + size.input_bias_bits + size.adapt * size.kb_bits
    yield Memory(size.groups, lanes * biases + size.old, table=True)
    tables = lanes if size.per_neuron else 1
    yield Memory(size.groups, tables * (53 if size.adapt else 26), table=True)
    yield Memory(size.groups, tables * 34 + size.time_bits + 3, table=True)
    yield Memory(1 << board.buffer_bits, 9)
    reads = sum(each.groups for each in of.places if each.population.model == LI)
    yield Memory(reads, lanes * size.v_bits)
    if not board.family.lut_ram:
        yield Memory(1 << size.group_bits, size.group_bits + lanes)
        yield Memory(size.groups, lanes)


def _varying(values: IntArray) -> int:
    """Bits that are not the same in all of `values`: synthesis stores no others in a table."""
    return int(np.bitwise_or.reduce(values) ^ np.bitwise_and.reduce(values)).bit_count()


def block_rams(memory: Memory, family: Family) -> int:
    """Of one of them, in the shape that needs fewest."""
    bits = memory.words * memory.bits
    found = min(-(-memory.words // words) * -(-memory.bits // bits) for words, bits in family.block_rams)
    least = SMALL if family.lut_ram else found * (TABLE if memory.table else REGISTERS)
    return 0 if bits <= least else found


def need(of: Layout, size: Shape, board: Board) -> Need:
    """What a network in `of` takes on a core of `size`, by estimate."""
    rams = sum(each.copies * block_rams(each, board.family) for each in memories_of(of, size, board))
    products = 2 + 2 * size.u_state + 4 * size.adapt + (size.payload_bits > 1)
    u, v, w = size.u_bits, size.v_bits, size.adapt * size.w_bits
    lane = 3 * u + 9 * v + 6 * size.sum_bits + 6 * size.ring_bits + 5 * size.delay_bits + 3 * size.weight_bits
    flip_flops = lane + size.u_state * 5 * u + 140
    luts = lane + size.u_state * 5 * u + (size.wrap + size.clip) * 60 + 45
    banks = 0
    if FLAT not in board.family.macros:  # the registers of a fast clock
        flip_flops += 3 * size.sum_bits + 2 * size.ring_bits + 2 * size.delay_bits + size.group_bits + 42
        flip_flops += size.bias_bits + size.input_bias_bits
        luts += 2 * size.sum_bits
        banks = -(-size.words >> size.bank_bits)
    flip_flops += size.adapt * (v + 80) + (16 + 6 * size.old) * w
    luts += 5 * size.adapt + (13 + size.old) * w + size.clip_w * 145
    spram = -(-size.word_width // SPRAM_BITS) if size.spram else 0
    luts, flip_flops = 2400 + size.lanes * luts, 1200 + banks * size.word_width + size.lanes * flip_flops
    return Need(rams, size.lanes * products, luts, flip_flops, spram)


def excess(found: Need, board: Board) -> Iterator[str]:
    """What does not fit, in words: the resource, the need and the limit."""
    luts, flip_flops = int(board.luts * FILLED), int(board.flip_flops * FILLED)
    limits = Need(board.block_rams, board.multipliers, luts, flip_flops, board.spram)
    names = ("block RAMs", "multipliers", "LUTs", "flip-flops", "SPRAM blocks")
    for name, wanted, limit in zip(names, found, limits, strict=True):
        if wanted > limit:
            yield f"{wanted} {name} of {limit} that can be used"


def fitting(graph: QuantizedGraph, name: str, lanes: Setting) -> Fitted:
    """`graph` on `lanes` of the board `name`, or with `FIT` on as many as fit.

    Raises
    ------
    LimitError
        If it does not fit; it names each resource, the need, the limit and a change that would fit.
    """
    board = BOARDS[name]
    fits = most_that_fits(graph, board) if lanes == FIT else None
    if fits is not None:
        return fits
    found = on_lanes(graph, board, LANES[0] if lanes == FIT else int(lanes))
    if not any(excess(found.need, board)):
        return found
    if lanes != FIT and (choices := all_that_fit(graph, board)):
        raise _refusal(found, board, f"use {_in_words(choices)}")
    change = "use fewer synapses (--prune), fewer neurons or shorter delays, or --target c"
    for other, each in BOARDS.items():
        if (larger := most_that_fits(graph, each)) is not None:
            change = f"use --board {other}, on which {larger.layout.lanes} lanes fit"
            break
    raise _refusal(found, board, change)


def most_that_fits(graph: QuantizedGraph, board: Board) -> Fitted | None:
    """`graph` on as many lanes as fit, or None.

    It takes SPRAM, which has to be loaded, only if it fits no lanes without.
    """
    found = all_that_fit(graph, board)
    without = (each for each in found if not each.need.spram)
    return next(without, found[0] if found else None)


def all_that_fit(graph: QuantizedGraph, board: Board) -> list[Fitted]:
    """`graph` on each number of lanes that fits, the most first, down to the first that takes no SPRAM.

    A lane has two multipliers at least.
    """
    fits = list[Fitted]()
    for lanes in reversed([each for each in LANES if 2 * each <= board.multipliers]):
        found = on_lanes(graph, board, lanes)
        if any(excess(found.need, board)):
            continue
        fits.append(found)
        if not found.need.spram:
            break
    return fits


def _in_words(fits: list[Fitted]) -> str:
    """The most lanes of `all_that_fit`; where they take SPRAM, the most that take none, too."""
    most, last = fits[0], fits[-1]
    if not most.need.spram:
        return f"--lanes {most.layout.lanes}"
    loaded = f"--lanes {most.layout.lanes}, which takes {most.need.spram} SPRAM blocks"
    return loaded if last.need.spram else f"{loaded}, or without SPRAM --lanes {last.layout.lanes}"


def on_lanes(graph: QuantizedGraph, board: Board, lanes: int) -> Fitted:
    """`graph` on so many lanes, whether it fits or not; with SPRAM where it does not fit without."""
    of = layout(graph, lanes)
    without, loaded = (shape(of, spram, board.family.event_bits) for spram in (False, True))
    found = Fitted(of, without, need(of, without, board))
    if board.spram and loaded.words <= SPRAM_WORDS and any(excess(found.need, board)):
        return Fitted(of, loaded, need(of, loaded, board))
    return found


def _refusal(found: Fitted, board: Board, change: str) -> LimitError:
    problems = ", ".join(excess(found.need, board))
    return LimitError(
        f"{board.title}: with {found.layout.lanes} lanes the core needs {problems} (estimate); {change}"
    )


def use(graph: QuantizedGraph, settings: Mapping[str, Setting]) -> str:
    """What `graph` takes of the board of `settings`, in words; of `SIM` nothing. Raises as `fitting`."""
    name = str(settings["board"])
    if name == SIM:
        return ""
    found = fitting(graph, name, settings["lanes"])
    parts = [f"{used} of {limit} {what}" for what, used, limit in _parts(found.need, BOARDS[name])]
    return f"{BOARDS[name].title}, {found.layout.lanes} lanes: {', '.join(parts)} (estimate)"


def taken(graph: QuantizedGraph, settings: Mapping[str, Setting]) -> list[tuple[str, int, int]]:
    """The same as numbers: name of each resource, how much `graph` takes, and how much there is."""
    name = str(settings["board"])
    return [] if name == SIM else _parts(fitting(graph, name, settings["lanes"]).need, BOARDS[name])


def _parts(need: Need, board: Board) -> list[tuple[str, int, int]]:
    parts = [
        ("block RAMs", need.block_rams, board.block_rams),
        ("multipliers", need.multipliers, board.multipliers),
        ("LUTs", need.luts, board.luts),
    ]
    return parts + ([("SPRAM blocks", need.spram, board.spram)] if need.spram else [])
