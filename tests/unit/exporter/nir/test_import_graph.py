"""NIR graphs that are no chains: nested graphs, several ends, and what is refused by name."""

from __future__ import annotations

import nir
import numpy as np
import pytest
from nir_graphs import (
    conv,
    graph_of,
    li,
    lif,
    linear,
    net,
    random_linear,
    read,
)

from snnc.errors import InputError
from snnc.exporter.float_reference import run_float


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
        (
            {"a": lif(1), "b": lif(v_leak=0.1)},
            ("in>a", "a>out", "b>out"),
            "node 'b' .*: its parameters are single numbers without a dimension, and nothing that feeds it",
        ),
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
