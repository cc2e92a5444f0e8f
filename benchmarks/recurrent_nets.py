"""Nets with recurrence that the simulator's benchmarks run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from benchmarks.nets import LONGEST, STEPS, spike_trains
from snnc import formats
from snnc.hwsim.event_driven import summarise
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseList, SynapseMatrix
from snnc.stages.population import INPUT, LI, LIF, ZERO

DECAY_U, DECAY_V = 4096, 2048


@dataclass(frozen=True)
class Recurrent:
    """A layer: synapses from the one before, its own (None: no recurrence), `vth` (None: it is an `li`)."""

    before: SynapseMatrix
    own: SynapseMatrix | None
    threshold: int | None

    @property
    def least_silent(self) -> int:
        """What v must exceed for a spike."""
        vth = self.threshold
        return formats.V_LIMIT if vth is None else vth << formats.STATE_FRACTION_BITS


def recurrent_layers(widths: tuple[int, ...], rate: float) -> list[Recurrent]:
    """Dense, random 8-bit weights around 0, all hidden layers recurrent, each with the lowest threshold at
    which it fires at most at `rate`, as its input."""
    rng = np.random.default_rng(0)
    trial = spike_trains(4, rate, widths[0], seed=2)

    def synapses(pre: int, post: int, least: int) -> SynapseMatrix:
        shape = post, pre
        return SynapseMatrix(rng.integers(-127, 128, shape), rng.integers(least, LONGEST + 1, shape))

    layers: list[Recurrent] = []
    for inputs, neurons in pairwise(widths[:-1]):
        pair = synapses(inputs, neurons, 0), synapses(neurons, neurons, 1)
        low, high = 0, 1 << 14
        while low < high:
            middle = (low + high) // 2
            sink = Recurrent(
                SynapseMatrix(np.ones((1, neurons), np.int32), np.zeros((1, neurons), np.int32)), None, None
            )
            graph = recurrent_graph([*layers, Recurrent(*pair, middle), sink])
            if summarise(graph, trial).spike_counts[:, -2].mean() > rate * STEPS * neurons:
                low = middle + 1
            else:
                high = middle
        layers.append(Recurrent(*pair, low))
    return [*layers, Recurrent(synapses(widths[-2], widths[-1], 0), None, None)]


def recurrent_graph(layers: Sequence[Recurrent], steps: int = STEPS) -> QuantizedGraph:
    """The layers as a graph; the last is the readout."""
    populations = [Population("input", INPUT, layers[0].before.pre_neurons)]
    projections = []
    for number, layer in enumerate(layers):
        decays = {"decay_u": DECAY_U, "decay_v": DECAY_V}
        name, model = f"layer{number}", LI if layer.threshold is None else LIF
        spiking = {} if model == LI else {"threshold": layer.threshold, "reset": ZERO}
        projections.append(Projection(populations[-1].name, name, layer.before))
        populations.append(Population(name, model, layer.before.post_neurons, **decays, **spiking))  # type: ignore[arg-type]
        if layer.own is not None:
            projections.append(Projection(name, name, layer.own))
    return _graph(populations, projections, steps)


def random_net(neurons: int, fan_out: int, threshold: int, recurrent: bool) -> QuantizedGraph:
    """As many inputs as neurons, each of which gives one neuron a push above the threshold, and random
    synapses, 8-bit, of delays 1 .. `LONGEST`, from the neurons to themselves; or the same synapses from the
    inputs to an `li`, which is a chain."""
    rng = np.random.default_rng(3)
    pre = np.repeat(np.arange(neurons), fan_out)
    post = np.concatenate([rng.choice(neurons, fan_out, replace=False) for _ in range(neurons)])
    weight, delay = rng.integers(1, 128, len(pre)), rng.integers(1, LONGEST + 1, len(pre))
    weight *= rng.choice([-1, 1], len(pre))
    synapses = SynapseList(pre, post, weight, delay, neurons, neurons)
    source = Population("input", INPUT, neurons)
    if not recurrent:
        li = Population("layer0", LI, neurons, decay_u=DECAY_U, decay_v=DECAY_V)
        return _graph([source, li], [Projection("input", "layer0", synapses)], STEPS)
    each = np.arange(neurons)
    push = SynapseList(each, each, np.full(neurons, 127), np.zeros(neurons), neurons, neurons)
    hidden = Population(
        "layer0", LIF, neurons, decay_u=DECAY_U, decay_v=DECAY_V, threshold=threshold, reset=ZERO
    )
    last = Population("layer1", LI, 1, decay_u=DECAY_U, decay_v=DECAY_V)
    none: npt.NDArray[np.int32] = np.zeros(0, np.int32)
    return _graph(
        [source, hidden, last],
        [
            Projection("input", "layer0", push, 5),
            Projection("layer0", "layer0", synapses),
            Projection("layer0", "layer1", SynapseList(none, none, none, none, neurons, 1)),
        ],
        STEPS,
    )


def _graph(
    populations: Sequence[Population], projections: Sequence[Projection], steps: int
) -> QuantizedGraph:
    last = populations[-1]
    readout = Readout(last.name, "softmax", 0.001, tuple(map(str, range(last.neurons))))
    return QuantizedGraph(tuple(populations), tuple(projections), (readout,), steps, 0.01)
