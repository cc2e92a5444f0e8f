"""Runs with recipes: what is kept, resumed, told, and refused."""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from order_task import config, order_task
from rich.console import Console

from snnc.errors import ConfigError, ModelFileError
from snnc.stages import TrainedModel
from snnc.trainer import loop
from snnc.trainer.config import TrainConfig, make_config
from snnc.trainer.epoch import Feed, evaluate
from snnc.trainer.hardware import Hardware
from snnc.trainer.loop import train
from snnc.trainer.metrics import EpochMetrics
from snnc.trainer.progress import TrainingProgress, describe_recipe
from snnc.trainer.run import TrainingRun
from snnc.trainer.splitting import splits_of

SHORT: Mapping[str, object] = {"epochs": 4, "sigma_fraction": 0.5, "finetune_epochs": 2, "quantise_epochs": 2}
ALL: Mapping[str, object] = {
    **SHORT,
    "time_warp": 0.1,
    "time_mask": 2,
    "channel_mask": 1,
    "mix": 0.3,
    "label_smoothing": 0.1,
    "weight_averaging": 0.8,
    "activity_cost": 2.0,
    "target_rate": 0.05,
    "prune_to": 0.5,
}


@cache
def trained() -> tuple[TrainedModel, list[EpochMetrics]]:
    seen: list[EpochMetrics] = []
    return train(config(**ALL), data=order_task(80), progress=seen.append), seen


def arrays(model: TrainedModel) -> list[np.ndarray[Any, Any]]:
    assert model.gaussian is not None
    made = [array for layer in model.layers + model.gaussian for array in (layer.weight, layer.position)]
    norms = [layer.batch_norm for layer in model.layers + model.gaussian if layer.batch_norm is not None]
    made += [array for norm in norms for array in (norm.gamma, norm.beta, norm.mean, norm.var)]
    integers = [layer for layers in model.quantised.values() for layer in layers]
    return made + [array for layer in integers for array in (layer.weight, layer.delay, layer.bias)]


