"""The integer finish of training, for networks that snnc did not train."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from snnc.api.events import LAYOUT
from snnc.api.finetuned import Finetuned
from snnc.api.network import INTEGERS, Network
from snnc.api.parts import Part, parts
from snnc.api.words import python_words
from snnc.errors import InputError
from snnc.exporter.finetune.finish import EpochReport, Finished, Samples, Settings, answers, finish
from snnc.exporter.finetune.rounding import starts_of
from snnc.exporter.graph_recordings import UNKNOWN
from snnc.exporter.options import ExportOptions, with_payloads
from snnc.exporter.passes.base import Plan
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.plan import plan_export
from snnc.formats import WEIGHT_BITS_DEFAULT
from snnc.percent import short_percent
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph, TrainedModel
from snnc.targets.registry import load_target


def finetune(
    net: Network,
    data: Any,
    *,
    target: str,
    labels: Any = None,
    weight_bits: int | Sequence[int] = WEIGHT_BITS_DEFAULT,
    epochs: int = 10,
    learning_rate: float = 5e-3,
    batch_size: int = 32,
    layout: str = LAYOUT,
    seed: int = 0,
    whole_bias: bool = False,
    allow_saturation: bool = False,
    verbose: bool = True,
) -> Network:
    """Train `net` as the integers that an export makes of it, and return the trained network.

    Forward is what the exported network computes, bit for bit; backward ignores the rounding. Weights, and
    biases where there are any, are trained; all else stays. A fifth of the samples chooses the epoch and
    does not train: of the start and all epochs, the one with most samples right is kept. `net` itself stays.

    Parameters
    ----------
    data : samples that may train, [N, T, lines], array or tensor; or what `load_data` gives or takes, of
        which the training and the validation part are used, never the test part.
    target : that of the export: whether each neuron has a grid of its own, or each population.
    labels : the class of each sample by the first readout. Without them, and of other readouts, the classes
        of `net` in real numbers.
    weight_bits, whole_bias, allow_saturation : those of the export.
    epochs, batch_size : passes through the samples, and samples a step.
    learning_rate : of Adam, at the start of a cosine schedule, as a share of the largest weight of a neuron.
    layout : the dimensions of `data`, a letter each, as in `from_torch`.
    seed : of the split and of the order of the samples; the same arguments give the same network.
    verbose : whether to print.

    Raises
    ------
    InputError
        If an argument is wrong, or does not fit `net`, or `net` holds integers.
    LimitError
        If the network has no integers of these bits.
    TrainingError
        If an epoch leaves the formats, or its gradients are not finite.

    Examples
    --------
    >>> finer = snnc.finetune(trained, recordings, target="c", weight_bits=4, epochs=1, verbose=False)
    """
    with python_words():
        _check(net, epochs, learning_rate, batch_size)
        options = ExportOptions(
            weight_bits=weight_bits if isinstance(weight_bits, int) else tuple(weight_bits),
            payload_max=net.payload_max,
            whole_bias=whole_bias,
            allow_saturation=allow_saturation,
        )
        network, plan = _planned(net, options, target)
        starts = starts_of(network, plan)
        whole = starts[0].integers(starts[0].graph)
        own = parts(data, labels, whole, layout, seed, net.model)
        train, validation = (
            _asked(part, network, trains) for part, trains in zip(own, (True, False), strict=True)
        )
        say: Callable[[str], None] = print if verbose else _ignore
        say(f"{net.name}: {len(train.labels)} samples train, {len(validation.labels)} validate")
        settings = Settings(epochs, batch_size, learning_rate, seed, allow_saturation)
        found = finish(starts, train, validation, settings, _Lines(say))
    labelled = own[1].labels is not None
    tuned = replace(
        net,
        model=_model(net.model, found.network, options.weight_bits),
        agreement=(),
        notes=(*net.notes, f"finetuned for {target}"),
        content=None,
        path=None,
        held=None,
        finetuned=_finetuned(found, target, options.weight_bits, labelled),
    )
    say(repr(tuned))
    return tuned


def _check(net: Network, epochs: int, learning_rate: float, batch_size: int) -> None:
    if not isinstance(net, Network):
        raise InputError(
            f"net: is of the type {type(net).__name__}; give what from_torch, train or load gives"
        )
    if isinstance(net.model, QuantizedGraph):
        raise InputError(f"net: {net.name} {INTEGERS}; give the network in real numbers")
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, int) or value < 1:
            raise InputError(f"{name}: is {value!r}; give a whole number, 1 or more")
    if not 0 < learning_rate <= 1:
        raise InputError(f"learning_rate: is {learning_rate!r}; give more than 0 and at most 1")


def _planned(net: Network, options: ExportOptions, target: str) -> tuple[FloatGraph | DiscreteModel, Plan]:
    """The network with whole delays, and how an export rounds it."""
    model, aim = net.model, load_target(target)
    assert not isinstance(model, QuantizedGraph)
    if isinstance(model, FloatGraph):
        options = with_payloads(options, model)
    elif isinstance(model, TrainedModel) and not isinstance(options.weight_bits, int):
        raise InputError("weight_bits: give one number for a model of snnc.train")
    plan = plan_export(model, options, aim)
    if isinstance(model, FloatGraph):
        return model, plan
    return Discretise.planned(model, plan, _ignore).run(model), plan


def _asked(part: Part, network: FloatGraph | DiscreteModel, trains: bool) -> Samples:
    """With labels for all readouts; answers in real numbers where they are needed."""
    readouts = len(network.readouts) if isinstance(network, FloatGraph) else 1
    asked = np.full((len(part.events), readouts), UNKNOWN)
    if not trains or part.labels is None or readouts > 1:
        asked = answers(network, part.events)
    wanted = asked.copy()
    if part.labels is not None:
        wanted[:, 0] = part.labels
    return Samples(part.events, wanted, asked)


def _model(
    model: TrainedModel | DiscreteModel | FloatGraph | QuantizedGraph,
    tuned: FloatGraph | DiscreteModel,
    bits: int | tuple[int, ...],
) -> TrainedModel | DiscreteModel | FloatGraph:
    """A trained model has its integers beside what they were made of."""
    if not isinstance(model, TrainedModel):
        return tuned
    assert isinstance(tuned, DiscreteModel)
    assert isinstance(bits, int)
    return replace(model, quantised={**model.quantised, bits: tuned.layers})


def _finetuned(found: Finished, target: str, bits: int | tuple[int, ...], labelled: bool) -> Finetuned:
    before, after = found.before, found.after
    return Finetuned(
        target,
        bits,
        found.epoch,
        before.total,
        (before.agreeing / before.total, after.agreeing / after.total),
        (before.right / before.total, after.right / after.total) if labelled else None,
    )


class _Lines:
    """Prints a line for the best epochs and the last one."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def __call__(self, report: EpochReport) -> None:
        if report.best or report.epoch == report.epochs:
            right = short_percent(report.validation.right / report.validation.total)
            best = " best" if report.best else ""
            self._say(f"epoch {report.epoch}/{report.epochs}  loss {report.loss:.3f}  right {right} %{best}")


def _ignore(told: object) -> None:
    pass
