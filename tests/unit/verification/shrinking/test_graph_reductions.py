"""What makes smaller graphs: every result is valid, and what should not change the states does not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from graph_cases import adlif, dense, graph_of, li, lif, listed, readout, source
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import networks_with_input

from snnc.hwsim.oracle import run_graph
from snnc.stages import Convolution, LayerTrace, Projection, QuantizedGraph
from snnc.stages.population import INPUT
from snnc.verification.shrinking.cases import Case, from_first_event, with_steps
from snnc.verification.shrinking.graphs import cases, parameters, synapses
from snnc.verification.shrinking.graphs.start import part

pytestmark = pytest.mark.slow


def convolved(delay: int = 0, then: int = 4) -> Case:
    """Of a 2 x 4 x 4 grid to 2 x 2 x 2, stride 2 and padding 1; the events 0 .. 31 by line in step 0."""
    kernel = np.arange(1, 37).reshape(2, 2, 3, 3)
    projections = [Projection("x", "y", Convolution(kernel, delay, (2, 4, 4), (2, 2), (1, 1)))]
    graph = graph_of([source("x", 32, payload_max=31), li("y", 8)], projections, then)
    inputs = np.zeros((1, then, 32), np.uint8)
    inputs[0, 0] = np.arange(32)
    return Case(graph, inputs)


def smaller(case: Case, rng: np.random.Generator) -> Iterator[Case | None]:
    """Results of every function, some of those that are made one by one, with parts taken at random."""

    def some(count: int, least: int) -> np.ndarray:
        return np.sort(rng.permutation(count)[: rng.integers(least, count + 1)])

    graph = case.graph
    yield cases.with_populations(case, some(len(graph.populations), 0))
    yield cases.with_readouts(case, some(len(graph.readouts), 1))
    yield cases.with_projections(case, some(len(graph.projections), 0))
    yield cases.with_lines(case, some(graph.inputs, 1))
    for each in graph.populations:
        yield cases.with_neurons(case, some(each.neurons, 1), each.name)
    elements = synapses.elements(graph)
    yield synapses.with_elements(case, elements[some(len(elements), 0)])
    yield with_steps(case, int(rng.integers(1, graph.time_steps + 1)))
    yield from (
        from_first_event(case),
        cases.without_silent_lines(case),
        synapses.without_common_delays(case),
    )
    for changes in (
        synapses.shorter_delays,
        synapses.smaller_grids,
        synapses.as_lists,
        parameters.plainer,
    ):
        yield from islice(changes(case), 12)


def same(one: LayerTrace, other: LayerTrace) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("u", "v", "w", "spikes")
        if getattr(one, name) is not None
    )


@settings(max_examples=40)
@given(networks_with_input(), st.integers(0, 2**32 - 1))
def test_every_result_is_a_valid_graph_with_its_input(
    case: tuple[QuantizedGraph, np.ndarray], seed: int
) -> None:
    """A graph that is not valid raises `StageError` when it is made."""
    first = Case(*case)
    rng = np.random.default_rng(seed)
    once = [found for found in smaller(first, rng) if found is not None]
    twice = smaller(once[rng.integers(len(once))], rng)
    for found in (*once, *twice):
        if found is not None:
            assert found.inputs.shape[1:] == (found.graph.time_steps, found.graph.inputs)
            assert found.graph.stateful
            assert found.graph.inputs


@settings(max_examples=30)
@given(networks_with_input(), st.integers(0, 2**32 - 1), st.booleans())
def test_a_part_on_what_the_others_sent_has_the_same_states(
    case: tuple[QuantizedGraph, np.ndarray], seed: int, recurrent: bool
) -> None:
    graph, inputs = case
    rng = np.random.default_rng(seed)
    names = [each.name for each in graph.stateful]
    chosen = {str(each) for each in rng.permutation(names)[: rng.integers(1, len(names) + 1)]}
    trace = run_graph(graph, inputs)
    found = part(graph, inputs, trace, chosen, recurrent=recurrent)
    assert found is not None
    assert {each.name for each in found.graph.stateful} == chosen
    alone = run_graph(found.graph, found.inputs)
    for name in chosen:
        layer, expected = (
            of.layers[which.trace_index(name)] for of, which in ((alone, found.graph), (trace, graph))
        )
        assert same(layer, expected), name


@settings(max_examples=30)
@given(networks_with_input())
def test_common_delays_and_lists_leave_all_states(case: tuple[QuantizedGraph, np.ndarray]) -> None:
    first = Case(*case)
    trace = run_graph(*case)
    found = [*synapses.as_lists(first)]
    if all(each.end is None for each in first.graph.populations if each.model == INPUT):
        found.append(synapses.without_common_delays(first))
    for each in found:
        assert all(map(same, run_graph(each.graph, each.inputs), trace))


def test_the_least_delay_of_each_line_becomes_a_later_event() -> None:
    graph = graph_of(
        [source("x", 2), lif("h", 2), li("y", 1)],
        [
            Projection("x", "h", listed(2, 2, (0, 0, 5, 3), (0, 1, 6, 2), (1, 1, 7, 1))),
            dense("x", "y", [[1, 0]], 4),
        ],
        6,
    )
    inputs = np.zeros((1, 6, 2), np.uint8)
    inputs[0, 1] = 1
    inputs[0, 5] = 1  # arrives nowhere
    found = synapses.without_common_delays(Case(graph, inputs))
    assert np.argwhere(found.inputs[0]).tolist() == [[2, 1], [3, 0]]
    first, second = (each.synapses.as_list() for each in found.graph.projections)
    assert first.delay.tolist() == [1, 0, 0]
    assert second.delay.tolist() == [2]


def test_a_delay_becomes_0_only_where_no_cycle_of_such_comes_of_it() -> None:
    graph = graph_of(
        [source("x"), lif("h"), lif("g")],
        [
            dense("x", "h", [[1]], 1),
            dense("h", "g", [[1]], 0),
            dense("g", "h", [[1]], 2),
            dense("g", "g", [[1]], 1),
        ],
        5,
    )
    found = synapses.shorter_delays(Case(graph, np.zeros((1, 5, 1), np.uint8)))
    delays = [[each.synapses.max_delay for each in one.graph.projections] for one in found]
    assert delays == [[0, 0, 2, 1], [1, 0, 1, 1]]


def test_two_synapses_between_the_same_neurons_keep_different_delays() -> None:
    graph = graph_of(
        [source("x"), li("y")], [Projection("x", "y", listed(1, 1, (0, 0, 1, 0), (0, 0, 2, 2)))], 5
    )
    found = synapses.shorter_delays(Case(graph, np.zeros((1, 5, 1), np.uint8)))
    assert [one.graph.projections[0].synapses.as_list().delay.tolist() for one in found] == [[0, 1]]


def test_a_smaller_grid_takes_synapses_only() -> None:
    """Of each neuron that is left, the synapses from neurons that are left."""
    case = convolved()
    (whole,) = case.graph.projections
    lines = case.inputs[0, 0].astype(int)  # which line each is, since its event says so
    found = list(synapses.smaller_grids(case))
    assert found
    known = {(*pair, w) for *pair, w in zip(*_columns(whole.synapses.as_list(), lines), strict=True)}
    for each in found:
        (projection,) = each.graph.projections
        left = each.inputs[0, 0].astype(int)
        pre, _, weight = _columns(projection.synapses.as_list(), left)
        assert {(p, w) for p, w in zip(pre, weight, strict=True)} <= {(p, w) for p, _, w in known}
        assert each.size[1] + each.size[2] < case.size[1] + case.size[2]
    sizes = {(each.size[1], each.size[2]) for each in found}
    # Half of the source's rows, or one less, from the end: 3 rows still make 2, and 2 rows make 1.
    assert {(4, 16), (8, 24)} <= sizes


def _columns(of: synapses.SynapseList, lines: np.ndarray) -> tuple[list[int], list[int], list[int]]:
    return lines[of.pre].tolist(), of.post.tolist(), of.weight.tolist()


def test_plain_values_are_tried_one_by_one() -> None:
    graph = graph_of(
        [
            source("x", 1, payload_max=9, end=2),
            adlif("h", 1, ka=5, bias_mant=2, reset="subtract", reset_by=4, decay_w=4096),
        ],
        [dense("x", "h", [[1]], 0, 3)],
        4,
    )
    case = Case(graph, np.full((1, 4, 1), 7, np.uint8))
    found = list(parameters.plainer(case))
    plain = [{each.name: each for each in one.graph.populations} for one in found]
    assert (plain[0]["x"].payload_max, found[0].inputs.max()) == (1, 1)
    assert (plain[1]["x"].end, found[1].inputs.ravel().tolist()) == (None, [7, 7, 0, 0])
    assert plain[2]["h"].model == "lif"
    assert plain[3]["h"].bias_mant.tolist() == [0]
    assert plain[4]["h"].ka.tolist() == [0]
    assert (plain[5]["h"].reset, plain[5]["h"].reset_by) == ("zero", None)
    assert found[6].graph.projections[0].weight_exp == 0
    assert len(found) == 7 == parameters.others(graph)


def test_an_end_moves_with_the_steps_that_are_left_out() -> None:
    graph = graph_of(
        [source("x"), lif("h", end=4), li("y")], [dense("x", "h", [[1]])], 9, [readout("y", "last", 1, 1.0)]
    )
    inputs = np.zeros((1, 9, 1), np.uint8)
    inputs[0, 2] = 1
    later = from_first_event(Case(graph, inputs))
    assert (later.graph.time_steps, later.graph.end("h")) == (7, 2)
    inputs[0, 2], inputs[0, 6] = 0, 1  # one step is left before the end
    later = from_first_event(Case(graph, inputs))
    assert (later.graph.time_steps, later.graph.end("h")) == (6, 1)
    assert with_steps(Case(graph, inputs), 4).graph.population("h").end is None
