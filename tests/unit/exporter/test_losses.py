"""The loss budget: sums by hand, and the steps of whole models."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import digits_model, tiny_model

from snnc.decoding import softmax
from snnc.errors import StageError
from snnc.exporter import calibration as recorded
from snnc.exporter import losses
from snnc.exporter.calibration import Calibration, measured
from snnc.exporter.choose_scales import ScaleChoice, choose_grids
from snnc.exporter.losses import Behaviour, compare, loss_budget
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.passes.quantise import Quantise
from snnc.hwsim.oracle import run_graph
from snnc.quantisation import percentile
from snnc.stages import DiscreteLayer, TrainedModel
from snnc.stages.losses import BudgetStage, Fidelity, LossBudget, Recordings


def recordings(model: TrainedModel, count: int = 5, rate: float = 0.3) -> Calibration:
    rng = np.random.default_rng(1)
    shape = (count, model.time_steps, model.layers[0].weight.shape[1])
    spikes = (rng.random(shape) < rate).astype(np.uint8)
    return Calibration("validation", 40, spikes, rng.integers(0, len(model.class_names), count))


def of_model(model: TrainedModel, bits: int = 8, rule=None, **options) -> LossBudget:
    discrete = Discretise(bits).run(model)
    grids = choose_grids(discrete, [bits] * len(model.layers), *([rule] if rule else []))
    graphs = {"quantised": Quantise(ScaleChoice(grids), ()).run(discrete)}
    return loss_budget(model, discrete, grids, graphs, options.get("calibration") or recordings(model))


def still(membrane, scores=((1.0, 0.0),), spikes=7) -> Behaviour:
    """One layer in which nothing depends on the recordings."""
    return Behaviour(np.array(scores), {"a": np.array(membrane, float)}, {"a": spikes})


def compared(*steps: Behaviour, labels=(0,)) -> LossBudget:
    data = Calibration("validation", 9, np.zeros((len(labels), 1, 1), np.uint8), np.array(labels))
    return compare({f"s{k}": lambda part, s=s: s for k, s in enumerate(steps)}, data, lambda message: None)


def test_the_ratio_by_hand() -> None:
    # 3, 4: energy 25. Off by 0 and 1: 10 log10(25 / 1) = 13.98. The third is off by 2 and 1: 25 / 5.
    first, second, third = compared(still([3, 4]), still([3, 3]), still([1, 3])).stages
    assert first.layers[0].previous is None
    assert first.layers[0].first is None
    assert second.layers[0].previous == second.layers[0].first == Fidelity(13.98, False)
    assert third.layers[0].first == Fidelity(6.99, False)
    assert third.layers[0].previous == Fidelity(round(10 * np.log10(18 / 4), 2), False)


def test_what_is_no_number() -> None:
    _, same, other = compared(still([0, 0]), still([0, 0]), still([1, 0])).stages
    assert same.layers[0].previous == Fidelity(None, True)
    assert other.layers[0].previous == Fidelity(None, False)  # a silent reference


def test_right_answers_and_spikes_add_up_over_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "BATCH", 2)
    scores = [(2.0, 1.0), (0.0, 1.0), (5.0, 1.0)]  # classes 0, 1, 0
    data = Calibration("validation", 9, np.zeros((3, 1, 1), np.uint8), np.array([0, 0, 0]))
    parts = []

    def step(part: slice) -> Behaviour:
        parts.append((part.start, part.stop))
        return still([1], scores[part], part.stop - part.start)

    (stage,) = compare({"only": step}, data, lambda message: None).stages
    assert parts == [(0, 2), (2, 3)]
    assert (stage.correct, stage.spikes) == (2, 3)


@given(st.lists(st.floats(-100, 100).filter(lambda x: x == 0 or abs(x) > 1e-3), min_size=1, max_size=6))
def test_scaling_an_error_by_ten_costs_twenty_decibels(reference: list[float]) -> None:
    signal = np.array(reference)
    if not signal.any():
        return
    _, near, far = compared(still(signal), still(signal * 1.01), still(signal * 1.1)).stages
    assert near.layers[0].first == Fidelity(40.0, False)
    assert far.layers[0].first == Fidelity(20.0, False)


def test_the_loss_is_that_of_training() -> None:
    # softmax of (2, 0): 1 / (1 + e^-2); of (0, 1) for class 0: 1 / (1 + e).
    found = measured(np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([0, 0]))
    assert found.correct == 1
    assert found.loss == pytest.approx((np.log(1 + np.exp(-2)) + np.log(1 + np.e)) / 2)
    assert np.isfinite(measured(np.array([[1e6, -1e6]]), np.array([1])).loss)


def test_steps_of_a_model_that_was_never_gaussian() -> None:
    """Its delays were whole: rounding them costs nothing, and there is no finish."""
    found = of_model(tiny_model())
    assert [stage.stage for stage in found.stages] == ["float", "rounded", "weights", "decay", "quantised"]
    assert found.recordings == Recordings("validation", 5, 40)
    rounded, weights, decay = (found.stages[index] for index in (1, 2, 3))
    assert all(layer.previous == Fidelity(None, True) for layer in rounded.layers)
    coarse = of_model(tiny_model(), 3).stages[2]
    for fine_layer, coarse_layer in zip(weights.layers, coarse.layers, strict=True):
        assert 0 < coarse_layer.previous.sqnr_db < fine_layer.previous.sqnr_db < 70
    assert all(layer.previous.identical for layer in decay.layers)  # 4096 / 2 and 4096 / 8 are whole


def test_steps_of_a_gaussian_model() -> None:
    found = of_model(digits_model())
    assert [stage.stage for stage in found.stages] == [
        "float",
        "rounded",
        "finished",
        "weights",
        "decay",
        "quantised",
    ]
    assert found.stages[1].layers[0].previous.sqnr_db < 20  # positions are far from whole steps


def test_clipping_is_a_step_of_its_own_where_weights_are_clipped() -> None:
    half = partial(percentile, percent=50)  # the larger half of the weights is clipped
    clipped, weights = of_model(tiny_model(), 8, half).stages[2:4]
    assert (clipped.stage, weights.stage) == ("clipped", "weights")
    assert clipped.layers[0].previous.sqnr_db < weights.layers[0].previous.sqnr_db


def test_a_decay_that_must_be_rounded_costs_something() -> None:
    model = tiny_model()
    slow = replace(model, layers=tuple(replace(layer, tau=10.0) for layer in model.layers))
    decay = of_model(slow).stages[3]
    assert decay.stage == "decay"
    assert all(not layer.previous.identical for layer in decay.layers)


def test_layers_that_training_finished_are_not_clipped() -> None:
    """Their integers are a step from the finished network to its own integers, in whatever they differ."""
    model = tiny_model()
    whole = Discretise().run(model).layers
    on_grid = tuple(
        DiscreteLayer(
            part.name, np.rint(part.weight * 50) / 50, part.delay, part.bias, part.tau, part.threshold, 50.0
        )
        for part in whole
    )
    found = of_model(replace(model, quantised={8: on_grid}))
    assert [stage.stage for stage in found.stages] == ["float", "rounded", "weights", "decay", "quantised"]
    assert found.stages[2].layers[0].previous.sqnr_db is not None


def test_the_last_step_is_what_the_oracle_computes() -> None:
    model, calibration = tiny_model(), recordings(tiny_model())
    discrete = Discretise().run(model)
    grids = choose_grids(discrete, [4, 4])
    graph = Quantise(ScaleChoice(grids), ()).run(discrete)
    last = loss_budget(model, discrete, grids, {"quantised": graph}, calibration).stages[-1]
    trace = run_graph(graph, calibration.spikes)
    assert last.layers[0].spikes == int(trace.layers[0].spikes.sum()) > 0
    assert last.layers[1].spikes is None
    classes = softmax.classes(trace.readout, graph.readout_scale)
    assert last.correct == int((classes == calibration.labels).sum())


def test_fewer_recordings_of_large_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()  # 48 synapses, 12 steps: 576 a recording
    for work, affordable in ((10**9, 200), (576 * 30, 30), (576 * 31 - 1, 30), (1, 20)):
        monkeypatch.setattr(recorded, "WORK", work)
        assert recorded.affordable(model) == affordable


def test_impossible_counts_are_refused() -> None:
    for correct in (-1, 6):
        with pytest.raises(StageError, match=f"{correct} of 5 recordings are correct"):
            LossBudget(Recordings("validation", 5, 9), (BudgetStage("float", correct, ()),))


def test_a_stage_tells_how_many_of_its_right_ones_the_last_step_loses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By hand: the first has 0 and 1 right, the second 0, 1 and 2, the last 1 and 3 of four recordings."""
    monkeypatch.setattr(losses, "BATCH", 3)
    right = {"first": [0, 1], "second": [0, 1, 2], "last": [1, 3]}
    scores = {name: np.array([(float(k in own), 0.5) for k in range(4)]) for name, own in right.items()}
    data = Calibration("validation", 9, np.zeros((4, 1, 1), np.uint8), np.zeros(4, np.int64))
    steps = {name: lambda part, own=own: still([1], own[part]) for name, own in scores.items()}
    found = compare(steps, data, lambda message: None).stages
    assert [(stage.correct, stage.lost) for stage in found] == [(2, 1), (3, 2), (2, 0)]


@pytest.mark.parametrize(("correct", "lost", "last"), [(3, 4, 4), (4, 0, 3), (4, 3, 4)])
def test_more_cannot_be_lost_or_gained_than_there_are(correct: int, lost: int, last: int) -> None:
    """Of 5 recordings: 4 of 3 lost; none of 4, though 3 remain; 3 of 4, so that of 1 other 3 were gained."""
    stages = (BudgetStage("float", correct, (), lost), BudgetStage("quantised", last, (), 0))
    with pytest.raises(StageError, match="cannot be lost"):
        LossBudget(Recordings("validation", 5, 9), stages)
