"""Graphs of the contract on the board: by hand, and against a run of the contract."""

import re

import numpy as np
import pytest
from golden import artifact_of
from graph_cases import dense, graph_of, li, lif, listed, source

from snnc.errors import LimitError
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import LayerTrace, Projection, Rung
from snnc.targets.spinnaker.fixed.board import Answer, Board
from snnc.targets.spinnaker.fixed.choose import candidates, choose, lost_spikes
from snnc.targets.spinnaker.fixed.losses import Losses, Lost, losses
from snnc.targets.spinnaker.fixed.ring import shift_of, summed_for
from snnc.targets.spinnaker.fixed.setting import Setting


def contract(graph, spikes):
    return OracleExecutor().run(artifact_of(graph), spikes).layers


def events(*steps):
    """One sample; each step its lines."""
    return np.array([steps], np.uint8)


def test_a_neuron_by_hand():
    """dv = 2048: half is kept, so v moves by half of the way to I R, which is 2**17 for a weight of 1."""
    graph = graph_of(
        [source(), lif(decay_v=2048, threshold=4), li(decay_v=2048)],
        [dense("x", "h", [[3]]), dense("h", "y", [[-2]], 1)],
        6,
    )
    board = Board.of(graph, {"h": Setting(0, 17), "y": Setting(0, 7)})
    assert board.levels == {"x": 0, "h": 1, "y": 1}  # a delay of 0 takes a step there
    hidden, readout = board.mapped["h"], board.mapped["y"]
    assert (hidden.cells.shift, readout.cells.shift) == (15, 7)
    assert hidden.cells.constants.resistance.tolist() == [4 * 32768]  # tau_m / cm: the other two bits
    assert hidden.cells.constants.decay.tolist() == [16384]
    assert hidden.unit.tolist() == [1024]  # 2**17 / 2 / 64
    assert hidden.cells.constants.threshold.tolist() == [(4 * 64 * 2 + 1) * 512]  # half a unit above
    assert readout.unit.tolist() == [1]
    found = board.run(events([1], [1], [0], [1], [0], [0]))
    # h: 192, 288 > 256: reset, 0, 192, 96, 48. All of these are even, so that nothing is rounded.
    assert found["h"].v[0, :, 0].tolist() == [192, 0, 0, 192, 96, 48]
    assert found["h"].spikes[0, :, 0].tolist() == [False, True, False, False, False, False]
    # y: -128 in step 2, and half of it in each that follows.
    assert found["y"].v[0, :, 0].tolist() == [0, 0, -128, -64, -32, -16]


def test_a_threshold_that_v_meets_is_no_spike_as_in_the_contract():
    graph = graph_of([source(), lif(threshold=5)], [dense("x", "h", [[5]], 1)], 3)
    found = Board.of(graph, {"h": Setting(0, 10)}).run(events([1], [0], [0]))["h"]
    assert not found.spikes.any()
    assert found.v[0, :, 0].tolist() == [0, 320, 0]


def test_a_bias_begins_with_the_populations_first_step():
    graph = graph_of(
        [source(), lif(threshold=100), lif("g", threshold=1, bias_mant=65)],
        [dense("x", "h", [[1]]), dense("h", "g", [[1]])],
        3,
    )
    board = Board.of(graph, {"h": Setting(0, 10), "g": Setting(0, 10)})
    assert [each.start for each in board.mapped["g"].cells.currents] == [2]
    assert board.run(events([0], [0], [0]))["g"].spikes[0, :, 0].tolist() == [True, True, True]


def test_at_its_end_a_population_falls_silent():
    graph = graph_of(
        [source(end=4), lif(decay_v=1024, threshold=2, end=3), li(decay_v=2048)],
        [dense("x", "h", [[127]]), dense("h", "y", [[1]])],
        6,
    )
    spikes = events(*[[1]] * 6)
    found = Board.of(graph, {"h": Setting(0, 15), "y": Setting(0, 15)}).run(spikes)
    right = contract(graph, spikes)
    assert found["h"].spikes[0, :, 0].tolist() == [True, True, True, False, False, False]
    assert np.abs(found["y"].v - right[1].v).max() < 1


def test_one_of_equal_weights_is_a_larger_quantum():
    graph = graph_of([source(), lif(threshold=2)], [Projection("x", "h", listed(1, 1, (0, 0, 6, 0)), 3)], 2)
    assert {each.quantum for each in candidates(graph, graph.population("h"))} == {4}  # 6 << 3 = 3 << 4
    board = Board.of(graph, {"h": Setting(4, 12)})
    assert board.network.wires[0].weight.tolist() == [3]
    assert board.run(events([1], [0]))["h"].spikes[0, :, 0].tolist() == [True, False]


def test_sums_beyond_16_bits_saturate_and_coarser_units_are_tried():
    lines = 600
    graph = graph_of(
        [source(neurons=lines), li(decay_v=4096)], [dense("x", "y", np.full((1, lines), 127))], 1
    )
    spikes = np.ones((1, 1, lines), np.uint8)
    tried = list(candidates(graph, graph.population("y")))
    assert {each.quantum for each in tried} == {0, 1}  # 600 · 127 = 76200
    fine, coarse = tried[0], next(each for each in tried if each.quantum == 1)
    first, last = (Board.of(graph, {"y": each}).run(spikes)["y"] for each in (fine, coarse))
    assert (first.saturated, last.saturated) == (1, 0)
    assert first.v[0, 0, 0] == 65535 * 64
    assert last.v[0, 0, 0] == 600 * 64 * 64 * 2  # 63.5 is rounded to 64, the even one


