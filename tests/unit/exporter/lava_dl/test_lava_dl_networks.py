"""Random networks of lava-dl, read and run, against Lava's equations in plain NumPy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lava_dl_files import as_file, random_network
from lava_dl_loop import run

from snnc.exporter.lava_dl.builder import V_UNIT
from snnc.exporter.lava_dl.importer import import_network
from snnc.exporter.nir.importer import ImportOptions
from snnc.hwsim.oracle import run_graph
from snnc.io import hdf5_guard
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.stages.population import LI
from snnc.targets.loihi.netx import netx_file

pytestmark = pytest.mark.slow

STEPS = 11
SEEDS = st.integers(0, 2**32 - 1)


def made(seed):
    """Layers, the graph that is read, and events."""
    rng = np.random.default_rng(seed)
    layers = random_network(rng)
    analogue = layers[0]["type"] == b"input" and "neuron" in layers[0]
    largest = int(rng.integers(2, 256)) if analogue else 1
    data = hdf5_guard.trust(as_file(layers))
    graph = import_network(data, "net", ImportOptions(time_steps=STEPS), largest).graph
    if analogue:
        events = np.tile(rng.integers(0, largest + 1, graph.inputs), (STEPS, 1))
    else:
        events = rng.random((STEPS, graph.inputs)) < rng.choice([0.1, 0.4, 1.0])
    return layers, graph, events.astype(np.uint8)


@given(SEEDS)
@settings(max_examples=30)
def test_random_networks_have_the_states_of_lava(seed):
    layers, graph, events = made(seed)
    trace = run_graph(graph, events[None])
    expected = run(layers, events)
    assert [each.name for each in graph.stateful] == [f"layer{number}" for number in expected]
    for population, layer, (number, (u, v, spikes)) in zip(
        graph.stateful, trace.layers, expected.items(), strict=True
    ):
        if "neuron" in layers[number] and layers[number]["type"] != b"input":
            np.testing.assert_array_equal(layer.u[0], u)  # an input's values pass u here, the bias in Lava
        np.testing.assert_array_equal(layer.v[0], v)
        if population.model == LI:
            assert not spikes.any()
        else:
            np.testing.assert_array_equal(layer.spikes[0], spikes)


@given(SEEDS)
@settings(max_examples=15)
def test_delays_of_what_is_received_send_the_spikes_of_slayer(seed):
    """slayer delays what a neuron sends."""
    layers, graph, events = made(seed)
    trace = run_graph(graph, events[None])
    for population, layer, (_, _, spikes) in zip(
        graph.stateful, trace.layers, run(layers, events, axonal=True).values(), strict=True
    ):
        if population.model != LI:
            np.testing.assert_array_equal(layer.spikes[0], spikes)


@pytest.mark.parametrize("seed", range(8))
def test_networks_that_snnc_writes_for_netx_are_read_back(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 7, 4)
    layers = [
        QuantizedLayer(
            name=f"layer{number}",
            weight=rng.integers(-90, 128, (post, pre), np.int32),
            delay=rng.integers(0, 63, (post, pre), np.int32),
            bias_mant=rng.integers(-40, 41, post, np.int32),
            bias_exp=6,
            decay_u=int(rng.integers(1, 4097)),
            decay_v=int(rng.integers(0, 4097)),
            threshold=int(rng.integers(1, 200)) if number < 2 else None,
        )
        for number, (pre, post) in enumerate(pairwise(sizes))
    ]
    names = tuple(map(str, range(sizes[-1])))
    written = QuantizedGraph.chain(layers, STEPS, 0.001, V_UNIT, names)
    data = hdf5_guard.trust(netx_file(written))
    read = import_network(data, "net", ImportOptions(time_steps=STEPS, decoder="softmax")).graph
    assert read == written  # the numbers of layers are their names here


def test_the_cases_are_of_every_kind():
    cases = [made(seed) for seed in range(30)]
    kinds = {layer["type"] for layers, _, _ in cases for layer in layers}
    assert kinds == {b"input", b"conv", b"pool", b"flatten", b"dense", b"dense_rec", b"average"}
    active = [
        any(spikes.any() for _, _, spikes in run(layers, events).values()) for layers, _, events in cases
    ]
    assert np.mean(active) > 0.6
