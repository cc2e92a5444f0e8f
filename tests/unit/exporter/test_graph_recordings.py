"""Recordings for networks that are no chain: what is right on them, the search for bits, and the budget."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import snnc
from snnc.decoding.decoder import decoders
from snnc.errors import InputError, LimitError
from snnc.exporter.float_reference import run_float
from snnc.exporter.graph_losses import graph_loss_budget
from snnc.exporter.graph_recordings import (
    LABELLED,
    UNLABELLED,
    GraphRecordings,
    float_answers,
    float_classes,
    load_recordings,
    of_events,
)
from snnc.exporter.graph_scales import choose_graph_grids
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes.quantise_graph import quantise_graph
from snnc.exporter.pipeline import compile_model
from snnc.hwsim.oracle import run_graph
from snnc.stages import FloatGraph, FloatMatrix, FloatPopulation, FloatProjection, Readout
from snnc.stages.losses import Fidelity, Recordings
from snnc.targets.registry import load_target

IF = {"keep_u": 0.0, "keep_v": 1.0}
STEPS = 12


def network(seed: int = 5) -> FloatGraph:
    """Four lines, six recurrent neurons, which are a readout, and a readout of three classes."""
    rng = np.random.default_rng(seed)

    def matrix(post: int, pre: int, least: int) -> FloatMatrix:
        return FloatMatrix(rng.normal(0, 0.6, (post, pre)), rng.integers(least, 4, (post, pre)))

    populations = (
        FloatPopulation("x", "input", 4),
        FloatPopulation("h", "lif", 6, **IF, threshold=1.0, reset="zero"),
        FloatPopulation("y", "li", 3, keep_u=0.0, keep_v=0.9),
    )
    projections = (
        FloatProjection("x", "h", matrix(6, 4, 0)),
        FloatProjection("h", "h", matrix(6, 6, 1)),
        FloatProjection("h", "y", matrix(3, 6, 0)),
    )
    readouts = (
        Readout("y", "sum", 1.0, ("a", "b", "c")),
        Readout("h", "count", None, tuple("012345")),
    )
    return FloatGraph(populations, projections, readouts, STEPS, 0.001)


def events(count: int, seed: int = 2) -> np.ndarray:
    return (np.random.default_rng(seed).random((count, STEPS, 4)) < 0.3).astype(np.uint8)


def unlabelled(count: int = 20) -> GraphRecordings:
    return GraphRecordings(UNLABELLED, count, events(count), np.full((count, 2), -1))


def compiled(data: GraphRecordings, **options):
    asked = ExportOptions(allow_saturation=True, **options)
    return compile_model(network(), load_target("c"), asked, calibration=data)


@pytest.mark.parametrize("of_v", ["softmax", "sum", "max", "last"])
@pytest.mark.parametrize("of_spikes", ["count", "first"])
def test_classes_in_real_numbers_are_those_of_clause_7(of_v: str, of_spikes: str) -> None:
    """As a decoder of integers tells them of the same network where nothing is rounded."""
    rng = np.random.default_rng(5)
    weight = rng.integers(-127, 128, (3, 4)).astype(float)
    weight[:, 0] = 127
    populations = (
        FloatPopulation("x", "input", 4),
        FloatPopulation("h", "lif", 3, **IF, threshold=200.0, reset="zero", end=9),
        FloatPopulation("y", "li", 3, **IF, end=7),
    )
    into = FloatMatrix(weight, np.zeros((3, 4), int))
    projections = FloatProjection("x", "h", into), FloatProjection("x", "y", into)
    names = ("a", "b", "c")
    readouts = Readout("y", of_v, 0.01, names), Readout("h", of_spikes, None, names)
    graph = FloatGraph(populations, projections, readouts, STEPS, 0.001)
    whole = quantise_graph(graph)
    spikes = events(8)
    layers = run_graph(whole, spikes).layers
    want = np.stack([each.classes(each.record(layers)) for each in decoders(whole)], axis=1)
    found = [float_classes(graph, run_float(graph, one)) for one in spikes]
    np.testing.assert_array_equal(found, want)


@pytest.mark.parametrize(
    ("speakers", "of_three", "picked"),
    [
        (["joe", "joe", "tim", "ann", "tim"], ("ann", "joe"), ("joe",)),
        ([12, 12, 7, 7, 9], ("7", "12"), ("12",)),
        (None, None, None),
    ],
)
def test_recordings_know_whose_they_are(
    speakers: list[str] | list[int] | None,
    of_three: tuple[str, ...] | None,
    picked: tuple[str, ...] | None,
) -> None:
    """Three of five, evenly: the first, second and fourth; of these two: the first and second."""
    five = snnc.from_events([[9]] * 5, [[0]] * 5, [0, 1, 2, 0, 1], tick_s=0.001, lines=4, speakers=speakers)
    found = of_events(network(), five, 3)
    assert found.recordings == Recordings(LABELLED, 3, 5, of_three)
    assert found.pick(2).recordings.speakers == picked


def test_without_labels_every_readout_has_to_tell_the_same() -> None:
    data = GraphRecordings(UNLABELLED, 3, events(3), np.array([[0, 1], [2, 2], [1, 0]]))
    assert data.right(np.array([[0, 1], [2, 1], [0, 0]]), slice(None)).tolist() == [True, False, False]
    assert data.right(np.array([[2, 2], [1, 0]]), slice(1, 3)).tolist() == [True, True]


def test_labels_are_of_the_first_readout() -> None:
    data = GraphRecordings(LABELLED, 2, events(2), np.array([[0, -1], [2, -1]]))
    assert data.right(np.array([[0, 5], [1, 5]]), slice(None)).tolist() == [True, False]


def test_the_search_keeps_to_the_budget_and_ends_with_the_fewest_bits() -> None:
    """Each candidate counted again: by the oracle against the classes in real numbers."""
    net, data = network(), unlabelled()
    want = float_answers(net, data)
    found = compiled(data, max_drop=20.0, budget=False)
    search = found.losses.bits
    assert search.layers == ("h", "y")
    assert search.reference == 20
    assert search.recordings.split == UNLABELLED
    for candidate in search.found:
        graph = quantise_graph(net, candidate.bits)
        layers = run_graph(graph, data.spikes).layers
        told = np.stack([each.classes(each.record(layers)) for each in decoders(graph)], axis=1)
        assert candidate.correct == (told == want).all(axis=1).sum()
        counts = [sum(each.synapses.count for each in graph.into(name)) for name in search.layers]
        assert list(candidate.synapses) == counts
    assert search.best.correct >= 16
    assert sum(search.chosen) < 16
    assert found.program.graph == quantise_graph(net, search.chosen)
    assert found.chosen["weight_bits"] == dict(zip(("h", "y"), search.chosen, strict=True))


def test_pruning_as_much_as_the_budget_allows() -> None:
    found = compiled(unlabelled(), max_drop=50.0, prune=None, budget=False)
    assert set(found.chosen["pruned"]) == {"x -> h", "h -> h", "h -> y"}
    assert any(found.chosen["pruned"].values())


def test_a_budget_that_nothing_keeps_to() -> None:
    answers = float_answers(network(), unlabelled())[:, 0]
    right = GraphRecordings(LABELLED, 20, events(20), np.stack([answers, answers * 0 - 1], axis=1))
    message = r"20 of 20 given .* \(3-bit weights\); leave out --weight-bits 3, or give 5, .* fine-tune"
    with pytest.raises(LimitError, match=message):
        compiled(right, max_drop=0.0, weight_bits=3)


def test_the_loss_budget_by_hand() -> None:
    """The network in real numbers, then its integers, membranes in real units."""
    net, data = network(), unlabelled(6)
    data = GraphRecordings(UNLABELLED, 6, data.spikes, float_answers(net, data))
    graph = quantise_graph(net)
    found = graph_loss_budget(net, choose_graph_grids(net, 8, True), {"quantised": graph}, data)
    first, last = found.stages
    assert (first.stage, first.correct) == ("float", 6)
    traces = [run_float(net, one) for one in data.spikes]
    assert [each.spikes for each in first.layers] == [sum(int(t["h"].spikes.sum()) for t in traces), None]
    layers = run_graph(graph, data.spikes).layers
    assert last.layers[0].spikes == int(layers[0].spikes.sum())
    v = np.stack([trace["y"].v for trace in traces])
    # A weight of 1 is as many steps as the readout's factor is less than 1 / 64.
    unit = 1 / np.asarray(graph.readouts[0].scale)
    noise = np.square(v - layers[1].v / unit).sum()
    assert last.layers[1].first == Fidelity(round(10 * np.log10(np.square(v).sum() / noise), 2), False)


def test_the_budget_has_a_step_for_what_was_done() -> None:
    stages = compiled(unlabelled(), prune=0.3, whole_bias=True, budget=True).losses.loss.stages
    assert [each.stage for each in stages] == ["float", "quantised", "pruned", "whole biases"]
    assert compiled(unlabelled(), budget=False).losses.loss is None


def saved(path: Path, **arrays: object) -> Path:
    np.savez(path / "data.npz", **arrays)
    return path / "data.npz"


def test_a_file_of_recordings(tmp_path: Path) -> None:
    given_events, labels = events(7), np.array([0, 1, 2, 0, 1, 2, 0])
    found = load_recordings(network(), saved(tmp_path, spikes=given_events, labels=labels), 1)
    assert (found.split, found.available, len(found)) == (LABELLED, 7, 7)
    np.testing.assert_array_equal(found.labels, np.stack([labels, 0 * labels - 1], axis=1))
    some = load_recordings(network(), saved(tmp_path, spikes=given_events.astype(float)), 1, most=3)
    assert (some.split, some.available, len(some)) == (UNLABELLED, 7, 3)
    np.testing.assert_array_equal(some.spikes, given_events[[0, 2, 4]])


def test_a_file_in_other_steps_is_put_into_the_networks(tmp_path: Path) -> None:
    """Every second step of the file begins one of the network, which is twice as long."""
    net, given_events = network(), events(3)
    halves = np.zeros((3, 24, 4), np.uint8)
    halves[:, ::2] = given_events
    labels = np.array([2, 0, 1])
    path = saved(tmp_path, spikes=halves, labels=labels, dt=net.bin_s / 2)
    found = load_recordings(net, path, 1)
    np.testing.assert_array_equal(found.spikes, given_events)
    np.testing.assert_array_equal(found.labels[:, 0], labels)
    unlabelled = load_recordings(net, saved(tmp_path, spikes=halves, dt=net.bin_s / 2), 1)
    assert unlabelled.split == UNLABELLED
    np.testing.assert_array_equal(unlabelled.spikes, given_events)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": events(1)}, "holds no spikes; give an npz with `spikes`"),
        ({"spikes": events(0)}, "holds no spikes"),
        ({"spikes": events(2)[:, :, :3]}, r"its spikes are \[2, 12, 3\].* takes 12 steps of 4 lines"),
        (
            {"spikes": 2 * events(2)},
            r"numbers 0\.\.1, first 2 in sample \d, step \d+, line \d; binarise .* --payload-max \(from",
        ),
        (
            {"spikes": np.where(np.arange(96).reshape(2, 12, 4) == 57, 0.5, 2)},
            r"not whole numbers 0\.\.1, first 0\.5 \(a fraction\) in sample 1, step 2, line 1; encode it as",
        ),
        (
            {"spikes": np.where(events(2) > 0, np.nan, 0)},
            r"first nan \(no number\) in .*; correct it, or leave the sample out$",
        ),
        ({"spikes": events(2), "labels": np.array([0, 3])}, r"labels\[1\] is 3; classes are numbered 0\.\.2"),
        ({"spikes": events(2), "labels": np.array([0])}, "labels are 1 .*, and there are 2 samples"),
    ],
)
def test_files_that_do_not_fit(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_recordings(network(), saved(tmp_path, **arrays), 1)


@settings(max_examples=15, deadline=None)
@given(bits=st.tuples(st.integers(4, 8), st.integers(2, 8)), seed=st.integers(0, 99))
def test_bits_are_of_what_leads_to_a_population(bits: tuple[int, int], seed: int) -> None:
    """The largest weight into a neuron has all of its bits: nothing but weights sets the grids here."""
    graph = quantise_graph(network(seed), bits)
    for name, number in zip(("h", "y"), bits, strict=True):
        weight = np.concatenate([each.synapses.weight for each in graph.into(name)], axis=1)
        top = 2 ** (number - 1) - 1
        assert (np.abs(weight) <= top).all()
        assert (np.abs(weight).max(axis=1) >= (top if name == "y" else top // 2)).all()
