"""Faults seeded into quantisation and its scales: the check raises, and names the layer and the synapse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chains import Shape, rough_model
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
    plus,
    swapped,
)

from snnc.errors import PassError
from snnc.exporter.calibration import Calibration
from snnc.exporter.choose_scales import ScaleChoice, choose_grids, rule_of
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Discretise, Quantise, quantise
from snnc.exporter.pipeline import compile_model
from snnc.quantisation import Grid, full_range
from snnc.stages import TrainedModel
from snnc.targets.registry import load_target


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


def _searched(model: TrainedModel, shape: Shape = SHAPE, **options: Any) -> Any:
    asked = ExportOptions(**LENIENT | {"scale": "task", "weight_bits": 5, "budget": False} | options)
    return compile_model(model, load_target("loihi"), asked, calibration=calibration_of(shape))


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
