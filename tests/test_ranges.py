"""The range proof: bounds by hand, sound on random and adversarial trains, refused where it fails."""

from __future__ import annotations

import numpy as np
import pytest
from golden import artifact_of
from hypothesis import given, settings
from strategies import graphs

from snnc import formats
from snnc.errors import RangeProofError
from snnc.exporter.prove_ranges import (
    certificate,
    graph_bounds,
    layer_bounds,
    overflow_excluded,
    refuse_overflow,
)
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import QuantizedGraph, QuantizedLayer


def layer(weight, *, threshold=None, du=4096, dv=2048, bias=0, name="readout"):
    weight = np.array(weight)
    return QuantizedLayer(
        name, weight, np.zeros_like(weight), np.full(len(weight), bias), 0, du, dv, threshold
    )


def test_bounds_by_hand():
    # Stateless u: -2*64 .. (3+1)*64. v leaks by half and never fires:
    # up 256, 384, 448 after three steps; down -128, -192, -224.
    b = layer_bounds(layer([[3, -2, 1]]), 3)
    assert [int(x[0]) for x in (b.u_min, b.u_max, b.v_min, b.v_max)] == [-128, 256, -224, 448]


def test_a_threshold_caps_what_is_carried():
    # What did not fire is at most 4 << 6 = 256; half of it stays: v < 128 + 256.
    b = layer_bounds(layer([[4]], threshold=4, name="hidden"), 50)
    assert int(b.v_max[0]) == 256 + 128


def test_bias_and_current_decay_count():
    # u: 64, then 32 + 64 = 96, then 48 + 64 = 112 (du = 2048); v keeps nothing, bias 10 is added.
    b = layer_bounds(layer([[1]], du=2048, dv=4096, bias=10), 3)
    assert (int(b.u_max[0]), int(b.v_max[0])) == (112, 122)


def test_an_overflow_names_neuron_bound_and_limit():
    # 2000 inputs of 127 give a = 254000, u = 16256000 > 2^23; two bits fewer would not do, one does.
    wide = layer(np.vstack([np.zeros((1, 2000), int), np.full((1, 2000), 127)]))
    graph = QuantizedGraph((wide,), 5, 0.01, 1.0, ("a", "b"))
    with pytest.raises(
        RangeProofError,
        match=r"readout, neuron 1: u can reach 16256000, the limit is 8388608; export with 1 fewer",
    ):
        refuse_overflow(graph_bounds(graph))
    assert not overflow_excluded(graph_bounds(graph))


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_no_train_leaves_the_bounds(graph):
    """Silence, everything on, random trains, and per neuron the greedy worst case of its first layer."""
    rng = np.random.default_rng(0)
    shape = (graph.time_steps, graph.inputs)
    trains = [np.zeros(shape), np.ones(shape), *(rng.random((3, *shape)) < 0.5)]
    trains += [np.broadcast_to(row > 0, shape) for row in graph.layers[0].weight]
    trains += [np.broadcast_to(row < 0, shape) for row in graph.layers[0].weight]
    trace = OracleExecutor().run(artifact_of(graph), np.array(trains, np.uint8))
    for q, t in zip(graph.layers, trace, strict=True):
        b = layer_bounds(q, graph.time_steps)
        if b.u_max.max() > formats.U_MAX or b.u_min.min() < formats.U_MIN:
            return  # the proof fails here, and what lies behind a wrap is not bounded
        assert (t.u >= b.u_min).all()
        assert (t.u <= b.u_max).all()
        assert (t.v >= np.minimum(b.v_min, 0)).all()
        assert (t.v <= np.maximum(b.v_max, 0)).all()


def test_the_bound_is_reached():
    q = layer([[5, -3]])
    graph = QuantizedGraph((q,), 40, 0.01, 1.0, ("a",))
    spikes = np.zeros((1, 40, 2), np.uint8)
    spikes[:, :, 0] = 1
    trace = OracleExecutor().run(artifact_of(graph), spikes)
    assert certificate(graph_bounds(graph)) == [
        {
            "layer": "readout",
            "u_min": -192,
            "u_max": 320,
            "v_min": -383,
            "v_max": int(trace.layers[0].v.max()),
        }
    ]
