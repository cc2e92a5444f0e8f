"""Runs in which nobody but the test speakers is held out (`validation = "training"`)."""

from pathlib import Path

import numpy as np
import pytest
from order_task import config, order_task

import snnc
from snnc.cli import main
from snnc.errors import ConfigError
from snnc.stages import TrainedModel
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import EpochMetrics, train
from snnc.trainer.model_file import save_model
from snnc.trainer.samples import load_samples, load_splits
from snnc.trainer.splitting import published_parts, splits_of
from snnc.trainer.sweep import load_sweep

ON_ALL = {"validation": "training", "test_speakers": [5, 6]}


def test_all_but_the_test_speakers_train() -> None:
    data = order_task()
    parts = splits_of(config(**ON_ALL), data)
    others = {0, 1, 2, 3, 4, 7, 8, 9}
    assert set(parts.train.speaker.tolist()) == others
    assert set(parts.test.speaker.tolist()) == {5, 6}
    assert set(parts.validation.speaker.tolist()) == others
    assert len(parts.validation) == min(1000, len(parts.train))
    again = splits_of(config(**ON_ALL, seed=1), data)
    assert again.validation.sha256() == parts.validation.sha256()


def test_without_test_speakers_everything_trains() -> None:
    data = order_task()
    parts = splits_of(config(validation="training"), data)
    assert (len(parts.train), len(parts.test)) == (len(data), 0)


@pytest.mark.parametrize("network", [{}, {"recurrence": "axon"}])
def test_the_last_epoch_is_kept_and_the_reader_is_told(network: dict[str, str]) -> None:
    """The rates rise to their peak: of so few epochs, some are better than a later one."""
    seen: list[EpochMetrics] = []
    said: list[str] = []
    settings = config(**ON_ALL, **network, epochs=8, finetune_epochs=3, finetune_lr=0.5, quantise_epochs=0)
    model = train(settings, data=order_task(), progress=seen.append, notify=said.append)
    assert "no recording is held out to validate" in "".join(said)
    kept = [metrics.epoch for metrics in seen if metrics.best]
    ranks = [(metrics.validation_accuracy_rounded, -metrics.validation_loss_rounded) for metrics in seen]
    gaussian = [rank for rank, metrics in zip(ranks, seen, strict=True) if metrics.phase == "gaussian"]
    whole = ranks[len(gaussian) :]
    assert whole.index(max(whole)) < len(whole) - 1, "the last epoch is the best; the test shows nothing"
    assert kept[-3:] == [8, 9, 10]
    assert model.metrics["selected_epoch"] == 10
    final = model.metrics["validation"]["final"]
    assert final["accuracy"] == pytest.approx(seen[-1].validation_accuracy_rounded)


def test_integers_of_the_last_epoch_are_kept() -> None:
    """Even if they are worse than those before training in integers, at a rate that is far too high."""
    seen: list[EpochMetrics] = []
    settings = config(**ON_ALL, epochs=4, finetune_epochs=1, quantise_epochs=1, quantise_lr=5.0)
    model = train(settings, data=order_task(), progress=seen.append)
    assert isinstance(model, TrainedModel)
    steps = model.metrics["validation"]
    last = seen[-1].validation_loss_rounded
    assert last > steps["int8"]["loss"], "the last epoch is the best; the test shows nothing"
    assert steps["int8_final"]["loss"] == pytest.approx(last)


def test_a_split_of_such_a_model_says_what_it_is(tmp_path: Path) -> None:
    settings = config(**ON_ALL, epochs=1, finetune_epochs=0, quantise_epochs=0)
    model = train(settings, data=order_task())
    assert load_samples(model, "validation", order_task()).name == "validation (of training)"
    assert load_samples(model, "test", order_task()).name == "test"
    assert np.unique(load_samples(model, "test", order_task()).events.speaker).tolist() == [5, 6]


def test_speakers_cannot_be_held_out_as_well() -> None:
    with pytest.raises(ConfigError, match=r"validation_speakers are \[3\], but validation = 'training'"):
        config(validation="training", validation_speakers=[3])


def test_a_published_split_is_not_mixed() -> None:
    with pytest.raises(ConfigError, match="dataset 'ssc' has a validation part of its own"):
        published_parts(config(dataset="ssc", validation="training"), ("train",))


def test_a_sweep_has_nothing_to_compare(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(
        'base = "digits"\nseeds = [0]\n[variants.all]\nvalidation = "training"\n', encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="variant 'all': validation = 'training' leaves nothing to compare"):
        load_sweep(tmp_path / "sweep.toml", tmp_path)


def test_recordings_that_train_and_validate_are_compared_once(tmp_path: Path, capsys) -> None:
    """Of 40 recordings 32 train, all of which validate, too, and 8 test."""
    save_events_npz(order_task(40), tmp_path / "task.npz")
    quick = {"epochs": 1, "finetune_epochs": 0, "quantise_epochs": 0}
    model = train(config(**ON_ALL, **quick, dataset=str(tmp_path / "task.npz")))
    save_model(model, tmp_path / "m.pt")
    snnc.load(tmp_path / "m.pt").export("c", tmp_path / "m.c", budget=False)
    capsys.readouterr()
    every = ("--samples", "all", "--split", "all", "--generated", "0", "--executors", "oracle")
    assert main(["verify", str(tmp_path / "m.c"), *every, "--allow-missing"]) == 0
    assert "40 recordings" in " ".join(capsys.readouterr().out.split())
    assert [len(each) for each in load_splits(model, ("train", "validation", "test"))] == [32, 8]
    assert len(load_samples(model, "validation")) == 32
