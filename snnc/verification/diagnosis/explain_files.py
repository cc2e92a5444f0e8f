"""What can be said of a first divergence between traces on disk: its causes, and what happened around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from snnc.io.traces.base import VARIABLES, TraceReader
from snnc.stages import Divergence, QuantizedGraph
from snnc.verification.diagnosis import Observed, State, diagnose, diagnose_graph, neuron_context
from snnc.verification.diagnosis.telling import room

TESTS = 12
"""Other samples, at most, on which the causes are tested; in a small graph that is no chain more."""
TEST_BYTES = 64 << 20
"""Bytes, at most, that these take; at least one is read."""

Rows = tuple[int, int]
"""The place of a sample in either file."""


def explained(
    divergence: Divergence,
    graph: QuantizedGraph,
    expected: TraceReader,
    found: TraceReader,
    rows: Rows,
    others: Sequence[Rows],
    first: int,
    stop: int,
) -> Divergence:
    """`divergence` with its diagnosis and the context of its neuron, of what the files hold of that sample.

    `rows` is its place in either file, `others` are those of further samples, on some of which the causes are
    tested; `first` .. `stop` - 1 are the steps that both hold. A diagnosis needs all T of them, and says so
    where there are fewer.
    """
    index = graph.trace_index(divergence.layer)
    where = index, divergence.neuron, divergence.step

    def read(rows: Rows) -> Observed:
        sample = _read(expected, found, rows, first, stop)
        if not all(_follows(file, row) for file, row in zip((expected, found), rows, strict=True)):
            return sample
        return replace(sample, before=_read(expected, found, (rows[0] - 1, rows[1] - 1), first, stop))

    def further(suspects: object) -> Sequence[Observed]:
        return [read(rows) for rows in _spread(others, graph)]

    observed = read(rows)
    near = neuron_context(graph, *where, observed.expected, observed.found, first)
    if not graph.is_chain:
        place = divergence.layer, divergence.neuron, divergence.step
        diagnosis = diagnose_graph(graph, *place, observed, further)
        return replace(divergence, diagnosis=diagnosis, vicinity=near)
    return replace(divergence, diagnosis=diagnose(graph, *where, observed, further), vicinity=near)


def _spread(others: Sequence[Rows], graph: QuantizedGraph) -> list[Rows]:
    """As many as can be held, evenly from the first to the last."""
    sample = 8 * graph.time_steps * (graph.inputs + 6 * sum(each.neurons for each in graph.stateful))
    most = TESTS if graph.is_chain else max(TESTS, room(graph))
    count = min(len(others), most, max(1, TEST_BYTES // sample))
    return [others[k] for k in np.unique(np.linspace(0, len(others) - 1, count).astype(int))] if count else []


def _read(expected: TraceReader, found: TraceReader, rows: Rows, first: int, stop: int) -> Observed:
    """One sample; the input from either file."""
    inputs = _input(expected, rows[0])
    inputs = _input(found, rows[1]) if inputs is None else inputs
    return Observed(inputs, _states(expected, rows[0], first, stop), _states(found, rows[1], first, stop))


def _follows(file: TraceReader, row: int) -> bool:
    """Whether the file holds the sample before that in `row`, in the row before."""
    return row > 0 and bool(file.samples[row - 1] == file.samples[row] - 1)


def _states(file: TraceReader, row: int, first: int, stop: int) -> list[State]:
    steps = slice(first - file.first, stop - file.first)
    return [
        {
            name: file.read(layer, name, slice(row, row + 1), steps)[0]
            for name in VARIABLES
            if file.holds(layer, name)
        }
        for layer in range(len(file.layers))
    ]


def _input(file: TraceReader, row: int) -> npt.NDArray[np.bool_ | np.uint8] | None:
    """The input of one sample, [T, inputs], if it is held."""
    return file.read_input(slice(row, row + 1))[0] if file.has_input else None
