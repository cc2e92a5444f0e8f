"""A network for SpiNNaker from its export to the verdict, in Brian2 and in a board's arithmetic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from graph_cases import dense, graph_of, li, lif, source
from models import ON_GOLDEN, saved, tiny_model

from snnc.cli import main
from snnc.exporter.graph_export import export_graph

pytestmark = [pytest.mark.slow, pytest.mark.outside]

NAMES = ("pynn-brian2", "spinnaker-fixed")


def verified(folder: Path) -> tuple[int, dict[str, Any]]:
    """The exit code of `snnc verify`, and its report."""
    code = main(["verify", str(folder), *ON_GOLDEN, "--executors", ",".join(NAMES), "-v"])
    return code, json.loads((folder / "report.json").read_text())


def test_each_differs_for_a_reason_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "net"
    model = saved(tiny_model(), tmp_path)
    assert main(["export", str(model), "--target", "spinnaker", "--no-budget", "-o", str(folder)]) == 0
    code, report = verified(folder)
    assert code == 1
    assert not report["trusted"]
    out = capsys.readouterr().out
    assert "NOT EQUAL: first divergence in " in out
    assert "bit-exact" not in out.lower().replace("it is never bit-exact", "")
    rows = {row["name"]: row for row in report["executors"] if row["samples"]}
    for name, causes in (("pynn-brian2", ["no-rounding"]), ("spinnaker-fixed", ["board-rounding"])):
        assert rows[name]["rung"]["level"] < 5
        assert rows[name]["own_arithmetic"].startswith("it computes in")
        diagnosis = rows[name]["divergence"]["diagnosis"]
        assert [cause["name"] for cause in diagnosis["causes"]] == causes
        assert rows[name]["divergence"]["reproducer"] is None


def test_where_nothing_is_rounded_both_are_equal_on_these_inputs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = graph_of(
        [source("x", 2), lif("h", 2, threshold=3, decay_v=4096), li("y", 2, decay_v=4096)],
        [dense("x", "h", [[2, 4], [3, 1]]), dense("h", "y", [[1, 2], [3, -1]], 1)],
        12,
    )
    folder = tmp_path / "net"
    export_graph(graph, "spinnaker", folder)
    code, report = verified(folder)
    assert (code, report["trusted"], report["rung"]["label"]) == (0, True, "spikes after a shift")
    out = capsys.readouterr().out
    assert out.startswith("+ EQUAL ON THESE INPUTS   3 executors, 8 samples (all golden)\n")
    assert "Equal on these inputs: torch = pynn-brian2 = spinnaker-fixed over 8 samples (all golden); " in out
