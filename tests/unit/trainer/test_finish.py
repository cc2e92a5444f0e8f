"""The finish in integers: from training through the model file to the export, and where it cannot be."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from order_task import SHORT, config, graph_of, order_task

from snnc.errors import LimitError, StageError, TrainingError
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.passes.quantise import quantise
from snnc.stages import QuantizedGraph, TrainedModel
from snnc.trainer import run, variants
from snnc.trainer.integer_model import run_graph
from snnc.trainer.loop import train
from snnc.trainer.model_file import model_bytes
from snnc.trainer.network import DelayNetwork
from snnc.trainer.quantised import QuantisedNetwork
from snnc.trainer.recipes import course
from snnc.trainer.splitting import splits_of


def accuracy(graph: QuantizedGraph) -> float:
    """Share of the validation recordings that the reference executor gets right; decoded by clause 7."""
    validation = splits_of(config(), order_task()).validation
    spikes = validation.frames(np.arange(len(validation)), graph.bin_s, graph.time_steps)
    v = run_graph(graph, spikes).readout * graph.readout_scale
    share = np.exp(v) / np.exp(v).sum(axis=2, keepdims=True)
    return float((share.sum(axis=1).argmax(axis=1) == validation.labels).mean())


@pytest.mark.parametrize(("bits", "largest"), [(8, 127), (4, 7)])
def test_the_export_has_the_integers_of_training(finished: TrainedModel, bits: int, largest: int) -> None:
    graph = graph_of(finished, bits)
    for chip, trained, layer in zip(graph.layers, finished.quantised[bits], finished.layers, strict=True):
        scale = trained.scale
        assert scale is not None
        for integers, real in (
            (chip.weight, trained.weight * scale),
            (chip.bias, trained.bias * scale * 64),
        ):
            np.testing.assert_allclose(integers, real, rtol=1e-12, atol=1e-9)
        assert 1 <= np.abs(chip.weight).max() <= largest
        assert np.array_equal(chip.delay, np.where(chip.weight != 0, trained.delay, 0))
        assert chip.decay_v == round(4096 / 1.5) == round(4096 / trained.tau)
        if layer.threshold is None:
            assert chip.threshold is None
            assert graph.readout_scale == pytest.approx(1 / (scale * 64))
        else:
            assert chip.threshold == pytest.approx(layer.threshold * scale, rel=1e-12)
    steps = finished.metrics["validation"]
    assert accuracy(graph) == steps[f"int{bits}_final"]["accuracy"]
    assert steps[f"int{bits}_final"]["accuracy"] >= steps[f"int{bits}"]["accuracy"]


def test_what_is_said_of_a_phase_follows_its_last_epoch(tmp_path: Path) -> None:
    """The one epoch with whole delays is no better, which is known once it is measured."""
    lines: list[str] = []
    train(
        config(**SHORT),
        data=order_task(),
        progress=lambda metrics: lines.append(f"epoch of {metrics.phase}"),
        notify=lines.append,
    )
    said = next(at for at, line in enumerate(lines) if line.startswith("rounded: kept as it was"))
    assert lines[said - 1] == "epoch of rounded"
    assert "epoch of rounded" not in lines[said:]


@pytest.mark.parametrize("clip", [0.75, 0.25])
def test_what_clipping_brought_is_no_gain_of_training(monkeypatch: pytest.MonkeyPatch, clip: float) -> None:
    """Every integer network validates at 0.5, on the grids that clip at `clip`: no epoch is better."""
    measure, made = run.evaluate, run.quantised_network
    rules = dict.fromkeys(run.GRID_RULES, 0.5) | {"least_squares": clip}
    of: dict[int, float] = {}

    def quantised(network: DelayNetwork, bits: int, rule: Any) -> QuantisedNetwork:
        found = made(network, bits, rule)
        of[id(found)] = next(rules[name] for name, each in run.GRID_RULES.items() if each is rule)
        return found

    def evaluated(network: Any, *given: Any, **options: Any) -> Any:
        found = measure(network, *given, **options)
        share = of.get(id(network))
        return found if share is None else replace(found, accuracy=share, loss=1.0)

    monkeypatch.setattr(run, "quantised_network", quantised)
    for module in (run, course):
        monkeypatch.setattr(module, "evaluate", evaluated)
    said: list[str] = []
    model = train(config(**SHORT | {"weight_bits": [4]}), data=order_task(40), notify=said.append)
    steps = model.metrics["validation"]
    assert steps["int4"]["accuracy"] == 0.5
    assert ("int4_clipped" in steps) == (clip > 0.5)
    assert steps["int4_final"]["accuracy"] == max(clip, 0.5)
    how = "with its largest weights clipped, and not trained" if clip > 0.5 else "as it was before this phase"
    assert f"int4: kept {how} (val {100 * max(clip, 0.5):.1f} %), no epoch is better" in said


def test_other_bits_are_rounded_from_the_network_before(finished: TrainedModel) -> None:
    assert sorted(finished.quantised) == [4, 8]
    for wanted in (Discretise().run(finished), Discretise(5).run(finished)):
        for layer, trained in zip(wanted.layers, finished.layers, strict=True):
            assert layer.scale is None
            assert layer.weight.shape == trained.weight.shape
    assert np.array_equal(
        graph_of(finished, 5).layers[-1].weight, quantise(Discretise().run(finished), 5).layers[-1].weight
    )


def test_wrong_bits_are_refused(finished: TrainedModel) -> None:
    with pytest.raises(
        LimitError, match=r"hidden1: a weight is -?\d+ on the grid .*, 4 bits hold -7\.\.7; export"
    ):
        quantise(Discretise(8).run(finished), 4)


@pytest.mark.parametrize("threshold", [1e-9, 1e5, 1e308])
def test_a_threshold_off_the_grid_is_refused_by_the_export(finished: TrainedModel, threshold: float) -> None:
    hidden, readout = finished.quantised[8]
    for scale in (hidden.scale, 1e3):
        odd = replace(hidden, threshold=threshold, weight=hidden.weight * hidden.scale / scale, scale=scale)
        model = replace(finished, quantised={8: (odd, readout)})
        with pytest.raises(
            LimitError, match=r"hidden1: the threshold is .*, outside 1\.\.131071; train again"
        ):
            graph_of(model, 8)


def test_a_network_in_integers_needs_scales(finished: TrainedModel) -> None:
    hidden, readout = finished.quantised[8]
    with pytest.raises(StageError, match="readout: the 8-bit network has no scale for it"):
        replace(finished, quantised={8: (hidden, replace(readout, scale=None))})


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[[DelayNetwork], None]]]:
    """Changes to the networks that runs start from."""
    changes: list[Callable[[DelayNetwork], None]] = []
    build = variants.build

    def changed(*arguments: Any) -> DelayNetwork:
        network = build(*arguments)
        with torch.no_grad():
            for change in changes:
                change(network)
        return network

    monkeypatch.setattr(variants, "build", changed)
    return changes


def without_readout(network: DelayNetwork) -> None:
    weight = network.readout.connection.weight
    weight.zero_()
    weight.requires_grad_(False)


def with_large_offsets(network: DelayNetwork) -> None:
    """Biases of 1e5 thresholds; the format ends at 8190, where a threshold is one step."""
    network.hidden[0].norm.bias.fill_(-1e5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_readout, "the network has no such integers: readout: every weight is 0"),
        (
            with_large_offsets,
            "the network has no such integers: hidden1, neuron .*: bias .* the format holds",
        ),
    ],
)
def test_a_finish_that_cannot_be_is_left_out_and_said(
    drawn: list[Callable[[DelayNetwork], None]], change: Callable[[DelayNetwork], None], words: str
) -> None:
    drawn.append(change)
    said: list[str] = []
    model = train(config(**SHORT), data=order_task(40), notify=said.append)
    assert not model.quantised
    left_out = [line for line in said if "left out" in line]
    assert [line.split(":")[0] for line in left_out] == ["int8", "int4"]
    assert all(re.search(words, line) for line in left_out)
    assert set(model.metrics["validation"]) == {"gaussian", "rounded", "statistics", "final"}
    assert [epoch["phase"] for epoch in model.metrics["history"]] == ["gaussian"] * 4 + ["rounded"]
    plain = train(config(**SHORT | {"weight_bits": ()}), data=order_task(40))
    for layer, wanted in zip(model.layers, plain.layers, strict=True):
        assert np.array_equal(layer.weight, wanted.weight)
        assert np.array_equal(layer.position, wanted.position)


class Failing:
    """`train_epoch`, but for its call `number` (0 is the first) with a network in integers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, error: Exception) -> None:
        self.left, self.error, self.sound = number, error, run.train_epoch
        monkeypatch.setattr(run, "train_epoch", self)

    def __call__(self, network: Any, *given: Any) -> Any:
        if isinstance(network, QuantisedNetwork):
            self.left -= 1
            if self.left == -1:
                raise self.error
        return self.sound(network, *given)


