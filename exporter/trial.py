"""Whether an export is refused, and why: all of it that can refuse a network, and nothing that is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Place, Step, Steps, before, promised, run_passes
from snnc.exporter.passes.base import Plan
from snnc.exporter.plan import plan_export
from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.exporter.ranges.prove import graph_bounds
from snnc.exporter.rescale import prove
from snnc.stages import DiscreteModel, FloatGraph, TrainedModel
from snnc.target import Target


def try_export(
    model: TrainedModel | DiscreteModel | FloatGraph, target: Target, options: ExportOptions
) -> None:
    """Raise what `compile_model` raises for these without recordings.

    The network is not placed: cores that take it in neuron order are enough.
    """
    plan = plan_export(model, options, target)
    steps, _ = checked_integers(plan, target, promised)
    Place(target).check_room(steps[-1].after)


def checked_integers(
    plan: Plan, target: Target, seen: Callable[[Step[Any, Any]], None]
) -> tuple[Steps, tuple[PopulationRanges, ...]]:
    """The passes before placement, which `seen` gets, and what the last one's graph can reach.

    Raises
    ------
    LimitError
        If the network does not fit the contract's formats or the target; RangeProofError if overflow
        cannot be excluded and `allow_saturation` is not set.
    """
    steps = run_passes(plan.model, plan, before(Place), seen)
    graph = steps[-1].after
    target.check(graph)
    return steps, graph_bounds(graph) if plan.options.allow_saturation else prove(graph)
