"""Time and energy on the chip of a graph that is no chain: `chip`, `verify` and the report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from graph_cases import adlif, dense, graph_of, li, lif, source

from snnc.cli import main
from snnc.errors import InputError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.pipeline import export_graph
from snnc.hwsim.machine.summary import ADAPTATION
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.stages import QuantizedGraph
from snnc.target import Target
from snnc.targets.registry import load_target
from snnc.verification.chip import estimate_artifact
from snnc.verification.comparison import InputGroup
from snnc.verification.verify import NO_ESTIMATE, verify


def graph() -> QuantizedGraph:
    """x -> h -> g -> y; h and g excite each other. On the chip: levels 0, 1, 2, 3, so T + 3 steps."""
    return graph_of(
        [source("x", 2), adlif("h", 3, threshold=1, kb=40), lif("g", 2), li("y", 2)],
        [
            dense("x", "h", [[5, 3], [2, 6], [4, 4]]),
            dense("h", "g", [[4, 1, 1], [2, 5, 1]]),
            dense("g", "h", [[-1, 1], [1, -2], [1, 1]], 2),
            dense("g", "y", [[3, 1], [1, 4]]),
        ],
        7,
    )


SPIKES = np.random.default_rng(1).integers(0, 2, (3, 7, 2)).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_graph(
        graph(), "loihi", tmp_path_factory.mktemp("graph") / "net", allow_saturation=True
    ).path


def test_chip_prints_and_lists_steps(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "spikes.npz"
    np.savez(given, spikes=SPIKES)
    assert main(["chip", str(folder), "--input", str(given)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "neurons 0–2 of h and neurons 0–1 of g and neurons 0–1 of y" in printed
    assert f"estimate: {ADAPTATION}" in printed
    assert main(["chip", str(folder), "--input", str(given), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["samples"], found["steps"], found["notes"]) == (3, 7 + 3, [ADAPTATION])
    assert main(["chip", str(folder), "--input", str(given), "--per-step", "1", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["steps"]) == 7 + 3


def test_verify_and_its_report_have_the_chip(folder: Path) -> None:
    artifact = read_artifact(folder)
    report = verify(artifact, [InputGroup("own", SPIKES)], executors=["oracle"])
    assert report.chip == estimate_artifact(artifact, SPIKES)
    assert report.chip_inputs == "own"
    assert not any("not estimated" in note for note in report.notes)
    assert from_json(to_json(report)) == report
    page = to_html(report)
    assert "The chip takes 10 steps for a sample of 7 steps: a spike takes a step to the next" in page
    assert "Time: the share for which each core works" in page
    assert "neurons 0–2 of h and neurons 0–1 of g and neurons 0–1 of y" in page
    assert ADAPTATION in page


def test_a_target_without_levels_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without: Target = replace(load_target("loihi"), levels=None)
    artifact = read_artifact(folder)
    for module in ("chip", "verify"):
        monkeypatch.setattr(f"snnc.verification.{module}.load_target", lambda name: without)
    with pytest.raises(InputError, match="loihi: has no levels of a graph that is no chain"):
        estimate_artifact(artifact, SPIKES)
    report = verify(artifact, [InputGroup("own", SPIKES)], executors=["oracle"])
    assert report.chip is None
    assert NO_ESTIMATE in report.notes
