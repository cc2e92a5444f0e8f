"""What can be said of a first divergence between traces on disk: its causes, and what happened around it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from snnc.hwsim.diagnosis import Previous, State, diagnose, vicinity
from snnc.stages import Divergence, QuantizedGraph
from snnc.traces.file import VARIABLES
from snnc.traces.reader import TraceReader


def explained(
    divergence: Divergence,
    graph: QuantizedGraph,
    expected: TraceReader,
    found: TraceReader,
    rows: tuple[int, int],
    first: int,
    stop: int,
) -> Divergence:
    """`divergence` with its diagnosis and vicinity, of what the files hold of that sample.

    `rows` is its place in either file; `first` .. `stop` - 1 are the steps that both hold. A diagnosis needs
    all T of them, and says so where there are fewer.
    """
    index = [layer.name for layer in graph.layers].index(divergence.layer)
    where = index, divergence.neuron, divergence.step
    sides = _states(expected, rows[0], first, stop), _states(found, rows[1], first, stop)
    inputs = _input(expected, rows[0])
    inputs = _input(found, rows[1]) if inputs is None else inputs
    before = _before(found, rows[1], stop)
    return replace(
        divergence,
        diagnosis=diagnose(graph, *where, inputs, *sides, before),
        vicinity=vicinity(graph, *where, *sides, first),
    )


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


def _before(file: TraceReader, row: int, stop: int) -> Previous | None:
    """u and v of every layer at the end of the sample before, if all of that is held."""
    if not row or file.samples[row - 1] != file.samples[row] - 1 or stop != file.time_steps:
        return None
    layers = range(len(file.layers))
    if not all(file.holds(layer, name) for layer in layers for name in ("u", "v")):
        return None
    last = _states(file, row - 1, stop - 1, stop)
    return [(state["u"][0], state["v"][0]) for state in last]
