"""Summaries of graphs that are no chains: what is decoded, and the counts of spikes and saturations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from golden import FORGET
from graph_cases import GraphCase, dense, graph_of, lif, source
from hypothesis import HealthCheck, given, settings
from networks import networks_with_input
from simulated_cases import CASES

from snnc.hwsim import oracle
from snnc.hwsim.delivery import KERNELS
from snnc.hwsim.event_driven import summarise
from snnc.stages import Population, QuantizedGraph, Readout
from snnc.stages.population import INPUT, LI


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_summary_has_what_is_decoded_and_the_counts(case: GraphCase, kernel: str) -> None:
    found = summarise(case.graph, case.input, kernel=kernel)
    populations = [each for each in case.graph.populations if each.payload_max is None]
    expected = {each.name: layer for each, layer in zip(populations, case.layers, strict=True)}
    for readout, states in zip(case.graph.readouts, found.readouts, strict=True):
        layer = expected[readout.population]
        of_v = case.graph.population(readout.population).model == LI
        np.testing.assert_array_equal(states, layer.v if of_v else layer.spikes)
    counts = [layer.spikes.sum(axis=(1, 2)) for layer in case.layers]
    np.testing.assert_array_equal(found.spike_counts, np.transpose(counts))
    for name in ("u_wraps", "v_clips", "w_clips"):
        assert getattr(found, name).tolist() == [getattr(layer, name) or 0 for layer in case.layers]


def test_several_readouts_stand_in_their_order() -> None:
    decays = {"decay_u": FORGET, "decay_v": FORGET}
    named = ("0",)
    graph = graph_of(
        [source(), lif(), Population("y", LI, 1, **decays)],
        [dense("x", "h", [[1]]), dense("h", "y", [[3]])],
        2,
        [Readout("h", "first", None, named), Readout("y", "sum", 1.0, named)],
    )
    for kernel in KERNELS:
        spikes, v = summarise(graph, np.array([[[0], [1]]]), kernel=kernel).readouts
        assert (spikes.tolist(), v.tolist()) == ([[[False], [True]]], [[[0], [192]]])
        assert spikes.dtype == np.bool_


@given(networks_with_input())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_summaries_of_random_networks_over_several_blocks(
    pair: tuple[QuantizedGraph, npt.NDArray[np.uint8]],
) -> None:
    graph, spikes = pair
    layers = oracle.run_graph(graph, spikes).layers
    number = {each.name: k for k, each in enumerate(p for p in graph.populations if p.model != INPUT)}
    again = np.arange(40) % len(spikes)
    for kernel in KERNELS:
        found = summarise(graph, spikes[again], threads=2, kernel=kernel)
        for readout, states in zip(graph.readouts, found.readouts, strict=True):
            layer = layers[number[readout.population]]
            expected = layer.v if graph.population(readout.population).model == LI else layer.spikes
            np.testing.assert_array_equal(states, expected[again])
        counts = np.transpose([layer.spikes.sum(axis=(1, 2)) for layer in layers])
        np.testing.assert_array_equal(found.spike_counts, counts[again])
        for name in ("u_wraps", "v_clips", "w_clips"):
            times = 40 // len(spikes)
            assert getattr(found, name).tolist() == [times * (getattr(layer, name) or 0) for layer in layers]
