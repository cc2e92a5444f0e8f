"""Cycles in a NIR file: the step that recurrence takes, skips, and delays on the way."""

from __future__ import annotations

import nir
import numpy as np
import pytest
from nir_graphs import (
    DT,
    check_against_the_equations,
    conv,
    graph_of,
    integrate,
    lif,
    linear,
    net,
    random_linear,
    read,
)

from snnc.errors import InputError
from snnc.exporter.float_reference import run_float
from snnc.stages import FloatConvolution


def test_recurrence_takes_a_step_and_its_bias_begins_at_once():
    rng = np.random.default_rng(5)
    nodes = {
        "fc": random_linear(rng, 4, 3),
        "a": lif(4, tau=0.003, r=2.0),
        "rec": nir.Affine(rng.normal(0, 2, (4, 4)), rng.normal(0, 0.2, 4)),
        "fc2": random_linear(rng, 2, 4),
        "b": lif(2),
    }
    graph = net(nodes, "in>fc", "fc>a", "a>rec", "rec>a", "a>fc2", "fc2>b", "b>out", inputs=(3,))
    for reset in ("zero", "subtract", "none"):
        for fires in ("above", "at"):
            ours, *_, spikes = check_against_the_equations(graph, list(nodes), rng, 40, reset, fires)
            assert spikes
    assert {each.name: each.synapses.max_delay for each in ours.projections} == {
        "in -> a": 0,
        "a -> a": 1,
        "a -> b": 0,
    }
    assert read(graph).notes["recurrent_step"] == "a -> a"


def test_two_populations_that_hear_each_other():
    """The only way in leads to a: so what returns from b takes the step; and skips go around."""
    rng = np.random.default_rng(6)
    nodes = {
        "w0": random_linear(rng, 4, 3),
        "a": lif(4),
        "w1": random_linear(rng, 3, 4),
        "b": lif(3),
        "w2": random_linear(rng, 4, 3),
        "w3": random_linear(rng, 2, 4),
        "w4": random_linear(rng, 2, 3),
        "c": lif(2),
    }
    edges = ("in>w0", "w0>a", "a>w1", "w1>b", "b>w2", "w2>a", "a>w3", "b>w4", "w3>c", "w4>c", "c>out")
    ours, *_, spikes = check_against_the_equations(net(nodes, *edges, inputs=(3,)), list(nodes), rng, 40)
    assert spikes
    assert {each.name: each.synapses.max_delay for each in ours.projections} == {
        "in -> a": 0,
        "b -> a": 1,
        "a -> b": 0,
        "a -> c": 0,
        "b -> c": 0,
    }
    assert [each.name for each in ours.populations] == ["in", "a", "b", "c"]


def test_a_cycle_that_a_delay_leads_into():
    """By hand: the spike of step 0 comes to a in step 2, over b back to a a step later, and so on."""
    nodes = {
        "d": nir.Delay(np.array([2 * DT])),
        "a": integrate(1),
        "w": linear([5.0]),
        "b": integrate(1),
        "w2": linear([5.0]),
        "s": linear([5.0]),
    }
    graph = net(nodes, "in>d", "d>s", "s>a", "a>w", "w>b", "b>w2", "w2>a", "b>out")
    assert read(graph, reset="zero").notes["recurrent_step"] == "b -> a"
    found = run_float(graph_of(graph, reset="zero"), np.array([[1]] + [[0]] * 9))
    assert np.flatnonzero(found["a"].spikes).tolist() == [2, 3, 4, 5, 6, 7, 8, 9]


def test_of_two_delays_that_lead_into_a_cycle_none_is_the_entry():
    nodes = {"d": nir.Delay(np.array([DT])), "e": nir.Delay(np.array([DT])), "a": lif(1), "b": lif(1)}
    with pytest.raises(InputError, match="form a cycle that is entered at several places"):
        read(net(nodes, "in>d", "in>e", "d>a", "e>b", "a>b", "b>a", "b>out"))


def test_a_delay_within_a_cycle_does_not_enter_it():
    """From a to b there are two ways, one with a delay; the way in leads to a alone."""
    nodes = {"d": nir.Delay(np.array([DT])), "a": lif(1), "e": nir.Delay(np.array([DT])), "b": lif(1)}
    graph = net(nodes, "in>d", "d>a", "a>b", "a>e", "e>b", "b>a", "b>out")
    assert read(graph).notes["recurrent_step"] == "b -> a"


def test_delays_around_a_cycle_add_up_and_nothing_is_added():
    nodes = {
        "w": linear([5.0]),
        "a": integrate(1),
        "d": nir.Delay(np.array([2 * DT])),
        "s": nir.Scale(np.array([5.0])),
        "e": nir.Delay(np.array([DT])),
    }
    graph = net(nodes, "in>w", "w>a", "a>d", "d>s", "s>e", "e>a", "a>out")
    ours = graph_of(graph, reset="zero")
    (recurrent,) = (each for each in ours.projections if each.source == "a")
    assert (recurrent.synapses.max_delay, recurrent.synapses.weights.tolist()) == (3, [[5]])
    found = run_float(ours, np.array([[1]] + [[0]] * 9))
    assert np.flatnonzero(found["a"].spikes).tolist() == [0, 3, 6, 9]
    assert "recurrent_step" not in read(graph).notes


def test_a_convolution_that_recurs():
    rng = np.random.default_rng(8)
    nodes = {
        "c": conv(rng.normal(0, 1, (2, 1, 3, 3)), padding=(1, 1)),
        "a": lif(2, 4, 4),
        "r": conv(rng.normal(0, 1, (2, 2, 3, 3)), padding=(1, 1)),
    }
    graph = net(nodes, "in>c", "c>a", "a>r", "r>a", "a>out", inputs=(1, 4, 4))
    ours, *_, spikes = check_against_the_equations(graph, list(nodes), rng, 15)
    assert spikes
    assert all(isinstance(each.synapses, FloatConvolution) for each in ours.projections)
    assert [each.synapses.max_delay for each in ours.projections] == [0, 1]
