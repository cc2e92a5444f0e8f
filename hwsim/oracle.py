"""The scalar oracle: the integer contract (`docs/semantics.md`) written out in plain Python integers.

It is meant to be read beside the contract, clause by clause, and believed. So its limits are literals
of the page, not of `snnc.formats`, and numpy only carries lists in and traces out. Layers form a
chain and no spike travels back, so each layer is run over all of T before the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.stages import Artifact, LayerTrace, QuantizedGraph, QuantizedLayer, Trace, check_input

SpikeTrain = list[list[int]]
"""For each step, the neurons that spiked in it; an input event of payload p is p spikes of one line."""
State = list[list[int]]
"""For each step, one value a neuron."""


def decay(x: int, k: int) -> int:
    """Clause 4: what the decay constant `k` leaves of `x`, rounded toward zero."""
    magnitude = (abs(x) * (4096 - k)) >> 12
    return -magnitude if x < 0 else magnitude


def wrap24(x: int) -> int:
    """Clause 3: one correction into -2**23 + 1 .. 2**23."""
    if x > 2**23:
        return x - 2**24
    if x <= -(2**23):
        return x + 2**24
    return x


def clip(x: int) -> int:
    """Clause 5: into -(2**23 - 1) .. 2**23 - 1."""
    limit = 2**23 - 1
    return limit if x > limit else -limit if x < -limit else x


@dataclass(frozen=True, slots=True)
class ScalarLayer:
    """A layer in Python integers. `synapses[j]` lists (i, weight, delay) of every synapse from j to i."""

    neurons: int
    synapses: list[list[tuple[int, int, int]]]
    bias: list[int]
    du: int
    dv: int
    threshold: int | None


@dataclass(frozen=True, slots=True)
class LayerRun:
    """What one layer did in one sample: `u`, `v`, `spikes` by step, and how often it saturated."""

    u: State
    v: State
    spikes: SpikeTrain
    u_wraps: int
    v_clips: int


def scalar_layer(layer: QuantizedLayer) -> ScalarLayer:
    """`layer` with its synapses sorted by source."""
    weight, delay = layer.weight.tolist(), layer.delay.tolist()
    synapses = [
        # Clause 1: a weight of zero is no synapse.
        [(i, weight[i][j], delay[i][j]) for i in range(layer.neurons) if weight[i][j] != 0]
        for j in range(layer.inputs)
    ]
    return ScalarLayer(
        neurons=layer.neurons,
        synapses=synapses,
        bias=[mantissa << int(layer.bias_exp) for mantissa in layer.bias_mant.tolist()],  # clause 5
        du=int(layer.decay_u),
        dv=int(layer.decay_v),
        threshold=None if layer.threshold is None else int(layer.threshold) << 6,  # clause 6
    )


def accumulate(layer: ScalarLayer, arriving: SpikeTrain) -> State:
    """Clause 2: a[t][i], each spike put into the step it arrives in."""
    steps = len(arriving)
    a = [[0] * layer.neurons for _ in range(steps)]
    for t, sources in enumerate(arriving):
        for j in sources:
            for i, w, d in layer.synapses[j]:
                if t + d < steps:  # what would arrive at step T or later arrives nowhere
                    a[t + d][i] += w
    return a


def run_layer(layer: ScalarLayer, arriving: SpikeTrain) -> LayerRun:
    """Clauses 2 to 7 for one layer that receives the spikes `arriving`."""
    u, v = [0] * layer.neurons, [0] * layer.neurons  # clause 8; u[-1] = v[-1] = 0
    run_u: State = []
    run_v: State = []
    run_spikes: SpikeTrain = []
    u_wraps = v_clips = 0
    for a in accumulate(layer, arriving):
        fired = []
        for i in range(layer.neurons):
            # Clause 3.
            x = decay(u[i], layer.du) + (a[i] << 6)
            u[i] = wrap24(x)
            u_wraps += u[i] != x
            # Clause 5.
            x = decay(v[i], layer.dv) + u[i] + layer.bias[i]
            v[i] = clip(x)
            v_clips += v[i] != x
            # Clause 6; the readout has no threshold (clause 7).
            if layer.threshold is not None and v[i] > layer.threshold:
                fired.append(i)
                v[i] = 0
        run_u.append(u.copy())
        run_v.append(v.copy())
        run_spikes.append(fired)
    return LayerRun(run_u, run_v, run_spikes, u_wraps, v_clips)


def run_sample(layers: list[ScalarLayer], spikes: SpikeTrain) -> list[LayerRun]:
    """One sample through all layers, from rest (clause 8)."""
    runs: list[LayerRun] = []
    for layer in layers:
        runs.append(run_layer(layer, spikes))
        spikes = runs[-1].spikes
    return runs


def run_graph(graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]) -> Trace:
    """Run uint8 [samples, T, inputs] of 0 .. `graph.payload_max` through `graph`.

    Raises
    ------
    StageError
        If the input does not fit the graph.
    """
    layers = [scalar_layer(layer) for layer in graph.layers]
    samples = [
        run_sample(layers, [[j for j, x in enumerate(row) for _ in range(x)] for row in sample])
        for sample in check_input(graph, spikes).tolist()
    ]
    traces = [
        _layer_trace([runs[index] for runs in samples], graph.time_steps, layer.neurons)
        for index, layer in enumerate(layers)
    ]
    return Trace(OracleExecutor.name, tuple(traces))


def _layer_trace(runs: list[LayerRun], steps: int, neurons: int) -> LayerTrace:
    shape = (len(runs), steps, neurons)
    fired = np.zeros(shape, np.bool_)
    for sample, run in enumerate(runs):
        for t, indices in enumerate(run.spikes):
            fired[sample, t, indices] = True
    return LayerTrace(
        u=np.array([run.u for run in runs], np.int32).reshape(shape),
        v=np.array([run.v for run in runs], np.int32).reshape(shape),
        spikes=fired,
        u_wraps=sum(run.u_wraps for run in runs),
        v_clips=sum(run.v_clips for run in runs),
    )


class OracleExecutor:
    """The scalar oracle as an executor (`snnc.executor.Executor`)."""

    name = "oracle"

    def unavailable_reason(self) -> str | None:
        """None: it needs nothing but Python and numpy."""
        return None

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs]; see `run_graph`."""
        return run_graph(artifact.graph, spikes)
