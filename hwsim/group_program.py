"""Populations that are computed together, step by step: of any model and parameters, with recurrence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.hwsim.bit_trains import SAMPLES
from snnc.hwsim.delivery import Delivery
from snnc.hwsim.group_kernel import NEW, NO_W, NUMBERS, OLD, advance
from snnc.hwsim.spikes import Counts, Spikes, States, Workspace
from snnc.stages import Population
from snnc.stages.population import ADLIF, ZERO
from snnc.stages.population import NEW as FROM_NEW

AT_ONCE = 1 << 17
"""Sums of what arrives that are made before the neurons read them, by events: so many stay in the cache."""


class GroupProgram:
    """The populations of a cycle, or one outside cycles; `populations` are in the contract order.

    `delivery` brings what arrives from `sources` outside, None if there are none; `inside` are the synapses
    within.
    """

    rows = 2
    """Steps of v and w that it needs, where nobody wants them all."""

    def __init__(
        self,
        populations: Sequence[Population],
        delivery: Delivery | None,
        sources: tuple[str, ...],
        inside: Delivery,
        steps: int,
    ) -> None:
        self.populations, self.delivery, self.sources = tuple(populations), delivery, sources
        self.neurons = sum(each.neurons for each in populations)
        self.adapts = any(each.model == ADLIF for each in populations)
        self._steps, self._inside = steps, inside
        self._numbers = np.concatenate([_numbers(each) for each in populations], axis=1)
        stops = accumulate(each.neurons for each in populations)
        self._table = np.array(
            [
                (stop - each.neurons, stop, each.end or steps, _adapts(each))
                for each, stop in zip(populations, stops, strict=True)
            ],
            np.int64,
        )

    def takes(self, kernel: str) -> bool:
        """Whether it can be run where `kernel` is asked for."""
        return self.delivery is None or self.delivery.takes(kernel)

    def run(self, spikes: Spikes, states: States, workspace: Workspace, kernel: str | None) -> Counts:
        """Run a block. `spikes` are those of all sources outside, side by side; inside they go by events."""
        samples = len(states.fired)
        counts = Counts.none(samples, len(self.populations))
        events = self.delivery is None or self.delivery.takes_events(spikes, kernel)
        if self.delivery is not None and not events:
            self.delivery.deliver(spikes, states.current, workspace, "bits")
        size = min(max(AT_ONCE // (self._steps * self.neurons), 1), SAMPLES)
        for first in range(0, samples, size):
            part = slice(first, min(first + size, samples))
            now = states.part(part, reuse=events)
            if events and self.delivery is not None:
                self.delivery.deliver(spikes, now.current, workspace, "events", part)
            elif events:
                now.current[:] = 0
            advance(
                now.current, self._numbers, self._table, *self._inside.events, now.v, now.w, now.fired,
                counts.fired[part], counts.saturations,
            )  # fmt: skip
        return counts


def _adapts(population: Population) -> int:
    if population.model != ADLIF:
        return NO_W
    return NEW if population.order == FROM_NEW else OLD


def _numbers(population: Population) -> npt.NDArray[np.int32]:
    """int32 [NUMBERS, neurons], the table of `advance`; 0 what the model lacks."""
    of, one = population, np.int32(formats.DECAY_ONE)
    # An `li` never spikes: v is clipped to V_LIMIT and so never exceeds it.
    threshold = formats.V_LIMIT if of.threshold is None else of.threshold << formats.STATE_FRACTION_BITS
    found: dict[str, npt.NDArray[np.int32] | np.int32 | int | None] = {
        "input_bias": of.input_bias,
        "bias": of.bias,
        "keep_u": None if of.decay_u is None else one - of.decay_u,
        "keep_v": None if of.decay_v is None else one - of.decay_v,
        "threshold": threshold,
        "kept_by_reset": 0 if of.reset == ZERO else -1,
        "reset_by": None if of.reset_by is None else of.reset_by << formats.STATE_FRACTION_BITS,
        "keep_w": None if of.decay_w is None else one - of.decay_w,
        "ka": of.ka,
        "kb": of.kb,
    }
    rows = (0 if found[name] is None else found[name] for name in NUMBERS)
    return np.stack([np.broadcast_to(np.asarray(row, np.int32), of.neurons) for row in rows])
