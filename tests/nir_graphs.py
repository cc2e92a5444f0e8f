"""NIR graphs of a few nodes, read as another framework's file, and held against NIR's own equations."""

from __future__ import annotations

import io
from itertools import pairwise

import h5py
import nir
import numpy as np
from nir_graph_interpreter import interpret_graph

from snnc.exporter.float_reference import run_float
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.io import hdf5_guard
from snnc.stages import FloatGraph

DT = 0.001


def values(value, shape):
    return np.broadcast_to(value, shape).astype(float)


def lif(*shape, tau=0.004, r=1.0, v_leak=0.0, v_threshold=1.0, v_reset=0.0):
    return nir.LIF(*(values(value, shape) for value in (tau, r, v_leak, v_threshold, v_reset)))


def integrate(*shape, r=1 / DT, v_threshold=1.0):
    return nir.IF(r=values(r, shape), v_threshold=values(v_threshold, shape), v_reset=values(0, shape))


def li(*shape, tau=0.004, r=1.0, v_leak=0.0):
    return nir.LI(*(values(value, shape) for value in (tau, r, v_leak)))


def linear(*rows):
    return nir.Linear(weight=np.array(rows, float))


def random_linear(rng, post, pre):
    return nir.Linear(rng.normal(0, 2, (post, pre)))


def conv(weight, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1, bias=0.0):
    weight = np.asarray(weight, float)
    padding = padding if isinstance(padding, str) else np.array(padding)
    made = values(bias, len(weight))
    return nir.Conv2d((0, 0), weight, np.array(stride), padding, np.array(dilation), groups, made)


def pool(kind, size, stride, padding=(0, 0)):
    return kind(np.array(size), np.array(stride), np.array(padding))


def net(nodes, *edges, inputs=(1,), outputs=1):
    ends = {"in": nir.Input(input_type=np.array(inputs)), "out": nir.Output(output_type=np.array([outputs]))}
    pairs = [tuple(edge.split(">")) for edge in edges]
    return nir.NIRGraph(nodes={**ends, **nodes}, edges=pairs, type_check=False)


def row(*nodes, inputs=(1,)):
    """A graph of `nodes` "0", "1", ... one after the other."""
    names = ["in", *map(str, range(len(nodes))), "out"]
    edges = [f"{a}>{b}" for a, b in pairwise(names)]
    return net(dict(zip(names[1:-1], nodes, strict=True)), *edges, inputs=inputs)


def read(graph, steps=10, reset="subtract", fires="above", dt=DT, round_delays=False):
    nir.write(buffer := io.BytesIO(), graph, compression=None)
    with h5py.File(buffer, "r+") as file:
        for node in file["node/nodes"].values():
            if node.get("input_shape") is not None and 0 in np.atleast_1d(node["input_shape"]):
                del node["input_shape"]  # nir cannot write that it is not known
    data = hdf5_guard.trust(buffer.getvalue())
    return import_nir(data, "net.nir", ImportOptions(dt, steps, round_delays, reset, fires))


def graph_of(graph, **told) -> FloatGraph:
    found = read(graph, **told).model
    assert isinstance(found, FloatGraph)
    return found


def check_against_the_equations(graph, order, rng, steps=20, reset="subtract", fires="above", share=0.4):
    """Every spike and, in NIR's units, every v of neurons that spike and whose reset is 0."""
    ours = graph_of(graph, steps=steps, reset=reset, fires=fires)
    lines = int(np.prod(graph.nodes["in"].input_type["input"]))
    events = rng.random((steps, lines)) < share
    want = interpret_graph(graph, ["in", *order], events, DT, reset, fires)
    found = run_float(ours, events)
    spikes = 0
    for population in ours.populations[1:]:
        name = population.name
        if population.spikes:
            np.testing.assert_array_equal(found[name].spikes, want[name + " spikes"] > 0, err_msg=name)
            gain = graph.nodes[name].v_threshold.reshape(-1) / population.threshold
            np.testing.assert_allclose(found[name].v * gain, want[name], atol=1e-9)
            spikes += found[name].spikes.sum()
    return ours, want, spikes
