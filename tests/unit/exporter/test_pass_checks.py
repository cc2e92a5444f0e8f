"""Faults seeded into each pass: its check raises, and names the layer and the neuron or synapse.

And the other way round: what the passes make is accepted, for random networks and options.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chains import Shape, rough_model, shapes
from hypothesis import given, settings
from hypothesis import strategies as st
from models import tiny_model, with_layers

from snnc.errors import LimitError, PassError
from snnc.exporter.calibration import Calibration
from snnc.exporter.choose_scales import ScaleChoice, choose_grids, rule_of
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Discretise, Legalise, Place, Prune, Quantise, WholeBias, quantise
from snnc.exporter.pipeline import compile_model
from snnc.quantisation import Grid, full_range
from snnc.stages import DiscreteLayer, TrainedModel
from snnc.targets.registry import load_target

LENIENT = {"allow_saturation": True, "relays": True}
SHAPE = Shape((9, 12, 7, 5), (8, 8, 8), 0.9, 20, 30, True, 3)
"""Batch norms, biases, delays that are not whole, three layers."""
LONG = Shape((4, 6, 3), (8, 8), 0.9, 150, 160, False, 4)


def exported(model: TrainedModel, **options: Any) -> Any:
    return compile_model(model, load_target("loihi"), ExportOptions(**LENIENT | options))


def edit(index: int, **changes: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A stage with fields of one layer changed: name of a field -> what becomes of its value."""

    def made(stage: Any) -> Any:
        layers = list(stage.layers)
        fields = {name: change(getattr(layers[index], name)) for name, change in changes.items()}
        layers[index] = replace(layers[index], **fields)
        return with_layers(stage, layers)

    return made


def plus(where: Any, by: float) -> Callable[[np.ndarray], np.ndarray]:
    def made(array: np.ndarray) -> np.ndarray:
        changed = np.array(array)
        changed[where] += by
        return changed

    return made


def swapped(array: np.ndarray) -> np.ndarray:
    """The first two columns exchanged."""
    changed = np.array(array)
    changed[:, :2] = changed[:, 1::-1]
    return changed


def plant(monkeypatch: pytest.MonkeyPatch, kind: Any, wrong: Callable[..., Any]) -> None:
    """`run` of a pass becomes `wrong`, which gets the right one, the pass and the stage."""
    real = kind.run
    monkeypatch.setattr(kind, "run", lambda done, before: wrong(real, done, before))


def caught(monkeypatch: pytest.MonkeyPatch, kind: Any, fault: Callable, message: str, **options: Any) -> None:
    """With `fault` in what the pass `kind` makes, the export fails with `message`."""
    model = options.pop("model", None) or rough_model(options.pop("shape", SHAPE))
    exported(model, **options)
    plant(monkeypatch, kind, lambda real, done, before: fault(real(done, before)))
    with pytest.raises(PassError, match=message):
        exported(model, **options)


SYNAPSE, NEURON = "layer1, synapse [0-9]+ -> [0-9]+: ", "layer1, neuron [0-9]+: "


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (edit(1, bias=lambda b: b[::-1]), NEURON),
        (edit(1, bias=lambda b: np.roll(b, 1)), NEURON),
        (edit(1, bias=lambda b: -b), NEURON),
        (edit(1, bias=plus(3, 1e-7)), "layer1, neuron 3: "),
        (edit(1, weight=lambda w: np.float32(w)), SYNAPSE),
        (edit(1, weight=lambda w: w * 1.001), SYNAPSE),
        (edit(1, weight=swapped), SYNAPSE),
        (edit(1, weight=plus((2, 3), 1e-6)), "layer1, synapse 3 -> 2: "),
        (edit(1, delay=swapped), SYNAPSE),
        (edit(1, delay=plus((2, 3), 1)), "layer1, synapse 3 -> 2: "),
        (edit(1, tau=lambda tau: tau + 0.5), "layer1: tau is"),
        (edit(1, tau_syn=lambda tau: 2.0), "layer1: tau_syn is 2.0, not 1.0"),
        (edit(1, threshold=lambda threshold: threshold * 1.01), "layer1: threshold is"),
        (edit(2, bias=lambda b: b + 0.01), "layer2, neuron 0: "),
    ],
)
def test_discretise(fault, message, monkeypatch):
    caught(monkeypatch, Discretise, fault, message)


