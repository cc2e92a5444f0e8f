"""The bytes of a sample on the serial port, against those that the protocol's description lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from fpga_links import host as host_script
from fpga_links import sample_of

from snnc.hwsim import oracle
from snnc.stages import LayerTrace, Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.serial_port import a_second, byte_times, bytes_on_line
from snnc.targets.fpga.shape import shape

STEPS = 4


def network(lines: int, payload_max: int = 1) -> QuantizedGraph:
    """`lines` -> 5 neurons -> 3 classes."""
    rng = np.random.default_rng(1)
    populations = (
        Population("in", "input", lines, payload_max=payload_max),
        Population("a", "lif", 5, decay_u=4096, decay_v=100, threshold=9, reset="zero"),
        Population("out", "li", 3, decay_u=4096, decay_v=100),
    )
    synapses = SynapseMatrix(rng.integers(1, 9, (5, lines)), np.zeros((5, lines), np.int64))
    classes = SynapseMatrix(rng.integers(1, 9, (3, 5)), np.zeros((3, 5), np.int64))
    projections = (Projection("in", "a", synapses), Projection("a", "out", classes))
    return QuantizedGraph(populations, projections, (Readout("out", "max", 0.5, tuple("abc")),), STEPS, 0.001)


def silent(neurons: int) -> LayerTrace:
    zero = np.zeros((1, STEPS, neurons), np.int64)
    return LayerTrace(zero, zero, zero.astype(bool), 0, 0)


def spiking(spikes: Sequence[tuple[int, int]]) -> LayerTrace:
    """5 neurons, of which spike those of the pairs of a step and a neuron."""
    found = silent(5).spikes.copy()
    for step, neuron in spikes:
        found[0, step, neuron] = True
    return replace(silent(5), spikes=found)


@pytest.mark.parametrize(
    ("lines", "payload_max", "events", "sent"),
    [
        (100, 1, 3, 1 + 4 * (1 + 3) + 3 * 1),
        (200, 1, 3, 1 + 4 * (1 + 3) + 3 * 2),
        (200, 7, 3, 1 + 4 * (1 + 3) + 3 * 4),
        (100, 1, 0, 1 + 4 * (1 + 3)),
    ],
    ids=["a byte a line", "two bytes", "a payload", "no event"],
)
def test_what_is_sent_is_start_events_and_ends(lines: int, payload_max: int, events: int, sent: int) -> None:
    graph = network(lines, payload_max)
    of = layout(graph, 2)
    given = np.zeros((1, STEPS, lines), np.uint8)
    given[0, 1, :events] = payload_max
    found, _ = bytes_on_line(of, shape(of), given, [silent(5), silent(3)])
    assert 1 + found.sum() == sent
    told = {
        "inputs": lines,
        "payload_max": payload_max,
        "line_bits": shape(of).line_bits,
        "payload_bits": shape(of).payload_bits,
    }
    assert sent == 1 + sum(map(len, host_script.encoded(sample_of(given[0]), told)))


@pytest.mark.parametrize(
    ("lanes", "spikes", "records", "record", "values"),
    [
        (2, [], 0, 0, 2 * (2 + 4 * 2)),
        (2, [(0, 0), (0, 1)], 1, 1 + 1 + 1, 2 * (2 + 4 * 2)),
        (2, [(0, 1), (0, 2), (3, 4)], 3, 1 + 1 + 1, 2 * (2 + 4 * 2)),
        (8, [(0, 1), (0, 2), (3, 4)], 2, 1 + 1 + 2, 1 * (2 + 4 * 8)),
    ],
    ids=["silence", "one group", "three groups", "a mask of two bytes"],
)
def test_what_is_received_is_groups_that_spike_and_readouts(
    lanes: int, spikes: list[tuple[int, int]], records: int, record: int, values: int
) -> None:
    graph = network(3)
    of = layout(graph, lanes)
    given = np.zeros((1, STEPS, 3), np.uint8)
    _, found = bytes_on_line(of, shape(of), given, [spiking(spikes), silent(3)])
    assert found.sum() == STEPS * (10 + values) + records * record
    assert found[0, 1] == 10 + values


def test_each_sample_has_its_own() -> None:
    graph = network(3)
    of = layout(graph, 2)
    given = np.zeros((2, STEPS, 3), np.uint8)
    given[1] = 1
    sent, received = bytes_on_line(of, shape(of), given, oracle.run_graph(graph, given).layers)
    assert (sent[1] - sent[0]).tolist() == [3] * STEPS
    assert received[1].sum() > received[0].sum()


@pytest.mark.parametrize(
    ("sent", "received", "buffer", "times"),
    [
        ([4, 4], [10, 10], 64, 13 + 4 + 10 + 10),
        ([30, 30], [10, 10], 64, 13 + 30 + 30 + 10),
        ([30, 30], [10, 10], 32, 13 + 30 + 10 + 30 + 10),
        ([30, 2, 30], [10, 10, 10], 32, 13 + 30 + 10 + 30 + 10),
        ([90, 90], [10, 10], 64, 13 + 90 + 10 + 90 + 10),
    ],
    ids=["answers are slower", "sending is", "the second does not fit", "the third does not", "none does"],
)
def test_both_directions_are_used_at_once(
    sent: list[int], received: list[int], buffer: int, times: int
) -> None:
    """START is a byte, its answer twelve; a step that does not fit waits for the answers before it."""
    assert byte_times(np.array(sent), np.array(received), buffer) == times


def test_a_byte_has_ten_bits() -> None:
    sent, received = np.array([[4, 4], [30, 30]]), np.full((2, 2), 10)
    assert a_second(1000, 64, sent, received) == pytest.approx(100 / ((37 + 83) / 2))
