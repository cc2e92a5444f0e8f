"""Generated inputs: valid, the same for a seed, and they reach what random inputs do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import graphs_with_input

from snnc.errors import InputError
from snnc.hwsim.oracle import run_graph
from snnc.stages import QuantizedGraph, QuantizedLayer, check_input
from snnc.verification.inputs import stimuli
from snnc.verification.inputs.coverage import nothing, reached
from snnc.verification.inputs.stimuli import affordable_runs, generate, search
from snnc.verification.inputs.trains import SHAPES, shaped

pytestmark = pytest.mark.slow

STEPS = 24


def layer(name: str, weight: Sequence, delay: Sequence | int, threshold: int | None) -> QuantizedLayer:
    """No bias; nothing is kept from one step to the next."""
    weight = np.array(weight)
    return QuantizedLayer(
        name,
        weight,
        np.broadcast_to(delay, weight.shape),
        np.zeros(len(weight)),
        bias_exp=0,
        decay_u=4096,
        decay_v=4096,
        threshold=threshold,
    )


def with_readout(*hidden: QuantizedLayer) -> QuantizedGraph:
    readout = layer("readout", np.ones((1, hidden[-1].neurons)), 0, None)
    return QuantizedGraph.chain((*hidden, readout), STEPS, 0.001, 1.0, ("class0",))


def detectors(
    rng, name: str, shape: tuple[int, int], excite: int, needed: int, inhibit: int
) -> QuantizedLayer:
    """Each neuron fires on `needed` of the `excite` sources that excite it, at the right times."""
    weight = np.full(shape, inhibit)
    for row in weight:
        row[rng.choice(shape[1], excite, replace=False)] = 10
    return layer(name, weight, rng.integers(0, 7, shape), 10 * needed - 5)


def random_inputs(graph: QuantizedGraph, count: int) -> np.ndarray:
    """A quarter each at 2, 5, 15 and 40 %."""
    rng = np.random.default_rng(99)
    rates = np.repeat([0.02, 0.05, 0.15, 0.4], count // 4)[:, None, None]
    return (rng.random((count, graph.time_steps, graph.inputs)) < rates).astype(np.uint8)


def spiked(graph: QuantizedGraph, inputs: np.ndarray, index: int) -> set[int]:
    """Neurons of a layer that spike, by the oracle."""
    return set(np.flatnonzero(run_graph(graph, inputs).layers[index].spikes.any(axis=(0, 1))).tolist())


@settings(max_examples=25)
@given(graphs_with_input(), st.integers(0, 2**32))
def test_what_is_sought_is_valid_and_each_reaches_something_new(case, seed):
    graph, inputs = case
    found = reached(graph, inputs, run_graph(graph, inputs))
    made = search(graph, found, seed=seed, samples=3, runs=60)
    assert made.dtype == np.uint8
    assert len(made) <= 3
    check_input(graph, made)
    for one in made:
        more = found + reached(graph, one[None], run_graph(graph, one[None]))
        names = "first", "last", "met", "above", "below", "most"
        new = [
            (a != b).any()
            for name in names
            for a, b in zip(getattr(more, name), getattr(found, name), strict=True)
        ]
        assert any(new) or ((more.counts > 0) & (found.counts == 0)).any()
        found = more


@settings(max_examples=10)
@given(graphs_with_input(), st.integers(0, 2**32))
def test_a_seed_always_gives_the_same(case, seed):
    graph, _ = case
    made = [generate(graph, nothing(graph), seed=seed, samples=4, runs=70) for _ in range(2)]
    assert np.array_equal(*made)


@pytest.mark.parametrize("seed", range(4))
def test_a_neuron_that_needs_twelve_events_in_order(seed):
    """It fires on 12 lines, each as early as its delay asks for, and on none of the 28 others."""
    graph = with_readout(detectors(np.random.default_rng(seed), "hidden1", (1, 40), 12, 12, -20))
    assert spiked(graph, random_inputs(graph, 64), 0) == set()
    assert spiked(graph, generate(graph, nothing(graph), seed=seed, samples=2, runs=128), 0) == {0}


@pytest.mark.parametrize("seed", range(3))
def test_thresholds_that_are_met_exactly(seed):
    """The threshold of 24 neurons is the sum of five weights of the first; by chance it is rarely met."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(300, 900, (24, 20))
    threshold = int(weight[0, :5].sum())
    graph = with_readout(layer("hidden1", weight, rng.integers(0, 5, weight.shape), threshold))

    def met(inputs: np.ndarray) -> int:
        v = run_graph(graph, inputs).layers[0].v
        return int((v == 64 * threshold).any(axis=(0, 1)).sum())

    made = generate(graph, nothing(graph), seed=seed, samples=8, runs=1024)
    assert met(made) >= 5 > met(random_inputs(graph, 64))


@pytest.mark.parametrize("seed", range(3))
def test_deep_neurons(seed):
    """Half of the second layer at least, of which random inputs reach no neuron."""
    rng = np.random.default_rng(seed)
    first = detectors(rng, "hidden1", (32, 40), 8, 5, -5)
    graph = with_readout(first, detectors(rng, "hidden2", (16, 32), 8, 4, -5))
    assert spiked(graph, random_inputs(graph, 64), 1) == set()
    made = generate(graph, nothing(graph), seed=seed)
    assert len(made) <= 16
    assert len(spiked(graph, made, 1)) >= 8