def test_positions_halfway_go_to_the_even_one(monkeypatch):
    """P = 0.5 is 0, delay 2 of 0 .. 4; and 1.5 is 2, delay 0."""
    model = tiny_model(position=0.5)
    assert Discretise().run(model).layers[0].delay[0, 0] == 2
    message = "hidden1, synapse 0 -> 0: 1 is not the learned delay, rounded"
    caught(monkeypatch, Discretise, edit(0, delay=plus((0, 0), -1)), message, model=model)


def finished_model() -> TrainedModel:
    """Layers that training finished for 4 bits: integers / 8, thresholds of 5 steps."""
    model = rough_model(SHAPE)
    rng, layers = np.random.default_rng(5), []
    for layer in model.layers:
        weight = rng.integers(-7, 8, layer.weight.shape) * (layer.weight != 0) / 8
        delay = rng.integers(0, 5, weight.shape)
        bias = rng.integers(-50, 50, len(weight)) / (64 * 8)
        threshold = None if layer.threshold is None else 5 / 8
        layers.append(DiscreteLayer(layer.name, weight, delay, bias, layer.tau, threshold, 8.0))
    layers = [replace(one, tau=old.tau) for one, old in zip(layers, model.layers, strict=True)]
    same = tuple(
        old if old.threshold is None else replace(old, threshold=5 / 8, batch_norm=None)
        for old in model.layers
    )
    return replace(model, layers=same, quantised={4: tuple(layers)})


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (edit(1, bias=lambda b: b[::-1]), NEURON),
        (edit(1, weight=plus((2, 3), 1 / 8)), "layer1, synapse 3 -> 2: "),
        (edit(1, delay=swapped), SYNAPSE),
        (edit(1, scale=lambda scale: 2 * scale), "layer1: scale is 16.0, not 8.0"),
        (edit(1, scale=lambda scale: None), "layer1: scale is None, not 8.0"),
    ],
)
def test_discretise_of_what_training_finished(fault, message, monkeypatch):
    caught(monkeypatch, Discretise, fault, message, model=finished_model(), weight_bits=4)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (edit(1, bias_mant=lambda b: b[::-1]), NEURON),
        (edit(1, bias_mant=lambda b: np.roll(b, 1)), NEURON),
        (edit(1, bias_mant=plus(4, 1)), "layer1, neuron 4: "),
        (edit(1, bias_exp=lambda e: e + 1), NEURON),
        (edit(1, bias_mant=lambda b: b // 2, bias_exp=lambda e: e + 1), NEURON),
        (edit(2, decay_v=lambda k: k + 1), "layer2: decay_v is"),
        (edit(2, decay_v=lambda k: k + 5), "layer2: decay_v is"),
        (edit(1, decay_v=lambda k: k - 1), "layer1: decay_v is"),
        (edit(1, decay_v=lambda k: k - 5), "layer1: decay_v is"),
        (edit(1, decay_u=lambda k: k - 5), "layer1: decay_u is 4091, not 4096"),
        (edit(1, threshold=lambda t: t + 1), "layer1: the threshold is"),
        (edit(1, threshold=lambda t: t - 1), "layer1: the threshold is"),
        (edit(1, weight=plus((2, 3), 1)), "layer1, synapse 3 -> 2: "),
        (edit(1, weight=plus((2, 3), -1)), "layer1, synapse 3 -> 2: "),
        (edit(1, weight=swapped), SYNAPSE),
        (edit(1, weight=lambda w: w // 2), SYNAPSE),
        (edit(1, weight=lambda w: np.where(np.arange(len(w))[:, None] == 2, 0, w)), SYNAPSE),
        (edit(1, delay=swapped), SYNAPSE),
        (edit(1, delay=plus((2, 3), 1)), "layer1, synapse 3 -> 2: "),
        (lambda g: g.changed(readout_scale=2 * g.readout_scale), "readout's scale .* a factor of 2"),
        (lambda g: g.changed(readout_scale=g.readout_scale * (1 + 1e-9)), "readout's scale"),
        (lambda g: g.changed(payload_max=3), "the largest payload is 3, not 1"),
    ],
)
def test_quantise(fault, message, monkeypatch):
    caught(monkeypatch, Quantise, fault, message)


def test_an_exponent_that_is_larger_than_needed(monkeypatch):
    """Without batch norm all biases are 0, which any exponent holds."""
    fault, message = edit(1, bias_exp=lambda e: 3), "layer1: the exponent of its biases is 3"
    caught(monkeypatch, Quantise, fault, message, shape=LONG)


@pytest.mark.parametrize("rounded", [np.trunc, np.ceil, np.floor])
@pytest.mark.parametrize("scale", [None, "percentile", "mse"])
def test_weights_rounded_otherwise(rounded, scale, monkeypatch):
    monkeypatch.setattr(
        "snnc.quantisation.weight_integers",
        lambda w, grid: np.clip(rounded(w * grid.scale), -grid.largest, grid.largest).astype(np.int32),
    )
    with pytest.raises(PassError, match=r"synapse \d+ -> \d+: .* is not the weight times its scale, rounded"):
        exported(rough_model(SHAPE), scale=scale, weight_bits=5)


@pytest.mark.parametrize(
    ("rounded", "message"), [(np.trunc, r"neuron \d+: .* not its bias"), (np.ceil, r"neuron \d+: ")]
)
def test_biases_rounded_otherwise(rounded, message, monkeypatch):
    def wrong(name: str, bias: np.ndarray, scale: float) -> tuple[np.ndarray, int]:
        return rounded(bias * scale * 64 / 8).astype(np.int32), 3

    monkeypatch.setattr("snnc.quantisation.bias_integers", wrong)
    with pytest.raises(PassError, match=message):
        exported(rough_model(SHAPE))


@pytest.mark.parametrize("scale", ["max", "percentile"])
@pytest.mark.parametrize("factor", [0.5, 2])
def test_a_scale_that_is_another_rules(scale, factor, monkeypatch):
    real = Quantise.planned

    def wrong(*given: Any) -> Any:
        found = real(*given)
        grid = found.scales.grids[1]
        whole = max(1, round(grid.threshold * factor))
        other = Grid(grid.bits, whole * grid.scale / grid.threshold, whole)
        grids = (found.scales.grids[0], other, *found.scales.grids[2:])
        return replace(found, scales=replace(found.scales, grids=grids))

    monkeypatch.setattr(Quantise, "planned", wrong)
    with pytest.raises(PassError, match=r"layer1: the scale is .* but the finest is"):
        exported(rough_model(SHAPE), scale=scale)


def _recordings(shape: Shape) -> Calibration:
    """24 of noise, with labels that mean nothing."""
    rng = np.random.default_rng(8)
    spikes = (rng.random((24, shape.steps, shape.widths[0])) < 0.3).astype(np.uint8)
    return Calibration("validation", 24, spikes, rng.integers(0, shape.widths[-1], 24))


def _searched(model: TrainedModel, shape: Shape = SHAPE, **options: Any) -> Any:
    asked = ExportOptions(**LENIENT | {"scale": "task", "weight_bits": 5, "budget": False} | options)
    return compile_model(model, load_target("loihi"), asked, calibration=_recordings(shape))


def _coarser(found: ScaleChoice) -> ScaleChoice:
    """The threshold of layer1 a third of a scale that was tried, less a step."""
    grid = found.grids[1]
    whole = max(1, grid.threshold // 3 - 1)
    other = Grid(grid.bits, whole * grid.scale / grid.threshold, whole)
    return replace(found, grids=(found.grids[0], other, *found.grids[2:]))


def _of_the_start(found: ScaleChoice) -> ScaleChoice:
    """What the search improved, and then forgot."""
    assert found.loss_after < found.loss_before
    discrete = Discretise().run(rough_model(SHAPE))
    return replace(
        found, grids=choose_grids(discrete, (5,) * len(discrete.layers), rule_of("max", 99, False))
    )


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (_coarser, "layer1: the search by loss does not try the scale"),
        (_of_the_start, "the loss of the chosen scales is .*, not"),
        (
            lambda f: replace(f, loss_after=f.loss_after * (1 - 1e-6)),
            "the loss of the chosen scales is .*, not",
        ),
        (
            lambda f: replace(f, loss_before=f.loss_after, loss_after=f.loss_before),
            "the loss is .* before the search, .* after it",
        ),
        (lambda f: replace(f, loss_before=None), "the loss is None before the search"),
    ],
)
def test_a_search_by_loss(fault, message, monkeypatch):
    real = quantise.search_scales
    _searched(rough_model(SHAPE))
    monkeypatch.setattr(quantise, "search_scales", lambda *given: fault(real(*given)))
    with pytest.raises(PassError, match=message):
        _searched(rough_model(SHAPE))


def test_a_search_by_the_loss_of_other_labels(monkeypatch):
    real = Calibration.measure
    monkeypatch.setattr(
        Calibration,
        "measure",
        lambda self, graph: real(replace(self, labels=np.roll(self.labels, 1)), graph),
    )
    with pytest.raises(PassError, match="the loss of the chosen scales is"):
        _searched(rough_model(SHAPE))


@pytest.mark.parametrize("power_of_two", [False, True])
def test_a_scale_that_loses_more_than_the_least_error(power_of_two, monkeypatch):
    """One of those that the rule tries, but the first in the place of the best."""
    monkeypatch.setattr("snnc.quantisation.least_squares", full_range)
    with pytest.raises(PassError, match=r"layer\d: the scale is .*, but that of the least error is"):
        exported(rough_model(SHAPE), scale="mse", weight_bits=5, power_of_two=power_of_two)


@pytest.mark.parametrize("by", ["magnitude", "lines"])
@pytest.mark.parametrize("how", ["largest first", "too many", "too few", "another"])
def test_prune(by, how, monkeypatch):
    def wrong(real: Any, done: Any, graph: Any) -> Any:
        layer, right = graph.layers[1], real(done, graph)
        if how == "largest first":
            size = np.abs(layer.weight)
            gone = np.count_nonzero(layer.weight) - np.count_nonzero(right.layers[1].weight)
            weight = np.where(
                size.ravel().argsort().argsort().reshape(size.shape) >= size.size - gone, 0, layer.weight
            )
        elif how == "another":  # the largest instead of one that went
            weight = np.array(right.layers[1].weight)
            weight[np.unravel_index(np.abs(weight).argmax(), weight.shape)] = 0
            back = np.argwhere((right.layers[1].weight == 0) & (layer.weight != 0))[0]
            weight[tuple(back)] = layer.weight[tuple(back)]
        else:
            return real(replace(done, shares=(0.5, 0.55 if how == "too many" else 0.45, 0.5)), graph)
        return edit(1, weight=lambda _: weight, delay=lambda _: layer.delay)(right)

    exported(rough_model(SHAPE), prune=0.5, prune_by=by)
    plant(monkeypatch, Prune, wrong)
    with pytest.raises(PassError, match=r"layer1(, synapse \d+ -> \d+: .* left, though|: )"):
        exported(rough_model(SHAPE), prune=0.5, prune_by=by)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (edit(1, bias_mant=lambda b: b[::-1]), NEURON),
        (edit(1, bias_mant=plus(2, 1)), "layer1, neuron 2: "),
        (edit(1, bias_exp=lambda e: 5, bias_mant=lambda b: 2 * b), "layer1: the exponent of its biases is 5"),
        (edit(1, threshold=lambda t: t + 1), "layer1: threshold is"),
    ],
)
def test_whole_bias(fault, message, monkeypatch):
    caught(monkeypatch, WholeBias, fault, message, whole_bias=True)


