"""What a core takes of a board's device, by estimate, and how many lanes fit.

The estimate's basis: block RAMs and multipliers are counted from the sizes of the memories and the products
of a lane, as yosys maps them. LUTs and flip-flops are a sum over the widths of a lane's numbers, whose
constants come from syntheses; docs/fpga.md has both side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from snnc.errors import LimitError
from snnc.stages import QuantizedGraph
from snnc.stages.population import LI
from snnc.target import Setting
from snnc.targets.fpga.boards import BOARDS, Board, Family
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.settings import FIT, LANES, SIM
from snnc.targets.fpga.shape import Shape, shape

FILLED = 0.85
"""Share of the LUTs and flip-flops that placement fills with ease."""
SMALL, SMALLER = 1 << 11, 1 << 8
"""Bits of a memory up to which it lies in LUTs; up to which where these are no memories."""


class Need(NamedTuple):
    """What a design takes of a device."""

    block_rams: int
    multipliers: int
    luts: int
    flip_flops: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A network in the lanes that were chosen, and what that takes."""

    layout: Layout
    need: Need


class Memory(NamedTuple):
    """`copies` memories of `words` of `bits`."""

    words: int
    bits: int
    copies: int = 1


def memories_of(of: Layout, size: Shape, board: Board) -> Iterator[Memory]:
    """All memories of a design."""
    lanes = size.lanes
    width = lanes * (size.weight_bits + size.delay_bits) + size.ring_bits
    bank = 1 << size.bank_bits
    full, rest = divmod(size.words, bank)
    yield Memory(bank, width, full)
    yield Memory(rest, width)
    yield Memory(size.rows, size.word_bits + size.count_bits + (size.time_bits if size.input_ends else 0))
    yield Memory(size.ring_words, size.sum_bits, lanes)
    yield Memory(size.groups, size.v_bits, lanes)
    if size.u_state:
        yield Memory(size.groups, size.u_bits, lanes)
    yield Memory(size.groups, lanes * (size.bias_bits + size.input_bias_bits))
    tables = lanes if size.per_neuron else 1
    yield Memory(size.groups, tables * 26)
    yield Memory(size.groups, tables * 34 + size.time_bits + 3)
    yield Memory(1 << board.buffer_bits, 9)
    reads = sum(each.groups for each in of.places if each.population.model == LI)
    yield Memory(reads, lanes * size.v_bits)


def block_rams(memory: Memory, family: Family) -> int:
    """Of one of them, in the shape that needs fewest."""
    if memory.words * memory.bits <= (SMALL if family.lut_ram else SMALLER):
        return 0
    return min(-(-memory.words // words) * -(-memory.bits // bits) for words, bits in family.block_rams)


def need(of: Layout, board: Board) -> Need:
    """What a network in `of` takes, by estimate."""
    size = shape(of)
    rams = sum(each.copies * block_rams(each, board.family) for each in memories_of(of, size, board))
    products = 2 + 2 * size.u_state + (size.payload_bits > 1)
    u, v = size.u_bits, size.v_bits
    lane = 3 * u + 9 * v + 6 * size.sum_bits + 6 * size.ring_bits + 5 * size.delay_bits + 3 * size.weight_bits
    flip_flops = lane + size.u_state * 5 * u + 140
    luts = lane + size.u_state * 5 * u + (size.wrap + size.clip) * 60 + 45
    return Need(rams, size.lanes * products, 2400 + size.lanes * luts, 1200 + size.lanes * flip_flops)


def excess(found: Need, board: Board) -> Iterator[str]:
    """What does not fit, in words: the resource, the need and the limit."""
    limits = Need(
        board.block_rams, board.multipliers, int(board.luts * FILLED), int(board.flip_flops * FILLED)
    )
    names = ("block RAMs", "multipliers", "LUTs", "flip-flops")
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
    fits = most_that_fits(graph, board)
    if lanes == FIT and fits is not None:
        return fits
    found = on_lanes(graph, board, LANES[0] if lanes == FIT else int(lanes))
    if not any(excess(found.need, board)):
        return found
    if fits is not None:
        raise _refusal(found, board, f"use --lanes {fits.layout.lanes}")
    change = "use fewer synapses (--prune), fewer neurons or shorter delays, or --target c"
    for other, each in BOARDS.items():
        if (larger := most_that_fits(graph, each)) is not None:
            change = f"use --board {other}, on which {larger.layout.lanes} lanes fit"
            break
    raise _refusal(found, board, change)


def most_that_fits(graph: QuantizedGraph, board: Board) -> Fitted | None:
    """`graph` on as many lanes as fit, or None. A lane has two multipliers at least."""
    for lanes in reversed([each for each in LANES if 2 * each <= board.multipliers]):
        if not any(excess((found := on_lanes(graph, board, lanes)).need, board)):
            return found
    return None


def on_lanes(graph: QuantizedGraph, board: Board, lanes: int) -> Fitted:
    """`graph` on so many lanes, whether it fits or not."""
    of = layout(graph, lanes)
    return Fitted(of, need(of, board))


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
    board, found = BOARDS[name], fitting(graph, name, settings["lanes"])
    limits = (board.block_rams, board.multipliers, board.luts)
    names = ("block RAMs", "multipliers", "LUTs")
    parts = (
        f"{each} of {limit} {what}" for what, each, limit in zip(names, found.need, limits, strict=False)
    )
    return f"{board.title}, {found.layout.lanes} lanes: {', '.join(parts)} (estimate)"
