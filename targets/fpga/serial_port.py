"""Bytes and time of a sample on the serial port of a board, from its events and spikes alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.stages import LayerTrace
from snnc.stages.population import LI
from snnc.targets.fpga.layout import Layout
from snnc.targets.fpga.shape import Shape

IntArray = npt.NDArray[np.int64]

BITS = 10
"""Of a byte on the line: with its start bit and its stop bit."""
SUM = 3
START, END = 1, 1 + SUM
HELLO, STEP = 1 + 8 + SUM, 1 + 5 + 1 + SUM
"""Bytes of the records that begin a sample and end a step, by board/snnc_commands.v and snnc_results.v."""
PAYLOAD, VALUE = 2, 4


def bytes_on_line(
    of: Layout, shape: Shape, events: npt.NDArray[np.uint8], layers: Sequence[LayerTrace]
) -> tuple[IntArray, IntArray]:
    """Bytes to and from the board, int64 [samples, T] each, for `events` [samples, T, inputs] and the trace.

    They are without START and the answer to it.
    """
    event = _sevens(shape.line_bits) + (PAYLOAD if shape.payload_bits > 1 else 0)
    group = _sevens(shape.group_bits)
    sent = END + event * np.count_nonzero(events, axis=2).astype(np.int64)
    spikes = 1 + group + _sevens(of.lanes)
    return sent, STEP + _values(of, shape) + spikes * _spiking_groups(of, layers, sent.shape)


def least_seconds(of: Layout, shape: Shape, baud: int) -> float:
    """No sample takes less on the line: the answers to its start and its steps, without a spike."""
    return (START + HELLO + of.graph.time_steps * (STEP + _values(of, shape))) * BITS / baud


def _values(of: Layout, shape: Shape) -> int:
    """Bytes in which a step's v of the readouts are told."""
    first = min((each.first for each in of.places if each.population.model == LI), default=of.groups)
    return (of.groups - first) * (1 + _sevens(shape.group_bits) + VALUE * of.lanes)


def byte_times(sent: IntArray, received: IntArray, buffer: int) -> int:
    """How many bytes could be sent while a sample is, of [T] `bytes_on_line` and a board's `buffer`.

    As host/host.py sends it: START, and when that is answered the steps, as long as what is not answered fits
    the buffer. A step is answered when it is whole and the answer to the one before is given.
    """
    given = taken = START + HELLO
    answered = list[int]()
    complete = waiting = 0
    for step, (there, back) in enumerate(zip(sent.tolist(), received.tolist(), strict=True)):
        waiting += there
        while waiting > buffer and complete < step:
            waiting -= int(sent[complete])
            complete += 1
        if complete:
            given = max(given, answered[complete - 1])
        given += there
        taken = max(taken, given) + back
        answered.append(taken)
    return taken


def a_second(baud: int, buffer: int, sent: IntArray, received: IntArray) -> float:
    """Samples a second on average, for a core that takes no time."""
    times = [byte_times(*each, buffer) for each in zip(sent, received, strict=True)]
    return baud / BITS / float(np.mean(times))


def _spiking_groups(of: Layout, layers: Sequence[LayerTrace], shape: tuple[int, ...]) -> IntArray:
    """The groups that spike in each step of [samples, T]: each is a record."""
    found = np.zeros(shape, np.int64)
    for place in of.places:
        if place.population.spikes:
            spikes = layers[of.graph.trace_index(place.population.name)].spikes
            firsts = np.arange(0, place.population.neurons, of.lanes)
            found += np.logical_or.reduceat(spikes, firsts, axis=2).sum(axis=2, dtype=np.int64)
    return found


def _sevens(bits: int) -> int:
    """Bytes that hold so many bits, 7 each."""
    return -(-bits // 7)
