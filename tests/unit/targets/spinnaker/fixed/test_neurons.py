"""A step of the board's neurons: by hand, as the released program, and at the threshold."""

import numpy as np
import pytest

from snnc.errors import LimitError
from snnc.targets.spinnaker.fixed.accum import HIGHEST, ONE
from snnc.targets.spinnaker.fixed.neurons import Cell, Constants, Neurons

RELEASED = [
    # excitatory, inhibitory, v, v_rest, R, decay, i_offset; v after the step. Recorded as in test_accum.py.
    (43464097, 20246633, 38875760, 0, 18989, 6168, -77, 18239554),
    (7784483, 28816302, -57043699, 0, 65536, 4578, 0, -44156494),
    (12175294, 56978001, -51241509, 0, 58521, 4054, 12345, -76435010),
    (53241552, 6655764, -7762663, 0, 65536, 27468, 0, 8562761),
    (8427393, 7999533, -11822243, -2129920, 65536, 30513, 12345, -11094657),
    (60825377, 48530762, 13359226, 0, 47125, 15997, 0, 15571354),
    (40298754, 66453392, 25092188, -2129920, 75482, 4797, 0, -49572870),
    (10418044, 42110478, 24192036, -2129920, 130201, 29897, 0, 10852568),
    (59812891, 38197765, 36451236, -2129920, 65536, 23295, 0, 37795258),
    (15716331, 66262352, -51283408, 0, 32768, 16227, -77, -50911220),
    (1, 29730, -23806, 0, 32768, 790, 0, -29586),
    (0, -1, -1, 0, 1811700, 25714, 0, 12),
    (-437787613, -427595642, 45507, 0, 3688581, 3445, 0, -1026653781),  # leaves 32 bits on its way
    (1, -808088130, 1, 0, 32768, 13448, 0, 476448447),
]


def constants(
    *, decay=16384, resistance=ONE, threshold=HIGHEST, start=0, rest=0, offset=0, reset=0, refractory=0
):
    values = (resistance, decay, threshold, rest, reset, start, offset, refractory)
    return Constants(*(np.array([value], np.int64) for value in values))


def after(neurons, excitatory=0, inhibitory=0, current=0):
    """v and whether it spikes, of one neuron in one sample."""
    fires = neurons.step(
        *(np.array([[each]], np.int64) for each in (excitatory, inhibitory)), np.array([current])
    )
    return int(neurons.v[0, 0]), bool(fires[0, 0])


@pytest.mark.parametrize("row", RELEASED)
def test_a_step_is_that_of_the_released_program(row):
    excitatory, inhibitory, v, rest, resistance, decay, offset, expected = row
    neurons = Neurons(constants(decay=decay, resistance=resistance, start=v, rest=rest, offset=offset), 1)
    assert after(neurons, excitatory, inhibitory)[0] == expected


@pytest.mark.parametrize(
    ("v", "decay", "excitatory", "inhibitory", "expected"),
    [
        (3, 16384, 0, 0, 2),  # 0 - floor(0.5 · -3) = 0 - -2: up, away from zero
        (-3, 16384, 0, 0, -1),  # 0 - floor(1.5): up again, toward zero
        (0, 16384, 5, 0, 3),  # 5 - floor(2.5)
        (0, 16384, 0, 5, -2),  # -5 - floor(-2.5) = -5 + 3
        (1, 32000, 0, 0, 1),  # the smallest v never decays: 0 - floor(-0.98) = 1
        (42, 32000, 0, 0, 42),  # 42 · 768 / 32768 = 0.98 of a unit is lost, and given back by rounding
        (43, 32000, 0, 0, 42),  # 43 · 768 / 32768 = 1.008
        (-1, 32000, 0, 0, 0),
        (7, 0, 0, 0, 0),  # nothing is kept
        (7, 32768, 100, 0, 7),  # all is kept: then no input has an effect
    ],
)
def test_v_rounds_up(v, decay, excitatory, inhibitory, expected):
    assert after(Neurons(constants(decay=decay, start=v), 1), excitatory, inhibitory) == (expected, False)


def test_a_threshold_that_is_met_exactly_fires():
    assert after(Neurons(constants(decay=0, threshold=10), 1), 9) == (9, False)
    assert after(Neurons(constants(decay=0, threshold=10, reset=-4), 1), 10) == (-4, True)


def test_input_is_lost_while_the_neuron_rests():
    neurons = Neurons(constants(decay=0, threshold=10, refractory=2, reset=1), 1)
    assert [after(neurons, 20) for _ in range(4)] == [(1, True), (1, False), (1, False), (1, True)]


def test_injected_current_and_offset_add_to_the_input():
    assert after(Neurons(constants(decay=0, offset=3, resistance=2 * ONE), 1), 10, 4, 5) == (28, False)


def test_constants_are_derived_as_the_board_derives_them():
    found = Constants.of("h", [Cell(tau_m=10.0, cm=4.0, v_thresh=1.5, tau_refrac=1.25, i_offset=-0.5 / ONE)])
    assert found.resistance.tolist() == [81920]  # 2.5
    assert found.decay.tolist() == [
        29650
    ]  # 1 / 10 is 3276, and e**(-3276 / 32768) is 29650 there; it is 29649.7
    assert found.threshold.tolist() == [49152]
    assert found.refractory.tolist() == [2]  # 1.25 steps, rounded up
    assert found.offset.tolist() == [0]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (Cell(1e-9, 1.0, 1.0), r"h, neuron 0: tau_m is 1e-09, S16.15 needs .* or more; make it larger"),
        (Cell(1000.0, 1e-4, 1.0), r"h, neuron 0: tau_m / cm is .* S16.15 holds .*; make cm larger"),
        (Cell(1.0, 1.0, 1.0, tau_refrac=-1.0), r"h, neuron 0: tau_refrac is -1.0, expected 0 or more; use 0"),
    ],
)
def test_constants_that_the_board_cannot_hold_are_refused(cell, message):
    with pytest.raises(LimitError, match=message):
        Constants.of("h", [cell])
