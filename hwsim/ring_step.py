"""All populations one time step at a time, with spikes under way in rings of delays: as hardware steps.

Written from `docs/semantics.md` alone. The other executors run a population over the whole sample before the
next where they can; here every population is at the same step, so that one can stop and look.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import Population, Projection, QuantizedGraph
from snnc.stages.population import ADLIF, INPUT, NEW, NONE, SUBTRACT, ZERO

State = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LayerStep:
    """One population after one step: `u`, `v`, `w` int64 and `spikes` bool, [neurons]; v after the reset.

    `w` is None where the model has none.
    """

    u: State
    v: State
    spikes: npt.NDArray[np.bool_]
    w: State | None = None


class _Synapses:
    """Synapses of one projection by source; those that deliver at T or later, which is nowhere, left out."""

    def __init__(self, projection: Projection, steps: int) -> None:
        self.destination = projection.destination
        of = projection.synapses.as_list()
        kept = of.delay < steps
        self.post, self.delay = of.post[kept], of.delay[kept].astype(np.int64)
        self.weight = of.weight[kept].astype(np.int64) << projection.weight_exp
        self.first = np.searchsorted(of.pre[kept], np.arange(of.pre_neurons + 1))  # sorted by source


class _Ring:
    """One population: its state, and what is under way to it.

    `arriving[t % length, i]` is the sum of weights that reaches neuron i at step t, of spikes sent so far.
    The ring is one step longer than the longest delay, so no spike meets a slot that is still to be read.
    """

    def __init__(self, population: Population, longest: int, steps: int) -> None:
        self.of = population
        self.end = population.end or steps
        self.length = longest + 1
        self.arriving = np.zeros((self.length, population.neurons), np.int64)
        self.u, self.v, self.w = np.zeros((3, population.neurons), np.int64)
        self.spikes = np.zeros(population.neurons, np.bool_)
        self.bias, self.input_bias = population.bias.astype(np.int64), population.input_bias.astype(np.int64)

    def take(self, step: int, spike: int, synapses: _Synapses, source: int) -> None:
        """Send a spike, or a payload, of `step` on its way (clause 2); delay 0 arrives in `step` itself."""
        row = slice(synapses.first[source], synapses.first[source + 1])
        # Synapses of one source to one neuron have different delays, so no place occurs twice.
        place = (step + synapses.delay[row]) % self.length, synapses.post[row]
        self.arriving[place] += synapses.weight[row] * spike

    def advance(self, step: int) -> LayerStep:
        """Clauses 3 to 6 for one step."""
        of, slot = self.of, step % self.length
        assert of.decay_u is not None
        assert of.decay_v is not None
        arrived = self.arriving[slot] + self.input_bias
        self.arriving[slot] = 0
        u = _decay(self.u, of.decay_u) + (arrived << formats.STATE_FRACTION_BITS)
        u = np.where(u > formats.U_MAX, u - formats.U_WRAP, u)
        u = np.where(u < formats.U_MIN, u + formats.U_WRAP, u)
        v = _decay(self.v, of.decay_v) + u + self.bias
        if of.model == ADLIF:
            w = self._adaptation()
            v -= w if of.order == NEW else self.w
            self.w = w
        v = np.clip(v, -formats.V_LIMIT, formats.V_LIMIT)
        spikes = np.zeros(of.neurons, np.bool_)
        if of.threshold is not None and step < self.end:
            spikes = v > of.threshold.astype(np.int64) << formats.STATE_FRACTION_BITS
        self.u, self.v, self.spikes = u, np.where(spikes, self._reset(v), v), spikes
        return LayerStep(self.u, self.v, spikes, self.w if of.model == ADLIF else None)

    def _adaptation(self) -> State:
        """The first line of clause 5a."""
        of = self.of
        assert of.decay_w is not None
        assert of.ka is not None
        assert of.kb is not None
        scaled = np.sign(self.v) * np.sign(of.ka) * ((np.abs(self.v) * np.abs(of.ka)) >> formats.DECAY_BITS)
        w = _decay(self.w, of.decay_w) + scaled + np.where(self.spikes, of.kb, 0)
        return np.clip(w, -formats.V_LIMIT, formats.V_LIMIT)

    def _reset(self, v: State) -> State:
        """Clause 6: v of neurons that spike."""
        by: State = np.zeros_like(v)
        if self.of.reset == SUBTRACT and self.of.reset_by is not None:
            by = self.of.reset_by.astype(np.int64) << formats.STATE_FRACTION_BITS
        return {ZERO: np.zeros_like(v), SUBTRACT: v - by, NONE: v}[self.of.reset or ZERO]


class RingStepper:
    """A network that is stepped from outside; all state is 0 before the first step (clause 8)."""

    def __init__(self, graph: QuantizedGraph) -> None:
        self.graph = graph
        self.step = 0
        last = graph.time_steps - 1
        self._synapses = {
            each.name: [_Synapses(out, graph.time_steps) for out in graph.out_of(each.name)]
            for each in graph.populations
        }
        self._rings = {
            each.name: _Ring(
                each,
                min(max((p.synapses.max_delay for p in graph.into(each.name)), default=0), last),
                graph.time_steps,
            )
            for each in graph.populations
            if each.model != INPUT
        }

    def advance(self, inputs: npt.NDArray[np.uint8]) -> tuple[LayerStep, ...]:
        """Run the next step on `inputs` [lines] of payloads.

        Return the populations after it that are no inputs, in the order of the list.
        """
        after: dict[str, LayerStep] = {}
        for name in self.graph.order:
            spikes: npt.NDArray[np.uint8] | npt.NDArray[np.bool_]
            if name in self._rings:
                after[name] = self._rings[name].advance(self.step)
                spikes = after[name].spikes
            else:
                sends = self.step < self.graph.end(name)
                spikes = inputs[self.graph.lines(name)] * np.uint8(sends)
            for synapses in self._synapses[name]:
                for source in np.flatnonzero(spikes).tolist():
                    ring = self._rings[synapses.destination]
                    ring.take(self.step, int(spikes[source]), synapses, source)
        self.step += 1
        return tuple(after[name] for name in self._rings)

    def under_way(self, layer: int) -> State:
        """Sums of weights, int64 [neurons], that spikes sent so far bring to a population in the next step.

        `layer` is its number among those that are no inputs.
        """
        ring = list(self._rings.values())[layer]
        return ring.arriving[self.step % ring.length].copy()


def _decay(x: State, k: npt.NDArray[np.int32]) -> State:
    """Clause 4: toward zero, for either sign."""
    magnitude = (np.abs(x) * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS
    return np.sign(x) * magnitude
