"""The command that trains by a configuration, and the one that keeps a chip's limits and all else."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import digits_model, saved

from snnc.cli import main
from snnc.cli.free_model import free_model
from snnc.cli.nearest_training import fields_within
from snnc.cli.training_command import training_command
from snnc.targets.registry import load_target
from snnc.trainer.config import load_config, presets
from snnc.trainer.model_file import load_model, save_model

LIMITS = {name: load_target(name).limits for name in ("truenorth", "seneca")}
ALL = ("fan_in", "levels", "no_leak", "whole_bias", "one_delay")
OTHERS = [
    {"dataset": "my own.npz", "bin_s": 0.02, "time_steps": 60, "padding_steps": 0, "hidden": [32]},
    {"dataset": "my.npz", "epochs": 2, "seed": 7, "lr_weights": 1e-05, "batch_norm": False},
    {"epochs": 3, "finetune_epochs": 8, "quantise_epochs": 3, "cache_dir": "12"},
    {"epochs": 3, "finetune_epochs": 3, "quantise_epochs": 3, "cache_dir": "[a"},
    {"validation_speakers": ["ann lee", 'o"k'], "test_speakers": [3]},
    {"validation": "training", "testing": "none", "data_dir": "a b"},
    {"kernel": "triangle", "sigma_final": 1.5, "convolutions": ["16x5/2"], "reset": "zero"},
    {"recurrence": "axon", "recurrent_kernel_size": 9, "neuron": "adlif", "skips": True, "hidden": [9, 9]},
]


def trained_by(command: str, monkeypatch):
    """The configuration and the file of a command that is run up to training itself."""
    found = []

    def instead(config, chosen, output, *rest):
        found.append((chosen, output))
        return replace(digits_model(), config={})

    with monkeypatch.context() as context:
        context.setattr("snnc.cli.train._train_alone", instead)
        assert main(shlex.split(command)[1:]) == 0
    return found[0]


@pytest.mark.parametrize("fields", OTHERS, ids=lambda fields: next(iter(fields)))
def test_every_setting_comes_back(fields, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    if file := fields.get("dataset"):  # which the command asks for its step
        np.savez(file, spikes=np.ones((2, 3, 4), np.uint8), labels=[0, 1])
    config = load_config("digits", fields)
    command = training_command(config, Path("new one.pt"))
    assert trained_by(command, monkeypatch) == (config, Path("new one.pt"))


@pytest.mark.parametrize("name", presets())
def test_a_preset_is_named_and_what_differs_from_it(name: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert training_command(load_config(name), Path("a.pt")) == f"snnc train {name} -o a.pt"
    config = load_config(name, {"seed": 3, "data_dir": "own"})
    command = training_command(config, Path("a.pt"))
    assert command == f"snnc train {name} --data-dir own --seed 3 -o a.pt"
    assert trained_by(command, monkeypatch)[0] == config


def test_limits_change_no_other_field() -> None:
    config = load_config("digits", {"kernel_size": 5, "hidden": [300, 96]})
    found = fields_within(config, ALL, LIMITS["truenorth"], 700)
    same = {"kernel_size": 5, "learn_time_constants": False}
    change = {"hidden": (256, 96), "unit_pool": 4, "tau": 10000, "weight_bits": (2,), "delays_of": "axon"}
    assert found == same | change
    assert fields_within(config, ["one_delay"], LIMITS["seneca"], 700) == {"delays_of": "axon"}
    several = {"recurrence": "synapse", "recurrent_kernel_size": 31, "readout_tau": 20.0, "skips": True}
    loops = load_config("digits", several | {"hidden": [64, 96], "learn_time_constants": True})
    found = fields_within(loops, ALL, LIMITS["truenorth"], 140)
    assert (found["recurrence"], found["recurrent_kernel_size"], found["kernel_size"]) == ("axon", 15, 15)
    assert (found["readout_tau"], found["learn_time_constants"]) == (10000, False)
    assert (found["hidden"], found["unit_pool"]) == ((64, 64), 4)  # 256 sources: four times 64


def test_a_free_name_has_no_checkpoint_either(tmp_path) -> None:
    file = tmp_path / "a-seneca.pt"
    assert free_model(file) == file
    file.with_name("a-seneca.pt.checkpoint").touch()
    file.with_name("a-seneca-2.pt").touch()
    assert free_model(file) == tmp_path / "a-seneca-3.pt"


def commands_of(capsys, path) -> tuple[list[str], str]:
    assert main(["targets", "--for", str(path), "--dataset", "none"]) == 0
    printed = capsys.readouterr().out
    return re.findall("^snnc train .*$", printed, re.M), " ".join(printed.split())


def test_the_pasted_command_trains_the_network_within_the_limits(tmp_path, capsys, monkeypatch) -> None:
    """Of samples in steps, for which `snnc train FILE` chooses settings, and some that were set."""
    monkeypatch.chdir(tmp_path)
    labels, spikes = np.arange(30) % 2, np.zeros((30, 20, 6), np.uint8)
    spikes[labels == 0, 2, :3] = spikes[labels == 1, 19, :3] = 1
    np.savez("my own.npz", spikes=spikes, labels=labels)
    own = ["--dt", "0.004", "--epochs", "1", "--set", "hidden=[4]", "--set", "seed=5"]
    assert main(["train", "my own.npz", "-o", "a.pt", *own]) == 0
    capsys.readouterr()
    (seneca, truenorth), _ = commands_of(capsys, "a.pt")
    kept = load_model("a.pt").config
    limits = {"delays_of": "axon"}
    for command, name, changed in (
        (seneca, "a-seneca.pt", limits),
        (truenorth, "a-truenorth.pt", limits | {"kernel_size": 15, "tau": 10000.0, "weight_bits": [2]}),
    ):
        assert main(shlex.split(command)[1:]) == 0
        assert load_model(name).config == kept | changed
    capsys.readouterr()
    assert commands_of(capsys, "a.pt")[0][0].endswith(" -o a-seneca-2.pt")


def test_what_cannot_be_trained_so_is_no_command(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    config = load_config("digits", {"engine": "reference"}).model_dump(mode="json")
    commands, text = commands_of(capsys, saved(replace(digits_model(), config=config), tmp_path))
    assert not commands
    why = "with these limits and its other settings: engine = 'reference' is for chains of lif layers alone"
    assert f"`snnc train` trains no such network: {why}" in text


def test_an_exported_folder_has_the_settings_of_its_model(digits_artifact, capsys, monkeypatch) -> None:
    monkeypatch.chdir(digits_artifact)
    (seneca, _), text = commands_of(capsys, ".")
    assert seneca.startswith("snnc train digits --epochs 1 --set delays_of=axon")
    assert seneca.endswith(f" -o {digits_artifact.stem}-seneca.pt")
    assert "how this network was trained is not known" not in text


def test_a_network_that_was_fine_tuned_too(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    model = digits_model()
    tuned = replace(model, metrics={**model.metrics, "finetuned": {"target": "c"}})
    save_model(tuned, tmp_path / "model.pt")
    text = commands_of(capsys, tmp_path / "model.pt")[1]
    assert "with the settings of this network otherwise, without its fine-tuning: snnc train" in text
