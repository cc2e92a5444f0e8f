"""`snnc chip` and `snnc targets --for` of a core for an FPGA: its own lanes, cycles, memory and clock."""

from __future__ import annotations

import json
import re

import pytest
from fpga_cores import dense

from snnc.cli import main
from snnc.exporter.graph_export import export_graph
from snnc.hwsim.event_driven import simulate
from snnc.stages import BoardClock
from snnc.targets.fpga.cycles import cycles
from snnc.targets.fpga.layout import layout
from snnc.targets.registry import load_target
from snnc.verification.verify import verify


def exported(tmp_path, spec, neurons=60):
    return export_graph(dense(neurons), spec, tmp_path / "net.fpga", allow_saturation=True)


def cycles_by_hand(held, lanes):
    graph, spikes = held.graph, held.golden_input
    return cycles(layout(graph, lanes), spikes, simulate(graph, spikes).layers)


def test_a_core_on_a_board_has_cycles_a_time_and_the_rows_of_the_report(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    held = exported(tmp_path, "fpga:board=icebreaker:lanes=4")
    taken = cycles_by_hand(held, 4)
    mean, longest = taken.sum(axis=1).mean(), taken.max()
    assert main(["chip", str(held.path)]) == 0
    printed = capsys.readouterr()
    rows = [dict(row) for row in verify(held, [], executors=["oracle"]).resources]
    for row in rows:
        assert re.search(rf"^ {row['resource']} +{re.escape(row['use'])} *$", printed.out, re.M)
    assert f"cycles: a golden input takes {mean:,.0f} cycles, " in printed.out
    assert f" µs at 24 MHz, the mean of {len(taken)} golden inputs, by the machine model" in printed.out
    assert f"longest step: {longest:,} cycles" in printed.out
    assert "clock: whether the 24 MHz of the board are met is not known until `snnc place`" in printed.out
    assert printed.err.strip() == f"next: snnc place {held.path}"
    assert main(["chip", str(held.path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["resources"] == rows
    assert (found["cycles"], found["longest_step"]) == (round(mean, 1), longest)
    assert found["latency"] == round(int(taken.sum()) / 24e6 * 1e12)
    assert main(["chip", str(held.path), "--per-step", "1", "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [row["cycles"] for row in steps] == taken[1].tolist()


def test_a_core_for_no_board_has_cycles_and_no_time(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    held = exported(tmp_path, "fpga:lanes=4")
    mean = cycles_by_hand(held, 4).sum(axis=1).mean()
    assert main(["chip", str(held.path)]) == 0
    printed = capsys.readouterr()
    assert f"cycles: a golden input takes {mean:,.0f} cycles, the mean of " in printed.out
    told = "clock: none, as no board is chosen; export the module again, for the target 'fpga:board=ulx3s"
    assert told in printed.out
    assert printed.err.strip() == f"next: snnc targets --for {held.path}"
    assert main(["chip", str(held.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out).keys().isdisjoint({"latency", "board_mhz"})


def test_what_placement_counted_is_shown_in_place_of_the_estimate(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    held = exported(tmp_path, "fpga:board=icebreaker:lanes=4")
    clock = BoardClock(30.5, 24.0, {"yosys": "0.52"}, 2, {"ICESTORM_RAM": (17, 30)})
    monkeypatch.setattr("snnc.verification.board_clock.board_clock", lambda *given: (clock, ()))
    assert main(["chip", str(held.path)]) == 0
    printed = capsys.readouterr()
    assert "what the core takes, of what there is by placement" in printed.out
    assert re.search(r"^ ICESTORM_RAM +17 / 30 *$", printed.out, re.M)
    assert not re.search(r"^ block RAMs", printed.out, re.M)
    assert "clock: met: 30.5 MHz after routing, the board runs it at 24 MHz" in printed.out
    assert printed.err.strip() == f"next: snnc targets --for {held.path}"


def rows_of(capsys, path) -> dict[str, str]:
    """Of each board what it takes, and as JSON the settings."""
    assert main(["targets", "--for", str(path), "--dataset", "none", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["targets"]
    return {row["target"]: row for row in found if row["target"].startswith("fpga")}


@pytest.mark.parametrize("spec", ["fpga:board=icebreaker:lanes=4", "fpga:lanes=4"])
def test_the_boards_are_compared_with_the_lanes_of_an_export(spec, tmp_path, capsys):
    """Of itself an iCE40 gets 2 lanes for this network, which fit without SPRAM."""
    held = exported(tmp_path, spec)
    own = rows_of(capsys, held.path)
    assert own["fpga icebreaker"]["use"].startswith("iCEBreaker with iCE40UP5K, 4 lanes: ")
    assert own["fpga ulx3s"]["use"].startswith("ULX3S with LFE5U-85F, 4 lanes: ")
    mean = cycles_by_hand(held, 4).sum(axis=1).mean()
    assert own["fpga icebreaker"]["latency_s"] == pytest.approx(mean / 24e6)
    assert ", 2 lanes: " in rows_of(capsys, held.path / "graph.nir")["fpga icebreaker"]["use"]


def test_the_lanes_that_a_board_was_filled_with_are_those_of_the_core(tmp_path, capsys):
    """The manifest says "fit"; on an iCE40 these are 2."""
    found = rows_of(capsys, exported(tmp_path, "fpga:board=icebreaker").path)
    assert found["fpga icebreaker"]["use"].startswith("iCEBreaker with iCE40UP5K, 2 lanes: ")
    assert found["fpga ulx3s"]["use"].startswith("ULX3S with LFE5U-85F, 2 lanes: ")


def test_lanes_that_a_board_does_not_hold_are_as_many_as_fit(tmp_path, capsys):
    found = rows_of(capsys, exported(tmp_path, "fpga").path)
    assert found["fpga icebreaker"]["use"].startswith("iCEBreaker with iCE40UP5K, 2 lanes: ")
    (told,) = found["fpga icebreaker"]["changes"]
    assert told.startswith("export it again; with --lanes 16")
    assert told.endswith(", as it was exported, it does not fit")
    assert found["fpga ulx3s"]["changes"] == []
    assert found["fpga ulx3s"]["use"].startswith("ULX3S with LFE5U-85F, 16 lanes: ")


def test_a_clock_is_that_of_the_export(tmp_path, capsys):
    found = rows_of(capsys, exported(tmp_path, "fpga:board=ulx3s:lanes=8:clock=100").path)
    assert found["fpga ulx3s"]["basis"] == "100 MHz"
    assert found["fpga icebreaker"]["basis"] == "24 MHz"
    assert found["fpga"]["spec"] == load_target("fpga").spec  # the core alone, as of any network
