"""The range proof: bounds by hand, sound on random and adversarial trains, refused where it fails."""

from __future__ import annotations

import numpy as np
import pytest
from adversary import bounds_alone, constant_trains, high_trains, spike_train, states
from hypothesis import given, settings
from range_cases import RANGE_CASES, chain, found_rows, layer
from strategies import graphs, payloads

from snnc.errors import RangeProofError
from snnc.exporter.ranges.certificate import certificate, headroom_bits
from snnc.exporter.ranges.prove import (
    find_overflow,
    graph_bounds,
    overflow_excluded,
    refuse_overflow,
)


@pytest.mark.parametrize("case", RANGE_CASES, ids=lambda case: case.name)
def test_bounds_by_hand(case):
    assert found_rows(case, graph_bounds(case.graph)) == (case.u, case.v)


def test_rows_end_where_they_repeat():
    # Of v = 256, half is kept: 256, 384, 448, 480, 496, 504, 508, 510, 511, 511.
    ranges = bounds_alone(layer([[4]]), 1000)
    assert len(ranges.v_hi) == 10
    assert ranges.v_hi[-1].tolist() == [511]


def test_the_manifest_says_the_worst_of_each_layer():
    rows = certificate(graph_bounds(chain(layer([[3, -2, 1], [0, 0, 5]]), steps=2)))
    assert rows == [
        {
            "layer": "readout",
            "a_min": -2,
            "a_max": 5,
            "u_min": -128,
            "u_max": 320,
            "v_min": -192,
            "v_max": 480,
        }
    ]
    # log2(8388607 / 10**6) = 3.068; a u of twice the limit and a little more has one bit too few.
    assert headroom_bits({**rows[0], "v_max": 10**6}) == 3.06
    assert headroom_bits({**rows[0], "u_min": -(2**24)}) == -1.01


def test_an_overflow_names_neuron_bound_and_limit():
    # 2000 inputs of 127 give a = 254000, u = 16256000 > 2^23.
    graph = chain(layer([[0] * 2000, [127] * 2000]), steps=5)
    with pytest.raises(
        RangeProofError, match=r"readout, neuron 1: u can reach 16256000, the limit is 8388608; .*saturation"
    ):
        refuse_overflow(graph_bounds(graph))
    assert not overflow_excluded(graph_bounds(graph))


@pytest.mark.parametrize(("weight", "bias", "limit"), [(-127, 0, "u"), (1, 4095, "v"), (-1, -4096, "v")])
def test_every_limit_is_watched(weight, bias, limit):
    # 2000 * 127 * 64 > 2^23, and 4095 * 3000 > 2^23 where v forgets nothing.
    many = layer([[weight] * 2000], bias=bias, dv=0)
    overflow = find_overflow([bounds_alone(many, 3000)])
    assert (overflow.variable, overflow.value > 0, overflow.limit > 0) == (limit, weight > 0, weight > 0)


def test_the_limits_themselves_are_allowed():
    # 131072 << 6 = 2^23 is the largest u. v keeps it and is one too much, but for a bias of -1.
    fits = layer([[2**16, 2**16]], bias=-1, dv=4096)
    assert overflow_excluded([bounds_alone(fits, 3)])
    assert find_overflow([bounds_alone(layer([[2**16, 2**16]], dv=4096), 3)]).variable == "v"


def inside(ranges, found) -> bool:
    rows = np.minimum(np.arange(len(found.u)), len(ranges.u_lo) - 1)
    return bool(
        (found.a >= ranges.a_lo).all()
        and (found.a <= ranges.a_hi).all()
        and (found.u >= ranges.u_lo[rows]).all()
        and (found.u <= ranges.u_hi[rows]).all()
        and (found.v >= ranges.v_lo[rows]).all()
        and (found.v <= ranges.v_hi[rows]).all()
    )


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_no_train_leaves_the_bounds(graph):
    """Silence, everything on, random trains, and the worst for neurons of the first layer; wraps included."""
    rng = np.random.default_rng(0)
    steps, shape, most = graph.time_steps, (graph.time_steps, graph.inputs), graph.payload_max
    trains = [np.zeros(shape, int), np.full(shape, most)]
    trains += [payloads(graph, rng.random(shape) < 0.5, seed) for seed in range(6)]
    for neuron in range(min(3, graph.layers[0].neurons)):
        trains += [most * train.astype(int) for train in constant_trains(graph.layers[0], neuron, steps)]
        trains += [most * train.astype(int) for train in high_trains(graph.layers[0], neuron, steps)[:2]]
    bounds = graph_bounds(graph)
    for train in map(spike_train, trains):
        for one, ranges in zip(graph.layers, bounds, strict=True):
            found = states(one, train)
            assert inside(ranges, found)
            train = found.spikes


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_no_spikes_of_the_layer_before_leave_the_bounds_of_a_layer_alone(graph):
    """Deeper layers, with constructed spikes: any source may then spike in any step."""
    for one in graph.layers[1:]:
        bounds = bounds_alone(one, graph.time_steps)
        for neuron in range(min(3, one.neurons)):
            trains = constant_trains(one, neuron, graph.time_steps)
            trains += high_trains(one, neuron, graph.time_steps)[:3]
            assert all(inside(bounds, states(one, spike_train(train))) for train in trains)
