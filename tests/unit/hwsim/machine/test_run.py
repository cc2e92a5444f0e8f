"""The machine model on programs small enough to add up by hand.

The constants of `machine_programs` in picoseconds: an update of a neuron at rest 1, active 2; a spike 3; a
message 5, from outside 7, within a tile 11; a hop east or west 100, north or south 200, and it keeps a link
for 50; at the core a lookup 13, a word 17, a synapse 19 (dense) or 23 (sparse). The barrier takes 1000 for
one tile, 2000 for two, 3000 for three.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from loihi_artifacts import chain, layer
from machine_programs import COSTS, on_chip, placed

from snnc.errors import StageError
from snnc.hwsim.event_driven import simulate
from snnc.hwsim.machine.activity import activity_of
from snnc.hwsim.machine.counts import NAMES
from snnc.hwsim.machine.layout import layout_of
from snnc.hwsim.machine.run import Critical, Link
from snnc.hwsim.machine.summary import estimate

# One word holds what a spike reads here: 13 + 17 + 19 for each message with one synapse.
SERVICE = 49


def relay(weight: int = 1, time_steps: int = 2, delay: int = 0):
    """A line, a hidden neuron that fires with it, and a readout neuron; nothing is kept between steps."""
    return chain(
        layer([[1]], name="hidden", threshold=0, decay_v=4096),
        layer([[weight]], delay, name="readout", decay_v=4096),
        time_steps=time_steps,
    )


def digits(number: int) -> dict[str, int]:
    """Counts of operations from an energy: each operation is a digit."""
    return {name: number // 10**place % 10 for place, name in enumerate(NAMES) if number // 10**place % 10}


def test_one_core() -> None:
    run = on_chip(placed(relay(), (0, 0, {"hidden": [0], "readout": [0]})), [[1], [0]])
    # Step 0: the line's message enters at 7 and is there at 18; 18 + 49 = 67. Two neurons at rest take 2.
    # Step 1: the hidden neuron is active (2), fires (3) and sends (5): 10; the readout, at rest, is done at
    # 11.
    #         The message is there at 10 + 11 = 21, and done at 70.
    # Step 2: the readout is active: 1 + 2 = 3. Step 3: both at rest: 2.
    assert run.timing.neuron_done[:, 0].tolist() == [2, 11, 3, 2]
    assert run.timing.synapse_done[:, 0].tolist() == [67, 70, 0, 0]
    assert run.timing.steps.tolist() == [1067, 1070, 1003, 1002]
    assert run.latency == 4142
    # Of 8 updates 2 are active; one spike and its message; one from outside; both delivered and looked up.
    expected = {"update_inactive": 6, "update_active": 2, "spike": 1, "message": 1, "injection": 1}
    expected |= {"delivery": 2, "axon_lookup": 2, "memory_read": 2, "synapse_dense": 2}
    assert digits(int(run.energy.sum())) == expected
    assert digits(int(run.energy[:, -1].sum())) == {"injection": 1}
    assert run.critical[0] == Critical("synapses", 0, SERVICE)
    assert run.critical[3] == Critical("neurons", 0, 2)


def test_two_cores_apart() -> None:
    # The hidden neuron lies at (0, 0), the readout at (2, 1): two hops along x, then one along y.
    run = on_chip(placed(relay(), (0, 0, {"hidden": [0]}), (2, 1, {"readout": [0]})), [[1], [0]])
    # Step 1: sent at 10; 110, 210, 410; 11 more within the tile: 421; done at 470. Two tiles: barrier 2000.
    assert run.timing.neuron_done.tolist() == [[1, 1], [10, 1], [1, 2], [1, 1]]
    assert run.timing.synapse_done.tolist() == [[67, 0], [0, 470], [0, 0], [0, 0]]
    assert run.timing.steps.tolist() == [2067, 2470, 2002, 2001]
    assert [run.critical[step] for step in (1, 2)] == [
        Critical("link", Link((0, 0), (1, 0)), 50),  # the first of three; the core takes 49
        Critical("neurons", 1, 2),
    ]
    # East of (0, 0) and of (1, 0), south of (2, 0).
    assert np.argwhere(run.timing.crossed[1]).tolist() == [[0, 0, 0], [0, 1, 0], [2, 2, 0]]
    assert digits(int(run.energy[1, -1].sum())) == {"hop_x": 2, "hop_y": 1}
    assert digits(int(run.energy[1, 1].sum())) == {
        "update_inactive": 1,
        "delivery": 1,
        "axon_lookup": 1,
        "memory_read": 1,
        "synapse_dense": 1,
    }


def test_back_to_the_west_and_north() -> None:
    run = on_chip(placed(relay(), (2, 2, {"hidden": [0]}), (0, 0, {"readout": [0]})), [[1], [0]])
    # Step 0: the line's message: 7, two hops east 207, two south 607, within the tile 618, done at 667.
    # Step 1: 10, two west 210, two north 610, 621, 670.
    assert run.timing.synapse_done[:2].tolist() == [[667, 0], [0, 670]]
    assert np.argwhere(run.timing.crossed[1]).tolist() == [[1, 1, 2], [1, 2, 2], [3, 0, 1], [3, 0, 2]]


def test_a_hot_link() -> None:
    # Three lines, a readout at (1, 0): all three messages must cross the link east of (0, 0).
    graph = chain(layer([[1, 1, 1]], name="readout", decay_v=4096), time_steps=1)
    run = on_chip(placed(graph, (1, 0, {"readout": [0]})), [[1, 1, 1]])
    # They enter at 7, 14, 21 and start to cross at 7, 57, 107: 0 + 43 + 86 = 129 waited, 150 the link is
    # held. Arrived at 107, 157, 207, in the core at 118, 168, 218; served 118-167, 168-217, 218-267.
    assert run.timing.waited[0, 0, 0, 0] == 129
    assert run.link_busy[0, 0, 0, 0] == 150
    assert run.timing.synapse_done[0].tolist() == [267]
    assert run.timing.steps.tolist() == [1267, 1002]
    # The link is held for longer than the core works: 3 * 49 = 147.
    assert run.critical[0] == Critical("link", Link((0, 0), (1, 0)), 150)


def test_a_full_core_queues_what_the_link_does_not() -> None:
    graph = chain(layer([[1, 1, 1]], name="readout", decay_v=4096), time_steps=1)
    run = on_chip(placed(graph, (0, 0, {"readout": [0]})), [[1, 1, 1]])
    # In the core at 18, 25, 32; it serves them one after another: 67, 116, 165.
    assert run.timing.synapse_done[0].tolist() == [165]
    assert not run.timing.waited.any()


@pytest.mark.parametrize(("cores", "done"), [((0, 1), 238), ((1, 0), 239)])
def test_of_two_that_come_at_once_the_lower_core_goes_first(cores: tuple[int, int], done: int) -> None:
    # Two hidden neurons on two cores of tile (0, 0) fire at once; to the readout at (1, 0) neuron 0 has two
    # synapses, neuron 1 has one: served in 13 + 17 + 38 = 68, and 49.
    graph = chain(
        layer([[1], [1]], name="hidden", threshold=0, decay_v=4096),
        layer([[1, 1], [1, 0]], name="readout", decay_v=4096),
        time_steps=1,
    )
    first, second = ({"hidden": [neuron]} for neuron in cores)
    run = on_chip(placed(graph, (0, 0, first), (0, 0, second), (1, 0, {"readout": [0, 1]})), [[1]])
    # Both are sent at 10, cross at 10 and 60, and are in the core at 121 and 171.
    # Two synapses first: 121 + 68 = 189, then 49: 238. One synapse first: 170; the other begins at 171: 239.
    assert run.timing.synapse_done[1, 2] == done
    assert run.timing.waited[1, 0, 0, 0] == 50


def test_the_barrier_grows_with_the_tiles() -> None:
    together = placed(relay(), (0, 0, {"hidden": [0]}), (0, 0, {"readout": [0]}))
    apart = placed(relay(), (0, 0, {"hidden": [0]}), (0, 1, {"readout": [0]}))
    silent = [[0], [0]]
    # Two cores with a neuron at rest each: 1, at the same time.
    assert on_chip(together, silent).timing.steps.tolist() == [1001] * 4
    assert on_chip(apart, silent).timing.steps.tolist() == [2001] * 4
    # 1 -> 1000, 3 -> 3000; 2 in between is 2000 or, in steps, still 1000; beyond the table it stays.
    stepped = replace(COSTS, barrier_between="step")
    assert on_chip(apart, silent, stepped).timing.steps.tolist() == [1001] * 4
    assert [COSTS.barrier_time(tiles) for tiles in (1, 2, 3, 9)] == [1000, 2000, 3000, 3000]


def test_a_spike_goes_once_to_each_core_that_listens() -> None:
    # One hidden neuron; readout neurons 0 and 1 on one core, 2 on its own core, 3 deaf: two messages, the own
    # core included.
    graph = chain(
        layer([[1]], name="hidden", threshold=0, decay_v=4096),
        layer([[1], [1], [1], [0]], name="readout", decay_v=4096),
        time_steps=1,
    )
    program = placed(
        graph, (0, 0, {"hidden": [0], "readout": [2]}), (0, 0, {"readout": [0, 1]}), (0, 0, {"readout": [3]})
    )
    run = on_chip(program, [[1]])
    counts = {name: run.counts[1, :-1, NAMES.index(name)].tolist() for name in NAMES}
    assert counts["message"] == [2, 0, 0]
    assert counts["axon_lookup"] == [1, 1, 0]
    assert counts["synapse_dense"] == [1, 2, 0]


@pytest.mark.parametrize(
    ("weights", "delays", "name", "words"),
    [
        # 40 neurons, weights of 8 bits, delays of 3: a dense row is 40 * 11 = 440 bits, 7 words.
        (np.full((40, 1), -128), 7, "synapse_dense", 7),
        # The same, one synapse there: dense 440; sparse 1 * (11 + 6) + 6 = 23 bits: 1 word.
        (np.where(np.arange(40)[:, None] == 3, -128, 0), 7, "synapse_sparse", 1),
    ],
)
def test_words_follow_the_encoding(weights, delays, name, words) -> None:
    graph = chain(layer(weights, delays, name="readout", decay_v=4096), time_steps=1)
    run = on_chip(placed(graph, (0, 0, {"readout": range(40)})), [[1]])
    synapses = int(np.count_nonzero(weights))
    counts = run.counts[0, 0]
    assert counts[NAMES.index("memory_read")] == words
    assert counts[NAMES.index(name)] == synapses
    spent = 13 + words * 17 + synapses * (19 if name == "synapse_dense" else 23)
    assert run.timing.synapse_done[0, 0] == 7 + 11 + spent


def test_a_delay_moves_the_work_of_the_neuron_not_that_of_the_message() -> None:
    run = on_chip(
        placed(relay(time_steps=4, delay=2), (0, 0, {"hidden": [0], "readout": [0]})), [[1], [0], [0], [0]]
    )
    # The synapse is read in step 1 as before, and arrives at the readout's step 2, the chip's step 4.
    assert run.counts[:, 0, NAMES.index("synapse_dense")].tolist() == [1, 1, 0, 0, 0, 0]
    assert run.counts[:, 0, NAMES.index("update_active")].tolist() == [0, 1, 0, 0, 1, 0]


def test_who_is_active() -> None:
    # Neuron 0 leaks and keeps a state of 1 << 6 from its one spike on; neuron 1 has a bias; neuron 2 has
    # neither.
    graph = chain(
        layer([[1], [0], [0]], name="readout", decay_v=1, bias_mant=np.array([0, 1, 0])), time_steps=3
    )
    program = placed(graph, (0, 0, {"readout": [0, 1, 2]}))
    layout = layout_of(program, 64)
    inputs = np.array([[0], [1], [0]])
    trace = simulate(graph, inputs[None])
    assert trace.layers[0].v[0, :, 0].tolist() == [0, 64, 63]
    for known in (trace, None):
        active = activity_of(layout, inputs, [], known).active[:, layout.of("readout")]
        assert active.T.tolist() == [
            [False, False, True, True],
            [False, True, True, True],
            [False, False, False, False],
        ]


def test_a_state_that_is_about_to_vanish_is_still_work() -> None:
    # v = 64 after the spike, and then (64 * 1) >> 12 = 0: the update that finds this out is an active one.
    graph = chain(layer([[1]], name="readout", decay_v=4095), time_steps=4)
    layout = layout_of(placed(graph, (0, 0, {"readout": [0]})), 64)
    inputs = np.array([[1], [0], [0], [0]])
    trace = simulate(graph, inputs[None])
    assert trace.layers[0].v[0, :, 0].tolist() == [64, 0, 0, 0]
    active = activity_of(layout, inputs, [], trace).active[:, 1]
    assert active.tolist() == [False, True, True, False, False]


def test_without_a_state_nothing_is_held() -> None:
    graph = chain(layer([[1]], name="readout", decay_v=4096), time_steps=3)
    layout = layout_of(placed(graph, (0, 0, {"readout": [0]})), 64)
    active = activity_of(layout, np.array([[1], [0], [0]]), []).active[:, 1]
    assert active.tolist() == [False, True, False, False]


def test_spikes_of_another_network_are_refused() -> None:
    layout = layout_of(placed(relay(), (0, 0, {"hidden": [0], "readout": [0]})), 64)
    with pytest.raises(StageError, match="not those of the layers"):
        activity_of(layout, np.zeros((2, 1)), [np.zeros((2, 2), bool)])
    with pytest.raises(
        StageError, match="sample 0 has 3 steps of 1 lines, the network takes 2 steps of 1 lines"
    ):
        activity_of(layout, np.zeros((3, 1)), [np.zeros((2, 1), bool)])


def test_free_links_do_not_queue() -> None:
    graph = chain(layer([[1, 1, 1]], name="readout", decay_v=4096), time_steps=1)
    program = placed(graph, (1, 0, {"readout": [0]}))
    run = on_chip(program, [[1, 1, 1]], replace(COSTS, link_time=0))
    assert not run.timing.waited.any()
    # In the core at 118, 125, 132; served until 167, 216, 265.
    assert run.timing.synapse_done[0].tolist() == [265]


def test_another_set_of_constants_has_words_of_its_own() -> None:
    # 40 synapses of 11 bits: 440 bits are 7 words of 64 or 14 of 32; nothing but a word costs here.
    graph = chain(layer(np.full((40, 1), -128), 7, name="readout", decay_v=4096), time_steps=1)
    program = placed(graph, (0, 0, {"readout": range(40)}))
    dear = replace(COSTS, energy={**dict.fromkeys(COSTS.energy, 0), "memory_read": 5})
    narrow = replace(dear, word_bits=32)
    found = estimate(program, [[[1]], [[0]]], dear, others=[narrow, dear])
    assert found.energy == 35
    assert [other.energy for other in found.others] == [70, 35]
    assert found.others[1].latency == found.latency


def test_no_sample_is_refused() -> None:
    program = placed(relay(), (0, 0, {"hidden": [0], "readout": [0]}))
    with pytest.raises(StageError, match="holds no sample"):
        estimate(program, np.zeros((0, 2, 1)), COSTS)
