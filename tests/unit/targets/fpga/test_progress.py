"""What nextpnr is at, told while it runs."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from snnc.cli import console
from snnc.targets.fpga import progress

LOG = """Info: constraining clock net 'i_clk' to 25.00 MHz

Info: Packing constants..
Warning: unused: [/bold]
Info: Creating initial analytic placement for 2344 cells, random placement wirelen = 277742.
Info: Running simulated annealing placer for refinement.
Info:   at iteration #5: temp = 0.000000, timing cost = 156, wirelen = 9300
Info: Routing globals...
Info:       1000 |       73        926 |   73   926 |      7155|       0.26       0.26|
"""
"""Lines of nextpnr-ecp5 0.7, and a warning with what rich would take for a style."""


def test_each_phase_of_the_log_is_told(tmp_path: Path) -> None:
    told = list[tuple[str, str]]()
    with progress.followed(tmp_path / "log", "tool", lambda *each: told.append(each)):
        (tmp_path / "log").write_text(LOG)
    assert [phase for phase, _ in told] == [
        *["tool: reading the netlist"] * 2,
        *["tool: packing"] * 2,
        *["tool: placing"] * 3,
        *["tool: routing"] * 2,
    ]
    assert told[3] == ("tool: packing", "unused: [/bold]")
    assert told[6][1].startswith("at iteration #5")


def test_lines_are_told_while_the_tool_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of which the log has only the beginning is told when it is whole."""
    monkeypatch.setattr(progress, "SECONDS", 0.01)
    told, packing = list[tuple[str, str]](), threading.Event()

    def tell(phase: str, line: str) -> None:
        told.append((phase, line))
        if phase == "tool: packing":
            packing.set()

    with progress.followed(tmp_path / "log", "tool", tell), (tmp_path / "log").open("w") as log:
        log.write("Info: Packing IOs..\nInfo: Rou")
        log.flush()
        assert packing.wait(60)
        log.write("ting..\n")
    assert told[-2:] == [("tool: packing", "Packing IOs.."), ("tool: routing", "Routing..")]


def test_a_tool_that_logs_nothing_is_not_waited_for(tmp_path: Path) -> None:
    told = list[tuple[str, str]]()
    with progress.followed(tmp_path / "log", "tool", lambda *each: told.append(each)):
        pass
    assert told == [("tool: reading the netlist", "")]


def test_phases_are_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.phases("placing") as tell:
        for phase, last in (("yosys", ""), ("packing", "a"), ("packing", "b"), ("routing", "c")):
            tell(phase, last)
    assert capsys.readouterr().err.splitlines() == ["yosys", "packing", "routing"]
    with console.told(quiet=True, aside=False, verbose=False), console.phases("placing") as tell:
        tell("yosys", "")
    assert capsys.readouterr().err == ""


def test_what_a_tool_logs_is_no_style(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with console.phases("placing") as tell:
        tell("packing", "unused: [/bold]")
