"""NIR graphs that are no chains: every node by hand or against an interpreter of NIR's own equations."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise

import h5py
import nir
import numpy as np
import pytest
from nir_graph_interpreter import interpret_graph

from snnc.errors import InputError
from snnc.exporter.float_reference import run_float
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.io import hdf5_guard
from snnc.stages import DiscreteModel, FloatConvolution, FloatGraph, FloatList, FloatMatrix
from snnc.stages.float_graph import graph_of_chain

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


LINEAR_PARTS = {
    "conv": lambda rng: [conv(rng.normal(0, 1, (3, 2, 3, 2)), bias=rng.normal(0, 0.2, 3))],
    "stride and padding": lambda rng: [conv(rng.normal(0, 1, (3, 2, 2, 3)), (2, 1), (1, 2))],
    "dilation": lambda rng: [conv(rng.normal(0, 1, (1, 2, 2, 3)), (1, 2), (1, 2), (3, 2))],
    "groups": lambda rng: [conv(rng.normal(0, 1, (4, 1, 3, 3)), groups=2)],
    "same, odd": lambda rng: [conv(rng.normal(0, 1, (2, 2, 3, 3)), padding="same")],
    "same, even and dilated": lambda rng: [
        conv(rng.normal(0, 1, (2, 2, 2, 4)), padding="same", dilation=(1, 2))
    ],
    "valid": lambda rng: [conv(rng.normal(0, 1, (2, 2, 2, 2)), padding="valid")],
    "sum pool": lambda rng: [pool(nir.SumPool2d, (2, 2), (2, 2))],
    "average pool with padding": lambda rng: [pool(nir.AvgPool2d, (3, 2), (1, 2), (1, 1))],
    "pool and padded conv": lambda rng: [
        pool(nir.SumPool2d, (2, 2), (2, 2)),
        conv(rng.normal(0, 1, (2, 2, 3, 3)), padding=(1, 1), bias=0.3),
    ],
    "conv and grouped conv": lambda rng: [
        conv(rng.normal(0, 1, (4, 2, 2, 2)), (1, 2), bias=rng.normal(0, 1, 4)),
        conv(rng.normal(0, 1, (2, 2, 2, 1)), (2, 1), groups=2),
    ],
    "padded conv and padded conv": lambda rng: [
        conv(rng.normal(0, 1, (2, 2, 3, 3)), padding=(1, 1), bias=0.2),
        conv(rng.normal(0, 1, (2, 2, 3, 3)), padding=(1, 1)),
    ],
    "a factor for each line": lambda rng: [
        nir.Scale(rng.normal(1, 0.5, (2, 6, 4))),
        conv(rng.normal(0, 1, (2, 2, 3, 3))),
        nir.Scale(rng.normal(1, 0.5, (2, 4, 2))),
    ],
    "a factor for each channel": lambda rng: [
        nir.Scale(np.array([0.5, 2.0])[:, None, None] * np.ones((2, 6, 4))),
        conv(rng.normal(0, 1, (2, 1, 3, 3)), groups=2),
        nir.Scale(np.array([3.0, 0.25])[:, None, None] * np.ones((2, 4, 2))),
    ],
    "delays of lines before and behind": lambda rng: [
        nir.Delay(rng.integers(0, 4, (2, 6, 4)) * DT),
        conv(rng.normal(0, 1, (2, 2, 3, 3))),
        nir.Delay(rng.integers(0, 4, (2, 4, 2)) * DT),
    ],
    "delays of channels": lambda rng: [
        conv(rng.normal(0, 1, (2, 2, 3, 3))),
        nir.Delay(np.array([3.0, 1.0])[:, None, None] * DT * np.ones((2, 4, 2))),
    ],
    "conv, flatten and weights": lambda rng: [
        conv(rng.normal(0, 1, (2, 2, 3, 3)), bias=0.2),
        nir.Flatten({"input": np.array([2, 4, 2])}, 0, -1),
        nir.Affine(rng.normal(0, 1, (3, 16)), rng.normal(0, 0.3, 3)),
    ],
    "weights, delays and weights": lambda rng: [
        nir.Flatten({"input": np.array([2, 6, 4])}, 0, -1),
        random_linear(rng, 5, 48),
        nir.Delay(rng.integers(0, 4, 5) * DT),
        nir.Affine(rng.normal(0, 1, (3, 5)), rng.normal(0, 0.3, 3)),
    ],
}
ONE_KERNEL = (
    *("conv", "stride and padding", "dilation", "groups", "same, odd", "same, even and dilated", "valid"),
    *("sum pool", "average pool with padding", "pool and padded conv", "conv and grouped conv"),
    *("a factor for each channel", "delays of channels"),
)
OUT = {
    "conv": (3, 4, 3),
    "stride and padding": (3, 4, 6),
    "dilation": (1, 5, 2),
    "groups": (4, 4, 2),
    "same, odd": (2, 6, 4),
    "same, even and dilated": (2, 6, 4),
    "valid": (2, 5, 3),
    "sum pool": (2, 3, 2),
    "average pool with padding": (2, 6, 3),
    "pool and padded conv": (2, 3, 2),
    "conv and grouped conv": (2, 2, 2),
    "padded conv and padded conv": (2, 6, 4),
    "conv, flatten and weights": (3,),
    "weights, delays and weights": (3,),
}


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("part", LINEAR_PARTS)
def test_what_lies_between_neurons_is_what_the_nodes_compute(part):
    rng = np.random.default_rng(sum(map(ord, part)))
    nodes = LINEAR_PARTS[part](rng)
    shape = OUT.get(part, (2, 4, 2))
    graph = row(*nodes, lif(*shape, tau=0.002), inputs=(2, 6, 4))
    order = list(map(str, range(len(nodes) + 1)))
    ours, want, _ = check_against_the_equations(graph, order, rng)
    assert np.abs(want[order[-1]]).max() > 0.1
    (projection,) = ours.projections
    assert isinstance(projection.synapses, FloatConvolution) == (part in ONE_KERNEL)


def test_conv1d_is_a_convolution_with_one_row():
    rng = np.random.default_rng(3)
    one = nir.Conv1d(
        7, rng.normal(0, 1, (4, 1, 3)), np.array([2]), np.array([1]), np.array([1]), 2, np.ones(4) / 5
    )
    graph = row(one, lif(4, 4, tau=0.002), inputs=(2, 7))
    ours, *_, spikes = check_against_the_equations(graph, ["0", "1"], rng)
    assert spikes
    assert ours.projections[0].synapses.grid_out == (4, 1, 4)


def test_another_shape_than_the_node_says_is_refused():
    one = conv(np.ones((1, 1, 2, 2)))
    one.input_shape = np.array([5, 4])
    with pytest.raises(InputError, match=r"'0': says that it reads \[5, 4\], but \[4, 5\] arrive"):
        read(row(one, lif(1, 3, 4), inputs=(1, 4, 5)))


def test_a_pool_before_a_convolution_is_one_kernel():
    """By hand: sums of 2, then 3 * left + 5 * right, one row: 3 3 5 5 with a stride of 2."""
    nodes = pool(nir.SumPool2d, (1, 2), (1, 2)), conv([[[[3.0, 5.0]]]]), lif(1, 1, 2)
    (projection,) = graph_of(row(*nodes, inputs=(1, 1, 6))).projections
    assert projection.synapses.weights.tolist() == [[[[3, 3, 5, 5]]]]
    assert (projection.synapses.stride, projection.synapses.padding) == ((1, 2), (0, 0))


def test_a_leading_batch_of_one_is_no_dimension():
    nodes = conv(np.ones((1, 1, 2, 2))), lif(1, 1, 2, 2), nir.Flatten({"input": np.zeros(4)}, 1, -1)
    graph = graph_of(row(*nodes, linear([1.0, 2, 3, 4]), lif(1, 1), inputs=(1, 1, 3, 3)))
    assert [each.neurons for each in graph.populations] == [9, 4, 1]


def test_the_parameters_of_each_neuron_by_hand():
    """tau 4 and 2 steps: a quarter and half of r I; v counts from the reset; all in units of the input."""
    neurons = lif(
        2, tau=[0.004, 0.002], r=[2.0, 4.0], v_leak=[0.2, 1], v_threshold=[0.8, 3], v_reset=[-0.2, 1]
    )
    graph = graph_of(row(linear([1.0], [2.0]), neurons), reset=None)
    population = graph.population("1")
    np.testing.assert_allclose(population.keep_v, [0.75, 0.5])
    np.testing.assert_allclose(population.keep_u, 0)
    np.testing.assert_allclose(population.threshold, [1.0 / (2 / 4), 2 / (4 / 2)])
    np.testing.assert_allclose(population.bias, [(0.2 + 0.2) / 4 / (2 / 4), 0])
    assert (population.reset, population.fires) == ("zero", "above")
    assert graph.projections[0].synapses.weights.tolist() == [[1], [2]]


def test_cuba_with_a_bias_that_passes_through_the_current():
    """tau_syn 2, tau_mem 4 steps, w_in 6, r 2: v takes 2/4 of a current that takes 6/2 of what arrives."""
    neurons = nir.CubaLIF(*(np.array([x]) for x in (0.002, 0.004, 2.0, 0.0, 3.0, 0.0, 6.0)))
    neurons = replace(neurons, tau_syn=np.array([0.002]), tau_mem=np.array([0.004]))
    graph = graph_of(row(nir.Affine(np.array([[1.0]]), np.array([0.5])), neurons))
    population = graph.population("1")
    assert (population.keep_u[0], population.keep_v[0]) == (0.5, 0.75)
    assert population.input_bias.tolist() == [0.5]
    assert population.bias.tolist() == [0]
    assert population.threshold[0] == population.reset_by[0] == pytest.approx(neurons.v_threshold[0] / 1.5)


@pytest.mark.parametrize("reset", ["zero", "subtract", "none"])
@pytest.mark.parametrize("fires", ["above", "at"])
def test_readings_of_reset_and_threshold_by_hand(reset, fires):
    """v rises by 1 in each step, the threshold is 2: at it after two steps, above it after three."""
    graph = read(row(linear([1.0]), integrate(1, v_threshold=2.0)), steps=8, reset=reset, fires=fires).model
    graph = graph_of_chain(graph) if isinstance(graph, DiscreteModel) else graph
    spikes = np.flatnonzero(run_float(graph, np.ones((8, 1)))["1"].spikes).tolist()
    assert (
        spikes
        == {
            ("zero", "above"): [2, 5],
            ("zero", "at"): [1, 3, 5, 7],
            ("subtract", "above"): [2, 4, 6],
            ("subtract", "at"): [1, 3, 5, 7],
            ("none", "above"): [2, 3, 4, 5, 6, 7],
            ("none", "at"): [1, 2, 3, 4, 5, 6, 7],
        }[reset, fires]
    )


def test_what_the_file_leaves_open_is_asked_with_both_readings():
    graph = row(conv(np.ones((1, 1, 1, 1))), integrate(1, 1, 1), inputs=(1, 1, 1))
    with pytest.raises(InputError, match="its v_reset is 0, which does not tell") as asked:
        read(graph, reset=None)
    for option in ("--reset zero", "--reset subtract", "--reset none"):
        assert option in str(asked.value)
    with pytest.raises(
        InputError, match=r"fire at v > v_threshold \(.*snnTorch.*\) or at v >= v_thr"
    ) as asked:
        read(graph, fires=None)
    assert "--fires above" in str(asked.value)
    assert "--fires at" in str(asked.value)
    for told in ({"reset": "soft"}, {"fires": "below"}):
        with pytest.raises(InputError, match="unknown; choose one of"):
            read(graph, **told)
    assert read(graph).notes["reset_subtract_as_told"] == "1"
    assert read(graph).notes["fires_above_as_told"] == "1"


def test_neurons_without_memory_are_asked_for_no_reset():
    graph = graph_of(
        row(linear([1.0]), lif(1, tau=DT), linear([1.0]), nir.Threshold(np.array([0.5]))),
        fires="at",
        reset=None,
    )
    assert [each.reset for each in graph.populations[1:]] == ["zero", "zero"]
    found = run_float(graph, np.array([[1], [0], [1]] + [[0]] * 7))
    assert np.flatnonzero(found["3"].spikes).tolist() == [0, 2]


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


@pytest.mark.parametrize(
    ("nodes", "edges", "message"),
    [
        (
            {"a": lif(1), "d": nir.Delay(np.array([0.0]))},
            ("in>a", "a>d", "d>a", "a>out"),
            "the way from 'a' to 'a' closes a cycle, and its Delay is 0 steps",
        ),
        (
            {"a": lif(1), "b": lif(1)},
            ("in>a", "in>b", "a>b", "b>a", "b>out"),
            "neurons 'a' -> 'b' -> 'a' form a cycle that is entered at several places|'b' -> 'a' -> 'b' form",
        ),
        (
            {"a": linear([1.0]), "b": linear([1.0]), "c": lif(1)},
            ("in>a", "a>b", "b>a", "b>c", "c>out"),
            "go round without neurons between them",
        ),
        (
            {"a": li(1), "b": lif(1)},
            ("in>a", "a>b", "b>out"),
            r"'a' \(LI\) does not spike, but 'b' hears its v",
        ),
        (
            {"a": lif(1), "b": lif(1)},
            ("in>a", "a>out", "in>b", "b>x"),
            "names a node that does not exist, 'x'",
        ),
        ({"a": lif(1), "b": linear([1.0])}, ("in>a", "a>out", "a>b"), "node 'b' feeds nothing; connect it"),
        (
            {"a": lif(1), "b": linear([1.0])},
            ("in>a", "b>a", "a>out"),
            "node 'b' is fed by nothing; connect it",
        ),
        (
            {"a": lif(1), "b": lif(1)},
            ("in>a", "b>a", "a>out"),
            "node 'b' is fed by nothing and has no v_leak",
        ),
        ({"a": lif(1)}, ("in>a", "in>a", "a>out"), "edge 'in' -> 'a' is there twice"),
        (
            {"a": lif(2)},
            ("in>a", "a>out"),
            r"node 'a': 1 lines of the shape \[1\] arrive from 'in', expected 2",
        ),
        ({"a": linear([1.0, 1]), "b": lif(1)}, ("in>a", "a>b", "b>out"), "node 'a': weight has the shape"),
        (
            {"a": lif(1, v_threshold=np.inf), "b": lif(1)},
            ("in>a", "a>b", "b>out"),
            "'a': its threshold is inf",
        ),
        (
            {"a": lif(1, r=0.0)},
            ("in>a", "a>out"),
            "neuron 0: r times w_in makes 0 of what arrives, expected > 0",
        ),
        ({"a": lif(1, tau=0.0001)}, ("in>a", "a>out"), "neuron 0: tau is 0.0001 s, shorter than the step"),
        (
            {"a": lif(1, v_threshold=-1)},
            ("in>a", "a>out"),
            "its threshold minus its reset is -1, expected > 0",
        ),
        (
            {"a": lif(1), "o": nir.Output(np.array([1]))},
            ("in>a", "a>out", "a>o"),
            "nodes 'o' and another Output both give 'a'|nodes 'out' and another",
        ),
        ({"a": lif()}, ("in>a", "a>out"), "its parameters are single numbers without a dimension"),
        (
            {"c": conv(np.ones((1, 1, 1, 1))), "a": lif(1)},
            ("in>c", "c>a", "a>out"),
            r"node 'c' reads lines of the shape \[1\], expected channels, rows and columns",
        ),
    ],
)
def test_what_has_no_meaning_or_no_place_is_refused_by_name(nodes, edges, message):
    graph = net(nodes)
    graph.edges = [tuple(edge.split(">")) for edge in edges]  # nir itself would refuse some
    with pytest.raises(InputError, match=rf"net\.nir: .*({message})"):
        read(graph)


def test_a_graph_within_the_graph_is_taken_apart():
    rng = np.random.default_rng(9)
    rec = random_linear(rng, 3, 3)
    inner = nir.NIRGraph(
        nodes={"i": nir.Input(np.array([3])), "lif": lif(3), "w": rec, "o": nir.Output(np.array([3]))},
        edges=[("i", "lif"), ("lif", "w"), ("w", "lif"), ("lif", "o")],
    )
    first, last = random_linear(rng, 3, 2), random_linear(rng, 1, 3)
    nested = net(
        {"fc": first, "sub": inner, "fc2": last, "b": lif(1)},
        *("in>fc", "fc>sub", "sub>fc2", "fc2>b", "b>out"),
        inputs=(2,),
    )
    flat = net(
        {"fc": first, "sub.lif": lif(3), "sub.w": rec, "fc2": last, "b": lif(1)},
        *("in>fc", "fc>sub.lif", "sub.lif>sub.w", "sub.w>sub.lif", "sub.lif>fc2", "fc2>b", "b>out"),
        inputs=(2,),
    )
    assert graph_of(nested) == graph_of(flat)


def test_several_inputs_and_outputs():
    nodes = {
        "in2": nir.Input(np.array([2])),
        "w": linear([1.0, 2.0]),
        "a": lif(1),
        "b": li(2, r=[1.0, 2.0]),
        "fan": linear([3.0], [4.0]),
        "only": linear([7.0]),
        "out2": nir.Output(np.array([2])),
        "out3": nir.Output(np.array([1])),
    }
    edges = ("in2>w", "w>a", "in>a", "a>out", "a>fan", "fan>b", "b>out2", "a>only", "only>out3")
    graph = graph_of(net(nodes, *edges))
    assert {each.population: each.decoder for each in graph.readouts} == {
        "a": "count",
        "b": "softmax",
        "only": "softmax",
    }
    scales = {each.population: each.scale for each in graph.readouts}
    np.testing.assert_allclose(scales["b"], [1 / 4, 2 / 4])
    assert scales["only"] == 1
    assert graph.inputs == 3
    found = run_float(graph, np.ones((10, 3)))
    np.testing.assert_allclose(found["only"].v[:, 0], 7 * found["a"].spikes[:, 0])


def test_neurons_that_cannot_fire_are_a_readout():
    graph = read(
        row(conv(np.ones((1, 1, 1, 1))), lif(1, 1, 1, v_threshold=1e9), inputs=(1, 1, 1)), fires=None
    )
    assert graph.model.population("1").model == "li"
    assert "threshold of 1e+09 lies above all that v reaches" in graph.notes["read_as_readout 1"]


def test_few_synapses_are_kept_as_a_list():
    dense, sparse = np.ones((4, 4)), np.eye(4)
    graph = graph_of(row(nir.Linear(dense), lif(4), nir.Linear(sparse), lif(4, tau=0.002), inputs=(4,)))
    assert [type(each.synapses) for each in graph.projections] == [FloatMatrix, FloatMatrix]
    sparse = np.eye(8)
    (projection,) = graph_of(row(nir.Linear(sparse), lif(8), inputs=(8,))).projections
    assert isinstance(projection.synapses, FloatList)
    assert projection.synapses.count == 8


def test_several_delays_of_one_pair_are_several_synapses():
    lines = linear([1.0], [2.0]), nir.Delay(np.array([0.0, 3 * DT])), linear([5.0, 7.0])
    (projection,) = graph_of(row(*lines, lif(1))).projections
    found = projection.synapses.as_list()
    assert list(zip(found.weight.tolist(), found.delay.tolist(), strict=True)) == [(5, 0), (14, 3)]
