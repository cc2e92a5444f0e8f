"""Whether a network fits a chip, and with which changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chip_graphs import graph, limits
from finetune_nets import network
from golden import HOLD, artifact_of, layer
from graph_cases import dense, graph_of, lif, source
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import delayed_graphs

from snnc.exporter.chip_check import check_fit, shifted
from snnc.exporter.graph_of_network import integers_of
from snnc.exporter.options import ExportOptions
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import QuantizedGraph
from snnc.targets.registry import load_target


@given(delayed_graphs(widest=5, longest=12), st.integers(1, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_longer_delays_shift_each_layer(drawn: QuantizedGraph, later: int, seed: int) -> None:
    """Without biases, layer l = 0, 1, ... does (l + 1) * later steps later what it did."""
    quiet = drawn.with_layers(replace(each, bias_mant=np.zeros(each.neurons, int)) for each in drawn.layers)
    total = later * len(quiet.layers)
    late = shifted(quiet, {each.name for each in quiet.layers}, later)
    late = replace(late, time_steps=quiet.time_steps + total)
    spikes = (np.random.default_rng(seed).random((1, late.time_steps, late.inputs)) < 0.3).astype(np.uint8)
    expected = OracleExecutor().run(artifact_of(quiet), spikes[:, : quiet.time_steps])
    found = OracleExecutor().run(artifact_of(late), spikes)
    for index, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        start = (index + 1) * later
        for field in ("u", "v", "spikes"):
            window = getattr(ours, field)[:, start : start + quiet.time_steps]
            np.testing.assert_array_equal(window, getattr(theirs, field))


def test_a_network_that_truenorth_holds() -> None:
    """Two hidden neurons on one core, the readout too: each has two levels; nothing decays."""
    one = graph(layer([[1, -1], [1, 0]], [[1, 1], [1, 0]], dv=HOLD, vth=1), layer([[1, 1]], [[2, 2]]))
    fit = check_fit(one, load_target("truenorth"))
    assert fit.fits
    assert fit.cores == 1
    assert fit.changes == ()


def test_what_truenorth_needs() -> None:
    """A delay of 20, one of 0, and two delays of one source."""
    one = graph(layer([[1, 1], [1, 0]], [[20, 0], [0, 0]], dv=HOLD, vth=1), layer([[1, 1]]), steps=30)
    fit = check_fit(one, load_target("truenorth"))
    assert fit.fits, fit.problems
    said = "\n".join(fit.changes)
    # 14 steps are left beside the one that every delay gains.
    assert "relays for delays of up to 20: 3 neurons" in said
    assert "relays for one delay a source" in said
    assert "1 step more for every delay" in said


def test_relays_on_truenorth_need_the_shortest_delay_too() -> None:
    """Delays of 1 and 2 from one source: within the range, but a relay's own would be 1 - 1 = 0."""
    one = graph(layer([[1], [1]], [[1], [2]], dv=HOLD))
    fit = check_fit(one, load_target("truenorth"))
    assert fit.fits, fit.problems
    assert [text.partition(":")[0] for text in fit.changes] == [
        "relays for one delay a source",
        "1 step more for every delay, as 1 is the shortest",
    ]


def test_relays_keep_their_decay_where_the_chip_has_one() -> None:
    """spinnaker holds 287 steps of delay, and a relay without decay would have an infinite tau_m."""
    one = graph(layer([[1]], [[300]], dv=2048, vth=1), layer([[1]], dv=2048), steps=400)
    fit = check_fit(one, load_target("spinnaker"))
    assert (fit.fits, fit.problems) == (True, ())
    assert fit.changes == ("relays for delays of up to 300: 1 neurons, 1 synapses, 1 layers more (exact)",)


def test_what_truenorth_does_not_hold() -> None:
    one = graph(layer([[1, 2, 3, 4, 5]], dv=2048, du=2048, vth=1), layer([[1]], dv=2))
    fit = check_fit(one, load_target("truenorth"))
    assert not fit.fits
    assert fit.cores is None
    assert [text.partition(":")[0] for text in fit.problems] == [
        "layer0, neuron 0",
        "layer0",
        "layer0",
        "layer1",
    ]


def test_neurons_that_reach_one_core_only() -> None:
    """300 neurons listen to one: two cores, so it needs two copies."""
    one = graph(
        layer([[1]], [[1]], dv=HOLD, vth=1),
        layer([[1]] * 300, [[1]] * 300, dv=HOLD, vth=1),
        layer([[0] * 300], dv=HOLD),
    )
    fit = check_fit(one, load_target("truenorth"))
    assert fit.fits, fit.problems
    assert fit.cores == 2
    assert any("splitters: 2 neurons" in text for text in fit.changes)


@pytest.mark.parametrize("chip", ["loihi", "loihi1", "loihi2"])
def test_each_hop_of_a_cycle_takes_a_step_on_every_loihi(chip: str) -> None:
    """h to g and back: two hops, so delays of 0 + 1 are a step too few, and of 0 + 2 enough."""
    for back, fits in ((1, False), (2, True)):
        there, again = dense("h", "g", [[1]]), dense("g", "h", [[1]], delay=back)
        cycle = graph_of([source(), lif("h"), lif("g")], [dense("x", "h", [[1]]), there, again], 6)
        found = check_fit(cycle, load_target(chip))
        assert found.fits is fits
        assert all("each of its 2 hops takes a step" in each for each in found.problems)


@pytest.mark.parametrize("chip", ["loihi", "loihi1", "loihi2"])
def test_levels_make_room_for_a_delay_of_one_more(chip: str) -> None:
    """63 steps to h are 62 and a hop there, which a chain has not."""
    skips = [dense("x", "h", [[1]], delay=63), dense("x", "g", [[1]]), dense("h", "g", [[1]])]
    found = check_fit(graph_of([source(), lif("h"), lif("g")], skips, 70), load_target(chip))
    assert (found.problems, found.changes) == ((), ())


def test_too_large_for_the_chip() -> None:
    small = replace(load_target("spinnaker2"), limits=limits("spinnaker2", cores=1, neurons_per_core=3))
    fit = check_fit(graph(layer([[1]] * 4)), small)
    assert not fit.fits
    assert "cores of spinnaker2" in fit.problems[0]


def test_remedies_of_a_delay_of_0_and_of_weights_work() -> None:
    """Of a graph that is no chain: spinnaker1 has no delay of 0, and spinnaker2 holds weights of 5 bits."""
    real = network()
    eight, five = (integers_of(real, ExportOptions(weight_bits=bits)) for bits in (8, 5))
    assert not eight.is_chain
    first, second = load_target("spinnaker1"), load_target("spinnaker2")
    told = check_fit(eight, first).problems
    remedy = "no option adds steps in a graph that is no chain; use delays of 1 or more, or another target"
    assert told
    assert all(each.endswith(f"; {remedy}") for each in told)
    later = replace(
        eight,
        projections=tuple(
            replace(each, synapses=replace(found, delay=found.delay + 1))
            for each in eight.projections
            for found in [each.synapses.as_list()]
        ),
    )
    assert check_fit(later, first).fits
    told = check_fit(eight, second).problems
    assert told
    assert all("; export the network with --weight-bits 5, or if" in each for each in told)
    assert check_fit(five, second).fits