def test_a_source_that_spiked_too_late_for_a_long_delay():
    graph = with_readout(layer("hidden1", [[5]], 0, 3))
    late = QuantizedGraph.chain(
        (graph.layers[0], layer("readout", [[1]], STEPS - 1, None)), STEPS, 0.001, 1.0, ("class0",)
    )
    inputs = np.zeros((1, STEPS, 1), np.uint8)
    inputs[0, 1] = 1  # it must spike in step 0
    found = reached(late, inputs, run_graph(late, inputs))
    made = generate(late, found, seed=0, samples=1, runs=32)
    assert run_graph(late, made).layers[0].spikes[:, 0].any()


def test_saturation_is_sought_where_it_may_be():
    """Six inputs, of which only half excite: every one of those in every step makes u wrap and v clip."""
    weight = [[40000, -40000, 40000, -40000, 40000, -40000]]
    keeps = QuantizedLayer("readout", weight, np.zeros((1, 6)), [0], 0, decay_u=0, decay_v=0, threshold=None)
    graph = QuantizedGraph.chain((keeps,), STEPS, 0.001, 1.0, ("class0",))
    trace = run_graph(graph, generate(graph, nothing(graph), seed=0, samples=2, runs=64))
    assert trace.layers[0].u_wraps
    assert trace.layers[0].v_clips


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"runs": 0}])
def test_impossible_numbers(wrong):
    graph = with_readout(layer("hidden1", [[5]], 0, 3))
    with pytest.raises(InputError, match="is 0, expected 1 or more"):
        generate(graph, nothing(graph), seed=0, **wrong)


@pytest.mark.parametrize(
    ("synapses", "steps", "samples", "runs"),
    [
        (400, 100, 16, 4096),
        (400, 100, 1000, 32_000),  # each input has the 32 candidates that a search starts from
        (1_000_000, 100, 16, 1000),
        (1_000_000, 100, 1000, 1000),
        (1_000_000, 100_000, 16, 32),
    ],
)
def test_a_large_network_has_fewer_candidates(synapses, steps, samples, runs):
    weight = np.ones((synapses // 200, 199))  # the readout has one more for each neuron
    graph = replace(with_readout(layer("hidden1", weight, 0, 1)), time_steps=steps)
    assert sum(np.count_nonzero(one.weight) for one in graph.layers) == synapses
    assert affordable_runs(graph, samples) == runs


def test_many_inputs_asked_for_do_not_starve_each_other():
    """One candidate each would be none: the search starts from 32."""
    graph = with_readout(layer("hidden1", np.eye(4) * 10, 0, 5))
    assert len(search(graph, nothing(graph), seed=0, samples=4000, runs=64)) > 0


@settings(max_examples=25)
@given(graphs_with_input(), st.integers(0, 2**32), st.integers(1, 9))
def test_every_place_is_filled(case, seed, samples):
    graph, inputs = case
    found = reached(graph, inputs, run_graph(graph, inputs))
    made = generate(graph, found, seed=seed, samples=samples, runs=40)
    assert made.shape == (samples, graph.time_steps, graph.inputs)
    check_input(graph, made)


def test_random_inputs_remain_where_everything_is_reached():
    """One neuron that fires on its line, or not: a few inputs reach all, and the places are filled."""
    graph = with_readout(layer("hidden1", [[10]], 0, 5))
    made = generate(graph, nothing(graph), seed=0)
    assert len(made) == 16
    assert len({one.tobytes() for one in made}) > 8


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape):
    """Each is within its kind: rates for all steps and lines, or a part of them."""
    graph = with_readout(layer("hidden1", np.ones((1, 30)), 0, 5))
    trains = [shaped(graph, shape, np.random.default_rng(seed)) for seed in range(40)]
    steps = [set(np.flatnonzero(one.any(axis=1)).tolist()) for one in trains]
    assert all(steps)
    density = np.mean([one.mean() for one in trains])
    if shape in ("sparse", "few events"):
        assert density < 0.05
    if shape == "dense":
        assert 0.4 < density < 1
    if shape == "early":
        assert max(map(max, steps)) <= STEPS // 2
    if shape == "late":
        assert min(map(min, steps)) >= STEPS // 2 - 1
    if shape == "silent, then dense":
        assert all(max(one) == STEPS - 1 for one in steps)
        assert len({min(one) for one in steps}) > 10
    if shape == "single lines":
        assert all(one.any(axis=0).sum() <= 3 for one in trains)


@pytest.mark.parametrize("runs", [0, -1])
def test_runs_are_refused_before_anything_runs(monkeypatch, runs):
    graph = with_readout(layer("hidden1", [[1]], 0, 1))
    monkeypatch.setattr(stimuli, "simulate", None)
    monkeypatch.setattr(stimuli, "driven", None)
    with pytest.raises(InputError, match=f"runs is {runs}, expected 1 or more"):
        generate(graph, nothing(graph), seed=0, samples=8, runs=runs)
