"""Settings of a preset that hardly suit a user's recordings are told, and which do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from order_task import config, order_task

from snnc.cli import main
from snnc.trainer.data import save_events_npz
from snnc.trainer.suited import unsuited

SHIFT = "channel_shift suits lines of which neighbours are alike, as those of a cochlea"
FEW = "an epoch has 1 batch of up to 128"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ""),
        ({"channel_shift": 2}, f"{SHIFT}; else: --set channel_shift=0"),
        ({"batch_size": 128}, f"{FEW}; else: --set batch_size=8"),
        ({"batch_size": 24}, ""),
        (
            {"channel_shift": 2, "batch_size": 128},
            f"{SHIFT}; {FEW}; else: --set channel_shift=0 --set batch_size=8",
        ),
        ({"channel_shift": 2, "dataset": "order"}, ""),
    ],
)
def test_of_forty_recordings(fields: dict[str, object], told: str) -> None:
    assert unsuited(order_task(40), config(**fields)) == told


def test_lines_of_the_cochlea_have_neighbours() -> None:
    heard = replace(order_task(40), unit_count=140, tick_s=0.0005)
    assert unsuited(heard, config(channel_shift=2)) == ""
    assert "channel_shift" in unsuited(replace(heard, tick_s=0.001), config(channel_shift=2))


def test_a_sweep_and_a_training_tell_it_before_they_begin(
    sweep_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the command of data alone chooses what suits."""
    monkeypatch.chdir(sweep_folder)
    save_events_npz(order_task(40), sweep_folder / "own.npz")
    (sweep_folder / "s.toml").write_text('base = "digits"\nseeds = [0]\n[variants.a]\nhidden = [4]\n')
    brief = ["--set", "epochs=1", "--set", "finetune_epochs=0", "--set", "quantise_epochs=0"]
    own = ["--set", "dataset=own.npz", "--set", "bin_s=0.01", "--set", "kernel_size=3"]
    assert main(["sweep", "s.toml", "-o", "out", *brief, *own, "--no-integers"]) == 0
    note = f"note: {SHIFT}; {FEW}; else: --set channel_shift=0 --set batch_size=8\n"
    assert capsys.readouterr().out.count(note) == 1
    assert main(["train", "digits", "-o", "m.pt", *brief, *own, "--set", "hidden=[4]"]) == 0
    assert note.replace("\n", " ") in " ".join(capsys.readouterr().err.split()) + " "
    assert main(["train", "own.npz", "-o", "n.pt", *brief, *own[2:], "--set", "hidden=[4]"]) == 0
    assert SHIFT not in " ".join("".join(capsys.readouterr()).split())
