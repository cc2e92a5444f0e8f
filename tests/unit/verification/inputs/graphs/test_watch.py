"""Coverage of graphs that are no chain, by population: counts worked out by hand, and against slow loops."""

from __future__ import annotations

import numpy as np
import pytest
from graph_cases import adlif, dense, graph_of, li, lif, source
from hypothesis import HealthCheck, given, settings
from networks import networks_with_input

from snnc.hwsim import oracle
from snnc.stages import LayerCoverage, QuantizedGraph
from snnc.stages.population import INPUT
from snnc.verification.inputs.graphs.watch import GraphWatch
from snnc.verification.inputs.watch import ChainWatch, watch

HALF = 2048


def watched(graph: QuantizedGraph, *parts: np.ndarray) -> GraphWatch:
    found = GraphWatch(graph)
    for spikes in parts:
        found.see(spikes, oracle.run_graph(graph, spikes))
    return found


def layers(graph: QuantizedGraph, *parts: np.ndarray) -> dict[str, LayerCoverage]:
    return {each.layer: each for each in watched(graph, *parts).coverage("own").layers}


def test_counts_by_hand() -> None:
    """x spikes in steps 0 and 2 of 4, but ends at 2, so only the spike of step 0 counts.

    h: weight 3 at delay 1 and threshold 3: v = 192 in step 1, which meets 3 << 6 exactly and does not fire.
    Half of v stays: 96, 48. g: weight 3, threshold 2 (128), subtraction of 1 (64): fires at step 0 with v
    192, 64 above; then 192 - 64 = 128 is left, halved 64, 32, 16: no rest. The delay 4 is never used.
    """
    graph = graph_of(
        [
            source("x", 1, end=2),
            lif("h", 1, threshold=3, decay_v=HALF),
            lif("g", 2, threshold=2, reset="subtract", reset_by=1, decay_v=HALF),
            li("y"),
        ],
        [
            dense("x", "h", [[3]], 1),
            dense("x", "g", [[3], [1]], [[0], [4]]),
            dense("g", "y", [[1, 1]], 0),
            dense("h", "y", [[1]], 3),
        ],
        4,
    )
    found = layers(graph, np.array([[[1], [0], [1], [0]]], np.uint8))
    h, g, y = (found[name] for name in "hgy")
    assert (h.spiked, h.met, h.equalities, h.synapses, h.carried) == (0, 1, 1, 1, 1)
    assert (h.delays, h.delays_carried, h.sources, h.first_step, h.last_step) == (1, 1, 1, 1, 0)
    assert (g.spiked, g.neurons, g.synapses, g.carried) == (1, 2, 2, 1)
    assert (g.delays, g.delays_carried) == (2, 1)
    assert (g.just_above, g.one_above, g.just_below) == (0, 0, 0)  # 64 from the threshold is not just
    assert (y.carried, y.synapses, y.together, y.sources) == (1, 3, 0, 3)
    assert (h.u_wraps, h.v_clips, h.w_clips) == (0, 0, None)


def test_what_is_not_reached_is_named() -> None:
    graph = graph_of(
        [source("x", 2), lif("h", 2, threshold=9), li("y")],
        [dense("x", "h", [[9, 9], [9, 1]], [[0, 0], [2, 2]]), dense("h", "y", [[1, 1]], 1)],
        3,
        [*graph_of([source("x", 2), li("y")], [], 3).readouts],
    )
    silent = watched(graph, np.zeros((1, 3, 2), np.uint8)).coverage("own")
    assert silent.samples == 1
    assert {each.layer: each.unreachable for each in silent.layers} == {"h": 0, "y": 1}
    assert silent.unreached == (
        "x: 2 of 2 lines had no event (0, 1)",
        "h: 2 of 2 neurons never spiked (0, 1)",
        "h: 4 of 4 synapses carried no spike",
        "h: no synapse carried a spike with a delay of 0, 2",
        "h: no spike arrived together with another at one neuron, or in the last step",
        "h: no v was exactly at its threshold",
        "h: no spike was sent in the first step",
        "h: no spike was sent in the last step",
        "h: no neuron spiked in two steps in a row",
        "y: 2 of 2 synapses carried no spike; on no input can 1 of them",
        "y: no synapse carried a spike with a delay of 1",
        "y: no spike arrived in the last step",
    )


def test_parts_of_the_samples_add_up() -> None:
    graph = graph_of(
        [source("x", 2, payload_max=2), adlif("h", 2, threshold=1, kb=9), li("y")],
        [
            dense("x", "h", [[2, 1], [1, 2]], 1),
            dense("h", "h", [[0, 1], [1, 0]], 1),
            dense("h", "y", [[1, 1]]),
        ],
        5,
    )
    spikes = np.random.default_rng(0).integers(0, 3, (6, 5, 2)).astype(np.uint8)
    assert layers(graph, spikes) == layers(graph, spikes[:2], spikes[2:])


@given(pair=networks_with_input())
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@pytest.mark.slow
def test_any_graph_against_slow_loops(pair: tuple[QuantizedGraph, np.ndarray]) -> None:
    graph, spikes = pair
    if graph.is_chain:
        return
    trace = oracle.run_graph(graph, spikes)
    found = layers(graph, spikes)
    seen = watched(graph, spikes)
    reached, possible = seen.values()
    goals = slice(seen.goals.goals)
    assert possible[goals][reached[goals] >= 0].all()  # what no input reaches, none did
    trains = {}
    for each in graph.populations:
        if each.model == INPUT:
            trains[each.name] = spikes[:, : graph.end(each.name), graph.lines(each.name)] != 0
        else:
            trains[each.name] = trace.layers[graph.trace_index(each.name)].spikes
    for each in graph.stateful:
        used, together = 0, set()
        arriving: dict[tuple[int, int, int], int] = {}
        for projection in graph.into(each.name):
            listed = projection.synapses.as_list()
            for j, i, d in zip(listed.pre.tolist(), listed.post.tolist(), listed.delay.tolist(), strict=True):
                sample, step = np.nonzero(trains[projection.source][:, :, j])
                kept = step + d < graph.time_steps
                used += bool(kept.any())
                for at in zip(sample[kept].tolist(), (step[kept] + d).tolist(), strict=True):
                    arriving[(*at, i)] = arriving.get((*at, i), 0) + 1
        together = {i for (_, _, i), count in arriving.items() if count > 1}
        row, state = found[each.name], trace.layers[graph.trace_index(each.name)]
        assert (row.carried, row.together) == (used, len(together)), each.name
        assert row.spiked == np.count_nonzero(state.spikes.any(axis=(0, 1)))
        assert (row.u_wraps, row.v_clips, row.w_clips) == (state.u_wraps, state.v_clips, state.w_clips)


def test_inputs_are_within_the_payloads_of_each_input() -> None:
    graph = graph_of(
        [source("x", 2), source("p", 1, payload_max=5), lif("h", 1), li("y")],
        [dense("x", "h", [[1, 1]]), dense("p", "y", [[1]]), dense("h", "y", [[1]])],
        4,
    )
    of = watch(graph)
    made = of.made(20, seed=3)
    assert made.shape == (20, 4, 3)
    assert made[:, :, :2].max() == 1
    assert made[:, :, 2].max() == 5
    np.testing.assert_array_equal(of.made(20, seed=3), made)
    assert len(of.made(2, seed=3)) == 2
    chain = graph_of([source("input", 2), li("y")], [dense("input", "y", [[1, 1]])], 4)
    assert not isinstance(watch(chain), ChainWatch)  # decoder sum: no chain of version 1
