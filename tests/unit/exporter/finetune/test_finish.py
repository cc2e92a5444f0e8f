"""Epochs, the samples that choose among them, and what may not be kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from finetune_nets import events, network

from snnc.errors import LimitError, TrainingError
from snnc.exporter.finetune import finish as finishing
from snnc.exporter.finetune.finish import Measure, Samples, Settings, finish, measure
from snnc.exporter.finetune.rounding import starts_of
from snnc.exporter.finetune.teacher import float_answers_of
from snnc.exporter.graph_recordings import UNKNOWN, GraphRecordings, float_answers
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes.quantise_graph import quantise_graph
from snnc.exporter.plan import plan_export
from snnc.stages import FloatGraph, FloatMatrix, FloatPopulation, FloatProjection, Readout
from snnc.targets.registry import load_target

BITS = 3
SETTINGS = Settings(epochs=4, batch_size=10, rate=0.02, seed=0)


def samples(net, count, seed) -> Samples:
    given = events(count, seed)
    told = float_answers_of(net, given)
    return Samples(given, told, told)


def finished(net, settings=SETTINGS, progress=lambda report: None):
    starts = starts_of(net, plan_export(net, ExportOptions(weight_bits=BITS), load_target("c")))
    return finish(starts, samples(net, 80, 3), samples(net, 40, 4), settings, progress)


def test_many_samples_at_once_answer_as_each_alone(monkeypatch):
    net, given = network(), events(7)
    monkeypatch.setattr("snnc.exporter.finetune.teacher.BATCH_BYTES", 32 * 12 * 19 * 3)
    recordings = GraphRecordings("given", 7, given, np.full((7, 1), UNKNOWN))
    found = float_answers_of(net, given)
    np.testing.assert_array_equal(found, float_answers(net, recordings))
    assert len(np.unique(found)) > 1


def test_integers_answer_more_like_real_numbers_than_before():
    found = finished(network())
    assert found.epoch > 0
    assert found.after.agreeing > found.before.agreeing
    kept = samples(network(), 40, 4)
    sharpness = {"out": 1.0}
    assert measure(quantise_graph(network(), BITS), kept, sharpness).agreeing == found.before.agreeing
    assert measure(quantise_graph(found.network, BITS), kept, sharpness).agreeing == found.after.agreeing


def test_the_same_seed_gives_the_same_network_and_another_does_not():
    short = replace(SETTINGS, epochs=2)
    one, same = finished(network(), short), finished(network(), short)
    assert one == same
    other = finished(network(), replace(short, seed=1))
    assert one.network != other.network


def test_what_gets_worse_is_not_kept(monkeypatch):
    """Every measure after the start is worse."""
    told = iter([9, 9, 5, 8, 7, 6])

    def worse(graph, given, sharpness):
        right = next(told)
        return Measure(right, right, 40, 0.0)

    monkeypatch.setattr(finishing, "measure", worse)
    reports = []
    found = finished(network(), progress=reports.append)
    assert found.epoch == 0
    assert found.network is not None
    assert quantise_graph(found.network, BITS) == quantise_graph(network(), BITS)
    assert [report.best for report in reports] == [False] * 4
    assert [report.validation.right for report in reports] == [5, 8, 7, 6]


def test_what_may_overflow_is_not_kept(monkeypatch):
    def refuse(ranges):
        raise LimitError("overflow")

    monkeypatch.setattr(finishing, "refuse_overflow", refuse)
    reports = []
    found = finished(network(), progress=reports.append)
    assert (found.epoch, found.sound) == (0, False)
    assert [(report.best, report.overflows) for report in reports] == [(False, True)] * 4


def test_what_cannot_overflow_takes_the_place_of_a_start_that_may(monkeypatch):
    told = iter([*[LimitError("overflow")] * 3, None, LimitError("overflow")])  # two of them are starts

    def refuse(ranges):
        if error := next(told):
            raise error

    monkeypatch.setattr(finishing, "refuse_overflow", refuse)
    monkeypatch.setattr(Measure, "rank", property(lambda measure: 0))  # none is better than another
    assert finished(network()).epoch == 2


@pytest.mark.parametrize(("allowed", "clips"), [(False, False), (True, True)])
def test_a_start_that_may_overflow_is_not_preferred(monkeypatch, allowed, clips):
    """Clipped weights have more right, but may overflow: what rounding alone makes can be exported."""
    soundness = iter([True, False, False])
    measured = iter([Measure(right, right, 40, 0.0) for right in (9, 10, 8)])
    monkeypatch.setattr(finishing, "is_sound", lambda graph: next(soundness))
    monkeypatch.setattr(finishing, "measure", lambda *given: next(measured))
    found = finished(network(), replace(SETTINGS, epochs=1, allow_saturation=allowed))
    assert (found.epoch, found.sound, found.changed, found.clipped is not None) == (0, True, clips, clips)
    assert found.after.right == (10 if clips else 9)


def test_saturation_may_be_allowed(monkeypatch):
    def refuse(ranges):
        raise LimitError("overflow")

    monkeypatch.setattr(finishing, "refuse_overflow", refuse)
    found = finished(network(), replace(SETTINGS, allow_saturation=True))
    assert found.epoch > 0
    assert found.sound


def test_integers_beyond_a_format_are_named(monkeypatch):
    def broken(*args):
        raise LimitError("hidden: beyond its format")

    monkeypatch.setattr(finishing, "go_back", broken)
    with pytest.raises(TrainingError, match=r"epoch 1: hidden.*; or lower learning_rate, 0.02 now"):
        finished(network())


def test_a_gradient_that_is_not_finite_is_named():
    """A silent neuron hears itself, with a weight of 100 thresholds: back in time its gradient grows step by
    step, about fivefold at v = 0, and 5^100 is no float32.
    """
    populations = (
        FloatPopulation("in", "input", 1),
        FloatPopulation("loop", "lif", 1, keep_u=0.0, keep_v=0.0, threshold=1.0, reset="zero"),
        FloatPopulation("out", "li", 2, keep_u=0.0, keep_v=0.9),
    )
    ways = (("in", "loop", [[0.1]]), ("loop", "loop", [[100.0]]), ("loop", "out", [[1.0], [-1.0]]))
    projections = tuple(
        FloatProjection(source, to, FloatMatrix(np.array(weight), np.ones(np.shape(weight), int)))
        for source, to, weight in ways
    )
    net = FloatGraph(populations, projections, (Readout("out", "sum", 1.0, ("x", "y")),), 100, 0.001)
    given = np.ones((5, 100, 1), np.uint8)
    (start, *_) = starts_of(net, plan_export(net, ExportOptions(), load_target("c")))
    labelled = Samples(given, np.zeros((5, 1), np.int64), np.zeros((5, 1), np.int64))
    with pytest.raises(
        TrainingError, match=r"^epoch 1: the gradient of 'in -> loop' is not finite; train on"
    ):
        finish([start], labelled, labelled, SETTINGS)


def test_a_batch_that_memory_does_not_hold_is_the_mean_of_its_parts(monkeypatch):
    short = replace(SETTINGS, epochs=1)
    whole = finished(network(), short)
    monkeypatch.setattr("snnc.batches.TRACE_BYTES", 1)
    parts = finished(network(), short)
    assert parts.epoch == whole.epoch
    for one, other in zip(parts.network.projections, whole.network.projections, strict=True):
        np.testing.assert_allclose(one.synapses.weights, other.synapses.weights, rtol=1e-5, atol=1e-6)
