"""Networks on the board: by hand, and against plain Python integers that were written apart."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnc.errors import LimitError, StageError
from snnc.targets.spinnaker.fixed.accum import HIGHEST
from snnc.targets.spinnaker.fixed.network import Cells, Current, Network, Source, Wires, current
from snnc.targets.spinnaker.fixed.neurons import Constants
from snnc.targets.spinnaker.fixed.run import run

FIELDS = ("resistance", "decay", "threshold", "rest", "reset", "start", "offset", "refractory")


def ints(*values):
    return np.array(values, np.int64)


def cells(name, shift=0, currents=(), **values):
    """Neurons that keep half of v, with `values` of one or of each."""
    defaults = dict.fromkeys(FIELDS, (0,)) | {
        "resistance": (32768,),
        "decay": (16384,),
        "threshold": (HIGHEST,),
    }
    return Cells(name, Constants(*(ints(*(defaults | values)[each]) for each in FIELDS)), shift, currents)


def wires(source, destination, *synapses, inhibitory=False):
    """`synapses`: (from, to, weight, delay)."""
    return Wires(source, destination, inhibitory, *(ints(*column) for column in zip(*synapses, strict=True)))


def test_a_spike_arrives_after_its_delay_and_is_answered_in_that_step():
    network = Network(
        (Source("x", 1), cells("h", decay=(0,), threshold=(8,)), cells("y")),
        (wires("x", "h", (0, 0, 8, 1), (0, 0, 9, 3)), wires("h", "y", (0, 0, 6, 2))),
        7,
    )
    sent = np.array([[[1], [0], [0], [0], [0], [0], [0]]], bool)
    found = run(network, {"x": sent})
    assert found["h"].spikes[0, :, 0].tolist() == [False, True, False, True, False, False, False]
    # Step 3: 6 - floor(3) = 3; 4: 2 (1.5, up); 5: 6 - floor((6 - 2) / 2) = 4; 6: 2.
    assert found["y"].v[0, :, 0].tolist() == [0, 0, 0, 3, 2, 4, 2]


def test_receptors_saturate_apart():
    network = Network(
        (Source("x", 2), cells("h", decay=(0,))),
        (
            wires("x", "h", (0, 0, 65535, 1), (1, 0, 65535, 1)),
            wires("x", "h", (0, 0, 3, 1), (1, 0, 4, 1), inhibitory=True),
        ),
        2,
    )
    found = run(network, {"x": np.ones((1, 2, 2), bool)})["h"]
    assert found.v[0, :, 0].tolist() == [0, 65535 - 7]
    assert found.saturated == 1


def test_sources_inject_from_their_first_step_on():
    held = cells("h", decay=(0,), offset=(100,), currents=(Current(1, ints(5)), Current(3, ints(-1))))
    assert run(Network((held,), (), 4), {})["h"].v[0, :, 0].tolist() == [100, 105, 105, 104]


def test_the_host_rounds_what_is_injected():
    assert current(2, (1.4 / 32768, -0.5 / 32768), "h").amplitude.tolist() == [1, 0]
    with pytest.raises(LimitError, match=r"h, neuron 1: amplitude: 70000 is outside"):
        current(0, (0.0, 70000), "h")


@pytest.mark.parametrize("delay", [0, 289])
def test_delays_that_the_board_lacks_are_refused(delay):
    with pytest.raises(
        LimitError, match=rf"x -> h: delays {delay}..{delay} steps, the board has 1..288; shorten"
    ):
        wires("x", "h", (0, 0, 1, delay))


def test_shifts_and_names_that_the_board_lacks_are_refused():
    with pytest.raises(LimitError, match=r"h: its ring buffers are shifted by 16 bits, the limit is 0..15"):
        cells("h", 16)
    with pytest.raises(StageError, match=r"h -> x: the network has no such populations"):
        Network((Source("x", 1), cells("h")), (wires("h", "x", (0, 0, 1, 1)),), 1)


def low_word(x):
    x %= 1 << 32
    return x - (1 << 32) if x >= 1 << 31 else x


def plain(network, sent, sample):
    """Name -> v and spikes by step, in Python integers: one neuron and one spike after another."""
    shapes = {each.name: each for each in network.populations}
    waiting = defaultdict(int)
    state = {
        (n, i): int(p.constants.start[i])
        for n, p in shapes.items()
        if n not in sent
        for i in range(p.neurons)
    }
    resting = dict.fromkeys(state, 0)
    history = {name: ([], []) for name in shapes if name not in sent}
    for step in range(network.steps):
        fired = [(name, int(i)) for name, train in sent.items() for i in np.flatnonzero(train[sample, step])]
        for name, (all_v, all_spikes) in history.items():
            of, population = shapes[name].constants, shapes[name]
            spikes = []
            for i in range(population.neurons):
                up, down = (
                    min(waiting[step, name, i, kind], 65535) << population.shift for kind in (False, True)
                )
                if resting[name, i] > 0:
                    resting[name, i] -= 1
                else:
                    extra = sum(int(c.amplitude[i]) for c in population.currents if c.start <= step)
                    drive = low_word(up - down + int(of.offset[i]) + extra)
                    aim = low_word((drive * int(of.resistance[i]) >> 15) + int(of.rest[i]))
                    gap = low_word(aim - state[name, i])
                    state[name, i] = low_word(aim - low_word(int(of.decay[i]) * gap >> 15))
                if state[name, i] >= int(of.threshold[i]):
                    state[name, i], resting[name, i] = int(of.reset[i]), int(of.refractory[i])
                    spikes.append(i)
            fired += [(name, i) for i in spikes]
            all_v.append([state[name, i] for i in range(population.neurons)])
            all_spikes.append([i in spikes for i in range(population.neurons)])
        for each in network.wires:
            for j, i, weight, delay in zip(each.pre, each.post, each.weight, each.delay, strict=True):
                if (each.source, int(j)) in fired:
                    waiting[step + int(delay), each.destination, int(i), each.inhibitory] += int(weight)
    return history


@st.composite
def networks(draw):
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    names = ("a", "b")
    populations = [Source("x", 3)]
    for name in names:
        n = int(rng.integers(1, 4))
        values = {
            "resistance": rng.integers(0, 1 << int(rng.integers(1, 31)), n),
            "decay": rng.integers(0, 32769, n),
            "threshold": rng.integers(1, 1 << int(rng.integers(4, 31)), n),
            "rest": rng.integers(-(1 << 24), 1 << 24, n) * (rng.random() < 0.3),
            "reset": rng.integers(-5, 5, n),
            "start": rng.integers(-9, 9, n),
            "offset": rng.integers(-(1 << 20), 1 << 20, n) * (rng.random() < 0.5),
            "refractory": rng.integers(0, 3, n),
        }
        injected = (Current(int(rng.integers(0, 5)), rng.integers(-(1 << 16), 1 << 16, n)),)
        populations.append(cells(name, int(rng.integers(0, 16)), injected, **values))
    size = {each.name: each.neurons for each in populations}
    found = []
    for source in ("x", *names):
        for destination in names:
            k = int(rng.integers(1, 6))
            found.append(
                Wires(
                    source,
                    destination,
                    bool(rng.integers(0, 2)),
                    rng.integers(0, size[source], k),
                    rng.integers(0, size[destination], k),
                    rng.integers(0, 65536, k),
                    rng.integers(1, 6, k),
                )
            )
    sent = {"x": rng.random((2, 12, 3)) < 0.4}
    return Network(tuple(populations), tuple(found), 12), sent


@settings(max_examples=40, deadline=None)
@given(networks())
def test_random_networks_agree_with_plain_integers(case):
    network, sent = case
    found = run(network, sent)
    for sample in range(2):
        for name, (v, spikes) in plain(network, sent, sample).items():
            assert found[name].v[sample].tolist() == v
            assert found[name].spikes[sample].tolist() == spikes


def test_where_nothing_is_rounded_the_exact_solution_is_computed():
    """With numbers of few bits the closed form v' = I R + (v - I R) e**(-dt / tau) needs no rounding.

    Then it makes no difference whether a simulator solves the equation in floating point, as Brian 2 and NEST
    do, or the board in S16.15.
    """
    held = cells("h", 5, decay=(16384,), threshold=(1 << 21,), resistance=(1 << 16,))
    network = Network((Source("x", 2), held), (wires("x", "h", (0, 0, 1 << 15, 1), (1, 0, 1 << 14, 4)),), 16)
    sent = np.random.default_rng(4).random((5, 16, 2)) < 0.5
    found = run(network, {"x": sent})["h"]
    assert 3 < found.spikes.sum() < 40
    for sample in range(5):
        v = 0.0
        for step in range(16):
            current = 32.0 * (step >= 1 and sent[sample, step - 1, 0]) + 16.0 * (
                step >= 4 and sent[sample, step - 4, 1]
            )
            v = 2 * current + (v - 2 * current) * 0.5
            fires = v >= 64
            v = 0.0 if fires else v
            assert found.v[sample, step, 0] == v * 32768
            assert found.spikes[sample, step, 0] == fires
