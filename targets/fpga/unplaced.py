"""What is known of a core before it is placed: its bound of cycles, its memory, what boards would give it."""

from __future__ import annotations

from collections.abc import Mapping

from snnc.errors import LimitError
from snnc.percent import percent
from snnc.stages import Artifact, QuantizedGraph
from snnc.target import MOST_CYCLES, SAMPLE_CYCLES, STEP_CYCLES, Setting
from snnc.targets.fpga.boards import BOARDS, Board
from snnc.targets.fpga.bound import most_cycles, most_of_a_sample, own_cycles
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.parameters import lanes_of
from snnc.targets.fpga.resources import most_that_fits
from snnc.targets.fpga.settings import SIM, clock_mhz, configure
from snnc.targets.fpga.shape import shape


def unplaced(artifact: Artifact) -> dict[str, str]:
    """Cycles, synapse words and, of a core for no board, block RAMs of each by estimate: name -> text."""
    of = layout(artifact.graph, lanes_of(artifact.program))
    settings = configure(artifact.manifest.get("settings") or {})
    on_board = settings["board"] != SIM
    sample = most_of_a_sample(of)
    found = {
        STEP_CYCLES: f"at most {most_cycles(of):,}",
        SAMPLE_CYCLES: f"at most {sample:,}{time_of(sample, settings) if on_board else ''}",
    }
    if of.places:
        found[MOST_CYCLES] = _most(of)
    size = shape(of)
    found["synapse words"] = f"{len(of.words.group):,} of {size.word_width} bits, with {of.lanes} lanes"
    if on_board:
        return found
    return found | {f"block RAMs on {name}": _rams(of.graph, board) for name, board in BOARDS.items()}


def time_of(cycles: int, settings: Mapping[str, Setting]) -> str:
    """How long they take at the clock of the board of `settings`, as " (2.63 ms at 24 MHz)"."""
    mhz = float(clock_mhz(settings))
    return f" ({1e3 * cycles / (mhz * 1e6):.3g} ms at {mhz:g} MHz)"


def population_cycles(of: Layout) -> dict[str, int]:
    """Of each population, the cycles of a step in which all spike: of each synapse word and group."""
    return {
        each.population.name: int(
            ((of.words.group >= each.first) & (of.words.group < each.first + each.groups)).sum()
        )
        + each.groups
        for each in of.places
    }


def _most(of: Layout) -> str:
    taken = population_cycles(of)
    name = max(taken, key=lambda each: taken[each])
    return f"{name}, {percent(taken[name], own_cycles(of), 1)} of the bound"


def _rams(graph: QuantizedGraph, board: Board) -> str:
    try:
        fits = most_that_fits(graph, board)
    except LimitError:  # more lanes take more places than are held
        fits = None
    if fits is None:
        return "does not fit (estimate)"
    spram = f", {fits.need.spram} of {board.spram} SPRAM blocks" if fits.need.spram else ""
    lanes = fits.layout.lanes
    return f"{fits.need.block_rams} of {board.block_rams}{spram}, with {lanes} lanes (estimate)"
