"""`snnc train --log-dir`: what TensorBoard reads back."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from order_task import config, order_task, own_run
from outside import largest_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from snnc.cli import main
from snnc.stages import TrainedModel
from snnc.trainer import loop
from snnc.trainer.loop import EpochMetrics, train
from snnc.trainer.model_file import load_model

pytestmark = pytest.mark.slow

RUN = config(epochs=6, finetune_epochs=2, quantise_epochs=1)


def wait_a_second() -> None:
    """TensorBoard reads files in the order of their names, which begin with the second they were begun in."""
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.02)


def read(folder: Path) -> EventAccumulator:
    found = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0})
    return found.Reload()


def scalars(log: EventAccumulator, tag: str) -> list[tuple[int, float]]:
    return [(event.step, event.value) for event in log.Scalars(tag)]


def history(model: TrainedModel, field: str) -> list[tuple[int, float]]:
    return [(epoch["epoch"] + 1, pytest.approx(epoch[field])) for epoch in model.metrics["history"]]


def assert_whole(log: EventAccumulator, model: TrainedModel) -> None:
    """Every epoch once, with the numbers of the model's history."""
    assert len(model.metrics["history"]) == 9
    for tag, field in (
        ("loss/train", "loss"),
        ("loss/validation", "validation_loss"),
        ("loss/validation_rounded", "validation_loss_rounded"),
        ("accuracy/train", "train_accuracy"),
        ("accuracy/validation", "validation_accuracy"),
        ("accuracy/validation_rounded", "validation_accuracy_rounded"),
        ("delays/sigma", "sigma"),
        ("delays/moved", "moved"),
    ):
        assert scalars(log, tag) == history(model, field), tag


def test_what_a_recipe_measures(tmp_path: Path) -> None:
    fields = {"epochs": 1, "finetune_epochs": 0, "quantise_epochs": 0, "prune_to": 0.5, "grow_delays": 2}
    mine, logs = own_run(tmp_path, **fields, activity_cost=1.0), tmp_path / "logs"
    assert main(["train", str(mine), "-o", str(tmp_path / "model.pt"), "--log-dir", str(logs)]) == 0
    log, trained = read(logs), load_model(tmp_path / "model.pt")
    assert trained.metrics["history"][0]["kernels"] == "7-7"
    for name in ("synapses", "firing", "operations"):
        assert scalars(log, f"recipe/{name}") == history(trained, name)


def test_scalars_and_histograms(tmp_path: Path) -> None:
    mine = own_run(tmp_path, **RUN.model_dump(exclude_defaults=True), synapses_per_neuron=3)
    logs, model = tmp_path / "logs" / "mine", tmp_path / "model.pt"
    assert main(["train", str(mine), "-o", str(model), "--log-dir", str(logs)]) == 0
    log, trained = read(logs), load_model(model)
    assert_whole(log, trained)

    weights = scalars(log, "learning_rate/weights")
    assert [step for step, _ in weights] == list(range(1, 10))
    assert max(rate for _, rate in weights[:6]) <= RUN.lr_weights
    assert (weights[6][1], weights[8][1]) == pytest.approx((RUN.finetune_lr, RUN.quantise_lr))
    positions = scalars(log, "learning_rate/positions")
    assert [step for step, _ in positions] == list(range(1, 7))  # they are fixed after that
    assert positions[0][1] == pytest.approx(RUN.lr_positions)

    for layer in trained.layers:
        histograms = log.Histograms(f"delays/{layer.name}")
        assert [event.step for event in histograms] == [5, 9]
        # Three synapses a neuron; at the end in the bars of the model's whole delays, 0 .. 6.
        assert all(event.histogram_value.num == 3 * len(layer.weight) for event in histograms)
        delays = 3 - layer.position[layer.weight != 0]
        assert counts(histograms[-1].histogram_value) == dict(
            zip(*np.unique(delays, return_counts=True), strict=True)
        )


def counts(histogram: Any) -> dict[float, int]:
    """Of each whole step, from a histogram with bars of one step."""
    return {
        limit - 0.5: int(count)
        for limit, count in zip(histogram.bucket_limit, histogram.bucket, strict=True)
        if count
    }


@pytest.mark.parametrize("stop", [1, 4, 7, 9])
def test_a_resumed_run_goes_on_in_its_log(tmp_path: Path, stop: int) -> None:
    data, file, logs = order_task(40), tmp_path / "run.ckpt", tmp_path / "logs"

    def interrupt(metrics: EpochMetrics) -> None:
        if metrics.epoch + 1 == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(RUN, data=data, checkpoint=file, log_dir=logs, progress=interrupt)
    wait_a_second()
    model = train(RUN, data=data, checkpoint=file, log_dir=logs, resume=True)
    assert_whole(read(logs), model)


def test_an_epoch_logged_twice_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the log and before the checkpoint of the fourth epoch."""
    data, file, logs = order_task(40), tmp_path / "run.ckpt", tmp_path / "logs"
    write, written = loop.write_checkpoint, []

    def killed(*arguments: Any) -> None:
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(write(*arguments))

    monkeypatch.setattr(loop, "write_checkpoint", killed)
    with pytest.raises(KeyboardInterrupt):
        train(RUN, data=data, checkpoint=file, log_dir=logs)
    monkeypatch.undo()
    assert len(scalars(read(logs), "loss/train")) == 4
    wait_a_second()
    model = train(RUN, data=data, checkpoint=file, log_dir=logs, resume=True)
    assert_whole(read(logs), model)


def test_a_new_run_replaces_the_old_one_in_the_log(tmp_path: Path) -> None:
    train(config(epochs=20, finetune_epochs=0), data=order_task(40), log_dir=tmp_path)
    wait_a_second()
    model = train(RUN, data=order_task(40), log_dir=tmp_path)
    assert_whole(read(tmp_path), model)


def test_tensorboard_is_optional(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    monkeypatch.delitem(sys.modules, "torch.utils.tensorboard", raising=False)
    monkeypatch.setitem(sys.modules, "tensorboard", None)  # importing it fails
    arguments = ("train", "digits", "-o", tmp_path / "model.pt")
    said = refused(*arguments, "--log-dir", tmp_path / "logs")
    assert "TensorBoard is not installed; pip install 'snnc[tensorboard]', or leave --log-dir out" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_log_on_a_full_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """TensorBoard writes in a thread of its own."""
    arguments = ["train", "digits", "--set", "hidden=[4]", "--epochs", "1", "-o", str(tmp_path / "model.pt")]
    with largest_file(60):
        assert main([*arguments, "--log-dir", str(tmp_path / "logs")]) == 2
    network, recordings, said = capsys.readouterr().err.splitlines()
    assert network.startswith("network 140-4-20, ")
    assert recordings.startswith("recordings: ")
    assert said == f"snnc: {tmp_path / 'logs'}: cannot be written (File too large); choose another --log-dir"
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


def test_a_log_that_cannot_be_written(tmp_path: Path, refused: Callable[..., str]) -> None:
    (tmp_path / "file").touch()
    arguments = ("train", "digits", "-o", tmp_path / "model.pt")
    for place in ("file", "file/logs"):
        said = refused(*arguments, "--log-dir", tmp_path / place)
        assert f"{place}: cannot be written" in said
        assert "choose another --log-dir" in said
