"""What `snnc export` prints of the passes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from models import saved, tiny_model

from snnc.cli import main
from snnc.exporter.artifact import read_artifact


def test_what_a_pass_changed_in_a_chain_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A weight step is 64 units of v, so other biases are rounded; nothing is said where none was."""
    command = ["export", str(saved(tiny_model(), tmp_path)), "--target", "c", "--no-budget"]
    assert main([*command, "-o", str(tmp_path / "fine")]) == 0
    assert "whole_bias: " not in capsys.readouterr().out
    layers = read_artifact(tmp_path / "fine").graph.layers
    moved = sum(int(np.count_nonzero(layer.bias % 64)) for layer in layers)
    assert moved > 0
    assert main([*command, "-o", str(tmp_path / "whole"), "--whole-bias"]) == 0
    said = capsys.readouterr().out
    assert f"\nwhole_bias: biases rounded: {moved}\n" in said
    for name in ("discretise", "quantise", "prune", "legalise", "place"):
        assert f"\n{name}: " not in said
