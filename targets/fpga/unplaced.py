"""What is known of a core before it is placed: its bound of cycles, its memory, what boards would give it."""

from __future__ import annotations

from collections.abc import Mapping

from snnc.errors import LimitError
from snnc.percent import percent
from snnc.stages import Artifact
from snnc.target import MOST_CYCLES, SAMPLE_CYCLES, STEP_CYCLES, Setting
from snnc.targets.fpga.boards import BOARDS, Board
from snnc.targets.fpga.bound import most_cycles, most_of_a_sample, own_cycles
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.parameters import lanes_of
from snnc.targets.fpga.resources import excess, most_that_fits, on_lanes
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
    return found | {f"block RAMs on {name}": _rams(of, board) for name, board in BOARDS.items()}


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


def _rams(of: Layout, board: Board) -> str:
    """Those of the core in the lanes that it has, and the most lanes that the board has room for."""
    try:
        fits = most_that_fits(of.graph, board)
    except LimitError:  # more lanes take more places than are held
        fits = None
    own = on_lanes(of.graph, board, of.lanes).need
    if any(excess(own, board)):
        other = "" if fits is None else f"; exported with {fits.layout.lanes} lanes it would"
        return f"does not fit with {of.lanes} lanes (estimate){other}"
    spram = f", {own.spram} of {board.spram} SPRAM blocks" if own.spram else ""
    more = fits is not None and fits.layout.lanes > of.lanes
    other = f"; {fits.layout.lanes} lanes would fit, too" if fits is not None and more else ""
    return f"{own.block_rams} of {board.block_rams}{spram}, with {of.lanes} lanes (estimate){other}"
