"""What an export measures before it quantises: the recordings, and the search for the fewest bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from snnc.batches import check_sample
from snnc.errors import MEASURE_ON, InputError
from snnc.exporter.calibration import RECORDINGS, Calibration, affordable, load_calibration, measured
from snnc.exporter.fewest_bits import fewest_bits
from snnc.exporter.graph_recordings import GraphRecordings, float_answers, with_answers
from snnc.exporter.no_bits import Freed
from snnc.exporter.options import ExportOptions, check_graph_options, check_options, needs_recordings
from snnc.exporter.passes import Place, before, run_passes
from snnc.exporter.passes.base import Plan
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.ranges.prove import graph_bounds, refuse_overflow
from snnc.formats import WEIGHT_BITS_DEFAULT
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph, TrainedGraph, TrainedModel
from snnc.stages.losses import BitsSearch
from snnc.target import Target
from snnc.text import shell
from snnc.trainer.data import EventDataset

Message = Callable[[str], None]
Bits = tuple[int, ...]
"""Of each layer or population."""


def plan_export(
    model: TrainedModel | DiscreteModel | FloatGraph,
    options: ExportOptions,
    target: Target | None = None,
    calibration: Calibration | None = None,
    progress: Message = lambda message: None,
) -> Plan:
    """The plan of an export with the bits that the options name.

    Of a graph that is no chain, `calibration` is of `GraphRecordings`; without labels, the plan has the
    answers in real numbers in their place.

    Raises
    ------
    InputError
        If an option is wrong, or needs recordings and there are none.
    """
    parts = _checked(model, options)
    if calibration is None and (needs := needs_recordings(options)):
        raise InputError(f"{needs} needs recordings of the validation split, and there are none")
    bits = options.weight_bits
    bits = (bits,) * parts if isinstance(bits, int) else bits
    if isinstance(model, FloatGraph):
        return _with_reference(Plan(model, options, bits, target, calibration, progress=progress))
    plan = Plan(model, options, bits, target, calibration, progress=progress)
    if options.max_drop is None or calibration is None:
        return plan
    from snnc.exporter.float_network import class_scores, whole_delays  # here: numba takes long to load

    layers = [whole_delays(layer) for layer in Discretise().run(model).layers]
    scores = class_scores(layers, calibration.spikes)
    return replace(plan, reference=measured(scores, calibration.labels).correct)


def check_possible(network: DiscreteModel | FloatGraph | TrainedModel, options: ExportOptions) -> None:
    """Raise `InputError` if an option is wrong for `network`, `LimitError` if a sample is too large."""
    _checked(network, options)
    check_sample(network)


def _checked(model: TrainedModel | DiscreteModel | FloatGraph, options: ExportOptions) -> int:
    """How many parts have bits of their own. Raises `InputError` if an option is wrong."""
    if isinstance(model, FloatGraph):
        check_graph_options(options, len(model.stateful))
        return len(model.stateful)
    check_options(options, len(model.layers))
    return len(model.layers)


def _with_reference(plan: Plan) -> Plan:
    """Of a graph that is no chain: what it answers in real numbers, if anything is measured against it."""
    recordings, network = plan.calibration, plan.model
    if recordings is None:
        return plan
    assert isinstance(recordings, GraphRecordings)
    assert isinstance(network, FloatGraph)
    if plan.options.max_drop is None:  # for the loss budget, which runs fewer
        recordings = recordings.pick(RECORDINGS if plan.options.budget else affordable(network))
    answers = float_answers(network, recordings, plan.progress)
    recordings = with_answers(recordings, answers)
    right = int(recordings.right(answers, slice(None)).sum())
    return replace(plan, calibration=recordings, reference=right)


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
    most = plan.bits[0]

    def build(asked: ExportOptions, bits: Bits) -> QuantizedGraph:
        whole = replace(asked, prune=asked.prune or 0.0)  # "auto" comes after the bits
        steps = run_passes(plan.model, replace(plan, options=whole, bits=bits), before(Place))
        graph: QuantizedGraph = steps[-1].after
        target.check(graph)
        if not options.allow_saturation:
            refuse_overflow(graph_bounds(graph))
        computed: QuantizedGraph = steps.computed
        return computed

    model = plan.model
    if isinstance(model, FloatGraph):
        into = {each.name: model.into(each.name) for each in model.stateful}
        sizes = {name: sum(each.synapses.count for each in found) for name, found in into.items()}
        training = ""
    else:
        assert not isinstance(model, QuantizedGraph)
        training = _training(model, most, options)
        sizes = {layer.name: int((layer.weight != 0).sum()) for layer in model.layers}
    training = training or f"fine-tune for {most} bits (in Python, snnc.finetune with weight_bits={most})"
    return fewest_bits(
        partial(build, options),
        sizes,
        most,
        options.max_drop,
        plan.reference,
        calibration,
        plan.progress,
        list(_freed(build, options, plan.bits)),
        training,
    )


def _freed(
    build: Callable[[ExportOptions, Bits], QuantizedGraph], options: ExportOptions, asked: Bits
) -> Iterator[Freed]:
    """Networks without each option that limits the bits, or that rounds otherwise or leaves synapses out."""
    most = asked[0]
    for bits in range(most + 1, WEIGHT_BITS_DEFAULT + 1):
        remedy = f"leave out --weight-bits {most}, or give {bits}, which loses no more than that"
        yield Freed(f"{bits} bits", remedy, partial(build, options, (bits,) * len(asked)))
    given = {
        "--prune": replace(options, prune=options.prune and 0.0),  # "auto" comes after the bits
        "--scale": replace(options, scale=None, percentile=None),
        "--power-of-two": replace(options, power_of_two=False),
        "--whole-bias": replace(options, whole_bias=False),
    }
    for option, other in given.items():
        if other != options:
            remedy = f"leave out {option}, without which {most} bits lose no more than that"
            yield Freed(f"{most} bits without {option}", remedy, partial(build, other, asked))


def _training(model: TrainedModel | DiscreteModel, bits: int, options: ExportOptions) -> str:
    """What of training makes integers of `bits` bits better: that it finishes these, or for longer.

    Empty of a model that training does not finish in integers.
    """
    if not isinstance(model, TrainedModel) or model.config.get("weights", "learned") != "learned":
        return ""
    from snnc.trainer.config import TrainConfig  # here: pydantic takes long to make it

    anew = {"--scale": options.scale is not None, "--power-of-two": options.power_of_two}
    given = " and ".join(name for name, is_given in anew.items() if is_given)
    then = f" and leave out {given} then, which rounds all anew" if given else ""
    epochs = int(model.config.get("quantise_epochs", 0))
    usual: int = TrainConfig.model_fields["quantise_epochs"].default
    finished = {*model.quantised, *(model.config.get("weight_bits", ()) if epochs else ())}
    if bits in finished:
        return f"train longer in these bits (--set quantise_epochs={2 * max(epochs, usual)}){then}"
    settings = shell("--set", f"weight_bits=[{bits}]", "--set", f"quantise_epochs={max(epochs, usual)}")
    return f"train for {bits} bits ({settings}){then}"


def recordings_for(
    model: TrainedModel | DiscreteModel | FloatGraph | TrainedGraph,
    options: ExportOptions,
    dataset: str | EventDataset | None,
    near: Path,
    notify: Message,
) -> Calibration | None:
    """Recordings for what the options measure, of the model's own data (found in `near` too) or `dataset`.

    None where nothing needs them, or where only the loss budget would, nobody asked for it, and the data are
    not at hand; `notify` gets a line that says so, or which of other data are taken, and whether these
    trained the network. An imported network has no data; for a graph that is no
    chain, `dataset` is a file (`load_recordings`), or recordings (`of_events`).

    Raises
    ------
    InputError
        If an option is wrong, or the data cannot be read.
    """
    _checked(model.graph if isinstance(model, TrainedGraph) else model, options)  # before data are read
    needs = needs_recordings(options)
    if not needs and options.budget is False:
        if dataset is not None:
            raise InputError("--dataset: has no effect with --no-budget; leave one of them out")
        return None
    if isinstance(model, FloatGraph):
        from snnc.exporter.graph_recordings import load_recordings, of_events

        if isinstance(dataset, EventDataset):
            return of_events(model, dataset)
        if dataset is not None:
            return load_recordings(model, Path(dataset), options.payload_max)
        if needs:
            raise InputError(f"{needs}: {MEASURE_ON}")
        return None
    if isinstance(model, DiscreteModel):
        if needs or dataset is not None:
            raise InputError(
                f"{needs or '--dataset'}: the file is of another framework and names no data; leave it out"
            )
        return None
    try:
        if isinstance(model, TrainedGraph):
            from snnc.exporter.graph_recordings import own_recordings

            found: Calibration = own_recordings(model, dataset, near)
        else:
            found = load_calibration(model, dataset, near)
    except InputError as error:
        reason = str(error).splitlines()[0]
        if needs or dataset is not None:
            raise InputError(f"{needs or 'the loss budget'} needs validation recordings: {reason}") from error
        notify(f"no loss budget, because the recordings cannot be read: {reason}")
        return None
    if found.other is not None:
        notify(f"measured on {found.other.text}")
    return found