def test_biases_that_nobody_wants_whole(monkeypatch):
    plant(monkeypatch, WholeBias, lambda real, done, graph: real(WholeBias(True), graph))
    with pytest.raises(PassError, match=r"layer0: bias_exp is 6|layer0, neuron 0: "):
        exported(rough_model(SHAPE))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (edit(0, delay=plus((0, 0), 1)), "layer0, synapse 0 -> "),
        (edit(2, delay=swapped), "layer0, synapse"),
        (edit(2, weight=swapped), "layer0, synapse"),
        (edit(2, bias_mant=plus(1, 1)), "layer0, neuron 1: .* not the bias from before"),
        (edit(2, threshold=lambda t: t + 1), "layer0: threshold is"),
        (edit(0, threshold=lambda t: 2), "layer0_relay1, neuron 0: is not a relay"),
        (edit(0, decay_v=lambda k: 4095), "layer0_relay1: its relays have a memory"),
        (edit(0, bias_mant=plus(0, 1)), "layer0_relay1: its relays have a memory or a bias"),
        (lambda g: g.changed(readout_scale=1.0), "network: readout_scale is"),
    ],
)
def test_legalise(fault, message, monkeypatch):
    caught(monkeypatch, Legalise, fault, message, shape=LONG)


def test_a_layer_of_relays_is_dropped(monkeypatch):
    """The second layer of them listens to the sources then, as if it had all delays."""

    def dropped(real: Any, done: Any, before: Any) -> Any:
        graph = real(done, before)
        first, second = graph.layers[:2]
        source = first.weight.argmax(axis=1)
        weight = np.zeros((second.neurons, first.inputs), np.int32)
        delay = np.zeros_like(weight)
        for relay, heard in np.argwhere(second.weight):
            weight[relay, source[heard]] = second.weight[relay, heard]
            delay[relay, source[heard]] = second.delay[relay, heard]
        return graph.with_layers([replace(second, weight=weight, delay=delay), *graph.layers[2:]])

    plant(monkeypatch, Legalise, dropped)
    with pytest.raises(PassError, match=r"layer0, synapse \d+ -> \d+: expected one path over relays, of"):
        exported(rough_model(LONG))


