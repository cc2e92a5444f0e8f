"""What a network takes on a target, as far as that is known before it is exported: time, energy, memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from snnc.errors import LimitError, StageError
from snnc.exporter.fewest_bits import sizes_of
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Place, before, run_passes
from snnc.exporter.passes.base import Plan
from snnc.stages import QuantizedGraph
from snnc.target import Target
from snnc.targets.fpga.boards import BOARDS
from snnc.targets.fpga.resources import fitting
from snnc.targets.fpga.settings import clock_mhz
from snnc.verification.chip import estimate_program

SIM = "sim"
"""The board of `fpga` that has no clock."""


@dataclass(frozen=True, slots=True)
class TargetCosts:
    """Of one sample, in seconds and joules; bytes of synapses, or of tables and state of a program.

    None where nothing is published or counted. `basis`: whose constants, or which clock. `blocks`: of a
    board, name of each kind of memory -> blocks that are used, by estimate, and that there are.
    """

    latency: float | None = None
    energy: float | None = None
    memory: int | None = None
    basis: str = ""
    blocks: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def costs_of(graph: QuantizedGraph, target: Target, spikes: npt.NDArray[np.uint8]) -> TargetCosts:
    """Estimates for `graph`, which fits `target`, with relays where it needs them, on `spikes`.

    `spikes`: uint8 [samples, T, inputs].
    """
    try:
        plan = Plan(graph, ExportOptions(relays=True), (), target)
        legal = run_passes(graph, plan, before(Place), lambda step: None)[-1].after
        if target.costs and target.chip:
            found = estimate_program(Place(target).run(legal), spikes, target)
            latency, energy = found.latency / found.samples * 1e-12, found.energy / found.samples * 1e-15
            return TargetCosts(latency, energy, _synapses(legal), f"constants {found.costs}")
        if target.name == "fpga":
            return _on_board(legal, target, spikes)
        if target.name == "c":
            from snnc.targets.c.emitter import table_and_state_bytes

            return TargetCosts(memory=sum(table_and_state_bytes(legal)))
        return TargetCosts(memory=_synapses(legal) if target.chip else None)
    except (LimitError, StageError):  # it fits by its limits, and has no estimate
        return TargetCosts()


def _synapses(graph: QuantizedGraph) -> int:
    return sum(sizes_of(graph)[1])


def _on_board(graph: QuantizedGraph, target: Target, spikes: npt.NDArray[np.uint8]) -> TargetCosts:
    """Cycles, counted by the machine model, at the clock of the board, and its blocks of memory."""
    from snnc.hwsim.event_driven import simulate
    from snnc.targets.fpga.cycles import cycles

    board = str(target.settings["board"])
    if board == SIM:
        return TargetCosts()
    fits, mhz = fitting(graph, board, target.settings["lanes"]), clock_mhz(target.settings)
    blocks = {"BRAM": (fits.need.block_rams, BOARDS[board].block_rams)}
    if fits.need.spram:
        blocks["SPRAM"] = fits.need.spram, BOARDS[board].spram
    count = float(cycles(fits.layout, spikes, simulate(graph, spikes).layers).sum(axis=1).mean())
    return TargetCosts(latency=count / float(mhz) / 1e6, basis=f"{mhz} MHz", blocks=blocks)
