"""What each step of an export lost, measured on recordings."""

from __future__ import annotations

from snnc.exporter.calibration import RECORDINGS, affordable
from snnc.exporter.graph_recordings import GraphRecordings
from snnc.exporter.passes import Discretise, Quantise, QuantiseGraph, Steps
from snnc.exporter.passes.base import Plan
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph
from snnc.stages.losses import LossBudget


def budget_of(plan: Plan, steps: Steps) -> LossBudget | None:
    """What each step lost, if it is to be measured."""
    calibration, model, options = plan.calibration, plan.model, plan.options
    if calibration is None or options.budget is False or isinstance(model, QuantizedGraph | DiscreteModel):
        return None
    # here: numba takes long to load
    from snnc.exporter.graph_losses import graph_loss_budget
    from snnc.exporter.losses import loss_budget

    some = calibration.pick(RECORDINGS if options.budget else affordable(model))
    made = {
        step.done.result: step.after for step in steps if step.done.result and step.after is not step.before
    }
    if isinstance(model, FloatGraph):
        assert isinstance(some, GraphRecordings)
        grids = steps.of(QuantiseGraph).grids(model)
        return graph_loss_budget(model, grids, made, some, plan.progress)
    grids_of_layers = steps.of(Quantise).scales.grids
    return loss_budget(model, steps.after(Discretise), grids_of_layers, made, some, plan.progress)
