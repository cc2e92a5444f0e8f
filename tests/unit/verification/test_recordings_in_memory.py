"""Models that were trained on recordings in memory: what is known of them when they are verified."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from order_task import config, order_task
from own_samples import QUICK, report

from snnc.cli import main
from snnc.errors import InputError, NoDataError
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model
from snnc.trainer.samples import load_samples

pytestmark = pytest.mark.slow


def test_training_on_recordings_in_memory_records_what_they_are(tmp_path, capsys, monkeypatch, refused):
    monkeypatch.chdir(tmp_path)
    data = replace(order_task(40), name="mine")
    model = train(config(dataset="digits", epochs=1, finetune_epochs=0), data=data)
    assert (model.dataset, model.config["dataset"]) == ("mine", "mine")
    assert model.metrics["data"]["sha256"] == data.sha256()
    with pytest.raises(
        NoDataError, match=rf"given in memory \(mine, SHA-256 {data.sha256()[:12]}\.\.\.\); --dataset"
    ):
        load_samples(model, "test")
    save_events_npz(data, "events.npz")
    assert len(load_samples(model, "test", "events.npz")) == 8
    save_model(model, "m.pt")
    assert main(["export", "m.pt", "--no-budget"]) == 0
    capsys.readouterr()
    assert main(["verify", "m.loihi", *QUICK]) == 0
    assert (
        "note: the model was trained on recordings that were given in memory (mine" in capsys.readouterr().out
    )
    assert main(["verify", "m.loihi", *QUICK, "--dataset", "events.npz"]) == 0
    assert report(Path("m.loihi"))["inputs"] == {"golden": 8, "test": 8}
    assert "--dataset FILE names a file of them" in refused("test", "m.pt")


def test_recordings_in_memory_that_a_file_holds_are_named_by_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_events_npz(order_task(40), "events.npz")
    told = config(dataset="events.npz", epochs=1, finetune_epochs=0)
    model = train(told, data=replace(order_task(40), name="mine"))
    assert model.dataset == "events.npz"
    assert len(load_samples(model, "test")) == 8


def test_a_name_that_happens_to_be_a_data_set_is_not_taken_for_it(tmp_path):
    """Recordings called as a shipped data set are not that data set."""
    model = train(config(dataset="digits", epochs=1, finetune_epochs=0), data=order_task(40))
    assert model.dataset == "order"
    with pytest.raises(InputError, match="given in memory"):
        load_samples(model, "test")
