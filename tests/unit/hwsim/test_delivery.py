"""Synapses of several projections made ready for both kernels."""

from __future__ import annotations

import numpy as np
import pytest
from graph_cases import listed

from snnc.errors import InputError
from snnc.hwsim.delivery import Delivery, Inlet
from snnc.hwsim.spikes import Spikes, Workspace, joined
from snnc.stages import SynapseList, SynapseMatrix

SPIKES = np.array([[[1, 0, 1], [0, 1, 0], [0, 0, 0]]], np.uint8)
"""One sample, three steps, three sources."""


def arrived(delivery: Delivery, kernel: str, spikes: np.ndarray = SPIKES) -> list[list[int]]:
    arriving = np.full((len(spikes), 3, delivery.neurons), -1, np.int32)
    delivery.deliver(Spikes(spikes), arriving, Workspace(), kernel)
    return arriving[0].tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("kernel", ["events", "bits"])
def test_projections_side_by_side(kernel: str) -> None:
    """Sources 0 and 1 lead to neuron 1 of three, source 2 to neurons 0 and 2; the first also a step later.

    Step 0: neuron 1 gets 5, neurons 0 and 2 get 7 << 2 = 28 and -1 << 2. Step 1: 6 for source 1, and 2 of the
    step before. A delay of 3 = T arrives nowhere.
    """
    delivery = Delivery(
        "h",
        [
            Inlet(SynapseMatrix(np.array([[5, 6]]), np.array([[0, 0]])), first_neuron=1),
            Inlet(listed(2, 1, (0, 0, 2, 1), (1, 0, 9, 3)), first_neuron=1),
            Inlet(listed(1, 3, (0, 0, 7, 0), (0, 2, -1, 0)), exponent=2, first_source=2),
        ],
        3,
        3,
        3,
    )
    assert arrived(delivery, kernel) == [[28, 5, -4], [0, 8, 0], [0, 0, 0]]
    assert delivery.largest == 28  # neuron 1: 22


@pytest.mark.parametrize("kernel", ["events", "bits"])
def test_equal_synapses_of_two_projections_add_up(kernel: str) -> None:
    one = listed(3, 1, (0, 0, 100, 0), (2, 0, -3, 1))
    delivery = Delivery("h", [Inlet(one), Inlet(one), Inlet(one, exponent=1)], 3, 1, 3)
    assert arrived(delivery, kernel) == [[400], [-12], [0]]


def test_no_projections_deliver_nothing() -> None:
    delivery = Delivery("h", [], 3, 2, 3)
    assert delivery.empty
    assert arrived(delivery, "events") == [[0, 0]] * 3


def test_payloads_go_by_events_whatever_is_asked_for() -> None:
    delivery = Delivery(
        "h", [Inlet(SynapseMatrix(np.array([[5, 1, 1]]), np.zeros((1, 3))), payload_max=9)], 3, 1, 3
    )
    assert arrived(delivery, "bits", SPIKES * np.uint8(9)) == [[54], [9], [0]]
    assert delivery.largest == 63


def test_few_synapses_between_many_neurons_have_no_bits() -> None:
    many = 1 << 12
    few = SynapseList(np.zeros(1), np.zeros(1), np.ones(1), np.zeros(1), many, many)
    delivery = Delivery("h", [Inlet(few)], many, many, 3)
    assert not delivery.takes("bits")
    assert delivery.choose(Spikes(np.ones((8, 3, many), np.uint8))) == "events"
    with pytest.raises(
        InputError, match=r'h has 1 synapses between 4096 sources and 4096 neurons.*use "events"'
    ):
        delivery.bits  # noqa: B018


def test_spikes_side_by_side() -> None:
    parts = [Spikes(SPIKES[:, :, :1].copy()), Spikes(SPIKES[:, :, 1:].copy())]
    both = joined(parts)
    np.testing.assert_array_equal(both.array, SPIKES)
    np.testing.assert_array_equal(both.trains, Spikes(SPIKES).trains)
    assert (both.samples, both.count) == (1, 3)
    assert joined(parts[:1]) is parts[0]
    assert joined([]).count == 0