@pytest.mark.parametrize("stop", [1, 4, 5, 7, 8])
def test_an_interrupted_run_resumes_to_the_same_model(tmp_path: Path, stop: int) -> None:
    file = tmp_path / "run.checkpoint"

    def interrupt(metrics: EpochMetrics) -> None:
        if metrics.epoch + 1 == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config(**ALL), data=order_task(80), checkpoint=file, progress=interrupt)
    resumed = train(config(**ALL), data=order_task(80), checkpoint=file, resume=True)
    model, _ = trained()
    assert dict(resumed.metrics) == dict(model.metrics)
    for found, wanted in zip(arrays(resumed), arrays(model), strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.slow
def test_two_processes_train_as_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the order of sums, which soon makes a spike near its threshold flip, on most processors."""
    started, train_together = list[int](), loop.train_together

    def noted(*given: Any, **more: Any) -> Any:
        started.append(1)
        return train_together(*given, **more)

    monkeypatch.setattr(loop, "train_together", noted)
    together = train(config(**ALL), data=order_task(80), hardware=Hardware("cpu", processes=2))
    assert started
    model, _ = trained()
    for found, wanted in zip(together.metrics["history"][:2], model.metrics["history"], strict=False):
        assert found.pop("phase") == wanted["phase"]
        assert found == pytest.approx({name: wanted[name] for name in found}, rel=1e-3)


def test_a_pruned_network_is_pruned_in_all_phases() -> None:
    """Half of 10 * 6 and 2 * 10 synapses; with four epochs, in steps from the second on."""
    model, seen = trained()
    assert model.gaussian is not None
    for layer, integers in zip(model.layers, model.quantised[8], strict=True):
        assert (layer.weight == 0).any()
        assert not integers.weight[layer.weight == 0].any()
    assert sum(int((layer.weight != 0).sum()) for layer in model.layers) == 40
    for before, layer in zip(model.gaussian, model.layers, strict=True):
        np.testing.assert_array_equal(before.weight != 0, layer.weight != 0)
    left = [metrics.synapses for metrics in seen]
    # 0.5 + 0.5 * 0.75^3 and 0.5 + 0.5 * 0.25^3 of 80, rounded up.
    assert left[:4] == [1.0, 57 / 80, 41 / 80, 0.5]
    assert left[4:6] == [0.5, 0.5]
    assert all(share is not None and share <= 0.5 for share in left[6:])
    assert [metrics.best for metrics in seen[:4]] == [False, False, False, True]


def test_pruning_with_few_synapses_from_the_start() -> None:
    short = {**SHORT, "finetune_epochs": 1, "quantise_epochs": 0}
    model = train(config(**short, prune_to=0.5, synapses_per_neuron=4), data=order_task(40))
    assert sum(int((layer.weight != 0).sum()) for layer in model.layers) == 10 * 2 + 2 * 2


def test_history_tells_what_a_recipe_measures() -> None:
    model, seen = trained()
    for row, metrics in zip(model.metrics["history"], seen, strict=True):
        assert row["firing"] == metrics.firing
        assert 0 < row["firing"] < 1
        assert row["operations"] > 0
    plain = train(config(**SHORT), data=order_task(40))
    names = {"synapses", "firing", "operations"}
    assert not any(names & row.keys() for row in plain.metrics["history"])


def test_the_told_activity_is_that_of_the_validation_part() -> None:
    """Of the network that is kept, by its frames: events times synapses, and spikes times synapses."""
    chosen = config(**SHORT, activity_cost=1e-9)
    data = splits_of(chosen, order_task(80))
    run = TrainingRun(chosen, data, 14, print)
    metrics = run.advance()
    feed = Feed(data.validation, chosen, 14)
    run.network.eval()
    x, _ = feed.batch(np.arange(len(feed)))
    with torch.no_grad():
        spikes = run.network.hidden[0](x, True)
    assert metrics.firing == pytest.approx(float(spikes.mean()))
    operations = float(x.sum()) * 10 + float(spikes.sum()) * 2
    assert metrics.operations == pytest.approx(operations / len(feed))


def test_activity_that_costs_falls() -> None:
    fields = {**SHORT, "epochs": 8, "finetune_epochs": 0, "quantise_epochs": 0}
    rates = []
    for cost in (1e-9, 100.0):
        seen: list[EpochMetrics] = []
        train(config(**fields, activity_cost=cost), data=order_task(80), progress=seen.append)
        rates.append(seen[-1].firing)
    assert rates[1] < 0.5 * rates[0]


@pytest.mark.parametrize("phase", [0, 1, 2])
def test_the_averaged_network_is_measured_and_kept(phase: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parameters are the average, and its statistics in the Gaussian phase those of its own kernels."""
    chosen = config(**SHORT, weight_averaging=0.9, dropout=0.0, event_dropout=0.0)
    data = splits_of(chosen, order_task(80))
    run = TrainingRun(chosen, data, 14, print)
    while run.phase < phase or run.epoch < 1:
        run.advance()
    kept = run.best
    run.best = None
    after: dict[str, torch.Tensor] = {}
    change = run._change_phase
    monkeypatch.setattr(run, "_change_phase", lambda: after.update(copied(run.active)) or None)
    monkeypatch.setattr(run.course, "is_selectable", lambda *_: True)
    metrics = run.advance()
    assert run.best is not None
    assert kept is not run.best
    state = run.best["network"]
    assert run.course._average is not None
    average = run.course._average[1]
    for name, value in average.values.items():
        assert torch.equal(state[name], value), name
        if not name.endswith("position"):
            assert not torch.equal(after[name], value), name
    run.active.load_state_dict(state)
    assert evaluate(run.active, run.validation, rounded=True).loss == metrics.validation_loss_rounded
    if phase == 0:
        x, _ = Feed(data.train, chosen, 14).batch(np.arange(len(data.train)))
        current = run.network.hidden[0].connection(x).detach().double().flatten(0, 1)
        np.testing.assert_allclose(state["hidden.0.norm.running_mean"], current.mean(0), atol=1e-5)
    if phase == 1:
        name = "hidden.0.norm.running_var"
        assert torch.equal(state[name], after[name])
    change()


def copied(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: state.pop("course"),
        lambda state: state["course"].pop("average"),
        lambda state: state["course"].update(phase=None, more=1) or state["course"].pop("phase"),
        lambda state: state["course"]["average"]["values"].popitem(),
    ],
)
def test_a_damaged_average_is_refused(tmp_path: Path, damage: Callable[[Any], object]) -> None:
    file = tmp_path / "run.checkpoint"
    chosen = config(**SHORT, weight_averaging=0.9)

    def interrupt(metrics: EpochMetrics) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(chosen, data=order_task(40), checkpoint=file, progress=interrupt)
    content = torch.load(file, weights_only=True)
    damage(content["state"])
    torch.save(content, file)
    with pytest.raises(ModelFileError, match="name another file for it"):
        train(chosen, data=order_task(40), checkpoint=file, resume=True)


def test_a_plain_run_records_no_recipe(tmp_path: Path) -> None:
    """Its configuration and its checkpoint are those of earlier releases."""
    assert config().model_dump().keys() == TrainConfig.__annotations__.keys()
    assert set(config(**ALL).model_dump()) - set(config().model_dump()) == ALL.keys() - SHORT.keys()
    assert make_config(config(**ALL).model_dump(mode="json")) == config(**ALL)
    file = tmp_path / "run.checkpoint"
    train(config(epochs=1, finetune_epochs=0), data=order_task(40), checkpoint=file)
    assert "course" not in torch.load(file, weights_only=True)["state"]
    with pytest.raises(ConfigError, match=r"mix = None, this run 0\.5"):
        train(config(epochs=1, finetune_epochs=0, mix=0.5), data=order_task(40), checkpoint=file, resume=True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"target_rate": 0.1}, "target_rate is 0.1 without activity_cost"),
        ({"prune_to": 0.5, "weights": "fixed"}, "prune_to is 0.5, but weights are fixed"),
    ],
)
def test_recipes_that_contradict_themselves(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        config(**fields)


def test_the_line_of_a_recipe() -> None:
    plain = EpochMetrics(3, 9, "gaussian", 0.5, 0.1, 1.0, 0.5, 0.5, 1.0, 0.5, 1.0, True)
    assert describe_recipe(plain) == ""
    told = replace(plain, synapses=0.2, firing=0.1152, operations=743210.4)
    line = "synapses 20.0%  firing 11.52%  743,210 synaptic operations"
    assert describe_recipe(told) == line
    text = io.StringIO()
    with TrainingProgress(Console(file=text, width=80)) as progress:
        progress(told)
    assert f"best\n      {line}\n" in text.getvalue()
