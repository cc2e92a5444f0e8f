"""Which delays a target holds, what relays and slots cost, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from graph_cases import dense, graph_of, li, lif, listed, source
from loihi_artifacts import chain, layer

from snnc.errors import LimitError
from snnc.exporter.passes.legalise import Legalise, cores_by_neurons, delay_ranges
from snnc.exporter.passes.place import Place
from snnc.stages import Projection, QuantizedGraph
from snnc.target import Limits, Target, read_limits
from snnc.targets.registry import load_target

LOIHI2 = load_target("loihi")
LOIHI1 = read_limits(files("snnc.targets.loihi").joinpath("limits.toml").read_text("utf-8"), "loihi1")


def with_limits(limits: Limits = LOIHI2.limits, **changes: int) -> Target:
    return replace(LOIHI2, limits=replace(limits, **changes))


def net(*delays: int, neurons: int = 1) -> QuantizedGraph:
    """A readout of `neurons`; the first has a synapse for each of `delays`, the others have none."""
    weight = np.zeros((neurons, len(delays)), int)
    weight[0] = 1
    return chain(layer(weight, np.array(delays), name="out"), time_steps=300)


def test_delays_within_the_limit_change_nothing() -> None:
    graph = net(0, 62)
    assert Legalise(LOIHI2, relays=False).run(graph) is graph
    assert Legalise(LOIHI2, relays=True).run(graph) is graph


def test_a_delay_too_long_is_refused_with_what_relays_would_cost() -> None:
    # 62 < 125 <= 3 * 62: two layers of relays, in each one for each of the two sources.
    with pytest.raises(LimitError) as error:
        Legalise(LOIHI2, relays=False).run(net(3, 125))
    assert str(error.value) == (
        "out, synapse 1 -> 0: the delay is 125 steps, the limit is 62 (1 synapse exceeds it); with --relays "
        "it fits and computes the same (neurons +4, synapses +4, layers +2); else train with "
        "kernel_size <= 63, or with coarser time steps"
    )


def test_relays_bring_it_within_the_limit() -> None:
    legal = Legalise(LOIHI2, relays=True).run(net(3, 125))
    assert [one.max_delay for one in legal.layers] == [1, 62, 62]
    LOIHI2.check(legal)


@pytest.mark.parametrize(("most", "kernel_size"), [(62, 63), (63, 63), (64, 65), (1, 1)])
def test_the_kernel_that_fits(most: int, kernel_size: int) -> None:
    """The longest delay of a kernel is its size less 1, and the size is odd."""
    target = with_limits(delay_max=most, delay_slots=most + 1)
    with pytest.raises(LimitError, match=rf"kernel_size <= {kernel_size},"):
        Legalise(target, relays=False).run(net(200))


def test_without_any_delay_relays_cannot_help() -> None:
    with pytest.raises(LimitError, match=r"the limit is 0 .*export to another target"):
        Legalise(with_limits(delay_max=0, delay_slots=1), relays=True).run(net(3))


def test_ranges_of_delays() -> None:
    assert delay_ranges(LOIHI2.limits) == (62,)
    assert (LOIHI1.delay_slots, LOIHI1.delay_max) == (8, 62)
    assert delay_ranges(LOIHI1) == (7, 15, 31, 62)


@pytest.mark.parametrize(
    ("longest", "neurons"),
    # Eight slots for 1024 neurons, 8192 in all: 2, 4 and 8 times as many for a half, a quarter, an eighth.
    [(0, 1024), (7, 1024), (8, 512), (15, 512), (16, 256), (31, 256), (32, 128), (62, 128)],
)
def test_long_delays_leave_fewer_neurons_on_a_core(longest: int, neurons: int) -> None:
    assert LOIHI1.neurons_with_delay(longest) == neurons


def test_loihi_2_has_a_slot_for_every_delay() -> None:
    assert LOIHI2.limits.neurons_with_delay(62) == LOIHI2.limits.neurons_per_core == 8192


def test_placement_counts_the_neurons_that_slots_cost() -> None:
    target = with_limits(LOIHI1)
    for delay, cores in ((7, 1), (15, 2), (62, 8)):
        placed = Place(target).run(net(delay, neurons=1000))
        assert len(placed.cores) == cores
        assert cores_by_neurons(placed.graph, LOIHI1) == cores


def test_long_delays_may_cost_less_than_relays() -> None:
    # Two neurons, delay 20: one core with 256 places. With delays of 7, two layers of relays: three cores.
    graph = net(20, neurons=2)
    legal = Legalise(with_limits(LOIHI1), relays=True).run(graph)
    assert [one.name for one in legal.layers] == ["out"]
    assert Legalise(with_limits(LOIHI1), relays=False).run(graph) is graph


def test_relays_may_cost_less_than_long_delays() -> None:
    # 2000 neurons, one of them with a delay of 20. As it is, a core holds 256: 8 cores. With delays up to 7,
    # there are two layers of one relay and 2 cores of 1024; up to 15, one relay and 4 cores of 512.
    graph = net(20, neurons=2000)
    legal = Legalise(with_limits(LOIHI1), relays=True).run(graph)
    assert [(one.neurons, one.max_delay) for one in legal.layers] == [(1, 6), (1, 7), (2000, 7)]
    assert cores_by_neurons(graph, LOIHI1) == 8
    assert cores_by_neurons(legal, LOIHI1) == 4


def with_payloads(graph: QuantizedGraph) -> QuantizedGraph:
    """Events of the input are up to 3."""
    first, *others = graph.populations
    return replace(graph, populations=(replace(first, payload_max=3), *others))


@pytest.mark.parametrize("relays", [False, True])
def test_payloads_whose_delays_the_chip_holds_need_no_relays(relays: bool) -> None:
    """Delays of 20 are within 62, but beyond the 7 that slots for all neurons of a core hold."""
    done = Legalise(with_limits(LOIHI1), relays)
    way = Projection("x", "h", listed(1, 1, (0, 0, 5, 20)))
    both = graph_of((source(), lif(), li("y")), (way, dense("h", "y", [[1]]), dense("x", "y", [[1]])), 40)
    for graph in (with_payloads(net(20)), with_payloads(both)):
        legal = done.run(graph)
        done.check(graph, legal)
        assert [each.name for each in legal.populations] == [each.name for each in graph.populations]


@pytest.mark.parametrize("relays", [False, True])
def test_payloads_that_need_relays_are_refused(relays: bool) -> None:
    wanted = "^out: delays of up to 63 steps are beyond 62, and relays .* would lose payloads of up to 3"
    with pytest.raises(LimitError, match=wanted):
        Legalise(with_limits(LOIHI1), relays).run(with_payloads(net(3, 63)))


def test_relays_behind_an_input_with_payloads_are_chosen_as_before() -> None:
    """Delays from the input are 3; behind it one of 2000 neurons has 20, as above."""
    hidden, out = layer([[1]], 3, name="hidden", threshold=1), net(20, neurons=2000).layers[0]
    graph = with_payloads(chain(hidden, out, time_steps=300))
    legal = Legalise(with_limits(LOIHI1), relays=True).run(graph)
    assert [(one.neurons, one.max_delay) for one in legal.layers] == [(1, 3), (1, 6), (1, 7), (2000, 7)]
