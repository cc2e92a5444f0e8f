"""Every attribute of every node of a NIR graph counts: random graphs, pools, shapes, sums of delays."""

from __future__ import annotations

import io
import warnings
from itertools import pairwise

import h5py
import nir
import numpy as np
import pytest
import torch
from nir_graph_interpreter import interpret_graph
from random_nir_graphs import DT, random_graph

from snnc.errors import InputError
from snnc.exporter.float_reference import run_float
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.exporter.nir.integration import INTEGRATIONS
from snnc.io import hdf5_guard
from snnc.stages import DiscreteModel, FloatConvolution, FloatGraph
from snnc.stages.float_graph import graph_of_chain


def read(graph: nir.NIRGraph, steps=10, reset="subtract", fires="above", integration=None) -> FloatGraph:
    nir.write(buffer := io.BytesIO(), graph, compression=None)
    with h5py.File(buffer, "r+") as file:
        for node in file["node/nodes"].values():
            if 0 in np.atleast_1d(node.get("input_shape", 1)):
                del node["input_shape"]  # nir cannot write that it is not known
    told = ImportOptions(DT, steps, reset=reset, fires=fires, integration=integration)
    model = import_nir(hdf5_guard.trust(buffer.getvalue()), "net.nir", told).model
    return graph_of_chain(model) if isinstance(model, DiscreteModel) else model


def check(seed: int) -> int:
    """Spikes of a random graph, whose every population must spike as its equations say, or 0 if refused."""
    made = random_graph(seed)
    reset = ("zero", "subtract", "subtract-late", "none")[seed % 4]
    fires, integration = ("above", "at")[seed // 4 % 2], INTEGRATIONS[seed // 8 % 3]
    try:
        ours = read(made.graph(), 15, reset, fires, integration)
    except InputError as error:
        if "delays a bias" not in str(error):  # there is no other reason in these graphs
            raise
        return 0
    events = made.rng.random((15, ours.inputs)) < 0.5
    found = run_float(ours, events)
    with warnings.catch_warnings(action="ignore"):  # torch: "same" with a kernel of an even size copies
        want = interpret_graph(
            made.graph(twin=True), ["in", *made.order], events, DT, reset, fires, integration
        )
    spikes = 0
    for population in ours.populations:
        name = population.name
        if population.spikes:
            np.testing.assert_array_equal(found[name].spikes, want[name + " spikes"] > 0, err_msg=name)
            spikes += int(found[name].spikes.sum())
    for readout in ours.readouts:
        if isinstance(made.nodes.get(readout.population), nir.LI):
            v = found[readout.population].v
            ratio = want[readout.population] / np.where(v == 0, np.nan, v)  # one factor for each neuron
            np.testing.assert_allclose(np.nanmax(ratio, 0), np.nanmin(ratio, 0), rtol=1e-6)
    return spikes


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:All-NaN")
def test_random_graphs_are_what_their_nodes_compute():
    spikes = [check(seed) for seed in range(16)]
    assert np.count_nonzero(spikes) > 10


def lif(*shape):
    return nir.LIF(*(np.full(shape, value) for value in (0.002, 1.0, 0.0, 0.5, 0.0)))


def row(inputs, *nodes) -> nir.NIRGraph:
    names = ["in", *map(str, range(len(nodes))), "out"]
    ends = {"in": nir.Input(np.array(inputs)), "out": nir.Output(np.array([1]))}
    named = dict(zip(names[1:-1], nodes, strict=True)) | ends
    return nir.NIRGraph(named, list(pairwise(names)), type_check=False)


@pytest.mark.parametrize(
    ("size", "stride", "padding"),
    [((2, 2), (2, 2), (0, 0)), ((3, 2), (1, 2), (1, 1)), ((2, 3), (3, 1), (1, 0))],
)
def test_pools_are_those_of_torch(size, stride, padding):
    """Sums as a convolution of ones; averages of windows that count their padding, torch's default."""
    x = np.random.default_rng(1).integers(0, 2, (3, 7, 6))
    ones = torch.ones(3, 1, *size, dtype=torch.float64)
    image, run = torch.tensor(x, dtype=torch.float64)[None], torch.nn.functional
    want = {
        nir.SumPool2d: run.conv2d(image, ones, None, stride, padding, groups=3),
        nir.AvgPool2d: run.avg_pool2d(image, size, stride, padding, count_include_pad=True),
    }
    for kind, theirs in want.items():
        shape = tuple(theirs.shape[1:])
        pool = kind(*map(np.array, (size, stride, padding)))
        (projection,) = read(row((3, 7, 6), pool, lif(*shape))).projections
        assert isinstance(projection.synapses, FloatConvolution)
        each, total = projection.synapses.as_list(), np.zeros(theirs.numel())
        np.add.at(total, each.post, each.weight * x.reshape(-1)[each.pre])
        np.testing.assert_allclose(total.reshape(shape), theirs[0].numpy(), atol=1e-12)


@pytest.mark.parametrize(
    ("node", "what"),
    [
        (lif(3, 2), r"6 lines of the shape \[2, 3\] arrive from 'in', expected 6 of \[3, 2\]"),
        (nir.Scale(np.ones((3, 2))), r"scale has the shape \[3, 2\], but lines of the shape \[2, 3\] arrive"),
        (
            nir.Delay(np.zeros((3, 2))),
            r"delay has the shape \[3, 2\], but lines of the shape \[2, 3\] arrive",
        ),
        (lif(2), r".* expected 2 of \[2\]"),
    ],
)
def test_lines_of_another_shape_are_refused(node, what):
    nodes = [node] if isinstance(node, nir.LIF) else [node, lif(2, 3)]
    with pytest.raises(InputError, match="node '0': " + what):
        read(row((2, 3), *nodes))


@pytest.mark.parametrize("reset", ["zero", "subtract"])
def test_dimensions_of_one_do_not_count(reset):
    nodes = nir.Scale(np.full((1, 2), 3.0)), nir.Delay(np.array([[0.0], [DT]])), lif(2, 1)
    ours = read(row((2,), *nodes), reset=reset)
    assert ours.populations[1].neurons == 2
    synapses = ours.projections[0].synapses.as_list()
    assert synapses.delay[synapses.weight != 0].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("first", "channels", "pairs"),
    [
        (1, 1, [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]]),  # in one row of 6, places 2 and 3 are neighbours
        (0, 2, [[0, 1], [1, 2], [3, 4], [4, 5]]),  # each row of 3 is a channel
    ],
)
def test_a_convolution_of_a_flattened_one(first, channels, pairs):
    """Conv2d takes every place of 2 x 3 twice; then Conv1d adds up neighbours, by hand."""
    twice = nir.Conv2d((2, 3), np.full((1, 1, 1, 1), 2.0), 1, 0, 1, 1, np.zeros(1))
    flat = nir.Flatten({"input": np.array([1, 2, 3])}, first, first + 1)
    width = 6 // channels
    add = nir.Conv1d(width, np.ones((channels, 1, 2)), 1, 0, 1, channels, np.zeros(channels))
    (projection,) = read(row((1, 2, 3), twice, flat, add, lif(channels, width - 1))).projections
    found = projection.synapses.as_list()
    assert found.pre[np.lexsort((found.pre, found.post))].reshape(-1, 2).tolist() == pairs
    assert set(found.weight.tolist()) == {2.0}


