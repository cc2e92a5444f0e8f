"""A population of version 1's neurons made ready for the simulator: the fast paths of a chain's layers."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.hwsim.bit_kernel import fire_bits
from snnc.hwsim.bit_trains import OCTETS, SAMPLES
from snnc.hwsim.bit_vectors import TILE
from snnc.hwsim.delivery import Delivery
from snnc.hwsim.kernels import update
from snnc.hwsim.spikes import Counts, Spikes, States, Workspace
from snnc.stages import Population
from snnc.stages.population import LI, LIF, ZERO


class LayerProgram:
    """A population whose neurons are those of version 1, as `fits` says, and what `sources` send to it."""

    adapts = False

    def __init__(
        self, population: Population, delivery: Delivery, sources: tuple[str, ...], steps: int
    ) -> None:
        self.populations, self.delivery, self.sources = (population,), delivery, sources
        self.neurons, self.rows = population.neurons, steps
        self._bias = population.bias
        self._keep_u, self._keep_v = (np.int32(formats.DECAY_ONE - decay) for decay in _decays(population))
        self._plain = _never_saturates(population, delivery.largest)
        # An `li` never spikes: v is clipped to V_LIMIT and so never exceeds it.
        vth = population.threshold
        self._threshold = np.int32(formats.V_LIMIT if vth is None else vth[0] << formats.STATE_FRACTION_BITS)

    @staticmethod
    def fits(population: Population) -> bool:
        """Whether it has no other parameters than a layer, each the same for all neurons but the bias."""
        same = population.decay_u, population.decay_v, population.threshold
        return (
            population.model in (LIF, LI)
            and population.reset in (ZERO, None)
            and population.end is None
            and not population.input_bias.any()
            and not any(each is not None and (each != each[0]).any() for each in same)
        )

    def takes(self, kernel: str) -> bool:
        """Whether it can be run where `kernel` is asked for."""
        return self.delivery.takes(kernel)

    def run(self, spikes: Spikes, states: States, workspace: Workspace, kernel: str | None) -> Counts:
        """Run a block."""
        events = self.delivery.takes_events(spikes, kernel)
        if not events:
            self.delivery.deliver(spikes, states.current, workspace, "bits")
        neuron = self._bias, self._keep_u, self._keep_v, self._threshold, self._plain
        samples, wraps, clips = len(states.fired), 0, 0
        for first in range(0, samples, SAMPLES):  # so few that they are still in the cache
            part = slice(first, first + SAMPLES)
            now = states.part(part, reuse=events)
            if events:
                self.delivery.deliver(spikes, now.current, workspace, "events", part)
            found = update(now.current, *neuron, now.v, now.fired, workspace.counts[part])
            wraps, clips = wraps + found[0], clips + found[1]
        return workspace.counted(samples, (wraps, clips))

    def fire(self, spikes: Spikes, workspace: Workspace, kernel: str | None) -> Spikes | None:
        """As `run`, where nobody wants the states; None if it must be run. `workspace.counts` are its spikes.

        It must where u or v may reach a limit, u is kept, or spikes are delivered by events.
        """
        if not self._plain or self.delivery.takes_events(spikes, kernel):
            return None
        counts = workspace.counts.reshape(OCTETS, SAMPLES)
        trains, lists, memory = self.delivery.as_bits(spikes, workspace)
        trains = fire_bits(trains, *lists, memory, *self._tiles, counts)
        return Spikes(
            trains=trains, samples=spikes.samples, count=int(workspace.counts[: spikes.samples].sum())
        )

    @cached_property
    def _tiles(self) -> tuple[npt.NDArray[np.int32] | np.int32, ...]:
        """Bias, decay and threshold as `fire_bits` reads them."""
        beyond = (0, -self.neurons % TILE)
        bias = np.pad(self._bias, beyond)
        threshold = np.pad(np.full(self.neurons, self._threshold), beyond, constant_values=formats.V_LIMIT)
        return bias, self._keep_v, threshold


def _decays(population: Population) -> tuple[int, int]:
    """`du` and `dv`, the same for all neurons."""
    assert population.decay_u is not None
    assert population.decay_v is not None
    return int(population.decay_u[0]), int(population.decay_v[0])


def _never_saturates(population: Population, largest: int) -> bool:
    """That u does not depend on the step before, and |u| and |v| stay below their limits on any input.

    `largest` is the most that arrives in a step. v is at most keep / 4096 of itself plus what comes in one
    step, so at most 4096 / dv of the latter.
    """
    decay_u, decay_v = _decays(population)
    u = largest << formats.STATE_FRACTION_BITS
    v = (u + int(np.abs(population.bias).max())) * formats.DECAY_ONE
    return decay_u == formats.DECAY_ONE and u < formats.U_MAX and v < formats.V_LIMIT * decay_v
