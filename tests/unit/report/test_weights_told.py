"""What made the integers of an export, where fine-tuning trained a network in real numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from finetune_nets import events, network

import snnc
from snnc.api.network import Network
from snnc.cli import main


@pytest.fixture(scope="module")
def tuned() -> Network:
    given = {"target": "c", "weight_bits": 4, "epochs": 2, "learning_rate": 0.01, "verbose": False}
    found = snnc.finetune(Network(network(), "net"), events(60), **given)
    assert found.finetuned.epoch > 0
    return found


@pytest.mark.parametrize(
    ("target", "bits", "said"),
    [
        ("c", 4, "4 bits, as fine-tuning left them"),
        ("c", 8, "8 bits, rounded to them after fine-tuning to 4 bits for c"),
        ("c", (4, 8), "hidden 4, out 8 bits, rounded to them after fine-tuning to 4 bits for c"),
        ("loihi", 4, "4 bits, rounded to them after fine-tuning to 4 bits for c"),
    ],
)
def test_integers_are_those_of_fine_tuning_in_its_bits_and_on_its_grids_alone(
    tuned: Network, tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, bits: int, said: str
) -> None:
    made = tuned.export(target, tmp_path / "net.out", weight_bits=bits, verbose=False)
    assert f"weights: {said}\n" in f"{made}\n"
    capsys.readouterr()
    assert main(["inspect", str(tmp_path / "net.out")]) == 0
    assert said in " ".join(capsys.readouterr().out.split())


def test_integers_without_fine_tuning_are_rounded_after_training(tmp_path: Path) -> None:
    made = Network(network(), "net").export("c", tmp_path / "net.c", weight_bits=4, verbose=False)
    assert "weights: 4 bits, rounded to them after training\n" in f"{made}\n"
