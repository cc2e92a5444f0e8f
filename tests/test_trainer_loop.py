"""Short training runs on a task of order: two groups of units burst, and the class says which is first."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from snnc.errors import ConfigError, ModelFileError, TrainingError
from snnc.stages import TrainedModel
from snnc.trainer.config import TrainConfig, make_config
from snnc.trainer.data import EventDataset
from snnc.trainer.epoch import Feed, measure_statistics, train_epoch
from snnc.trainer.inference import accuracy
from snnc.trainer.loop import EpochMetrics, train
from snnc.trainer.network import build_network
from snnc.trainer.progress import TrainingProgress, describe
from snnc.trainer.splitting import splits_of


def order_task(recordings: int = 160) -> EventDataset:
    """Class 0: units 0-2 burst at a random step and 3-5 four steps later; class 1: the other way round."""
    rng = np.random.default_rng(7)
    labels = np.arange(recordings) % 2
    start = rng.integers(0, 4, recordings)
    unit = np.arange(6)
    second = (unit[None] >= 3) ^ (labels[:, None] == 1)
    times = 10 * (start[:, None] + 4 * second) + rng.integers(0, 10, (recordings, 6))
    return EventDataset(
        times=times.astype(np.uint16).ravel(),
        units=np.tile(unit, recordings),
        offsets=np.arange(recordings + 1) * 6,
        labels=labels,
        speaker=np.arange(recordings) // 4 % 10,
        trial=np.zeros(recordings, np.int64),
        duration=np.full(recordings, 0.1, np.float32),
        tick_s=1e-3,
        unit_count=6,
        class_names=("rising", "falling"),
        name="order",
    )


def config(**changes: object) -> TrainConfig:
    values: dict[str, object] = {
        "dataset": "order.npz",
        "bin_s": 0.01,
        "padding_steps": 4,
        "hidden": [10],
        "kernel_size": 7,
        "tau": 1.5,
        "epochs": 12,
        "batch_size": 16,
        "lr_weights": 2e-2,
        "finetune_epochs": 2,
        "dropout": 0.1,
        "event_dropout": 0.05,
        "seed": 1,
    }
    return make_config(values | changes)


def same(left: TrainedModel, right: TrainedModel) -> bool:
    return dict(left.metrics) == dict(right.metrics) and all(
        np.array_equal(a.weight, b.weight) and np.array_equal(a.position, b.position)
        for a, b in zip(left.layers, right.layers, strict=True)
    )


def test_training_learns_the_order() -> None:
    seen: list[EpochMetrics] = []
    data = order_task()
    model = train(config(), data=data, progress=seen.append)
    assert [metrics.epoch for metrics in seen] == list(range(14))
    assert [metrics.phase for metrics in seen] == ["gaussian"] * 12 + ["rounded"] * 2
    assert seen[-1].loss < 0.5 * seen[0].loss
    assert model.time_steps == data.needed_steps(0.01) + 4
    test = splits_of(config(), data).test
    assert accuracy(model, test, rounded=True) >= 0.95
    # Delays are whole, and the model file's numbers are those of the last step.
    for layer in model.layers:
        assert layer.sigma == 0
        assert np.array_equal(layer.position, np.rint(layer.position))
    steps = model.metrics["validation"]
    assert set(steps) == {"gaussian", "rounded", "statistics", "final"}
    assert steps["rounded"]["loss"] != steps["statistics"]["loss"]
    assert steps["final"]["accuracy"] == max(steps[name]["accuracy"] for name in steps if name != "gaussian")
    validation = splits_of(config(), data).validation
    assert accuracy(model, validation, rounded=False) == pytest.approx(steps["final"]["accuracy"])


def test_selection_waits_for_the_final_sigma() -> None:
    seen: list[EpochMetrics] = []
    train(config(epochs=4, sigma_fraction=0.5, finetune_epochs=0), data=order_task(), progress=seen.append)
    assert [metrics.sigma for metrics in seen] == pytest.approx([3.0, 3.0 * (0.5 / 3) ** 0.5, 0.5, 0.5])
    assert [metrics.best for metrics in seen[:3]] == [False, False, True]


def test_a_seed_fixes_the_model() -> None:
    state = torch.get_rng_state()
    first = train(config(epochs=2), data=order_task())
    assert torch.equal(torch.get_rng_state(), state)  # the caller's generator is left alone
    torch.manual_seed(99)
    assert same(first, train(config(epochs=2), data=order_task()))
    assert not same(first, train(config(epochs=2, seed=2), data=order_task()))


@pytest.mark.parametrize("stop", [1, 3, 4])
def test_an_interrupted_run_resumes_to_the_same_model(tmp_path: Path, stop: int) -> None:
    whole = train(config(epochs=3), data=order_task())
    file = tmp_path / "run.ckpt"

    def interrupt(metrics: EpochMetrics) -> None:
        if metrics.epoch + 1 == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config(epochs=3), data=order_task(), progress=interrupt, checkpoint=file)
    assert [path.name for path in tmp_path.iterdir()] == ["run.ckpt"]
    assert same(whole, train(config(epochs=3), data=order_task(), checkpoint=file, resume=True))


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "run.ckpt"
    train(config(epochs=1, finetune_epochs=0), data=order_task(40), checkpoint=file)
    with pytest.raises(ConfigError, match=r"the checkpoint has tau = 1\.5, this run 3\.0"):
        train(config(epochs=1, finetune_epochs=0, tau=3.0), data=order_task(40), checkpoint=file, resume=True)
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(ModelFileError, match="truncated"):
        train(config(epochs=1, finetune_epochs=0), data=order_task(40), checkpoint=file, resume=True)


def test_a_broken_loss_stops_the_run_and_says_where() -> None:
    with pytest.raises(TrainingError, match=r"epoch \d+, .*the loss is nan \(.*lower lr_weights"):
        train(config(lr_weights=1e38, batch_norm=False), data=order_task(40))


def test_impossible_data() -> None:
    with pytest.raises(ConfigError, match=r"time_steps = 3: event data 'order' needs \d+ steps"):
        train(config(time_steps=3, padding_steps=0), data=order_task(40))
    with pytest.raises(TrainingError, match="the training part has 0 recordings"):
        train(config(), data=order_task(40).select([]))


def test_positions_stay_inside_the_kernel_while_training() -> None:
    network = build_network(config(), 6, 2)
    positions = torch.optim.SGD([made.position for made in network.connections], lr=1e4)
    train_epoch(network, Feed(order_task(40), config(), 14), [positions], np.random.default_rng(0))
    reached = torch.cat([made.position.detach().abs().flatten() for made in network.connections])
    assert reached.max() == 3  # kernel_size 7


def test_statistics_are_those_of_the_whole_step_kernels() -> None:
    feed = Feed(order_task(40), config(batch_size=40, event_dropout=0.0), 14)
    network = build_network(config(), 6, 2)
    network.round_positions()
    measure_statistics(network, feed, np.random.default_rng(0))
    layer = network.hidden[0]
    current = layer.connection(feed.batch(np.arange(40))[0], rounded=True).detach().double().flatten(0, 1)
    np.testing.assert_allclose(layer.norm.running_mean, current.mean(0), atol=1e-5)
    np.testing.assert_allclose(layer.norm.running_var, current.var(0), rtol=1e-4)
    assert layer.norm.momentum == 0.1
    assert not any(module.training for module in network.modules())


def test_named_speakers_are_held_out() -> None:
    parts = splits_of(config(validation_speakers=[2], test_speakers=[5, 6]), order_task())
    assert set(parts.validation.speaker.tolist()) == {2}
    assert set(parts.test.speaker.tolist()) == {5, 6}
    assert set(parts.train.speaker.tolist()) == {0, 1, 3, 4, 7, 8, 9}


def test_an_epoch_in_one_line() -> None:
    metrics = EpochMetrics(3, 9, "gaussian", 0.5, 1.25, 0.5, 0.75, 1.0, 0.625, 1.1, True)
    line = "σ  0.50  loss 1.250  train  50.0%  val  75.0%, rounded  62.5%  best"
    assert describe(metrics) == line
    text = io.StringIO()
    with TrainingProgress(Console(file=text, width=80)) as progress:
        progress(metrics)
    assert f"   4  {line}\n" in text.getvalue()
    assert "4/9" in text.getvalue()
