"""Whether an export is refused, and why: all of it that can refuse a network, and nothing that is written."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np

from snnc.errors import LimitError, StageError
from snnc.exporter.options import ExportOptions, largest_event
from snnc.exporter.passes import Place, Step, Steps, before, promised, run_passes
from snnc.exporter.passes.base import Plan
from snnc.exporter.plan import plan_export
from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.exporter.ranges.prove import graph_bounds, overflow_excluded
from snnc.exporter.rescale import COST_OF_BITS, Fitting, Payloads, by_option, prove, told_bits
from snnc.formats import WEIGHT_BITS_MIN
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
        If the network does not fit the contract's formats, the target or its board, with fewer weight bits
        that fit the board, if any do; RangeProofError if overflow cannot be excluded and `allow_saturation`
        is not set.
    """
    steps = run_passes(plan.model, plan, before(Place), seen)
    graph, fitting, payloads = steps[-1].after, _fitting(plan, target), _payloads(plan, target)
    target.check(graph)
    try:
        if target.use:
            target.use(graph, target.settings)
    except LimitError as error:
        if fitting is None or (bits := fitting(())) is None:
            raise
        fewer = f"--weight-bits {told_bits(bits)}, with which it fits ({COST_OF_BITS})"
        raise LimitError(f"{error}, or {fewer}") from None
    return steps, graph_bounds(graph) if plan.options.allow_saturation else prove(graph, fitting, payloads)


def _fitting(plan: Plan, target: Target) -> Fitting | None:
    """The most weight bits that pass, fewer than now: of some layers, or the same of all. Each is exported.

    None where a search on recordings would have to be made for each.
    """
    if not _is_quick(plan.options):
        return None

    def passes(bits: tuple[int, ...]) -> bool:
        return _passes(replace(plan, options=replace(plan.options, weight_bits=bits), bits=bits), target)

    def fitting(names: Collection[str]) -> tuple[int, ...] | None:
        parts = plan.model.stateful if isinstance(plan.model, FloatGraph) else plan.model.layers
        fails = [each.name in names for each in parts]
        down = range(max(plan.bits) - 1, WEIGHT_BITS_MIN - 1, -1)
        of_some = (tuple(np.where(fails, np.minimum(plan.bits, fewer), plan.bits).tolist()) for fewer in down)
        of_all = ((fewer,) * len(plan.bits) for fewer in down)
        return next(filter(passes, dict.fromkeys([*of_some, *of_all])), None)

    return fitting


def _payloads(plan: Plan, target: Target) -> Payloads:
    """Smaller events of the inputs, as an export of this network takes them; of none that was not tried."""

    def payloads(most: int) -> str:
        if not _is_quick(plan.options):
            return ""
        told = by_option(most)
        if isinstance(plan.model, FloatGraph) and largest_event(plan.model) > 1:  # which no option changes
            told = (
                f"events of at most {most} pass, too (from_torch takes the largest of its example, "
                "from_checkpoint payload_max)"
            )
        smaller = replace(plan, options=replace(plan.options, payload_max=most))
        return told if _passes(smaller, target) else ""

    return payloads


def _is_quick(options: ExportOptions) -> bool:
    """Whether no search on recordings would have to be made again."""
    return options.max_drop is None and options.scale != "task"


def _passes(plan: Plan, target: Target) -> bool:
    """Whether an export by `plan` is not refused before placement."""
    try:
        graph = run_passes(plan.model, replace(plan, progress=lambda message: None), before(Place))[-1].after
        target.check(graph)
        if target.use:
            target.use(graph, target.settings)
    except (LimitError, StageError):
        return False
    return plan.options.allow_saturation or overflow_excluded(graph_bounds(graph))
