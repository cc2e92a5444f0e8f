"""Faults seeded into each pass: its check raises, and names the layer and the neuron or synapse.

And the other way round: what the passes make is accepted, for random networks and options.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chains import rough_model, shapes
from hypothesis import given, settings
from hypothesis import strategies as st
from models import tiny_model
from pass_faults import (
    LENIENT,
    LONG,
    NEURON,
    SHAPE,
    SYNAPSE,
    calibration_of,
    caught,
    edit,
    exported,
    plant,
    plus,
    swapped,
)

from snnc.errors import LimitError, PassError
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Discretise, Legalise, Place, Prune, WholeBias
from snnc.exporter.pipeline import compile_model
from snnc.stages import DiscreteLayer, TrainedModel
from snnc.targets.registry import load_target


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
        recordings = calibration_of(shape) if scale == "task" else None
        compile_model(rough_model(shape), load_target("loihi"), options, calibration=recordings)
    except LimitError:  # a scale that does not hold it; not what is tested here
        return