def test_lines_that_arrive_in_several_shapes_are_refused():
    nodes = {"in": nir.Input(np.array([2, 3])), "on": nir.Input(np.array([3, 2])), "a": nir.Scale(np.ones(1))}
    nodes |= {"b": lif(6), "out": nir.Output(np.array([6]))}
    edges = [("in", "a"), ("on", "a"), ("a", "b"), ("b", "out")]
    with pytest.raises(InputError, match=r"node 'a': 6 lines of the shape \[3, 2\] arrive from 'on'"):
        read(nir.NIRGraph(nodes, edges, type_check=False))


@pytest.mark.parametrize(
    "before", [lambda: [], lambda: [nir.Conv1d(2, np.ones((1, 1, 1)), 1, 0, 1, 1, np.zeros(1))]]
)
def test_sums_of_delays_that_no_synapse_holds_are_refused(before):
    """Three of 1.5e9 steps are 2.05e8 in 32 bits."""
    nodes = [*before(), *(nir.Delay(np.full((1, 2), 1.5e9 * DT)) for _ in range(3)), lif(1, 2)]
    with pytest.raises(InputError, match=r"with the delays before it, a delay is 3000000000 steps"):
        read(row((1, 2), *nodes))


def test_a_weight_of_zero_closes_no_cycle():
    """Line 0 would act on itself at once, but weighs nothing."""
    nodes = {"in": nir.Input(np.array([2])), "a": lif(2), "s": nir.Scale(np.array([0.0, 1.0]))}
    nodes |= {"d": nir.Delay(np.array([0.0, DT])), "out": nir.Output(np.array([2]))}
    edges = [("in", "a"), ("a", "s"), ("s", "d"), ("d", "a"), ("a", "out")]
    ours = read(nir.NIRGraph(nodes, edges, type_check=False))
    (back,) = [each.synapses.as_list() for each in ours.projections if each.source == "a"]
    assert [back.pre.tolist(), back.post.tolist(), back.delay.tolist()] == [[1], [1], [1]]


@pytest.mark.parametrize(
    ("node", "what"),
    [
        (
            nir.Conv2d((3, 3), np.ones((2, 1, 2, 2)), 1, 0, 1, 2, np.zeros(2)),
            "the kernel reads 1 in each of 2 groups",
        ),
        (nir.SumPool2d(np.array([5, 5]), np.array([1, 1]), np.array([0, 0])), "does not fit the grid"),
    ],
)
def test_what_does_not_fit_its_grid_names_the_node(node, what):
    with pytest.raises(InputError, match=f"node '0': .*{what}"):
        read(row((1, 3, 3), node, lif(2, 2, 2)))
