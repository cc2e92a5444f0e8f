"""Faults that show only in several samples, or in the last step, shrink to as few."""

from __future__ import annotations

import numpy as np
import pytest
from loihi_artifacts import random_chain, random_input
from shrunk_cases import NO_END, differs, one_less, shrunk, steps_of

from snnc.hwsim.oracle import OracleExecutor, run_graph
from snnc.stages import LayerTrace, Trace
from snnc.verification.compare import Place
from snnc.verification.shrinking import cases
from snnc.verification.shrinking.shrink import shrink


class Remembering(OracleExecutor):
    """The first step of a sample adds 64 to u of every neuron that spiked in the sample before."""

    name = "remembering"

    def run(self, artifact, spikes):
        trace = super().run(artifact, spikes)
        layers = []
        for layer in trace.layers:
            u = np.array(layer.u)
            u[1:, 0] += 64 * layer.spikes[:-1].any(axis=1)
            layers.append(LayerTrace(u, layer.v, layer.spikes))
        return Trace(self.name, tuple(layers))


def test_a_state_that_survives_a_sample_needs_two():
    """Of the first sample what makes a neuron spike once is left, of the second nothing."""
    graph = random_chain(4, (6, 4, 2), time_steps=12, max_delay=3, threshold=20)
    found = shrunk(graph, random_input(graph, 3), Remembering())
    small = found.case
    assert found.stopped is None
    assert (len(small.inputs), small.graph.time_steps) == (2, 1)
    assert small.inputs[0].any()
    assert not small.inputs[1].any()
    assert differs(small, Remembering())
    assert not any(differs(smaller, Remembering()) for smaller in one_less(small))


class Leaking(OracleExecutor):
    """The first step of a sample adds 64 to every u if there was an event in the sample before."""

    name = "leaking"

    def run(self, artifact, spikes):
        layers = []
        for layer in super().run(artifact, spikes).layers:
            u = np.array(layer.u)
            u[1:, 0] += 64 * spikes[:-1].any(axis=(1, 2))[:, None].astype(np.int32)
            layers.append(LayerTrace(u, layer.v, layer.spikes))
        return Trace(self.name, tuple(layers))


def test_what_shows_only_in_a_batch_is_not_taken():
    """Trying several inputs in one run must not be mistaken for a fault of one of them."""
    graph = random_chain(4, (6, 4, 2), time_steps=12, max_delay=3, threshold=20)
    inputs = random_input(graph, 1)
    place = Place(0, 5, 0, 1, 0)
    arrived = cases.arrivals(cases.neuron_alone(graph, inputs, None, 0, 1), 5, 5)
    assert arrived.any()  # so that the histories of the neuron alone leak into each other
    found = shrink(graph, inputs, place, run_graph(graph, inputs), steps_of(Leaking()), seconds=NO_END)
    assert found.case is None
    assert found.stopped is None


def test_a_leak_into_the_next_sample_needs_one_event():
    graph = random_chain(4, (6, 4, 2), time_steps=12, max_delay=3, threshold=20)
    found = shrunk(graph, random_input(graph, 3), Leaking())
    assert found.stopped is None
    samples, neurons, lines, synapses, steps, events, _ = found.case.size
    assert (samples, neurons, lines, synapses, steps, events) == (2, 2, 1, 0, 1, 1)
    assert found.case.inputs[0].any()


class Unfinished(OracleExecutor):
    """v of the last step is 1 too large."""

    name = "unfinished"

    def run(self, artifact, spikes):
        layers = []
        for layer in super().run(artifact, spikes).layers:
            v = np.array(layer.v)
            v[:, -1] += 1
            layers.append(LayerTrace(layer.u, v, layer.spikes))
        return Trace(self.name, tuple(layers))


@pytest.mark.parametrize("density", [0.0, 0.3])
def test_a_fault_of_the_last_step_is_moved_to_the_first(density):
    """Wherever T is cut, it comes just before."""
    graph = random_chain(4, (6, 4, 2), time_steps=12, max_delay=3, threshold=20)
    found = shrunk(graph, random_input(graph, 1, density), Unfinished())
    assert found.case.size == (1, 2, 1, 0, 1, 0, 0)
