"""Short training runs on a task of order."""

import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from order_task import config, order_task
from rich.console import Console

from snnc.errors import ConfigError, ModelFileError, TrainingError
from snnc.stages import TrainedModel
from snnc.trainer import variants
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import EventDataset
from snnc.trainer.epoch import Feed, measure_statistics, train_epoch
from snnc.trainer.inference import scores
from snnc.trainer.loop import EpochMetrics, train
from snnc.trainer.network import DelayNetwork, build_network
from snnc.trainer.progress import HEADER, TrainingProgress, describe
from snnc.trainer.splitting import splits_of


def same(left: TrainedModel, right: TrainedModel) -> bool:
    return dict(left.metrics) == dict(right.metrics) and all(
        np.array_equal(a, b) for a, b in zip(every_array(left), every_array(right), strict=True)
    )


def every_array(model: TrainedModel) -> list[np.ndarray[Any, Any]]:
    assert model.gaussian is not None
    real = [array for layer in model.layers + model.gaussian for array in (layer.weight, layer.position)]
    integers = [layer for layers in model.quantised.values() for layer in layers]
    return real + [array for layer in integers for array in (layer.weight, layer.delay, layer.bias)]


def accuracy(model: TrainedModel, data: EventDataset, rounded: bool) -> float:
    spikes = data.frames(np.arange(len(data)), model.bin_s, model.time_steps)
    return float((scores(model, spikes, rounded).argmax(1) == data.labels).mean())


def test_training_learns_the_order() -> None:
    seen: list[EpochMetrics] = []
    data = order_task()
    model = train(config(), data=data, progress=seen.append)
    assert [metrics.epoch for metrics in seen] == list(range(15))
    assert {metrics.epochs for metrics in seen} == {15}
    assert [metrics.phase for metrics in seen] == ["gaussian"] * 12 + ["rounded"] * 2 + ["int8"]
    assert all(metrics.loss < 0.5 * seen[0].loss for metrics in seen[-4:])
    assert model.time_steps == data.needed_steps(0.01) + 4
    test = splits_of(config(), data).test
    assert accuracy(model, test, rounded=True) >= 0.95
    # Delays are whole, and the model file's numbers are those of the last step.
    for layer in model.layers:
        assert layer.sigma == 0
        assert np.array_equal(layer.position, np.rint(layer.position))
    steps = model.metrics["validation"]
    assert set(steps) == {"gaussian", "rounded", "statistics", "final", "int8", "int8_final"}
    assert steps["rounded"]["loss"] != steps["statistics"]["loss"]
    whole = [steps["rounded"]["accuracy"], steps["statistics"]["accuracy"]]
    whole += [metrics.validation_accuracy_rounded for metrics in seen if metrics.phase == "rounded"]
    assert steps["final"]["accuracy"] == max(whole)
    integers = [steps["int8"]["accuracy"], seen[-1].validation_accuracy_rounded]
    assert steps["int8_final"]["accuracy"] >= max(integers)
    validation = splits_of(config(), data).validation
    assert accuracy(model, validation, rounded=False) == pytest.approx(steps["final"]["accuracy"])
    # The integers have the delays of that network, and 8 bits.
    assert set(model.quantised) == {8}
    for layer, integers8 in zip(model.layers, model.quantised[8], strict=True):
        np.testing.assert_array_equal(integers8.delay, 3 - layer.position)  # (kernel_size - 1) / 2 - position
        assert integers8.scale is not None
        weight = integers8.weight * integers8.scale
        np.testing.assert_allclose(weight, np.rint(weight), atol=1e-9)
        assert 64 <= np.abs(weight).max() <= 127.001


def test_delays_move_in_the_gaussian_phase_only() -> None:
    seen: list[EpochMetrics] = []
    positions = [[c.position.detach().numpy() for c in drawn(config(epochs=1)).connections]]
    model = train(config(epochs=1, lr_positions=0.2), data=order_task(40), progress=seen.append)
    assert model.gaussian is not None
    positions.append([layer.position for layer in model.gaussian])
    steps = np.concatenate([np.abs(a - b).ravel() for a, b in zip(*positions, strict=True)])
    assert seen[0].moved == pytest.approx(steps.mean(), rel=1e-4)
    assert seen[0].moved > 0.01
    assert {metrics.moved for metrics in seen if metrics.phase != "gaussian"} == {0.0}


