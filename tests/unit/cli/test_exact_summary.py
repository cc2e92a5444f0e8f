"""What `snnc export` prints of weights that lie on a grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from float_nets import dense, graph, lif

from snnc.cli.console import out
from snnc.cli.export_summary import print_export
from snnc.exporter.pipeline import export_network
from snnc.stages import DiscreteLayer, DiscreteModel, FloatGraph

EXACT = "weights   8 bits, exact: the weights lie on a grid, and none was rounded"
ROUNDED = "weights   8 bits, rounded to them after training"


def said(network: FloatGraph | DiscreteModel, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    print_export(export_network(network, "c", folder / "net.c", name="net"), out())
    return " ".join(capsys.readouterr().out.split("\n"))


def test_a_graph_names_the_grid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(graph(lif(1), dense([1.25, -0.5])), tmp_path, capsys)
    assert " grid of a: weights lie on a grid of 0.25: exact" in found
    assert EXACT in found


def test_what_rounding_lost_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(graph(lif(1), dense([1.2503, 1e-6])), tmp_path, capsys)
    assert " 1 synapses lost: their weights are 0 in integers" in found
    assert "largest error" not in found
    assert "quantise_graph" not in found


def test_a_graph_on_no_grid_is_rounded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(graph(lif(1), dense([1.2503, -0.5])), tmp_path, capsys)
    assert "grid of" not in found
    assert ROUNDED in found


@pytest.mark.parametrize(("weight", "words"), [(0.25, EXACT), (0.2503, ROUNDED)])
def test_a_chain(weight: float, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = {"delay": np.zeros((1, 2), np.int64), "bias": np.zeros(1), "tau": 2.0, "tau_syn": 1.0}
    hidden = DiscreteLayer(name="hidden", weight=np.array([[1.25, weight]]), threshold=1.0, **one)
    one |= {"delay": np.zeros((1, 1), np.int64)}
    readout = DiscreteLayer(name="readout", weight=np.array([[1.5]]), threshold=None, **one)
    assert words in said(DiscreteModel((hidden, readout), 5, 0.001, ("one",)), tmp_path, capsys)
