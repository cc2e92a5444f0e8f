"""Relays in graphs that are no chain: by hand, the same states as without, and what cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from graph_cases import adlif, dense, graph_of, li, lif, listed, source
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from networks import networks

from snnc.errors import LimitError, PassError
from snnc.exporter.passes import Legalise
from snnc.hwsim.oracle import run_graph
from snnc.stages import Convolution, Projection, QuantizedGraph
from snnc.target import Target
from snnc.targets.levels import hops_of, retime
from snnc.targets.registry import load_target

LOIHI = load_target("loihi")


def chip(most: int, *, levels: bool = True, least: int = 0) -> Target:
    """A target with these delays, which takes a step for each hop or, without `levels`, none."""
    limits = replace(LOIHI.limits, delay_max=most, delay_min=least)
    return replace(LOIHI, limits=limits, levels=LOIHI.levels if levels else None)


def legal(graph: QuantizedGraph, target: Target, relays: bool = True) -> QuantizedGraph:
    """What the pass makes, and its check accepts."""
    done = Legalise(target, relays)
    after = done.run(graph)
    done.check(graph, after)
    return after


def wires(graph: QuantizedGraph) -> dict[str, list[tuple[int, ...]]]:
    """Projection -> (pre, post, weight, delay) of its synapses."""
    found: dict[str, list[tuple[int, ...]]] = {}
    for each in graph.projections:
        of = each.synapses.as_list()
        rows = np.stack([of.pre, of.post, of.weight, of.delay], axis=1).tolist()
        found.setdefault(each.name, []).extend(map(tuple, rows))
    return found


def spread() -> QuantizedGraph:
    """Delays 0, 2 and 9 to one neuron, from three lines."""
    parts = source("x", 3), lif("h"), li("y")
    into = Projection("x", "h", listed(3, 1, (0, 0, 5, 0), (1, 0, 6, 2), (2, 0, 7, 9)))
    return graph_of(parts, (into, dense("h", "y", [[1]])), 20)


def test_stages_by_hand_where_a_hop_takes_a_step() -> None:
    """Up to 3 steps on the chip: a stage stands for 4. h is a level later, so 9 = 4 + 4 + 1."""
    found = wires(legal(spread(), chip(3)))
    assert found == {
        "x -> x_relay1": [(2, 0, 2, 4)],
        "x_relay1 -> x_relay2": [(0, 0, 2, 4)],
        "x -> h": [(0, 0, 5, 0), (1, 0, 6, 2)],
        "x_relay2 -> h": [(0, 0, 7, 1)],
        "h -> y": [(0, 0, 1, 0)],
    }


def test_stages_by_hand_where_a_hop_takes_none() -> None:
    """A stage stands for 3 steps, so 9 = 3 + 3 + 3."""
    found = wires(legal(spread(), chip(3, levels=False)))
    assert found["x_relay1 -> x_relay2"] == [(0, 0, 2, 3)]
    assert found["x_relay2 -> h"] == [(0, 0, 7, 3)]


def test_levels_alone_are_enough_where_delays_are_near_each_other() -> None:
    parts = source("x"), lif("h"), li("y")
    graph = graph_of(parts, (dense("x", "h", [[1]], 9), dense("h", "y", [[1]])), 20)
    assert legal(graph, chip(3)) is graph
    assert len(legal(graph, chip(3, levels=False)).populations) == 5


def test_a_source_has_its_relays_once_for_all_its_projections() -> None:
    parts = source("x"), lif("h"), lif("k"), li("y")
    projections = (
        Projection("x", "h", listed(1, 1, (0, 0, 1, 0), (0, 0, 2, 5))),
        Projection("x", "k", listed(1, 1, (0, 0, 3, 0), (0, 0, 4, 6)), 2),
        dense("h", "y", [[1]]),
        dense("k", "y", [[1]]),
    )
    after = legal(graph_of(parts, projections, 9), chip(3))
    assert [each.name for each in after.populations] == ["x", "x_relay1", "h", "k", "y"]
    assert {each.weight_exp for each in after.into("k")} == {2}


def test_a_convolution_stays_one() -> None:
    delay = np.array([[[[0, 7]]]])
    kernel = Convolution(np.array([[[[3, -2]]]]), delay, (1, 1, 4), padding=(0, 1))
    parts = source("x", 4), lif("h", 5), li("y")
    graph = graph_of(parts, (Projection("x", "h", kernel), dense("h", "y", [[1] * 5])), 20)
    after = legal(graph, chip(3))
    straight, over = after.into("h")
    assert [type(each.synapses) for each in (straight, over)] == [Convolution] * 2
    assert straight.synapses.kernel.tolist() == [[[[3, 0]]]]
    assert over.synapses.kernel.tolist() == [[[[0, -2]]]]
    assert over.synapses.delay.tolist() == [[[[0, 3]]]]
    assert after.population("x_relay1").neurons == 4


def test_recurrence_with_long_delays_on_loihi() -> None:
    """As a user would have it: 0 to 62 steps fit, 200 do not."""
    parts = source("x", 2), lif("h", 2, threshold=2), adlif("k", 2), li("y")
    projections = (
        dense("x", "h", [[3, 1], [1, 3]], [[0, 200], [62, 1]]),
        dense("h", "h", [[1, 2], [2, 1]], [[1, 150], [90, 2]]),
        dense("h", "k", [[1, 2], [2, 1]], [[70, 3], [0, 65]]),
        dense("k", "h", [[1, -2], [-2, 1]], [[140, 2], [2, 130]]),
        dense("k", "y", [[1, 2]]),
    )
    graph = graph_of(parts, projections, 300)
    message = r"x -> h: delays of up to 200 steps .* \(0..62\) with any levels; with --relays it fits"
    with pytest.raises(LimitError, match=message):
        legal(graph, LOIHI, relays=False)
    after = legal(graph, LOIHI)
    LOIHI.check(after)
    events = (np.random.default_rng(2).random((2, 300, 2)) < 0.1).astype(np.uint8)
    assert_same(graph, after, events)
    assert all(run_graph(graph, events).layers[number].spikes.any() for number in (0, 1))


def assert_same(before: QuantizedGraph, after: QuantizedGraph, events: npt.NDArray[np.uint8]) -> None:
    """Every state of what was there before."""
    old, new = run_graph(before, events), run_graph(after, events)
    for each in before.stateful:
        ours, theirs = new.layers[after.trace_index(each.name)], old.layers[before.trace_index(each.name)]
        for what in ("u", "v", "w", "spikes"):
            np.testing.assert_array_equal(getattr(ours, what), getattr(theirs, what), f"{each.name}: {what}")


def too_short(graph: QuantizedGraph, least: int) -> bool:
    """Whether a cycle has fewer steps than its hops take: a way back to its start is shorter than none."""
    names = [each.name for each in graph.populations]
    way = np.full((len(names), len(names)), np.inf)
    for hop in hops_of(graph):
        ends = names.index(hop.source), names.index(hop.destination)
        way[ends] = min(way[ends], hop.least - 1 - least)
    for middle in range(len(names)):
        way = np.minimum(way, way[:, middle, None] + way[None, middle])
    return bool((np.diag(way) < 0).any())


@settings(max_examples=40, deadline=None)
@given(
    graph=networks(most=4), most=st.sampled_from([2, 5, 13]), levels=st.booleans(), seed=st.integers(0, 99)
)
def test_all_states_are_as_without_relays(graph: QuantizedGraph, most: int, levels: bool, seed: int) -> None:
    spikes = [replace(each, payload_max=each.payload_max and 1) for each in graph.populations]
    graph, target = replace(graph, populations=tuple(spikes)), chip(most, levels=levels)
    assume(not graph.is_chain)
    if levels and too_short(graph, 0):
        with pytest.raises(LimitError, match=r"cycle .*: the least delays of its projections add up to"):
            Legalise(target, True).run(graph)
        return
    after = legal(graph, target)
    event(f"relays: {len(after.populations) > len(graph.populations)}")
    hops = hops_of(after)
    if levels:
        retime({each.name: each.neurons for each in after.populations}, hops, 0, most)  # or it raises
    else:
        assert all(hop.longest <= most for hop in hops)
    rng = np.random.default_rng(seed)
    assert_same(graph, after, (rng.random((1, graph.time_steps, graph.inputs)) < 0.5).astype(np.uint8))


def test_a_chip_whose_delays_begin_later() -> None:
    """2 .. 5 on the chip: a stage stands for 4 steps."""
    parts = source("x", 2), lif("h"), li("y")
    into = Projection("x", "h", listed(2, 1, (0, 0, 5, 3), (1, 0, 7, 14)))
    graph = graph_of(parts, (into, dense("h", "y", [[1]], 3)), 40)
    after = legal(graph, chip(5, least=2))
    retime({each.name: each.neurons for each in after.populations}, hops_of(after), 2, 5)
    with pytest.raises(LimitError, match=r"relays need delays of 4 .. 8 steps, the target holds 4..5"):
        legal(graph, chip(5, least=4))


def test_payloads_are_not_lost_in_silence() -> None:
    graph = spread()
    graph = replace(graph, populations=(source("x", 3, payload_max=7), *graph.populations[1:]))
    with pytest.raises(LimitError, match=r"x -> h: .* would lose payloads of up to 7; .* --payload-max 1"):
        legal(graph, chip(3))


def edited(graph: QuantizedGraph, name: str, **values: object) -> QuantizedGraph:
    parts = (replace(each, **values) if each.name == name else each for each in graph.populations)
    return replace(graph, populations=tuple(parts))


def rewired(graph: QuantizedGraph, name: str, **columns: object) -> QuantizedGraph:
    """With other columns of the synapses of a projection."""
    found = [
        replace(each, synapses=replace(each.synapses, **columns)) if each.name == name else each
        for each in graph.projections
    ]
    return replace(graph, projections=tuple(found))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda g: edited(g, "h", threshold=3), "h: threshold is 3, not 0"),
        (lambda g: edited(g, "x_relay1", threshold=2), "x_relay1, neuron 0: never fires"),
        (lambda g: edited(g, "x_relay2", decay_v=9), "x_relay2: its relays have a memory or a bias"),
        (lambda g: edited(g, "x_relay2", bias_mant=1), "x_relay2: its relays have a memory or a bias"),
        (lambda g: edited(g, "x_relay1", end=3), "x_relay1: holds neurons that are not relays"),
        (lambda g: edited(g, "x_relay1", reset="none"), "x_relay1: holds neurons that are not relays"),
        (lambda g: rewired(g, "x -> x_relay1", pre=np.array([1])), "x -> h, synapse 2 -> 0: .* of 9 steps"),
        (lambda g: rewired(g, "x -> x_relay1", delay=np.array([3])), "x -> h, synapse 2 -> 0: .* of 9 steps"),
        (lambda g: rewired(g, "x_relay2 -> h", weight=np.array([8])), "x -> h, synapse 2 -> 0: .* weight 7"),
        (lambda g: rewired(g, "x_relay2 -> h", weight=np.array([0])), "x -> h, synapse 2 -> 0"),
        (lambda g: replace(g, projections=g.projections[1:]), "x_relay1: holds neurons that are not relays"),
        (lambda g: replace(g, time_steps=21), "time_steps is 21, not 20"),
        (lambda _: spread(), r"no levels keep all delays within 0..3 steps"),
    ],
)
def test_faults_are_noticed(fault, message) -> None:
    graph, done = spread(), Legalise(chip(3), True)
    with pytest.raises(PassError, match=message):
        done.check(graph, fault(done.run(graph)))


def test_what_was_added_is_counted() -> None:
    done = Legalise(chip(3), True)
    assert done.summary(spread(), done.run(spread())) == {
        "populations_added": 2,
        "neurons_added": 2,
        "synapses_added": 2,
    }


def few_slots(neurons: int) -> tuple[QuantizedGraph, Target]:
    """`neurons` with a delay of 6 steps into the first; the 10 slots of a core are those of 5 neurons with
    delays of up to 1 step, of 2 with up to 3, or of 1 with up to 7.
    """
    limits = replace(
        LOIHI.limits, delay_min=0, delay_max=7, delay_slots=2, neurons_per_core=5, cores=100, mesh_columns=100
    )
    parts = source("x"), lif("h", neurons), li("y")
    into = Projection("x", "h", listed(1, neurons, *((0, n, 5, 6 * (n == 0)) for n in range(neurons))))
    graph = graph_of(parts, (into, dense("h", "y", [[1] * neurons])), 20)
    return graph, replace(LOIHI, limits=limits, levels=None)


def test_delays_are_shorter_where_long_ones_take_the_slots_of_neurons() -> None:
    """h on 20 cores with delays up to 7; on 10, its relay on one, with up to 3; on 4 and 5 with up to 1."""
    graph, target = few_slots(20)
    after = legal(graph, target)
    assert max(each.synapses.max_delay for each in after.projections) == 1
    assert len(after.populations) == 3 + 5
    assert legal(graph, target, relays=False) is graph  # the target holds its delays


def test_delays_stay_where_relays_take_more_cores_than_they_save() -> None:
    """h on 2 cores with its delays; on 1, and the relay on another, with up to 3, which is no less."""
    graph, target = few_slots(2)
    after = legal(graph, target)
    assert [each.name for each in after.populations] == ["x", "h", "y"]


@pytest.mark.parametrize("relays", [True, False])
def test_delays_that_take_relays_without_end_are_refused(relays: bool) -> None:
    """A stage stands for 4 steps."""
    parts = source("x"), lif("h"), li("y")
    into = Projection("x", "h", listed(1, 1, (0, 0, 5, 0), (0, 0, 5, 2**31 - 1)))
    graph = graph_of(parts, (into, dense("h", "y", [[1]])), 20)
    with pytest.raises(LimitError, match=r"^x: delays of up to 2147483647 steps would take \d+ relays"):
        legal(graph, chip(3), relays)


def test_an_element_of_weight_0_waits_for_nothing() -> None:
    """z is three levels behind x, so a delay of 1 goes over a stage; a kernel of 0 has no delay."""
    parts = source("x", 2), lif("h", 2), lif("g", 2), lif("f", 2), li("z", 1)
    kernel = Convolution(np.array([[[[3, 0]]]]), np.array([[[[1, 0]]]]), (1, 1, 2))
    chained = [dense(a, b, [[5, 0], [0, 5]]) for a, b in ("xh", "hg", "gf")]
    graph = graph_of(parts, (*chained, dense("f", "z", [[1, 1]]), Projection("x", "z", kernel)), 60)
    after = legal(graph, chip(2))
    retime({each.name: each.neurons for each in after.populations}, hops_of(after), 0, 2)
    assert_same(graph, after, (np.random.default_rng(1).random((1, 60, 2)) < 0.5).astype(np.uint8))
