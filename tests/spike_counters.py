"""A network whose answers are known without running it."""

from __future__ import annotations

import numpy as np

from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseMatrix


def spike_counter(
    lines: int = 3, steps: int = 4, payload_max: int = 1, second: bool = False
) -> QuantizedGraph:
    """One neuron a line, which spikes in each step with an event on its line and remembers nothing.

    So the class is the line with the most events, the first of several. The `second` readout hears line k in
    neuron lines - 1 - k.
    """
    names = tuple(f"line {k}" for k in range(lines))
    own = np.eye(lines, dtype=np.int64) * 5
    found = [("counter", own)] + ([("mirror", own[::-1])] if second else [])
    populations = [Population("events", "input", lines, payload_max=payload_max)]
    populations += [
        Population(name, "lif", lines, decay_u=4096, decay_v=4096, threshold=4, reset="zero")
        for name, _ in found
    ]
    projections = [
        Projection("events", name, SynapseMatrix(weight, np.zeros_like(weight))) for name, weight in found
    ]
    readouts = [Readout(name, "count", None, names) for name, _ in found]
    return QuantizedGraph(tuple(populations), tuple(projections), tuple(readouts), steps, 0.01)
