"""Counts of all samples and populations, gathered from blocks, and the trace that they are a part of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snnc.hwsim.schedule import Schedule
from snnc.hwsim.spikes import Counts, States
from snnc.stages import LayerTrace
from snnc.stages.population import ADLIF


class Totals:
    """`fired`: int64 [samples, populations]; `saturations`: int64 [samples, populations, 3], whose sum over
    samples counts, since a block adds to its first sample.

    Threads add to them at once, each to its own samples.
    """

    def __init__(self, samples: int, populations: int) -> None:
        self.fired = np.zeros((samples, populations), np.int64)
        self.saturations = np.zeros((samples, populations, 3), np.int64)

    def add(self, block: slice, columns: Sequence[int], counts: Counts) -> None:
        """Those of a block of samples and of the populations numbered `columns`."""
        self.fired[block, columns] = counts.fired
        self.saturations[block.start, columns] = counts.saturations

    def traces(self, schedule: Schedule, kept: Sequence[States]) -> tuple[LayerTrace, ...]:
        """Of all populations that are no inputs, in the order of the list; `kept` of each program."""
        found: dict[int, LayerTrace] = {}
        for program, columns, states in zip(schedule.programs, schedule.columns, kept, strict=True):
            start = 0
            for population, column in zip(program.populations, columns, strict=True):
                part = np.s_[:, :, start : start + population.neurons]
                start += population.neurons
                u_wraps, v_clips, w_clips = self.saturations[:, column].sum(axis=0).tolist()
                adapts = population.model == ADLIF
                found[column] = LayerTrace(
                    states.current[part],
                    states.v[part],
                    states.fired[part].view(np.bool_),
                    u_wraps,
                    v_clips,
                    states.w[part] if adapts else None,
                    w_clips if adapts else None,
                )
        return tuple(found[column] for column in range(len(found)))
