"""What a comparison asks of its inputs: what they reached, which to add, and what is known of all inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from snnc.exporter.ranges.prove import earliest_spikes, graph_bounds, overflow_excluded
from snnc.stages import Coverage, QuantizedGraph, Trace

if TYPE_CHECKING:
    from snnc.verification.inputs.coverage import Reached
    from snnc.verification.inputs.extremes import Heights, Inputs
    from snnc.verification.inputs.reachable import Reachable

Spikes = npt.NDArray[np.uint8]


class Watch(Protocol):
    """Watches the inputs of a comparison, batch by batch.

    `finish` comes after the inputs that were given, and before coverage and inputs that are made.
    """

    def see(self, spikes: Spikes, trace: Trace) -> None:
        """Count what a batch uint8 [samples, T, inputs] reached, by the trace of the reference."""

    def farthest(self, wholes: Sequence[Inputs], known: Sequence[Inputs]) -> list[tuple[int, int]]:
        """Recordings that drive the network farther than `known` ones: which of `wholes`, and its number."""

    def finish(self) -> bool:
        """Whether the range proof, which is repeated here, excludes overflow."""

    def coverage(self, inputs: str) -> Coverage:
        """What was reached so far, by the inputs named."""

    def made(self, samples: int, seed: int) -> Spikes:
        """Inputs for what was not reached, uint8 [at most `samples`, T, inputs]."""


def watch(graph: QuantizedGraph) -> Watch:
    """One for `graph`."""
    from snnc.verification.inputs.graphs.watch import GraphWatch

    return ChainWatch(graph) if graph.is_chain else GraphWatch(graph)


@dataclass(slots=True)
class ChainWatch:
    """Of a chain of layers."""

    graph: QuantizedGraph
    reached: Reached = field(init=False)
    heights: Heights = field(init=False)
    _reachable: Reachable | None = None

    def __post_init__(self) -> None:
        from snnc.verification.inputs.coverage import nothing
        from snnc.verification.inputs.extremes import rest

        self.reached = nothing(self.graph)
        self.heights = rest(self.graph)

    def see(self, spikes: Spikes, trace: Trace) -> None:
        from snnc.verification.inputs.coverage import reached
        from snnc.verification.inputs.extremes import heights

        self.reached += reached(self.graph, spikes, trace, self.reached)
        each = heights(self.graph, spikes, trace)
        self.heights = np.maximum(self.heights, each.max(axis=0))

    def farthest(self, wholes: Sequence[Inputs], known: Sequence[Inputs]) -> list[tuple[int, int]]:
        from snnc.verification.inputs.extremes import choose

        return choose(self.graph, wholes, known)

    def finish(self) -> bool:
        from snnc.verification.inputs.reachable import Reachable

        bounds = graph_bounds(self.graph)  # computed again: the manifest is not trusted
        self._reachable = Reachable.within(self.graph, bounds, earliest_spikes(self.graph, bounds))
        return overflow_excluded(bounds)

    def coverage(self, inputs: str) -> Coverage:
        from snnc.verification.inputs.unreached import coverage

        return coverage(self.graph, self.reached, inputs, self._reachable)

    def made(self, samples: int, seed: int) -> Spikes:
        from snnc.verification.inputs.stimuli import generate

        return generate(
            self.graph,
            self.reached,
            seed=seed,
            samples=samples,
            reachable=self._reachable,
            driven_to=self.heights,
        )
