"""That neurons which fire at their threshold fire above it alone in integers is told where integers are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import snnc
from snnc.cli import main
from snnc.conversion.neurons import Cell, Gives
from snnc.verification.at_threshold import at_threshold

SAID = (
    "at the threshold (v >= threshold) in the network in real numbers, and above it alone (v > threshold) in "
    "the integers; on these inputs v met a threshold exactly "
)


class Firing(torch.nn.Module):
    """v = v / 2 + x; spike where v >= 1, and v is 0 then."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        v, spikes = torch.zeros_like(x[0]), []
        for step in x:
            v = v / 2 + step
            spikes.append((v >= 1).float())
            v = v * (v < 1)
        return torch.stack(spikes)


def converted() -> snnc.Network:
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(6, 4, bias=False), Firing(), torch.nn.Linear(4, 3, bias=False), Firing()
    )
    with torch.no_grad():
        for layer in (net[0], net[2]):
            layer.weight.copy_(torch.randint(-2, 5, layer.weight.shape) / 4)

    @snnc.converter(Firing)
    def _cell(module: Firing, path: str) -> Cell:
        says = {"keep_u": 0.0, "keep_v": 0.5, "threshold": 1.0, "fires": "at", "reset": "zero"}
        return Cell(path, says, gives=lambda args, kwargs, out: Gives(args[0], spikes=out), time_dim=0)

    x = torch.from_numpy(np.random.default_rng(0).integers(0, 2, (20, 8, 6))).float()
    return snnc.from_torch(net, x, dt=1e-3)


@pytest.mark.parametrize(
    ("counts", "met", "told"),
    [
        ((), 5, ()),
        ((0,), 5, ()),
        ((160,), 34, (f"160 neurons fire {SAID}34 times",)),
        ((1,), 1, (f"1 neuron fires {SAID}once",)),
        ((2, 3), 0, (f"5 neurons fire {SAID}never",)),
    ],
)
def test_the_sentence(counts: tuple[int, ...], met: int, told: tuple[str, ...]) -> None:
    passes = [{"changes": {"fires_at_only_above": each}} for each in counts]
    assert at_threshold({"passes": [*passes, {"changes": {}}, 7, {"changes": "none"}]}, met) == told


def test_export_and_verify_tell_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exported = converted().export("c", tmp_path / "net.c")
    said = "7 neurons fire at the threshold (>=) in real numbers, and above it alone (>) in the integers"
    assert said in str(exported)
    assert main(["verify", str(exported.path), "--executors", "oracle", "--allow-missing"]) == 0
    report = json.loads((exported.path / "report.json").read_text())
    (note,) = (each for each in report["notes"] if "at the threshold" in each)
    assert note == f"7 neurons fire {SAID}{report['threshold_equalities']} times"
    assert note in " ".join(capsys.readouterr().out.split())
