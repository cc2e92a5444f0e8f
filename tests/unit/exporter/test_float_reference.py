"""The clauses in real numbers, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from float_nets import dense, graph, lif

from snnc.errors import InputError
from snnc.exporter.float_reference import Wires, run_float
from snnc.stages import FloatList, FloatPopulation, FloatProjection


def column(*values):
    return np.array(values)[:, None]


def test_currents_membranes_and_biases():
    """u: 1 of an event, half of it a step later, and its own bias; v: half remains, and its bias."""
    population = lif(keep_u=0.5, keep_v=0.5, threshold=9, input_bias=0.25, bias=0.125)
    found = run_float(graph(population, steps=3), column(1, 0, 2))["a"]
    assert found.u[:, 0].tolist() == [1.25, 0.875, 2.6875]
    assert found.v[:, 0].tolist() == [1.375, 1.6875, 3.65625]


def test_delays_recurrence_and_an_end():
    """A spike comes back after 2 steps, and keeps doing so until the end at step 5."""
    around = FloatProjection("a", "a", FloatList([0], [0], [2.0], [2], 1, 1))
    population = lif(keep_v=0, threshold=1, end=5)
    found = run_float(graph(population, dense([2.0], delay=1), (around,), 8), column(1, 0, 0, 0, 0, 0, 0, 0))[
        "a"
    ]
    assert np.flatnonzero(found.spikes).tolist() == [1, 3]
    assert found.v[:, 0].tolist() == [0, 0, 0, 0, 0, 2, 0, 0]  # the last spike arrives, and stays


@pytest.mark.parametrize("at_once", [2, 1 << 20])
def test_synapses_deliver_in_the_order_of_their_list(at_once, monkeypatch):
    """Each sum is the one of a loop over delays, sources and synapses, to the last bit."""
    monkeypatch.setattr("snnc.exporter.float_reference.AT_ONCE", at_once)
    draw = np.random.default_rng(4)
    pre, post = (each.ravel().tolist() for each in np.indices((5, 3)))
    weights, delays = draw.normal(size=15).tolist(), draw.integers(0, 4, 15).tolist()
    wires = Wires(FloatProjection("in", "a", FloatList(pre, post, weights, delays, 5, 3)))
    events = draw.integers(0, 4, (6, 5))
    for t in range(6):
        expected = [0.0] * 3
        for delay, source, neuron, weight in sorted(zip(delays, pre, post, weights, strict=True)):
            if t >= delay:
                expected[neuron] += weight * int(events[t - delay, source])
        assert wires.arriving(events, t).tolist() == expected


def test_an_input_that_ends():
    found = run_float(graph(lif(threshold=9), steps=3, end=2), column(1, 1, 1))
    assert found["a"].v[:, 0].tolist() == [1, 2, 2]
    assert found["in"].spikes[:, 0].tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("reset", "fires", "v"),
    [
        ("zero", "at", [1, 0, 1, 0]),
        ("zero", "above", [1, 2, 0, 1]),
        ("subtract", "above", [1, 2, 1.5, 1]),
        ("none", "above", [1, 2, 3, 4]),
    ],
)
def test_resets(reset, fires, v):
    by = {"reset_by": 1.5} if reset == "subtract" else {}
    population = lif(threshold=2, reset=reset, fires=fires, **by)
    assert run_float(graph(population, steps=4), column(1, 1, 1, 1))["a"].v[:, 0].tolist() == v


@pytest.mark.parametrize(
    ("order", "v", "w"),
    [
        # w1 = S0 = 1, v1 = -w1; w2 = 1/2 - 1/4, v2 = -1/2 - 1/4; w3 = 1/8 - 3/16, v3 = -3/8 + 1/16
        ("new", [0, -1, -0.75, -0.3125], [0, 1, 0.25, -0.0625]),
        # w1 = S0 = 1, v1 = -w0 = 0; w2 = 1/2, v2 = -w1; w3 = 1/4 - 1/4, v3 = -1/2 - w2
        ("old", [0, 0, -1, -1], [0, 1, 0.5, 0]),
    ],
)
def test_adaptation(order, v, w):
    """w = w / 2 + v[t-1] / 4 + S[t-1], v = v / 2 + u - w; the event is 3, the threshold 2."""
    decays = {"keep_u": 0, "keep_v": 0.5, "keep_w": 0.5}
    adapts = {"ka": 0.25, "kb": 1, "order": order}
    population = FloatPopulation("a", "adlif", 1, **decays, **adapts, threshold=2, reset="zero")
    found = run_float(graph(population, steps=4), column(3, 0, 0, 0))["a"]
    assert found.v[:, 0].tolist() == v
    assert found.w[:, 0].tolist() == w
    assert found.spikes[:, 0].tolist() == [True, False, False, False]


def test_events_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"events: have the shape \(3, 1\), expected \(6, 1\)"):
        run_float(graph(lif()), np.ones((3, 1)))
