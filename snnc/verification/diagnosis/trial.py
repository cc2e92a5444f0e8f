"""Hypotheses are tried: which of them give what was found, and of how many neurons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import tee
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph
from snnc.verification.diagnosis import arrival_faults, neuron_faults, synapse_faults
from snnc.verification.diagnosis.hypothesis import Hypothesis
from snnc.verification.diagnosis.layer_model import Integers, LayerModel
from snnc.verification.diagnosis.observed import Held, Observed
from snnc.verification.diagnosis.one_synapse import one_synapse
from snnc.verification.diagnosis.side_by_side import Given, Trial, columns, run_each, with_sums
from snnc.verification.diagnosis.solved import Seen, solved

FAULTS = neuron_faults.FAULTS | synapse_faults.FAULTS | arrival_faults.FAULTS

Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Symptom:
    """A layer of the contract that gives something else than was found in `neuron`, first in `step`."""

    seen: Seen
    neuron: int
    step: int


@dataclass(frozen=True, slots=True)
class Fit:
    """A hypothesis that fits up to the divergence, and which neurons it explains in all steps."""

    hypothesis: Hypothesis
    explained: Mask


def seen(layers: Sequence[tuple[LayerModel, Held]]) -> list[Seen]:
    """What the contract gives beside what was found: of a layer in several samples."""
    neurons = [columns(model, np.arange(len(model.weight)), len(model.signal)) for model, _ in layers]
    given = run_each((some, model.rules) for some, (model, _) in zip(neurons, layers, strict=True))
    return [
        Seen(model, {name: values[:, part] for name, values in record.items()}, held, some.sums)
        for (model, held), some, (record, part) in zip(layers, neurons, given, strict=True)
    ]


def symptom(one: Seen, neuron: int, step: int) -> Symptom | None:
    """The symptom, or None if the contract gives what was found of `neuron` up to `step`."""
    agrees = _agrees((one.right, slice(None)), one.held, step + 1)
    return None if agrees[neuron] else Symptom(one, neuron, step)


def hypotheses(given: Symptom) -> list[Hypothesis]:
    """All that are worth a trial, in no order of merit."""
    one = given.seen
    return [
        *whole_layer(one.model),
        *one_synapse(one.model, given.neuron, given.step, one.right, one.held),
        *solved([one]),
    ]


def fits(given: Symptom, tried: Sequence[Hypothesis]) -> list[Fit]:
    """Those that reproduce the neuron up to the divergence, in the order of `tried`."""
    alone, one, steps = np.array([given.neuron]), given.seen, given.step + 1
    wanted = _rows_of(one.held, alone, steps)
    trials = (_trial(one, hypothesis.change(one.model), alone, steps) for hypothesis in tried)
    results = zip(tried, run_each(trials), strict=True)
    survivors = [hypothesis for hypothesis, result in results if _agrees(result, wanted)[0]]
    masks = explained([one], survivors)
    return [Fit(hypothesis, mask) for hypothesis, (mask,) in zip(survivors, masks, strict=True)]


def explained(samples: Sequence[Seen], tried: Sequence[Hypothesis]) -> Iterator[list[Mask]]:
    """For each hypothesis, and each sample of one layer, the neurons that it reproduces in all steps."""
    unchanged = [~differs(one) for one in samples]
    trials, places = tee(_changed(samples, tried))
    results = run_each(trial for _, _, trial in trials)
    for _ in tried:
        masks = [mask.copy() for mask in unchanged]
        for mask, (one, rows, _), result in zip(masks, places, results, strict=False):
            mask[rows] = _agrees(result, _rows_of(one.held, rows))
        yield masks


def _changed(samples: Sequence[Seen], tried: Sequence[Hypothesis]) -> Iterator[tuple[Seen, Integers, Trial]]:
    """Each sample under each hypothesis: the neurons that may give something else than the contract."""
    for hypothesis in tried:
        for one in samples:
            model = hypothesis.change(one.model)
            rows = one.model.changed_rows(model)
            yield one, rows, _trial(one, model, rows, len(model.signal))


def differs(one: Seen) -> Mask:
    """The neurons of which the contract does not give what was found."""
    return ~_agrees((one.right, slice(None)), one.held, len(one.model.signal))


def _trial(one: Seen, model: LayerModel, rows: Integers, steps: int) -> Trial:
    """Some neurons of a model that was made from that of `one`, which has the sums of most."""
    if model.hears_as(one.model):
        return with_sums(model, rows, one.sums[:steps, rows]), model.rules
    return columns(model, rows, steps), model.rules


def _rows_of(held: Held, rows: Integers, steps: int | None = None) -> Held:
    return {name: values[:steps, rows] for name, values in held.items()}


def _agrees(given: Given, held: Held, steps: int | None = None) -> Mask:
    """Which columns are those of `held`, in all variables held and the first steps."""
    record, part = given
    agrees = [(record[name][:steps, part] == values[:steps]).all(axis=0) for name, values in held.items()]
    return np.logical_and.reduce(agrees)


def whole_layer(model: LayerModel, *names: str) -> Iterator[Hypothesis]:
    """Those of the catalogue, or of `names`, that a layer leaves room for."""
    for name in names or FAULTS:
        for where, change in FAULTS[name](model) if name in FAULTS else ():
            yield Hypothesis(name, where, change, name not in synapse_faults.ABOUT_THE_SOURCE)


@dataclass(frozen=True, slots=True, eq=False)
class Suspects:
    """The hypotheses, of `tried`, that give what one side found of the diverging neuron, up to the
    divergence.

    `observed` has the side at fault as the one that was found; `in_reference`: that is the reference.
    """

    graph: QuantizedGraph
    index: int
    symptom: Symptom
    observed: Observed
    fits: Sequence[Fit]
    tried: int
    in_reference: bool


Further: TypeAlias = Callable[[Suspects], Sequence[Observed]]
"""Gives more samples of both sides, that tell the suspects apart."""


def nothing_further(suspects: Suspects) -> Sequence[Observed]:
    """Where nothing more can be had."""
    return ()