def drawn(chosen: TrainConfig) -> DelayNetwork:
    """The network before training."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(chosen.seed)
        return variants.build(chosen, 6, 2)


def test_the_gaussian_network_is_kept() -> None:
    data = order_task()
    model = train(config(epochs=4, sigma_fraction=0.5), data=data)
    assert model.gaussian is not None
    for layer in model.gaussian:
        assert layer.sigma == pytest.approx(0.5 - 0.27)  # sigma_final; DCLS adds its floor
        assert not np.array_equal(layer.position, np.rint(layer.position))
    validation, steps = splits_of(config(), data).validation, model.metrics["validation"]
    learned = replace(model, layers=model.gaussian)
    assert accuracy(learned, validation, rounded=False) == pytest.approx(steps["gaussian"]["accuracy"])
    assert accuracy(learned, validation, rounded=True) == pytest.approx(steps["rounded"]["accuracy"])


def test_a_model_names_its_data() -> None:
    data = order_task(40)
    model = train(config(epochs=1, finetune_epochs=0), data=data)
    told = {"sha256": data.sha256(), "recordings": 40, "name": "order"}
    assert model.metrics["data"] == told | {
        "in_memory": True
    }  # order.npz, of the configuration, is not there
    assert model.dataset == "order"


@pytest.mark.parametrize(("speakers", "lines"), [(2, 1), (3, 0)])
def test_shared_speakers_are_told(speakers: int, lines: int) -> None:
    data, said = order_task(40), list[str]()
    data = replace(data, speaker=data.speaker % speakers)
    train(config(epochs=1, finetune_epochs=0), data=data, notify=said.append)
    assert len(said) == lines
    assert all("training, validation and test share speakers" in line for line in said)


def test_selection_waits_for_the_final_sigma() -> None:
    seen: list[EpochMetrics] = []
    train(config(epochs=4, sigma_fraction=0.5, finetune_epochs=0), data=order_task(), progress=seen.append)
    assert [metrics.sigma for metrics in seen] == pytest.approx([3.0, 3.0 * (0.5 / 3) ** 0.5, 0.5, 0.5, 0.0])
    assert [metrics.phase for metrics in seen] == ["gaussian"] * 4 + ["int8"]
    assert [metrics.best for metrics in seen[:3]] == [False, False, True]


def test_a_seed_fixes_the_model() -> None:
    state = torch.get_rng_state()
    first = train(config(epochs=2), data=order_task())
    assert torch.equal(torch.get_rng_state(), state)  # the caller's generator is left alone
    torch.manual_seed(99)
    assert same(first, train(config(epochs=2), data=order_task()))
    assert not same(first, train(config(epochs=2, seed=2), data=order_task()))


@pytest.mark.parametrize("stop", [1, 3, 4, 5, 6], ids=str)
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


@pytest.mark.parametrize(
    ("changes", "differ"),
    [
        ({"unit_count": 8}, "the recordings"),
        ({"labels": np.arange(40)[::-1] % 2}, "the recordings"),
    ],
)
def test_a_checkpoint_of_other_recordings_is_refused(
    tmp_path: Path, changes: dict[str, Any], differ: str
) -> None:
    file, short = tmp_path / "run.ckpt", config(epochs=1, finetune_epochs=0)
    train(short, data=order_task(40), checkpoint=file)
    with pytest.raises(ConfigError, match=f"the checkpoint was made with other recordings .{differ} differ"):
        train(short, data=replace(order_task(40), **changes), checkpoint=file, resume=True)


def test_a_checkpoint_of_another_split_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "run.ckpt"
    data = replace(order_task(40), held_out=((1,), (2,)))
    short = config(epochs=1, finetune_epochs=0)
    train(short, data=data, checkpoint=file)
    with pytest.raises(ConfigError, match=r"other recordings \(those to train with differ\)"):
        train(short, data=replace(data, held_out=((1,), (3,))), checkpoint=file, resume=True)


def test_resuming_without_a_checkpoint_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    short = config(epochs=1, finetune_epochs=0)
    train(short, data=order_task(40), checkpoint=tmp_path / "x.ckpt", resume=True, notify=said.append)
    assert said == [f"{tmp_path / 'x.ckpt'}: no such checkpoint; training starts from the beginning"]


@pytest.mark.parametrize("stop", [1, 3, 5, 6], ids=["gaussian", "rounded", "int8", "ended"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c.pop("config"),
        lambda c: c.pop("data"),
        lambda c: c["state"].pop("gaussian"),
        lambda c: c["state"]["network"].popitem(),
    ],
)
def test_a_checkpoint_without_a_part_is_refused(
    tmp_path: Path, stop: int, damage: Callable[[Any], object]
) -> None:
    refused(tmp_path, stop, damage)


@pytest.mark.parametrize(
    ("stop", "damage"),
    [
        (3, lambda s: s["best"].pop("rank")),
        (3, lambda s: s.update(best=7)),
        (5, lambda s: s.update(best=7)),
        (5, lambda s: s.update(best=None)),
        (5, lambda s: s["best"].pop("rule")),
        (5, lambda s: s["integers"].popitem()),
        (5, lambda s: s["whole"].pop("rank")),
        (6, lambda s: s["whole"].pop("network")),
        (6, lambda s: s["finished"][8]["network"].popitem()),
        (1, lambda s: s["weights"].pop("param_groups")),
        (3, lambda s: s["weights"].pop("param_groups")),
        (5, lambda s: s["weights"].pop("param_groups")),
    ],
)
def test_an_incomplete_checkpoint_is_refused(
    tmp_path: Path, stop: int, damage: Callable[[Any], object]
) -> None:
    refused(tmp_path, stop, lambda content: damage(content["state"]))


def refused(folder: Path, stop: int, damage: Callable[[Any], object]) -> None:
    """A run of 2 Gaussian, 2 rounded and 2 integer epochs does not go on from a damaged checkpoint."""
    file = folder / "run.ckpt"
    content = torch.load(io.BytesIO(stopped(stop)), weights_only=True)
    damage(content)
    torch.save(content, file)
    with pytest.raises(ModelFileError, match="start again"):
        train(SHORT, data=order_task(40), checkpoint=file, resume=True)


SHORT = config(epochs=2, finetune_epochs=2, quantise_epochs=2)


@cache
def stopped(stop: int) -> bytes:
    """The checkpoint of a run that was interrupted when it had ended epoch `stop`."""

    def interrupt(metrics: EpochMetrics) -> None:
        if metrics.epoch + 1 == stop:
            raise KeyboardInterrupt

    with tempfile.TemporaryDirectory() as folder:
        with pytest.raises(KeyboardInterrupt):
            train(SHORT, data=order_task(40), checkpoint=Path(folder) / "x.ckpt", progress=interrupt)
        return (Path(folder) / "x.ckpt").read_bytes()


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


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "σ  0.50  moved 0.12  loss 1.250  train  50.0%  val  75.0% →  62.5% best"),
        ({"phase": "rounded"}, "rounded              loss 1.250  train  50.0%  val           62.5% best"),
        ({"phase": "int8"}, "int8                 loss 1.250  train  50.0%  val           62.5% best"),
        (
            {"sigma": 12.0, "moved": 0.004, "loss": 12.3456, "validation_accuracy": 1.0, "best": False},
            "σ 12.00  moved 0.00  loss 12.346  train  50.0%  val 100.0% →  62.5%",
        ),
    ],
)
def test_an_epoch_in_one_line(changes: dict[str, Any], line: str) -> None:
    metrics = replace(EPOCH, **changes)
    assert describe(metrics) == line
    assert len(line) <= 72
    text = io.StringIO()
    with TrainingProgress(Console(file=text, width=80)) as progress:
        progress(metrics)
    assert f"   4  {line}\n" in text.getvalue()
    assert "4/9" in text.getvalue()


def test_a_header_explains_the_columns_once() -> None:
    text = io.StringIO()
    with TrainingProgress(Console(file=text, width=80)) as progress:
        progress(EPOCH)
        progress(replace(EPOCH, epoch=4))
    lines = text.getvalue().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("   4  "))
    header = lines[:first]
    assert "\n" not in "".join(HEADER)  # a console of ours shows it as two characters
    assert header[0].startswith("epoch  σ: width of the delay kernels")
    assert all(len(line) <= 72 for line in header)
    for word in ("moved:", "loss, train:", "val:", "best:"):
        assert word in " ".join(header)
    assert text.getvalue().count("epoch  σ") == 1


@given(
    sigma=st.floats(0, 63),
    moved=st.floats(0, 9.99),
    loss=st.floats(0, 99.99),
    shares=st.lists(st.floats(0, 1), min_size=3, max_size=3),
    phase=st.sampled_from(["gaussian", "rounded", "int8", "int4"]),
)
def test_the_line_has_at_most_72_columns(
    sigma: float, moved: float, loss: float, shares: list[float], phase: str
) -> None:
    names = ("train_accuracy", "validation_accuracy", "validation_accuracy_rounded")
    measured = dict(zip(names, shares, strict=True))
    assert len(describe(replace(EPOCH, sigma=sigma, moved=moved, loss=loss, phase=phase, **measured))) <= 72


EPOCH = EpochMetrics(
    epoch=3,
    epochs=9,
    phase="gaussian",
    sigma=0.5,
    moved=0.123,
    loss=1.25,
    train_accuracy=0.5,
    validation_accuracy=0.75,
    validation_loss=1.0,
    validation_accuracy_rounded=0.625,
    validation_loss_rounded=1.1,
    best=True,
)


def test_no_batch_of_one() -> None:
    """Three recordings at a batch size of two: one batch of three, not two and one."""
    few = order_task().select(np.arange(3))
    sizes = [len(piece) for piece in Feed(few, config(batch_size=2), 20).batches()]
    assert sizes == [3]