def test_what_the_board_has_no_counterpart_for_is_refused():
    graph = graph_of(
        [
            source("x", payload_max=3),
            lif("h", reset="none", decay_u=9),
            lif("g", reset="subtract", reset_by=1),
        ],
        [],
        1,
    )
    with pytest.raises(LimitError) as found:
        Board.of(graph, {})
    lines = str(found.value).splitlines()
    for line, pattern in zip(
        lines,
        [
            "x: events of up to 3, a spike of sPyNNaker's sources is 1; use spikes, or several lines",
            "h: reset is none, IF_curr_delta resets to a constant; use zero",
            "h, neuron 0: decay_u is 9, IF_curr_delta keeps no current, which is 4096; use that",
            "g: reset is subtract, IF_curr_delta resets to a constant; use zero",
        ],
        strict=True,
    ):
        assert re.search(re.escape(pattern), line)


@pytest.mark.parametrize("shift", [0, 3, 15])
def test_pynn_values_ask_for_the_same_shift(shift):
    assert shift_of(summed_for(shift)) == shift


def random_network(seed, dv):
    rng = np.random.default_rng(seed)
    sizes = (12, 15, 4)

    def between(pre, post, least=0):
        shape = sizes[post], sizes[pre]
        return rng.integers(-40, 60, shape), rng.integers(least, 9, shape).tolist()

    graph = graph_of(
        [source(neurons=12), lif(neurons=15, decay_v=dv, threshold=100), li(neurons=4, decay_v=dv)],
        [
            dense("x", "h", *between(0, 1)),
            dense("h", "h", *between(1, 1, 1)),
            dense("h", "y", *between(1, 2)),
        ],
        40,
    )
    return graph, (rng.random((12, 40, 12)) < 0.12).astype(np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("dv", [4096, 1024, 300])
def test_a_random_network_keeps_its_spikes(dv):
    graph, spikes = random_network(dv, dv)
    right = contract(graph, spikes)
    chosen = choose(graph, spikes, right)
    board = Board.of(graph, chosen.settings)
    lost = losses(board, right, board.run(spikes))
    assert right[0].spikes.sum() > 30
    assert lost.rung >= Rung.CLASS
    assert lost.populations["h"].kept > 0.98
    assert lost.populations["h"].decay_off == 0
    assert choose(graph, spikes, right) == chosen


def test_what_is_lost_counts_what_is_to_be_expected():
    right = LayerTrace(
        *np.array([[[[0]] * 6], [[[40], [7], [-9], [5], [100], [3]]]]), np.zeros((1, 6, 1), bool)
    )
    # Off by 3 (7 becomes 9.5, which is 10), 1 and, where only one spikes, by more that does not count again.
    v = np.array([40.4, 9.5, 0.0, 4.4, 0.0, 3.49]).reshape(1, 6, 1)
    spikes = np.array([0, 0, 0, 0, 1, 0], bool).reshape(1, 6, 1)
    assert lost_spikes(lif(threshold=2), Answer(v, spikes, 0), right) == 1 + (3 + 1) / 128


@pytest.mark.slow
def test_the_choice_pays_on_other_recordings():
    graph, spikes = random_network(7, 300)
    chosen = choose(graph, spikes, contract(graph, spikes)).settings
    plain = {each.name: next(candidates(graph, each)) for each in graph.stateful}
    assert chosen != plain
    others = (np.random.default_rng(8).random((60, 40, 12)) < 0.12).astype(np.uint8)
    right = contract(graph, others)
    kept = []
    for each in (chosen, plain):
        board = Board.of(graph, each)
        kept.append(losses(board, right, board.run(others)).populations["h"].kept)
    assert kept[0] > kept[1]


def lost(spikes, on_board, common, first=None, *, active=True):
    return Lost(spikes, on_board, common, first, 0.0, 0, 0.0, 0, active)


APART = (0, 1, 2)


@pytest.mark.parametrize(
    ("populations", "classes", "of_spikes", "rung"),
    [
        ([lost(5, 5, 5)], [1.0], True, Rung.SHIFTED_SPIKES),
        ([lost(5, 5, 5)], [1.0], False, Rung.CLASS),  # v of the readout is not equal
        ([lost(5, 5, 5)], [0.9], False, Rung.ACTIVITY),
        ([lost(9, 7, 5, APART, active=False)], [1.0, 1.0], True, Rung.CLASS),
        ([lost(9, 9, 5, APART)], [0.5], True, Rung.ACTIVITY),
        ([lost(5, 5, 5), lost(9, 7, 5, APART, active=False)], [1.0, 0.5], False, Rung.NOTHING),
    ],
)
def test_the_highest_rung_is_named(populations, classes, of_spikes, rung):
    found = Losses(dict(enumerate(populations)), dict(enumerate(classes)), of_spikes)
    assert found.rung == rung
    assert found.same_spikes == all(each.first is None for each in populations)


@pytest.mark.parametrize(("found", "active"), [([101, 100], True), ([102, 100], False), ([101, 98], False)])
def test_activity_is_of_every_sample(found, active):
    """A threshold of 0 and a weight of 1: as many spikes as events, of which the contract has 100."""
    graph = graph_of([source(), lif()], [dense("x", "h", [[1]])], 120)

    def trains(*counts):
        return (np.arange(120)[None, :, None] < np.array(counts)[:, None, None]).astype(np.uint8)

    board = Board.of(graph, {"h": Setting(0, 10)})
    right = contract(graph, trains(100, 100))
    assert losses(board, right, board.run(trains(*found))).populations["h"].active == active


def test_the_first_divergence_is_the_earliest_of_the_lowest_sample():
    populations = {"h": lost(5, 5, 4, (1, 3, 0)), "g": lost(5, 5, 4, (1, 2, 9)), "y": lost(0, 0, 0)}
    assert Losses(populations, {}, False).first == ("g", (1, 2, 9))
    assert Losses({"y": lost(0, 0, 0)}, {}, False).first is None
