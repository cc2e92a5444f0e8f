"""Input trains that drive a neuron of one layer as far as they can, and where u and v went, by the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.exporter.ranges.prove import graph_bounds
from snnc.hwsim.oracle import SpikeTrain, decay, network, run_sample
from snnc.stages import Population, Projection, QuantizedGraph, QuantizedLayer, Readout, SynapseMatrix

Train = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class States:
    """int64 [T, neurons]: a, u before the wrap, v before clip and reset; and the spikes."""

    a: npt.NDArray[np.int64]
    u: npt.NDArray[np.int64]
    v: npt.NDArray[np.int64]
    spikes: SpikeTrain


def states(layer: QuantizedLayer, train: SpikeTrain) -> States:
    """What the oracle does with `train`, with clauses 3 and 5 undone down to what wrap and clip saw."""
    return states_of(layer, [train])[0]


def states_of(layer: QuantizedLayer, trains: Sequence[SpikeTrain]) -> list[States]:
    """As `states`, for trains of equal length."""
    net, bias = network(alone(layer, len(trains[0]))), layer.bias.tolist()
    found = []
    for train in trains:
        run = run_sample(net, {"input": train})[layer.name]
        u, v = [], []
        before = [0] * layer.neurons, [0] * layer.neurons
        for t, now in enumerate(zip(run.u, run.v, strict=True)):
            u.append([decay(x, layer.decay_u) + (run.a[t][i] << 6) for i, x in enumerate(before[0])])
            v.append([decay(x, layer.decay_v) + now[0][i] + bias[i] for i, x in enumerate(before[1])])
            before = now
        found.append(States(np.array(run.a), np.array(u), np.array(v), run.spikes))
    return found


def alone(layer: QuantizedLayer, steps: int) -> QuantizedGraph:
    """`layer`, which may spike, as the only population with a state."""
    source = Population("input", "input", layer.inputs)
    population = Population(
        layer.name,
        "lif" if layer.spikes else "li",
        layer.neurons,
        decay_u=layer.decay_u,
        decay_v=layer.decay_v,
        bias_mant=layer.bias_mant,
        bias_exp=layer.bias_exp,
        threshold=layer.threshold,
        reset="zero" if layer.spikes else None,
    )
    names = tuple(map(str, range(layer.neurons)))
    readout = Readout(layer.name, *(("count", None) if layer.spikes else ("sum", 1.0)), names)
    projection = Projection("input", layer.name, SynapseMatrix(layer.weight, layer.delay))
    return QuantizedGraph((source, population), (projection,), (readout,), steps, 0.001)


def bounds_alone(layer: QuantizedLayer, steps: int) -> PopulationRanges:
    """What the prover says of `layer` if its sources are free."""
    return graph_bounds(alone(layer, steps))[0]


def spike_train(train: Train) -> SpikeTrain:
    return [np.repeat(np.arange(len(row)), row).tolist() for row in train]


def constant_trains(layer: QuantizedLayer, neuron: int, steps: int) -> list[Train]:
    """Sources that excite the neuron on in all steps and the others off, and the other way round."""
    weight = layer.weight[neuron]
    return [np.tile(on, (steps, 1)).astype(np.uint8) for on in (weight > 0, weight < 0)]


def high_trains(layer: QuantizedLayer, neuron: int, steps: int) -> list[Train]:
    """Trains for a large v of a neuron.

    From some step on it is kept just below its threshold, until all excitation arrives at once in the last
    steps; before, nothing or inhibition arrives. Sources spike as many steps earlier as their delay is long.
    """
    starts = {(0, False)} | {
        (max(0, steps - m), inhibit) for m in (2, 3, 5, 8, 12, 18) for inhibit in (False, True)
    }
    return [
        _train(layer, neuron, steps, start, steps - last, inhibit)
        for start, inhibit in sorted(starts)
        for last in (1, 2)
    ]


def _train(layer: QuantizedLayer, neuron: int, steps: int, start: int, all_from: int, inhibit: bool) -> Train:
    weight, delay = layer.weight[neuron].tolist(), layer.delay[neuron].tolist()
    by_size = sorted(range(layer.inputs), key=lambda j: -weight[j])
    top = float("inf") if layer.threshold is None else layer.threshold << 6
    bias = int(layer.bias[neuron])
    train = np.zeros((steps, layer.inputs), np.uint8)
    u = v = 0
    for t in range(steps):
        u, v = decay(u, layer.decay_u), decay(v, layer.decay_v) + bias
        for j in by_size:
            if t < start:
                wanted = inhibit and weight[j] < 0
            else:
                wanted = weight[j] > 0 and (t >= all_from or v + u + (weight[j] << 6) <= top)
            if wanted and t >= delay[j]:
                u += weight[j] << 6
                train[t - delay[j], j] = 1
        v += u
        v = 0 if v > top else v
    return train