def test_place(monkeypatch):
    wrong = edit(1, bias_mant=lambda b: b[::-1])
    plant(monkeypatch, Place, lambda real, done, graph: real(done, wrong(graph)))
    with pytest.raises(PassError, match=NEURON):
        exported(rough_model(SHAPE))


@settings(max_examples=50)
@given(
    shapes(most_delay=80),
    st.sampled_from([None, "max", "percentile", "mse", "task"]),
    st.booleans(),
    st.sampled_from([0.0, 0.3, 0.77]),
    st.sampled_from(["magnitude", "lines"]),
    st.booleans(),
    st.sampled_from([50.0, 90.0, 99.9]),
)
def test_right_passes_are_accepted(shape, scale, power_of_two, prune, by, whole_bias, percent):
    options = ExportOptions(
        weight_bits=shape.bits,
        scale=scale,
        power_of_two=power_of_two,
        percentile=percent if scale in ("percentile", "task") else None,
        budget=False,
        prune=prune,
        prune_by=by if prune else "magnitude",
        whole_bias=whole_bias,
        **LENIENT,
    )
    try:
        recordings = _recordings(shape) if scale == "task" else None
        compile_model(rough_model(shape), load_target("loihi"), options, calibration=recordings)
    except LimitError:  # a scale that does not hold it; not what is tested here
        return
