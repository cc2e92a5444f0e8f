"""That samples of a user have no event on lines that lead to neurons, where no record of training is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from graph_cases import dense, graph_of, li, source

import snnc
from snnc.cli import main
from snnc.exporter.graph_export import export_graph
from snnc.stages import Convolution, Projection

LINES, STEPS = 6, 8
WEIGHT = np.array([[0, 1, 2, 3, 4, 5]], np.int32)
"""No synapse leads from line 0."""
SAID = (
    "2 of 5 input lines that lead to neurons have no event in any of the 3 samples (2, 4), so these "
    "samples do not compare their synapses"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    graph = graph_of((source("x", LINES), li("y")), (dense("x", "y", WEIGHT),), STEPS)
    return export_graph(graph, "c", tmp_path_factory.mktemp("silent") / "net").path


def given(lines: list[int], samples: int = 3) -> np.ndarray:
    found = np.zeros((samples, STEPS, LINES), np.uint8)
    found[:, 0, lines] = 1
    return found


def test_python_and_the_command_say_it_once(place: Path, tmp_path: Path, capsys) -> None:
    options = {"executors": ["oracle"], "generated": 0, "verbose": False}
    found = snnc.load(place).verify(given([1, 3, 5]), **options)
    assert found.notes == (SAID,)
    assert SAID in str(found)
    assert SAID in found.path.read_text()
    np.savez(tmp_path / "x.npz", spikes=given([1, 3, 5]), dt=0.001)
    command = ["verify", str(place), "-i", str(tmp_path / "x.npz"), "-o", str(tmp_path / "v")]
    assert main([*command, "--executors", "oracle", "--generated", "0"]) == 0
    assert f"  note: input: {SAID}" in capsys.readouterr().out.splitlines()
    assert json.loads((tmp_path / "v/report.json").read_text())["notes"] == [f"input: {SAID}"]


@pytest.mark.parametrize(
    ("lines", "samples", "said"),
    [
        ([1, 2, 3, 4, 5], 2, None),  # line 0 leads nowhere
        ([0, 1, 2, 3, 4], 1, "1 of 5 input lines that lead to neurons has no event in the one sample (5), "),
        ([], 2, "5 of 5 input lines that lead to neurons have no event in any of the 2 samples (1 to 5), "),
    ],
)
def test_of_which_lines(place: Path, lines: list[int], samples: int, said: str | None) -> None:
    found = snnc.load(place).verify(given(lines, samples), ["oracle"], generated=0, verbose=False)
    told = [each for each in found.notes if "input lines" in each]
    assert len(told) == (said is not None)
    assert said is None or told[0].startswith(said)


def test_lines_that_share_kernels_are_not_counted(tmp_path: Path) -> None:
    grid = Convolution([[[[1, -2]]]], [[[[0, 2]]]], (1, 2, 3))
    network = graph_of((source("x", LINES), li("y", 4)), (Projection("x", "y", grid),), STEPS)
    artifact = export_graph(network, "c", tmp_path / "net").path
    found = snnc.load(artifact).verify(given([1]), ["oracle"], generated=0, verbose=False)
    assert not [each for each in found.notes if "input lines" in each]
