"""QuantizedGraph: what it refuses, what it tells, and what it is equal to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from networks import networks

from snnc.errors import StageError
from snnc.provenance import graph_hash, stage_hash
from snnc.stages import (
    Population,
    Projection,
    QuantizedGraph,
    Readout,
    SynapseList,
    SynapseMatrix,
    check_input,
)


def lif(name: str, neurons: int = 2, **others: object) -> Population:
    values = {"decay_u": 4096, "decay_v": 0, "threshold": 1, "reset": "zero", **others}
    return Population(name, "lif", neurons, **values)


def full(source: str, destination: str, weight: int = 1, delay: int = 1, exponent: int = 0, size: int = 2):
    return Projection(
        source, destination, SynapseMatrix(np.full((2, size), weight), np.full((2, size), delay)), exponent
    )


ONE, TWO = Population("one", "input", 2), Population("two", "input", 3, payload_max=7)
OUT = Population("out", "li", 2, decay_u=4096, decay_v=0)
READOUT = Readout("out", "sum", 1.0, ("a", "b"))
GRAPH = QuantizedGraph(
    (ONE, lif("hidden"), TWO, OUT),
    (
        full("one", "hidden", delay=0),
        full("hidden", "hidden"),
        full("two", "out", size=3),
        full("hidden", "out", delay=0),
    ),
    (READOUT,),
    8,
    0.001,
)


def test_it_tells_of_its_parts():
    assert GRAPH.inputs == 5
    assert GRAPH.lines("one") == slice(0, 2)
    assert GRAPH.lines("two") == slice(2, 5)
    assert GRAPH.order == ("one", "hidden", "two", "out")
    assert GRAPH.population("two") is GRAPH.populations[2]
    assert [each.source for each in GRAPH.into("out")] == ["two", "hidden"]
    assert [each.destination for each in GRAPH.out_of("hidden")] == ["hidden", "out"]
    assert GRAPH.into("one") == ()
    assert GRAPH.end("out") == 8
    assert [each.name for each in GRAPH.stateful] == ["hidden", "out"]
    assert (GRAPH.trace_index("hidden"), GRAPH.trace_index("out")) == (0, 1)
    assert not GRAPH.is_chain


def test_names_that_it_does_not_have():
    with pytest.raises(StageError, match=r"graph: has no population 'hiden' \(did you mean 'hidden'\?\)"):
        GRAPH.population("hiden")
    with pytest.raises(StageError, match="graph: has no input population 'out'; name one of its inputs"):
        GRAPH.lines("out")
    with pytest.raises(StageError, match="graph: has no population 'one'; name one that it has"):
        GRAPH.trace_index("one")


@pytest.mark.parametrize("what", ["layers", "readout_scale", "class_names", "payload_max"])
def test_what_only_a_chain_has(what):
    with pytest.raises(StageError, match=r"graph: is no chain of layers: .*; use its populations"):
        getattr(GRAPH, what)


def test_the_order_follows_delays_of_0():
    late = replace(GRAPH, populations=(OUT, lif("hidden"), TWO, ONE))
    assert late.order == ("two", "one", "hidden", "out")
    projections = tuple(full(e.source, e.destination, size=e.synapses.pre_neurons) for e in GRAPH.projections)
    assert replace(late, projections=projections).order == ("out", "hidden", "two", "one")


@given(networks())
def test_each_comes_after_its_sources_of_delay_0(graph):
    assert sorted(graph.order) == sorted(each.name for each in graph.populations)
    taken: set[str] = set()
    for name in graph.order:
        for projection in graph.into(name):
            synapses = projection.synapses.as_list()
            if (synapses.delay == 0).any():
                assert projection.source in taken
        taken.add(name)


SELF = (full("hidden", "hidden", delay=0),)
ROUND = (full("hidden", "other", delay=0), full("other", "hidden", delay=0))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"time_steps": 0}, "graph: time_steps is 0, expected 1..2147483647"),
        ({"time_steps": 2**31}, "graph: time_steps is 2147483648, expected 1..2147483647"),
        ({"time_steps": 2.5}, "graph: time_steps is 2.5, expected a whole number"),
        ({"bin_s": 0.0}, "graph: bin_s is 0.0, expected finite and > 0"),
        ({"populations": (ONE,)}, "graph: has no population with a state; add one"),
        ({"readouts": ()}, "graph: has no readout; mark a population as one"),
        ({"populations": (ONE, OUT, OUT)}, "graph: two populations share the name 'out'; rename one"),
        ({"readouts": (READOUT, READOUT)}, "graph: two readouts are of the population 'out'; leave one out"),
        ({"populations": (ONE, OUT)}, "graph: has no population 'hidden'; name one that it has"),
        ({"projections": (full("out", "hidden"),)}, "out is of the model li and never spikes; use another"),
        ({"projections": (full("hidden", "one"),)}, "hidden -> one: one is of the model input; use another"),
        (
            {"projections": (full("two", "out"),)},
            "two -> out: its synapses are for 2 neurons of two, which has 3",
        ),
        ({"projections": SELF}, "delay 0 go round through hidden -> hidden; give all of one projection"),
        (
            {"projections": ROUND, "populations": (*GRAPH.populations, lif("other"))},
            "delay 0 go round through other -> hidden -> other; give all",
        ),
        ({"populations": (ONE, lif("hidden", end=9), TWO, OUT)}, r"hidden: end is 9, expected 1\.\.8"),
        ({"readouts": (Readout("in", "sum", 1.0, "ab"),)}, "graph: has no population 'in'"),
        (
            {"readouts": (Readout("out", "count", None, "ab"),)},
            "decoder count is not for the model li; use softmax",
        ),
        (
            {"readouts": (Readout("hidden", "sum", 1, "ab"),)},
            "sum is not for the model lif; use count or first",
        ),
        (
            {"readouts": (Readout("one", "sum", 1, "ab"),)},
            "sum is not for the model input; use another population",
        ),
        ({"readouts": (Readout("out", "sum", 1, "abc"),)}, "3 class names for 2 neurons; give one for each"),
        ({"projections": GRAPH.projections * 1025}, "has 4100 projections, the limit is 4096; use fewer"),
        (
            {"populations": tuple(lif(f"p{number}") for number in range(513))},
            "has 513 populations with a state, the limit is 512; use fewer",
        ),
        (
            {"populations": (*(replace(ONE, name=f"p{number}") for number in range(65)), OUT)},
            "has 65 input populations, the limit is 64; use fewer",
        ),
    ],
)
def test_what_is_refused(changes, words):
    with pytest.raises(StageError, match=words):
        replace(GRAPH, **changes)


def test_the_bound_of_clause_2_is_of_all_projections_together():
    """2 * 7 * 3 << 3 from three lines of payloads, 2 * w from spikes, and the input bias, up to 2**18."""
    bias = {"input_bias_mant": [-5, 4], "input_bias_exp": 7}
    least = 3 * 7 * (100 << 3) + 5 * 2**7

    def graph(weight: int) -> QuantizedGraph:
        into = (full("two", "hidden", -100, exponent=3, size=3), full("one", "hidden", weight))
        wide = replace(GRAPH, projections=(), populations=(ONE, lif("hidden", **bias), TWO, OUT))
        return replace(wide, projections=into)

    rest = (2**18 - least) // 2
    assert 2 * rest + least == 2**18
    graph(rest)
    with pytest.raises(
        StageError, match=r"hidden, neuron 0: the sum .* is 262146, the contract .* 262144; use"
    ):
        graph(rest + 1)


def test_sums_beyond_64_bits_are_told():
    synapses = SynapseList([0, 1], [0, 0], [2**31 - 1] * 2, [0, 0], 3, 2)
    into = tuple(Projection("two", "out", synapses, 10) for _ in range(9))
    with pytest.raises(StageError, match=f"out, neuron 0: .* is {9 * 2 * (2**31 - 1) * 7 * 2**10}, "):
        replace(GRAPH, projections=into)


def test_an_end_that_is_t_is_none():
    def ending(end: int | None) -> QuantizedGraph:
        return replace(GRAPH, populations=(ONE, lif("hidden", end=end), TWO, OUT))

    assert ending(8) == ending(None) == GRAPH
    assert stage_hash(ending(8)) == stage_hash(GRAPH)
    assert ending(7) != GRAPH
    assert ending(7).end("hidden") == 7
    assert replace(ending(8), time_steps=9).end("hidden") == 9


def test_what_is_equal_and_what_has_another_hash():
    assert replace(GRAPH) == GRAPH
    others = [
        replace(GRAPH, time_steps=9),
        replace(GRAPH, bin_s=0.002),
        replace(GRAPH, projections=GRAPH.projections[:-1]),
        replace(GRAPH, projections=(*GRAPH.projections[:-1], full("hidden", "out", delay=0, exponent=1))),
        replace(GRAPH, projections=(*GRAPH.projections[:-1], full("hidden", "out", delay=2))),
        replace(GRAPH, populations=(replace(ONE, payload_max=2), *GRAPH.populations[1:])),
        replace(GRAPH, populations=(ONE, lif("hidden", threshold=[1, 2]), TWO, OUT)),
        replace(GRAPH, readouts=(replace(READOUT, decoder="max"),)),
        replace(GRAPH, readouts=(replace(READOUT, scale=[1, 2]),)),
    ]
    for digest in (graph_hash, stage_hash):
        assert len({digest(each) for each in [GRAPH, *others]}) == 1 + len(others)
    assert all(each != GRAPH for each in others)


@given(networks())
def test_the_hash_of_a_graph_is_not_of_how_synapses_are_stored(graph):
    lists = tuple(replace(each, synapses=each.synapses.as_list()) for each in graph.projections)
    assert graph_hash(replace(graph, projections=lists)) == graph_hash(graph)


def test_the_input_of_a_graph_is_checked_by_population():
    events = np.zeros((1, 8, 5), np.int64)
    events[0, 0] = [1, 0, 7, 0, 3]
    assert check_input(GRAPH, events).tolist() == events.tolist()
    assert check_input(GRAPH, events).dtype == np.uint8
    with pytest.raises(StageError, match="input of one: holds values other than 0 and 1, first"):
        check_input(GRAPH, events[..., ::-1])
    events[0, 0, 2] = 8
    with pytest.raises(
        StageError, match=r"other than whole numbers 0\.\.7, first 8 in sample 0, step 0, line 0; export"
    ):
        check_input(GRAPH, events)
    with pytest.raises(
        StageError, match="input: sample 0 has 8 steps of 4 lines, the network takes 8 steps of 5"
    ):
        check_input(GRAPH, events[..., :4])
