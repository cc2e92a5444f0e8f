"""A chain of layers is the graph that the page's section "Version 1" says, and comes back from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from strategies import graphs

from snnc.errors import StageError
from snnc.provenance import graph_hash, stage_hash
from snnc.stages import Convolution, Population, Projection, QuantizedGraph, QuantizedLayer, SynapseList


def layer(name: str = "hidden", threshold: int | None = 5, **others: Any) -> QuantizedLayer:
    values = {"weight": [[1, 0], [-2, 3]], "delay": [[4, 5], [0, 1]], "bias_mant": [1, -1], "bias_exp": 2}
    return QuantizedLayer(
        name=name, **{**values, "decay_u": 7, "decay_v": 9, "threshold": threshold, **others}
    )


CHAIN = QuantizedGraph.chain([layer(), layer("out", None)], 6, 0.01, 0.5, "ab", 3)


def from_populations(graph: QuantizedGraph, **changes: Any) -> QuantizedGraph:
    """The same graph, made without its layers."""
    names = ("populations", "projections", "readouts", "time_steps", "bin_s")
    return QuantizedGraph(**{name: getattr(graph, name) for name in names} | changes)


def with_population(place: int, **changes: Any) -> QuantizedGraph:
    populations = list(CHAIN.populations)
    populations[place] = replace(populations[place], **changes)
    return from_populations(CHAIN, populations=tuple(populations))


def test_by_hand():
    first, hidden, out = CHAIN.populations
    assert (first.name, first.model, first.neurons, first.payload_max) == ("input", "input", 2, 3)
    assert (hidden.name, hidden.model, hidden.reset) == ("hidden", "lif", "zero")
    assert (out.name, out.model, out.reset, out.threshold) == ("out", "li", None, None)
    assert hidden.threshold.tolist() == [5, 5]
    for each in (hidden, out):
        assert each.decay_u.tolist() == [7, 7]
        assert each.decay_v.tolist() == [9, 9]
        assert each.bias.tolist() == [4, -4]
        assert not each.input_bias.any()
    assert [(e.source, e.destination, e.weight_exp) for e in CHAIN.projections] == [
        ("input", "hidden", 0),
        ("hidden", "out", 0),
    ]
    for each in CHAIN.projections:
        assert each.synapses.as_list() == SynapseList([0, 0, 1], [0, 1, 1], [1, -2, 3], [4, 0, 1], 2, 2)
    (readout,) = CHAIN.readouts
    assert (readout.population, readout.decoder, readout.scale) == ("out", "softmax", 0.5)
    assert readout.class_names == ("a", "b")
    assert CHAIN.order == ("input", "hidden", "out")
    assert CHAIN.inputs == 2


@pytest.mark.parametrize(
    ("names", "expected"),
    [(("a", "b"), "input"), (("input", "b"), "input_"), (("input_", "input"), "input__")],
)
def test_the_input_has_a_name_that_no_layer_has(names, expected):
    graph = QuantizedGraph.chain([layer(names[0]), layer(names[1], None)], 6, 0.01, 0.5, "ab")
    assert graph.populations[0].name == expected
    assert from_populations(graph).is_chain


@given(graphs())
def test_layers_come_back_from_populations(graph):
    again = from_populations(graph)
    assert again.is_chain
    assert again == graph
    assert again.layers == graph.layers
    for name in ("readout_scale", "class_names", "payload_max", "inputs", "order"):
        assert getattr(again, name) == getattr(graph, name)
    assert stage_hash(again) == stage_hash(graph)
    assert graph_hash(again) == graph_hash(graph)


def test_arrays_are_held_once_and_layers_are_kept():
    assert CHAIN.layers is CHAIN.layers
    again = from_populations(CHAIN)
    assert again.layers is again.layers
    for ours, theirs, projection in zip(CHAIN.layers, again.layers, CHAIN.projections, strict=True):
        for name in ("weight", "delay"):
            assert getattr(ours, name) is getattr(theirs, name)
            assert getattr(ours, name) is getattr(projection.synapses, name)
        assert ours.bias_mant is theirs.bias_mant


def test_a_chain_of_other_steps_has_the_same_layers():
    assert replace(CHAIN, time_steps=99).layers == CHAIN.layers
    assert replace(CHAIN, time_steps=99) == CHAIN.changed(time_steps=99)


def test_other_layers_and_other_values():
    other = [layer(threshold=6), layer("out", None)]
    assert CHAIN.with_layers(other).layers == tuple(other)
    assert CHAIN.with_layers(CHAIN.layers) == CHAIN
    assert CHAIN.with_layers(other) != CHAIN
    for name, value in (
        ("payload_max", 4),
        ("readout_scale", 2.0),
        ("class_names", ("c", "d")),
        ("bin_s", 1.0),
    ):
        found = CHAIN.changed(**{name: value})
        assert getattr(found, name) == value
        assert found != CHAIN
        assert found.changed(**{name: getattr(CHAIN, name)}) == CHAIN
    with pytest.raises(TypeError):
        CHAIN.changed(scale=2.0)


HASHES = (
    "b6479ccf0ae6b846f33c1641da0c62f00b66123a8c81fcafe8453fbe4932f813",
    "a9a6acb7eb6ab674ba449d4d41f68ad25a5fa17ab48d8811abcd6c80a5378b52",
)
"""Of `CHAIN`, as the release before populations wrote them."""


def test_hashes_of_a_chain_are_those_of_before():
    assert (graph_hash(CHAIN), stage_hash(CHAIN)) == HASHES


def test_other_storage_is_the_same_chain():
    synapses = CHAIN.projections[0].synapses
    matrix = Projection("input", "hidden", synapses.as_list())
    again = from_populations(CHAIN, projections=(CHAIN.projections[1], matrix))
    assert again.layers == CHAIN.layers
    assert graph_hash(again) == graph_hash(CHAIN)
    kernel = Convolution([[[[5]]]], 2, (1, 1, 2))
    again = from_populations(CHAIN, projections=(Projection("input", "hidden", kernel), CHAIN.projections[1]))
    assert again.layers[0].weight.tolist() == [[5, 0], [0, 5]]
    assert again.layers[0].delay.tolist() == [[2, 0], [0, 2]]


def test_a_chain_is_told_without_its_matrices(monkeypatch):
    """A convolution is a chain's, whatever stores it, if a matrix is not too large; nothing is unrolled."""
    kernel = Convolution(np.ones((2, 1, 3, 3)), 1, (1, 8, 8), padding=(1, 1))
    out = SynapseList([0, 1], [0, 1], [1, 1], [0, 0], 128, 2)
    first, _, last = CHAIN.populations
    populations = (
        replace(first, neurons=64),
        Population("hidden", "lif", 128, decay_u=7, decay_v=9, threshold=5, reset="zero"),
        last,
    )
    projections = (Projection("input", "hidden", kernel), Projection("hidden", "out", out))

    def refuse(*_):
        raise AssertionError("unrolled")

    with monkeypatch.context() as patch:
        for kind, name in ((Convolution, "as_list"), (SynapseList, "as_matrix")):
            patch.setattr(kind, name, refuse)
        graph = from_populations(CHAIN, populations=populations, projections=projections)
        assert graph.is_chain
        assert (graph.payload_max, graph.readout_scale, graph.class_names) == (3, 0.5, ("a", "b"))
        patch.setattr("snnc.stages.synapses.MATRIX_LIMIT", 64 * 128 - 1)
        large = from_populations(graph)
        assert not large.is_chain
        with pytest.raises(StageError, match="input -> hidden: synapses: a matrix of 128 x 64 is larger"):
            _ = large.layers
    assert [each.weight.shape for each in graph.layers] == [(128, 64), (2, 128)]
    assert np.count_nonzero(graph.layers[0].weight) == 2 * 22 * 22  # 8 rows, of which 2 see 2 of 3: 22


