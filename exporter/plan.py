"""What an export measures before it quantises: the recordings, and the search for the fewest bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from snnc.errors import InputError
from snnc.exporter.calibration import Calibration, load_calibration, measured
from snnc.exporter.fewest_bits import fewest_bits
from snnc.exporter.options import ExportOptions, check_options, needs_recordings
from snnc.exporter.passes import Place, before, run_passes
from snnc.exporter.passes.base import Plan
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.ranges.prove import graph_bounds, refuse_overflow
from snnc.stages import DiscreteModel, QuantizedGraph, TrainedModel
from snnc.stages.losses import BitsSearch
from snnc.target import Target

Message = Callable[[str], None]


def plan_export(
    model: TrainedModel | DiscreteModel,
    options: ExportOptions,
    target: Target | None = None,
    calibration: Calibration | None = None,
    progress: Message = lambda message: None,
) -> Plan:
    """The plan of an export with the bits that the options name.

    Raises
    ------
    InputError
        If an option is wrong, or needs recordings and there are none.
    """
    check_options(options, len(model.layers))
    if calibration is None and (needs := needs_recordings(options)):
        raise InputError(f"{needs} needs recordings of the validation split, and there are none")
    bits = options.weight_bits
    bits = (bits,) * len(model.layers) if isinstance(bits, int) else bits
    plan = Plan(model, options, bits, target, calibration, progress=progress)
    if options.max_drop is None or calibration is None:
        return plan
    from snnc.exporter.float_network import class_scores, whole_delays  # here: numba takes long to load

    layers = [whole_delays(layer) for layer in Discretise().run(model).layers]
    scores = class_scores(layers, calibration.spikes)
    return replace(plan, reference=measured(scores, calibration.labels).correct)


def search_bits(plan: Plan) -> BitsSearch:
    """The search of `max_drop`, over networks that the target takes; each is made as the plan says.

    Raises
    ------
    LimitError
        If none keeps to the budget.
    """
    options, target, calibration = plan.options, plan.target, plan.calibration
    assert calibration is not None  # `plan_export` sees to it
    assert target is not None
    assert options.max_drop is not None
    asked = replace(options, prune=options.prune or 0.0)  # "auto" comes after the bits

    def build(bits: tuple[int, ...]) -> QuantizedGraph:
        steps = run_passes(plan.model, replace(plan, options=asked, bits=bits), before(Place))
        graph: QuantizedGraph = steps[-1].after
        target.check(graph)
        if not options.allow_saturation:
            refuse_overflow(graph_bounds(graph))
        computed: QuantizedGraph = steps.computed
        return computed

    sizes = {layer.name: int((layer.weight != 0).sum()) for layer in plan.model.layers}
    return fewest_bits(
        build, sizes, plan.bits[0], options.max_drop, plan.reference, calibration, plan.progress
    )


def recordings_for(
    model: TrainedModel | DiscreteModel,
    options: ExportOptions,
    dataset: str | None,
    near: Path,
    notify: Message,
) -> Calibration | None:
    """Recordings for what the options measure, of the model's own data (found in `near` too) or `dataset`.

    None where nothing needs them, or where only the loss budget would, nobody asked for it, and the data are
    not at hand; `notify` gets a line that says so. An imported network has no data.

    Raises
    ------
    InputError
        If an option is wrong, or the data cannot be read.
    """
    check_options(options, len(model.layers))  # before data are read for nothing
    needs = needs_recordings(options)
    if not needs and options.budget is False:
        if dataset is not None:
            raise InputError("--dataset: has no effect with --no-budget; leave one of them out")
        return None
    if isinstance(model, DiscreteModel):
        if needs or dataset is not None:
            raise InputError(
                f"{needs or '--dataset'}: the file comes from another framework and names no data; leave the "
                "option out"
            )
        return None
    try:
        return load_calibration(model, dataset, near)
    except InputError as error:
        reason = str(error).splitlines()[0]
        if needs or dataset is not None:
            raise InputError(f"{needs or 'the loss budget'} needs validation recordings: {reason}") from error
        notify(f"no loss budget, because the recordings cannot be read: {reason}")
        return None
