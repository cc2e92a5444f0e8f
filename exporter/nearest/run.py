"""The steps to the nearest network, in order, and what each makes of a network.

Of all networks at once, the nearest is not known: each step is the nearest to what the one before it made.
What a chip can do with more neurons comes first, so that the network before the last step, of delays, is what
relays would give exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from snnc.exporter.chip_check import Fit, check_fit
from snnc.exporter.nearest.fan_in import FanIn
from snnc.exporter.nearest.levels import Levels
from snnc.exporter.nearest.no_leak import NoLeak
from snnc.exporter.nearest.one_delay import OneDelay
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Step, WholeBias, promised
from snnc.exporter.passes.base import Pass, Plan
from snnc.formats import STATE_FRACTION_BITS
from snnc.stages import QuantizedGraph
from snnc.target import Limits, Target

NEAREST: tuple[type[Pass[Any, Any]], ...] = (FanIn, Levels, NoLeak, WholeBias, OneDelay)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The `steps` that changed something, in order, and how their result fits."""

    steps: tuple[Step[Any, Any], ...]
    fit: Fit

    @property
    def graph(self) -> QuantizedGraph:
        found: QuantizedGraph = self.steps[-1].after
        return found


def has_nearest(limits: Limits) -> bool:
    """Whether a step is for these `limits`: one delay a source, few weights a neuron, no multiplied state."""
    few = limits.weights_per_neuron is not None or limits.decay_bits == 0
    return few or limits.delays_per_source == 1


def nearest(
    graph: QuantizedGraph, target: Target, progress: Callable[[str], None] = lambda message: None
) -> Nearest | None:
    """The nearest network to `graph` within the limits of `target`; None where nothing needs to change.

    Raises
    ------
    LimitError
        If a step has no result.
    """
    parts = any((each.bias % (1 << STATE_FRACTION_BITS)).any() for each in graph.stateful)
    whole_bias = target.limits.decay_bits == 0 and parts  # states have no bits for parts of a weight then
    plan = Plan(graph, ExportOptions(whole_bias=whole_bias), (), target)
    steps, stage = list[Step[Any, Any]](), graph
    for kind in NEAREST:
        progress(f"nearest for {target.name}: {kind.name}")
        done = kind.planned(stage, plan, lambda made: made)
        step = Step(done, stage, done.run(stage))
        promised(step)
        if step.after != stage:
            steps.append(step)
        stage = step.after
    return Nearest(tuple(steps), check_fit(stage, target)) if steps else None
