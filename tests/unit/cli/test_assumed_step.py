"""Where a file of samples in steps does not say how long a step is, what is taken for it is told."""

from __future__ import annotations

import numpy as np
import pytest
from models import ON_GOLDEN
from order_task import config, order_task
from own_samples import random_spikes, written

import snnc
from snnc.cli import main
from snnc.errors import UnlikelyWarning
from snnc.exporter.artifact import read_artifact
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model
from snnc.trainer.splitting import load_recordings

pytestmark = pytest.mark.slow
OF_ORDER = "own.npz has no dt: its steps are taken for 0.01 s each"
"""The step of `config`."""


def in_steps(path, count=20):
    """Recordings of `order_task` in steps of 10 ms, in a file that does not say so."""
    task = order_task(count)
    spikes = task.frames(np.arange(count), 0.01, 12)
    return written(path, spikes=spikes, labels=task.labels, classes=np.array(task.class_names))


@pytest.mark.parametrize(
    "command", [["run"], ["verify", *ON_GOLDEN, "--executors", "oracle"], ["chip"]], ids=" ".join
)
def test_input_for_an_artifact(command, tiny_artifact, tmp_path, capsys) -> None:
    step_s = read_artifact(tiny_artifact).graph.bin_s
    path = written(tmp_path / "own.npz", spikes=random_spikes(2))
    assert main([command[0], str(tiny_artifact), *command[1:], "-i", str(path)]) == 0
    told = capsys.readouterr()
    of = "input: " if command[0] == "verify" else ""
    assert f"note: {of}own.npz has no dt: its steps are taken for {step_s:g} s each" in told.out + told.err
    written(path, spikes=random_spikes(2), dt=step_s)
    assert main([command[0], str(tiny_artifact), *command[1:], "-i", str(path)]) == 0
    told = capsys.readouterr()
    assert "no dt" not in told.out + told.err


def test_of_an_artifact_only_its_golden_inputs_need_no_note(tiny_artifact, refused, capsys) -> None:
    assert main(["run", str(tiny_artifact), "-i", str(tiny_artifact / "golden.npz")]) == 0
    assert "note: " not in capsys.readouterr().out
    own = written(tiny_artifact / "own.npz", spikes=random_spikes(2))
    assert main(["run", str(tiny_artifact), "-i", str(own)]) == 0
    assert "note: own.npz has no dt" in capsys.readouterr().out
    written(own, spikes=random_spikes(2), label=np.zeros(2, int))
    assert "its array 'label' is not read" in refused("run", tiny_artifact, "-i", own)


def test_data_to_train_with(tmp_path) -> None:
    said: list[str] = []
    path = in_steps(tmp_path / "own.npz", 40)
    load_recordings(config(dataset=str(path)), said.append)
    told, again = said
    assert told == OF_ORDER
    assert "recordings are, event by event, earlier ones again" in again  # in steps as coarse as these


def test_other_data_for_a_model(tmp_path, capsys) -> None:
    told = config(epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told, data=order_task(40)), tmp_path / "m.pt")
    model, data = str(tmp_path / "m.pt"), str(in_steps(tmp_path / "own.npz"))
    assert main(["test", model, "--dataset", data]) == 0
    assert f"note: {OF_ORDER}" in capsys.readouterr().err
    assert main(["test", model, "--dataset", data, "--split", "validation"]) == 0
    assert f"note: {OF_ORDER}" in capsys.readouterr().err
    assert main(["export", model, "--target", "c", "--dataset", data]) == 0
    assert f"note: {OF_ORDER}" in " ".join(capsys.readouterr().out.split())
    with pytest.warns(UnlikelyWarning, match=OF_ORDER):
        snnc.test(model, data)
