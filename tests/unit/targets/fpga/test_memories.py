"""The memories of a core: bytes worked out by hand, ranges of fields, and networks that are too large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fpga_cores import without_input

from snnc.errors import LimitError
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseList
from snnc.targets.fpga import layout as layouts
from snnc.targets.fpga import memories as texts
from snnc.targets.fpga.emitter import example
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.memories import Field, hexadecimal, memories
from snnc.targets.fpga.shape import shape


def test_the_bytes_of_a_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four bits of -8, -1 and 7 below three of 2, 0 and 7: 010 1000, 000 1111, 111 0111."""
    fields = [Field(np.array([-8, -1, 7]), 4, signed=True), Field(np.array([2, 0, 7]), 3)]
    assert hexadecimal(fields) == b"28\n0f\n77\n"
    monkeypatch.setattr(texts, "CHUNK", 2)
    assert hexadecimal(fields) == b"28\n0f\n77\n"
    assert hexadecimal([Field(np.array([-2]), 9, signed=True)]) == b"1fe\n"
    assert hexadecimal([Field(np.array([], np.int64), 9)]) == b""


@pytest.mark.parametrize(
    ("value", "signed", "fits"),
    [
        (-128, True, True),
        (-129, True, False),
        (127, True, True),
        (128, True, False),
        (200, True, False),
        (-1, False, False),
        (255, False, True),
        (256, False, False),
    ],
)
def test_a_field_holds_its_range_exactly(value: int, signed: bool, fits: bool) -> None:
    field = Field(np.array([value, 0]), 8, signed)
    if fits:
        hexadecimal([field])
    else:
        with pytest.raises(ValueError, match="does not hold"):
            hexadecimal([field])


def one_synapse(delay: int, steps: int) -> QuantizedGraph:
    """A line of weight -3 to the second of 3 neurons, with biases -1, 0 and 5."""
    populations = (
        Population("x", "input", 1),
        Population("y", "li", 3, decay_u=4096, decay_v=96, bias_mant=np.array([-1, 0, 5])),
    )
    synapses = SynapseList(np.array([0]), np.array([1]), np.array([-3]), np.array([delay]), 1, 3)
    readouts = (Readout("y", "max", 1.0, ("a", "b", "c")),)
    return QuantizedGraph(populations, (Projection("x", "y", synapses),), readouts, steps, 0.001)


def test_negative_weights_and_biases_by_hand() -> None:
    """Lanes 0 and 1 of group 0, and neuron 2 in lane 0 of group 1, with 4 accumulators each.

    A word of synapses: ring address 0 (3 bits), the delay 2 of all lanes (2 bits), the weight -3 of lane 1
    and none of lane 0 (3 bits each): 000 10 101 000. If each lane has a delay: ring address 0, then of lane 1
    delay 2 and weight -3, of lane 0 nothing: 000 10 101 00 000. A bias has 4 bits, above an input bias of
    one: 0000 0 1111 0 and 0000 0 0101 0.
    """
    of = layout(one_synapse(2, 5), 2)
    assert (of.slots, of.groups) == (4, 2)
    found = memories(of, shape(of))
    assert found["synapse_0.hex"] == b"0a8\n"
    assert memories(of, replace(shape(of), lane_delays=1))["synapse_0.hex"] == b"02a0\n"
    assert found["bias.hex"] == b"01e\n00a\n"


def test_parameters_of_adaptation_by_hand() -> None:
    """Of all lanes, from the top: ka = -5 as a sign and 5, and what dw, dv and du leave, 3000, 4000 and 0:
    1 0000000000101 0101110111000 0111110100000 0000000000000. Of each lane kb, 100, 0 and -3 in 8 bits, above
    two biases of 0; the highest bit is the old order: 1 0000000000 0110010000 and 1 0000000000 1111110100.
    """
    parameters = {"decay_u": 4096, "decay_v": 96, "decay_w": 1096, "ka": -5, "kb": np.array([100, 0, -3])}
    populations = (
        Population("x", "input", 1),
        Population("a", "adlif", 3, **parameters, order="old", threshold=1, reset="zero"),
    )
    readouts = (Readout("a", "count", None, ("a", "b", "c")),)
    of = layout(QuantizedGraph(populations, (), readouts, 5, 0.001), 2)
    found = memories(of, shape(of))
    assert found["decay.hex"] == 2 * b"1002aee1f40000\n"
    assert found["bias.hex"] == b"100190\n1003f4\n"


def test_what_would_be_allocated_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    layout(one_synapse(4000, 5000), 16)
    with pytest.raises(
        LimitError, match=r"1 groups of 64 neurons .* 1500002 accumulators each are 96000128.*fewer"
    ):
        layout(one_synapse(1_500_000, 1_500_001), 64)
    monkeypatch.setattr(layouts, "MOST_PLACES", 15)
    layout(one_synapse(0, 5), 8)
    with pytest.raises(LimitError, match=r"1 synapse words of 16 lanes have 16 places.*use fewer lanes"):
        layout(one_synapse(0, 5), 16)


def test_an_example_is_a_sample_with_events_in_its_first_steps() -> None:
    steps = example(layout(one_synapse(0, 100), 4)).split(b"10000000000\n")
    assert len(steps) == 100 + 1
    assert [bool(step) for step in steps[:32]].count(True) == 5  # line 0 at every seventh
    assert not any(steps[32:])
    assert example(layout(without_input()[0], 2)) == b"10000000000\n" * 9
