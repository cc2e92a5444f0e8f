"""Errors and notes that a user of Python meets name arguments of Python, not options of the command line."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import snntorch
import torch
from order_task import order_task
from torch import nn
from torch_networks import Loop

import snnc
from snnc.api.words import in_python
from snnc.errors import SnncError

OPTION = re.compile(r"(?<![\w-])--[a-z]")
COMMAND = re.compile(r"`snnc [^`]*`")
DATA = "give data, which snnc.from_arrays(x, labels, dt=...) makes"


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    module = Loop(nn.Sequential(nn.Linear(3, 4), snntorch.Leaky(0.9, init_hidden=True)))
    return snnc.from_torch(module, torch.ones(6, 2, 3), dt=1e-3, verbose=False)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_drop": 1}, f"max_drop: no data are known to measure on; {DATA}"),
        ({"budget": True}, f"budget: no data are known to measure on; {DATA}"),
        ({"prune": None}, "prune=None needs max_drop: how many points of accuracy may be lost"),
        ({"prune_by": "lines"}, "has no effect without prune=SHARE; give both"),
        ({"percentile": 3}, "percentile needs scale='percentile' or 'task'; give one, or leave it out"),
        ({"max_drop": 1, "weight_bits": [4]}, "give a single number as weight_bits"),
        ({"max_drop": 1, "data": "digits"}, "recordings, which snnc.from_arrays(x, labels, dt=...) makes"),
    ],
)
def test_of_an_export(options, said, network, tmp_path):
    with pytest.raises(SnncError) as found:
        network.export("c", tmp_path / "net.c", **options)
    assert said in str(found.value)
    assert not OPTION.search(str(found.value))


def test_of_a_file_without_spikes(network, tmp_path):
    np.savez(tmp_path / "none.npz", x=np.zeros(3))
    with pytest.raises(SnncError, match=r"none\.npz: holds no spikes; give recordings, which snnc"):
        network.export("c", tmp_path / "net.c", max_drop=1, data=tmp_path / "none.npz")


@pytest.mark.parametrize("settings", [{}, {"data_dir": "nowhere"}])
def test_of_published_data(settings):
    with pytest.raises(SnncError) as found:
        snnc.train("shd", **settings)
    assert "`snnc train NAME --data-dir FOLDER --download` fetch" in str(found.value)
    assert not OPTION.search(COMMAND.sub("", str(found.value)))


def test_of_a_note_on_speakers(capsys):
    names = (*(f"MX{number}" for number in range(9)), "O'Neil")
    data = replace(order_task(40), speaker=np.arange(40) % 10, speaker_names=names)
    held = {"validation_speakers": ["MX7"], "test_speakers": ["O'Neil"]}
    snnc.train(data, config="digits", hidden=[2], epochs=1, finetune_epochs=0, weight_bits=[], **held)
    (note,) = (line for line in capsys.readouterr().out.splitlines() if "one more validates" in line)
    assert note.endswith("with validation_speakers=['MX8', 'MX7'], test_speakers=[\"O'Neil\"]")
    assert not OPTION.search(note)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("or --set validation=training alone", "or validation='training' alone"),
        ("(--set 'validation_speakers=[...]')", "(validation_speakers=[...])"),
        ("give --set bin_s=SECONDS", "give bin_s=SECONDS"),
        ("--set skips=true --set 'weight_bits=[8, 4]'", "skips=True, weight_bits=[8, 4]"),
        ("`snnc train a.toml --set epochs=3`", "`snnc train a.toml --set epochs=3`"),
    ],
)
def test_of_settings(text, said):
    assert in_python(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("give --dataset events.npz", "give data='events.npz'"),
        ("give --dataset 'my data/events.npz'", "give data='my data/events.npz'"),
        (
            """give --dataset 'O'"'"'Neil.npz', or leave it out""",
            """give data="O'Neil.npz", or leave it out""",
        ),
        ("give --dataset ../b/events.npz; it", "give data='../b/events.npz'; it"),
        ("give --dataset FILE", "give data=FILE"),
        ("or give a --dataset whose validation part", "or give a data whose validation part"),
        ("pass --reset zero; or --reset subtract-late if", "pass reset='zero'; or reset='subtract-late' if"),
        ("pass --reset fooled", "pass reset fooled"),
        ("--integration exact or impulse if", "integration='exact' or 'impulse' if"),
        ("or --scale mse, which", "or scale='mse', which"),
        (
            "--percentile needs --scale percentile or task; give",
            "percentile needs scale='percentile' or 'task'; give",
        ),
        ("export with --payload-max 1", "export with payload_max=1"),
        ("allow --max-drop 2.50; or", "allow max_drop=2.50; or"),
        ("did you mean --dt 1e-4?", "did you mean dt=1e-4?"),
        ("(--max-drop 1.)", "(max_drop=1.)"),
        ("`snnc verify x --dataset events.npz`", "`snnc verify x --dataset events.npz`"),
        ("--scale mes: unknown (did you mean 'mse'?)", "scale='mes': unknown (did you mean 'mse'?)"),
        ("--reset hard: unknown; choose one of zero", "reset='hard': unknown; choose one of zero"),
        ("--max-drop -1: give 0 .. 100", "max_drop=-1: give 0 .. 100"),
        ("--dataset a b/c.npz: the network", "data='a b/c.npz': the network"),
        ("--percentile needs a: b", "percentile needs a: b"),
        ("--scale : unknown; choose", "scale='': unknown; choose"),
        ("--weight-bits []: names 0 layers", "weight_bits=[]: names 0 layers"),
        ("--weight-bits [4]: names 1 layer", "weight_bits=[4]: names 1 layer"),
        ("--reset ['zero']: unknown", "reset=['zero']: unknown"),
        ("--seed 'x': give a whole number", "seed='x': give a whole number"),
        ("--weight-bits 8,8: names 2", "weight_bits=[8, 8]: names 2"),
        ("--expect a.npz: no such file", "--expect a.npz: no such file"),
    ],
)
def test_of_values(text, said):
    """A value is written as Python takes it; a word that follows an option is none."""
    assert in_python(text) == said
