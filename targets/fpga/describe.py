"""What `snnc export` says of a core."""

from __future__ import annotations

from collections.abc import Iterator

from snnc.stages import Artifact
from snnc.targets.fpga.boards import BOARDS, Board
from snnc.targets.fpga.bound import most_cycles, most_of_a_sample
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.parameters import lanes_of
from snnc.targets.fpga.resources import excess, on_lanes, use
from snnc.targets.fpga.serial_port import least_seconds
from snnc.targets.fpga.settings import FIT, LANES, clock_mhz
from snnc.targets.fpga.tools import unavailable_reason
from snnc.targets.fpga.unplaced import time_of


def describe(artifact: Artifact) -> Iterator[str]:
    """Its size, what it takes of its board, the cycles it takes at most, and why `rtl` cannot run here."""
    of = layout(artifact.graph, lanes_of(artifact.program))
    once = " with one delay each" if of.words.shares_delays else ""
    yield f"core: {of.lanes} lanes, {of.groups} groups of neurons, {len(of.words.group)} synapse words{once}"
    most, settings, sample = most_cycles(of), artifact.manifest["settings"], most_of_a_sample(of)
    time = other = ""
    if text := use(artifact.graph, settings):
        yield f"board: {text}"
        mhz = float(clock_mhz(settings))
        time = time_of(sample, settings)
        if settings["lanes"] == FIT:
            board = BOARDS[str(settings["board"])]
            other = _fewer(of, board, mhz) or _loaded(of, board, mhz)
    yield f"cycles: bound of {most} a step and {sample} a sample{time}, whatever the input"
    yield from filter(None, [other])
    if absent := unavailable_reason():
        yield f"rtl cannot run here: {absent}"


def _fewer(of: Layout, board: Board, mhz: float) -> str:
    """The fewest lanes with which the serial port is slower than the core, whatever the input; "" if none."""
    for lanes in (each for each in LANES if each < of.lanes):
        found = on_lanes(of.graph, board, lanes)
        port = least_seconds(found.layout, found.shape, board.baud)
        core = most_of_a_sample(found.layout) / (mhz * 1e6)
        if core <= port and not any(excess(found.need, board)):
            return (
                f"lanes: with --lanes {lanes} it is placed in a fraction of the time; the core then takes "
                f"{1e3 * core:.3g} ms a sample at most, the serial port {1e3 * port:.3g} ms at least"
            )
    return ""


def _loaded(of: Layout, board: Board, mhz: float) -> str:
    """The most lanes that fit with words in SPRAM, where fewer were taken without; "" if none."""
    for lanes in reversed([each for each in LANES if each > of.lanes and 2 * each <= board.multipliers]):
        found = on_lanes(of.graph, board, lanes)
        if found.need.spram and not any(excess(found.need, board)):
            core = most_of_a_sample(found.layout) / (mhz * 1e6)
            return (
                f"lanes: {lanes} fit, too (--lanes {lanes}), with synapse words in {found.need.spram} SPRAM "
                f"blocks, which are loaded at each start; the core then takes {1e3 * core:.3g} ms a sample "
                "at most"
            )
    return ""
