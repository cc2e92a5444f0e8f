"""Of a network that nothing stirs, which `verify` refuses, no command sends a user to `verify`."""

from __future__ import annotations

import shlex
from dataclasses import replace

import numpy as np
import pytest
from models import digits_model, saved

from snnc.cli import main


@pytest.fixture
def silent(tmp_path, monkeypatch):
    """No neuron can reach its threshold."""
    model, path = digits_model(), tmp_path / "m.pt"
    hidden = replace(model.layers[0], threshold=1e3)
    monkeypatch.chdir(tmp_path)
    saved(replace(model, layers=(hidden, model.layers[1]), gaussian=None), tmp_path).rename(path)
    return path


def after(capsys, *words: str) -> str:
    """The next command after `snnc` of the `words`; what stands before is there, too."""
    assert main(list(words)) == 0
    said = capsys.readouterr()
    return (said.out + said.err).rstrip("\n")


@pytest.mark.parametrize("target", ["c", "fpga:board=icebreaker"])
def test_the_command_behind_an_export_is_not_refused(silent, target, capsys) -> None:
    said = after(capsys, "export", "m.pt", "-t", target, "-o", "m.out", "--no-budget")
    assert "! no neuron spikes on its golden inputs, dense ones among them, and the readout stays 0" in said
    assert said.endswith("\nnext: snnc inspect m.out")
    said = after(capsys, *shlex.split(said.rpartition("next: snnc ")[2]))
    assert "\nsilent: no neuron spikes on its golden inputs" in said
    assert said.endswith("\nnext: snnc run m.out --input FILE")
    assert main(["verify", "m.out", "--dataset", "none"]) == 2
    assert "m.out: no neuron spikes on its golden inputs" in capsys.readouterr().err


def test_so_after_other_commands(silent, tmp_path, capsys) -> None:
    after(capsys, "export", "m.pt", "-t", "c", "-o", "m.c", "--no-budget")
    assert after(capsys, "inspect", "m.pt").endswith("\nnext: snnc inspect m.c")
    np.savez(tmp_path / "in.npz", spikes=np.ones((1, 52, 140), np.uint8))
    assert "snnc verify" not in after(capsys, "run", "m.c", "-i", "in.npz")
