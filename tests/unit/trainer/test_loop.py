"""Short training runs on a task of order."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from order_task import config, order_task
from trained_models import same

from snnc.errors import ConfigError, TrainingError
from snnc.stages import TrainedModel
from snnc.trainer import variants
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import EventDataset
from snnc.trainer.inference import scores
from snnc.trainer.loop import EpochMetrics, train
from snnc.trainer.network import DelayNetwork
from snnc.trainer.other_data import fingerprint
from snnc.trainer.splitting import splits_of


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
    told = {"sha256": data.sha256(), "recordings": 40, "name": "order", "validation": 4}
    told["validated"] = fingerprint(data.select(data.speaker == 7))  # of ten speakers, 8 and 9 test
    told["lines"] = {"share": [28 / 29] * 6, "least": [14 / 15] * 6}  # 28 train, 14 of each class; all lines
    assert model.metrics["data"] == told | {
        "in_memory": True
    }  # order.npz, of the configuration, is not there
    assert model.dataset == "order"


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


def test_a_broken_loss_stops_the_run_and_says_where() -> None:
    with pytest.raises(TrainingError, match=r"epoch \d+, .*the loss is nan \(.*lower lr_weights"):
        train(config(lr_weights=1e38, batch_norm=False), data=order_task(40))


def test_impossible_data() -> None:
    with pytest.raises(
        ConfigError, match=r"time_steps = 3: 40 of 40 recordings of 'order' need more, up to 8 steps"
    ):
        train(config(time_steps=3, padding_steps=0), data=order_task(40))
    with pytest.raises(TrainingError, match="the training part has 0 recordings"):
        train(config(), data=order_task(40).select([]))