TWICE = SynapseList([0, 0], [1, 1], [1, 1], [0, 1], 2, 2)
FIRST, SECOND = CHAIN.projections


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (with_population(0, end=3), "input: end is 3, in a chain it is T"),
        (with_population(1, end=3), "hidden: end is 3, in a chain it is T"),
        (with_population(1, input_bias_mant=[0, 1]), "hidden: has an input bias, in a chain it is 0"),
        (with_population(1, reset="none"), "hidden: reset is none, in a chain it is zero"),
        (
            with_population(1, reset="subtract", reset_by=1),
            "hidden: reset is subtract, in a chain it is zero",
        ),
        (with_population(1, decay_u=[7, 8]), "hidden: decay_u differs between neurons"),
        (with_population(2, decay_v=[9, 8]), "out: decay_v differs between neurons"),
        (with_population(1, threshold=[5, 8]), "hidden: threshold differs between neurons"),
        (
            from_populations(CHAIN, readouts=(replace(CHAIN.readouts[0], scale=[1, 2]),)),
            "out: the scale differs between classes",
        ),
        (
            from_populations(CHAIN, readouts=(replace(CHAIN.readouts[0], decoder="max"),)),
            "it decodes 'out' by max; a chain decodes its last population, 'out', by softmax",
        ),
        (
            from_populations(CHAIN, projections=(*CHAIN.projections, SECOND)),
            "its projections are not one from each population to the next",
        ),
        (
            from_populations(CHAIN, projections=(FIRST, replace(SECOND, source="input"))),
            "its projections are not one from each population to the next",
        ),
        (
            from_populations(CHAIN, projections=(FIRST, replace(SECOND, weight_exp=1))),
            "hidden -> out: weight_exp is 1, in a chain it is 0",
        ),
        (
            from_populations(CHAIN, projections=(FIRST, replace(SECOND, synapses=TWICE))),
            "hidden -> out: synapses: several lead from neuron 0 to 1, a matrix holds one",
        ),
        (
            from_populations(CHAIN, populations=(*CHAIN.populations, Population("more", "input", 1))),
            "its populations are not one input, then lif, and last li",
        ),
        (
            from_populations(CHAIN, populations=CHAIN.populations[::-1]),
            "its populations are not one input, then lif, and last li",
        ),
        (
            QuantizedGraph(
                (replace(CHAIN.populations[0], name="x"), *CHAIN.populations[1:]),
                (replace(FIRST, source="x"), SECOND),
                CHAIN.readouts,
                6,
                0.01,
            ),
            "its input has the name 'x', in a chain it is 'input'",
        ),
    ],
)
def test_what_is_no_chain(graph, words):
    assert not graph.is_chain
    with pytest.raises(StageError, match=f"graph: is no chain of layers: {words}.*; use its populations"):
        _ = graph.layers
    with pytest.raises(StageError, match="is no chain"):
        graph.with_layers([])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"layers": []}, "graph: has no layers"),
        ({"layers": [layer("a"), layer("a", None)]}, "graph: two layers share a name"),
        ({"layers": [layer("a", None), layer("b", None)]}, "a: only the readout .* may lack a threshold"),
        ({"layers": [layer("a")]}, "a: the readout must not spike"),
        ({"payload_max": 0}, r"graph: payload_max is 0, expected 1\.\.255"),
        ({"payload_max": 256}, r"graph: payload_max is 256, expected 1\.\.255"),
        ({"readout_scale": 0.0}, "graph: readout_scale is 0.0, expected finite and > 0"),
        ({"readout_scale": np.inf}, "graph: readout_scale is inf, expected finite and > 0"),
        ({"class_names": "abc"}, "graph: 3 class names for 2 readout neurons"),
        ({"time_steps": 0}, "graph: time_steps is 0, expected 1..2147483647"),
        ({"time_steps": 2**31}, "graph: time_steps is 2147483648, expected 1..2147483647"),
        ({"time_steps": 2.5}, "graph: time_steps is 2.5, expected a whole number"),
        ({"bin_s": np.nan}, "graph: bin_s is nan, expected finite and > 0"),
        ({"layers": [layer("out", None, weight=[[2**17, 0], [0, 0]])]}, "sum of .weight. times 3 is 393216"),
        ({"layers": [replace(CHAIN.layers[1], name="")]}, "a layer has the name ''"),
    ],
)
def test_chains_that_are_refused(values, words):
    with pytest.raises(StageError, match=words):
        CHAIN.changed(**values)
