"""What is left of the first divergence of an executor, and whether anything more can be left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from faults import with_layer
from golden import artifact_of

from snnc.executor import Executor
from snnc.hwsim.oracle import run_graph
from snnc.stages import LayerTrace, QuantizedGraph, Trace
from snnc.verification.compare import first_difference, trace_pairs
from snnc.verification.shrinking.cases import Case
from snnc.verification.shrinking.search import FirstSteps
from snnc.verification.shrinking.shrink import Shrunk, differing_steps, shrink

NO_END = 1e9


def steps_of(executor: Executor) -> FirstSteps:
    """The oracle against `executor`."""
    return lambda graph, inputs: differing_steps(
        run_graph(graph, inputs), executor.run(artifact_of(graph), inputs)
    )


def shrunk(graph: QuantizedGraph, inputs: np.ndarray, executor: Executor, runs: int = 2000) -> Shrunk | None:
    """What is left of the first divergence, None if there is none."""
    expected = run_graph(graph, inputs)
    place = first_difference(trace_pairs(graph, expected, executor.run(artifact_of(graph), inputs)))
    if place is None:
        return None
    rows = slice(max(0, place.sample - 1), place.sample + 1)
    trace = Trace("oracle", tuple(LayerTrace(x.u[rows], x.v[rows], x.spikes[rows]) for x in expected))
    return shrink(graph, inputs[rows], place, trace, steps_of(executor), runs=runs, seconds=NO_END)


def differs(case: Case, executor: Executor) -> bool:
    """Whether u, v or a spike differs, by a comparison of its own."""
    found = executor.run(artifact_of(case.graph), case.inputs)
    return any(
        not np.array_equal(getattr(one, name), getattr(other, name))
        for one, other in zip(run_graph(case.graph, case.inputs), found, strict=True)
        for name in ("u", "v", "spikes")
    )


def one_less(case: Case):
    """`case` without each event, without each synapse, and without its last step."""
    for at in np.argwhere(case.inputs):
        inputs = np.array(case.inputs)
        inputs[tuple(at)] = 0
        yield Case(case.graph, inputs)
    for index, layer in enumerate(case.graph.layers):
        for neuron, source in np.argwhere(layer.weight):
            weight = np.array(layer.weight)
            weight[neuron, source] = 0
            yield Case(with_layer(case.graph, index, weight=weight), case.inputs)
    if case.graph.time_steps > 1:
        steps = case.graph.time_steps - 1
        yield Case(replace(case.graph, time_steps=steps), case.inputs[:, :steps])
