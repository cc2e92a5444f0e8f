"""The integer finish of training, for networks that snnc did not train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from snnc.api.checks import are_texts
from snnc.api.example import origin
from snnc.api.finetuned import Finetuned
from snnc.api.label_order import warn_of_order
from snnc.api.network import INTEGERS, Network
from snnc.api.no_better import no_weight, why_no_better
from snnc.api.numbers import real, whole, wholes
from snnc.api.parts import WITH_LABELS, parts
from snnc.api.training_lines import Lines
from snnc.api.tuning_samples import labelled, readouts_told, training, validating
from snnc.api.words import in_python, python_words
from snnc.errors import InputError
from snnc.exporter.finetune.finish import EpochReport, Finished, Measure, Settings, finish
from snnc.exporter.finetune.refused import REFUSED, why_refused
from snnc.exporter.finetune.rounding import starts_of
from snnc.exporter.graph_of_network import real_numbers
from snnc.exporter.options import ExportOptions, with_payloads
from snnc.exporter.passes.base import Plan
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.plan import plan_export
from snnc.formats import WEIGHT_BITS_DEFAULT
from snnc.keywords import checked_keywords
from snnc.percent import short_percent
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph, TrainedGraph, TrainedModel
from snnc.targets.registry import target_of
from snnc.text import quoted
from snnc.trainer.tuning import KEY, NO_BETTER, words
from snnc.trainer.tuning_calls import Use, plain_bits


@checked_keywords()
def finetune(
    net: Network,
    data: Any,
    labels: Any = None,
    *,
    target: str,
    weight_bits: int | Sequence[int] = WEIGHT_BITS_DEFAULT,
    epochs: int = 10,
    learning_rate: float = 5e-3,
    batch_size: int = 32,
    layout: str | None = None,
    readout: str | None = None,
    seed: int = 0,
    whole_bias: bool = False,
    allow_saturation: bool = False,
    verbose: bool = True,
) -> Network:
    """Train `net` as the integers that an export makes of it, and return the trained network.

    Forward is what the exported network computes, bit for bit; backward ignores the rounding. Weights, and
    biases where there are any, are trained; all else stays. A fifth of the samples chooses the epoch and
    does not train: of the start and all epochs, the one with most samples right is kept. `net` itself stays.
    The `agreement` that is printed is with the network that the call begins from, in real numbers and with
    whole delays; `snnc.api.finetuned.Finetuned` tells which that is of a trained model.

    Parameters
    ----------
    data : samples that may train, [N, T, lines], array or tensor; or recordings of `load_data` or
        `from_arrays`, a name or a path, of which the training and the validation part are used, never the
        test part.
    labels : the class of each sample, its number or name. All readouts are trained: that of the labels on
        them; others, and all without labels, on the classes of `net` in real numbers.
    target : that of the export: whether each neuron has a grid of its own, or each population.
    weight_bits, whole_bias, allow_saturation : those of the export.
    epochs, batch_size : passes through the samples, and samples a step.
    learning_rate : of Adam, at the start of a cosine schedule, as a share of the largest weight of a neuron.
    layout : the dimensions of `data`, a letter each, as in `from_torch`; by default as of `Exported.verify`.
    readout : the population of the readout that the labels are of, of a network that has several; by default
        the first. A line says which it is.
    seed : of the split and of the order of the samples; the same arguments give the same network.
    verbose : print a line for each epoch that is best so far, and the last, and show a bar in a notebook or
        a terminal.

    Raises
    ------
    InputError
        If an argument is wrong, or does not fit `net`, or `net` holds integers.
    LimitError
        If the network has no integers of these bits, or the recordings take too much memory.
    TrainingError
        If an epoch leaves the formats, or its gradients are not finite.

    Warns
    -----
    UnlikelyWarning
        If the samples of several classes are each taken for another one, so that the labels seem to number
        the classes in another order than `net`; or if `data` fit in two layouts, or in another one than the
        example, and none is said.

    Examples
    --------
    >>> finer = snnc.finetune(trained, recordings, target="c", weight_bits=4, epochs=1, verbose=False)
    """
    with python_words():
        rate = _rate(learning_rate)
        lines = _EpochLines(verbose)
        settings = Settings(
            _least(1, "epochs", epochs),
            _least(1, "batch_size", batch_size),
            rate,
            _least(0, "seed", seed),
            allow_saturation,
        )
        options = ExportOptions(
            weight_bits=wholes("weight_bits", weight_bits),
            payload_max=_real(net).payload_max,
            whole_bias=whole_bias,
            allow_saturation=allow_saturation,
        )
        network, plan = _planned(net, options, target)
        starts = starts_of(network, plan)
        integers = starts[0].integers(starts[0].graph)
        near = None if net.path is None else net.path.parent
        known = labels is not None or isinstance(data, WITH_LABELS)
        number = labelled(integers, readout, known)
        for told in readouts_told(integers, number, known):
            lines.say(told)
        of_labels = replace(integers, readouts=integers.readouts[number : number + 1])
        own = parts(data, labels, of_labels, layout, settings.seed, net.model, near, origin(net.example))
        train, validation = training(own.train, network, number), validating(own.validation, network, number)
        trained_on = net.model.dataset if isinstance(net.model, TrainedModel | TrainedGraph) else ""
        for told in own.lines(net.name, trained_on):
            lines.say(told)
        if known:
            warn_of_order(network, train, validation, number, labels is None or are_texts(labels))
        try:
            found = finish(starts, train, validation, settings, lines)
        finally:
            lines.end()
    earlier = () if net.finetuned is None else net.finetuned.uses
    use = own.use(settings.epochs)
    bits = options.weight_bits
    call = replace(use, target=target, weight_bits=bits, changed=found.changed, kept=found.epoch)
    uses = (*earlier, call)
    reached = _finetuned(found, target, options, plan, known, uses)
    how = "fine-tuned" if reached.changed else "fine-tuned, but"
    how = "clipped" if reached.changed and not reached.epoch else how
    worse = None
    if not reached.epoch:
        assert validation.answers is not None  # `validating` gives them
        real = int((validation.answers == validation.labels).all(axis=1).sum())
        before = any(each.changed and plain_bits(each.weight_bits) == plain_bits(bits) for each in earlier)
        worse = why_no_better(found.after, lines.epochs, real, rate, bits, before)
    if not found.weights:
        worse = no_weight(rate, bool(reached.epoch))
    first = f"{how} {words(reached.record())}"
    if worse:  # that says more
        first = first.replace(f": {NO_BETTER}", "", 1)
    model, refused = _model(net.model, found.network, reached), None
    if not found.sound and (why := why_refused(model, options, target_of(target))):
        refused = in_python(f"the integers {REFUSED.format(why)}")
    said = (first, *filter(None, [worse, refused]))
    former = () if net.finetuned is None else net.finetuned.notes  # of which the new record tells again
    tuned = replace(
        net,
        model=model,
        agreement=() if reached.changed else net.agreement,
        notes=(*(each for each in net.notes if each not in former), *said),
        content=None,
        path=None,
        held=None if reached.changed else net.held,
        finetuned=replace(reached, notes=said),
        before=_before(net) if reached.changed else net.before,
    )
    for told in (repr(tuned), *said[1:]):
        lines.say(told)
    return tuned


def _before(net: Network) -> FloatGraph | None:
    """What the first of all calls began from, which `verify` measures beside what it made."""
    return net.model if net.before is None and isinstance(net.model, FloatGraph) else net.before


def _real(net: Network) -> Network:
    """`net`, if it is a network in real numbers."""
    if isinstance(net.model, QuantizedGraph):
        raise InputError(f"net: {net.name} {INTEGERS}; give the network in real numbers")
    return net


def _least(least: int, name: str, value: int) -> int:
    found = whole(name, value)
    if found < least:
        raise InputError(f"{name}: is {found}; give {least} or more")
    return found


def _rate(value: float) -> float:
    found = real("learning_rate", value)
    if found is None or not 0 < found <= 1:
        raise InputError(f"learning_rate: is {value!r}; give more than 0 and at most 1")
    return found


def _planned(net: Network, options: ExportOptions, target: str) -> tuple[FloatGraph | DiscreteModel, Plan]:
    """The network with whole delays, and how an export rounds it."""
    model, aim = net.model, target_of(target)
    assert not isinstance(model, QuantizedGraph)
    if isinstance(model, TrainedModel | TrainedGraph) and not isinstance(options.weight_bits, int):
        raise InputError(
            f"weight_bits: is {quoted(options.weight_bits)}; give one number for a model of snnc.train"
        )
    if isinstance(model, TrainedGraph):
        model = real_numbers(model, options)
    if isinstance(model, FloatGraph):
        options = with_payloads(options, model)
    plan = plan_export(model, options, aim)
    if isinstance(model, FloatGraph):
        return model, plan
    return Discretise.planned(model, plan, _ignore).run(model), plan


def _model(
    model: TrainedModel | TrainedGraph | DiscreteModel | FloatGraph | QuantizedGraph,
    tuned: FloatGraph | DiscreteModel,
    reached: Finetuned,
) -> TrainedModel | TrainedGraph | DiscreteModel | FloatGraph:
    """A trained model has its integers beside what they were made of, and what was reached.

    `model` as it was, where these are the integers that an export makes of it.
    """
    if not isinstance(model, TrainedModel | TrainedGraph):
        assert not isinstance(model, QuantizedGraph)
        return tuned if reached.changed else model
    bits, metrics = reached.weight_bits, {**model.metrics, KEY: reached.record()}
    if not reached.changed:
        return replace(model, metrics=metrics)
    assert isinstance(bits, int)
    if isinstance(model, TrainedGraph):
        assert isinstance(tuned, FloatGraph)
        return replace(model, quantised={**model.quantised, bits: tuned}, metrics=metrics)
    assert isinstance(tuned, DiscreteModel)
    return replace(model, quantised={**model.quantised, bits: tuned.layers}, metrics=metrics)


def _finetuned(
    found: Finished,
    target: str,
    options: ExportOptions,
    plan: Plan,
    labelled: bool,
    uses: tuple[Use, ...],
) -> Finetuned:
    assert plan.target is not None  # `_planned` gives it
    before, after, clip = found.before, found.after, found.clipped
    clipped = None
    if clip is not None:
        clipped = (clip.agreeing / clip.total, clip.right / clip.total if labelled else None)
    return Finetuned(
        target,
        options.weight_bits,
        found.epoch,
        before.total,
        (before.agreeing / before.total, after.agreeing / after.total),
        (before.right / before.total, after.right / after.total) if labelled else None,
        whole_bias=options.whole_bias,
        chip=plan.target.chip,
        uses=uses,
        clipped=clipped,
        weights=found.weights,
    )


class _EpochLines(Lines):
    """Prints a line for each epoch that is best or may overflow, and the last. Each moves the bar."""

    def __init__(self, verbose: bool) -> None:
        super().__init__(verbose)
        self.epochs: list[Measure] = []

    def __call__(self, report: EpochReport) -> None:
        self.epochs.append(report.validation)
        right = short_percent(report.validation.right / report.validation.total)
        said = f"loss {report.loss:.3f}, {right} % of validation right"
        if self._bar is not None:
            self._bar.move(report.epoch, report.epochs, said)
        if report.best or report.overflows or report.epoch == report.epochs:
            kept = ", the best" if report.best else ", may overflow and is not kept" * report.overflows
            self.say(f"epoch {report.epoch} of {report.epochs}: {said}{kept}")


def _ignore(made: object) -> None:
    pass