@pytest.mark.parametrize(
    "error", [TrainingError("batch 3: the loss is nan"), LimitError("hidden1, neuron 2: bias too large")]
)
def test_an_epoch_in_integers_that_fails_ends_its_phase_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, finished: TrainedModel, error: Exception
) -> None:
    """The second of two epochs of 8 bits: those before it, and 4 bits, are as without the failure."""
    Failing(monkeypatch, 1, error)
    said: list[str] = []
    checkpoint = tmp_path / "checkpoint"
    model = train(config(**SHORT), data=order_task(), notify=said.append, checkpoint=checkpoint)
    why = f"ended in epoch 7, its best integers until then are kept: {error}"
    assert said[-1] == f"int8: {why}"
    # The one epoch with whole delays is not the best of its phase: said[0] tells that.
    assert [row["best"] for row in model.metrics["history"] if row["phase"] == "rounded"] == [False]
    kept = model.metrics["validation"]["final"]["accuracy"]
    assert said[:-1] == [
        f"rounded: kept as it was before this phase (val {100 * kept:.1f} %), no epoch is better"
    ]
    assert model.metrics["left_out"] == {"int8": why}
    assert set(model.quantised) == {8, 4}
    phases = [epoch["phase"] for epoch in model.metrics["history"]]
    assert phases == ["gaussian"] * 4 + ["rounded", "int8", "int4", "int4"]
    for name in ("final", "int8", "int4_final"):
        assert model.metrics["validation"][name] == finished.metrics["validation"][name]
    # The last checkpoint knows it too.
    resumed = train(config(**SHORT), data=order_task(), checkpoint=checkpoint, resume=True)
    assert dict(resumed.metrics) == dict(model.metrics)
    assert model_bytes(resumed) == model_bytes(model)


def test_weights_of_many_thresholds_are_clipped_where_the_full_range_is_refused() -> None:
    """Fixed weights up to 1.4 or so, and a threshold of 0.02: 8 bits hold them, 4 bits hold 7 thresholds."""
    model = train(
        config(**SHORT, threshold=0.02, weights="fixed", batch_norm=False, tau=1.01), data=order_task(40)
    )
    largest = float(np.abs(model.layers[0].weight).max())
    assert 7 < largest / 0.02 < 127
    assert {"int8", "int8_final", "int4_final"} <= set(model.metrics["validation"])
    assert "int4" not in model.metrics["validation"]  # nothing that export could make without the finish
    with pytest.raises(LimitError, match="is more than 7 times the threshold"):
        quantise(Discretise().run(model), 4)
    hidden = graph_of(model, 4).layers[0]
    assert hidden.threshold is not None
    assert np.abs(hidden.weight).max() == 7
