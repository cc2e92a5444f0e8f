"""What a report says of a target without a chip of cores: a board with an FPGA, a program for a CPU."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snnc.report.chip import seconds
from snnc.target import MEASURED

if TYPE_CHECKING:
    from snnc.stages import BoardClock, Report

PICOSECONDS_A_CYCLE = CYCLES_A_SECOND = 10**6
"""At 1 MHz."""
MEMORIES = ("flash", "RAM")
TO_MEASURE = (
    "Its time follows the events, which snnc run counts; README.md in its folder says how to measure it on a "
    "device."
)
UNTIMED = "not known until `snnc place` has run"
ENCODER = "what makes them of a sensor's signal is no part of the program"
NETWORK_ALONE = "the encoder (cochlea), which makes events of sound, is no part of the program"
_OF_BOARD = re.compile(r"\s*\d+\s*/\s*\d+\s*")


def on_board(report: Report) -> bool:
    """Whether it is of a core on a board: its resources have a limit, and there is no chip of cores."""
    uses = (str(row.get("use", "")) for row in report.resources if "resource" in row)
    return report.chip_cores == 0 and any(map(_OF_BOARD.fullmatch, uses))


def to_be_placed(report: Report) -> bool:
    """Whether it is of a board whose clock `snnc place` measures, and has not yet."""
    from snnc.targets.registry import load_target, targets

    known = report.clock is None and on_board(report) and report.target in targets()
    return known and load_target(report.target).routed is not None


def clock_of(report: Report) -> BoardClock | None:
    """What `snnc place` found of a board, where the report has it."""
    return report.clock if on_board(report) else None


def clock_words(clock: BoardClock) -> str:
    """Whether it is met, in half a line: by what the tools say, which no board has confirmed."""
    tools = ", ".join([*(f"{name} {version}" for name, version in clock.tools.items()), f"seed {clock.seed}"])
    met = "met" if clock.met else "not met"
    return f"{met}: {clock.mhz:g} MHz after routing, the board runs it at {clock.board_mhz:g} MHz ({tools})"


def speed_words(clock: BoardClock) -> str:
    """Cycles and time of a sample on the board, and how many a second; nothing where they are not known."""
    if clock.cycles is None:
        return ""
    rate = f"; the board computes {each}" if (each := rate_of(clock)) else ""
    return mean_words(clock.cycles, clock.one, clock.recordings, clock.board_mhz, rate)


def mean_words(cycles: float, one: str, of: str, mhz: float | None, rate: str = "") -> str:
    """The mean cycles of the samples `of`, each called `one`, and their time at a clock of `mhz`; `rate`:
    what to say behind it of samples a second."""
    time = "" if mhz is None else f", {seconds(cycles / mhz * PICOSECONDS_A_CYCLE)} at {mhz:g} MHz"
    mean = f"a {one} takes {cycles:,.0f} cycles{time}, the mean of {of}, by the machine model"
    return f"{mean}{rate}; energy is not known"


def rate_of(clock: BoardClock) -> str:
    """Samples a second of a board; empty where its clock is not met, or what its serial port lets through
    is not known."""
    if clock.cycles is None or clock.baud is None or clock.serial_a_second is None or not clock.met:
        return ""
    fastest = clock.board_mhz * CYCLES_A_SECOND / clock.cycles
    return rate_words(fastest, clock.one, clock.baud, clock.serial_a_second)


def rate_words(fastest: float, one: str, baud: int, through: float) -> str:
    """How many samples, each called `one`, a second: by the core, and `through` the board's serial port."""
    port = f"through its serial port of {baud:,} baud about {through:,.{0 if through >= 10 else 2}f}"
    return f"at most {fastest:,.0f} {one}s/s, {port}"


def cycles_words(report: Report) -> str:
    """Cycles of a core, in half a line: the bound, and what was counted; nothing of another program."""
    from snnc.target import MOST_CYCLES, SAMPLE_CYCLES, STEP_CYCLES

    uses = {row["resource"]: row["use"] for row in report.resources if "resource" in row}
    if STEP_CYCLES not in uses or SAMPLE_CYCLES not in uses:
        return ""
    sample, opens, time = uses[SAMPLE_CYCLES].removeprefix("at most ").partition(" (")
    bound = f"{uses[STEP_CYCLES]} cycles a step and {sample} a sample{opens}{time}"
    parts = [f"{bound}, whatever the input"]
    for result in report.compared:
        if result.cycles is not None:
            mean = result.cycles.total / result.samples
            longest = f"{result.name} took {result.cycles.longest:,} in the longest step"
            parts.append(f"{longest} and {mean:,.0f} a sample, the mean of {result.samples}")
    if MOST_CYCLES in uses:
        parts.append(f"most take the synapses and neurons of {uses[MOST_CYCLES]}")
    return "; ".join(parts)


def untimed(report: Report) -> str:
    """How long the input of a sample is, and who measures a program whose time no constants tell."""
    from snnc.targets.registry import load_target, targets

    steps, step_s = report.figures.get("time_steps"), report.figures.get("bin_s")
    told = [f"A sample is {steps} steps of {step_s:g} s."] if steps and step_s else []
    if report.target in targets() and load_target(report.target).follows_events:
        told.append(TO_MEASURE)
    return " ".join(told)


def without_chip(target: str) -> str:
    """What a target is that has no chip with cores; of one that is not installed here, what most are."""
    from snnc.target import PROCESSOR
    from snnc.targets.registry import load_target, targets

    what = load_target(target).without_chip if target in targets() else PROCESSOR
    return f"{target} is {what}"


def input_of(report: Report) -> str:
    """What the program takes, where the network's data were sound, or it is for no chip of cores."""
    if "encoder" in report.provenance:
        return NETWORK_ALONE
    from snnc.targets.registry import load_target, targets

    known = report.target in targets()
    return f"the input is events: {ENCODER}" if known and not load_target(report.target).chip else ""


def no_board(report: Report) -> str:
    """Of a core for FPGAs without a board, that nothing is known of one."""
    if report.chip_cores != 0 or on_board(report) or not cycles_words(report):
        return ""
    return "no board is chosen, so whether the core fits one and meets its clock is not known"


def memory(report: Report) -> str:
    """Flash and RAM of a program for a processor, and how measured; nothing where they are not known."""
    if on_board(report) or report.chip_cores != 0:
        return ""
    uses = {row["resource"]: row["use"] for row in report.resources if "resource" in row}
    taken = [f"{name}: {uses[name]}" for name in MEMORIES if name in uses]
    return "; ".join([*taken, *(uses[how] for how in (MEASURED,) if taken and how in uses)])
