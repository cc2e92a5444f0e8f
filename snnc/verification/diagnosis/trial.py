"""Hypotheses are tried: which of them give what was found, and of how many neurons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph
from snnc.verification.diagnosis import arrival_faults, neuron_faults, synapse_faults
from snnc.verification.diagnosis.hypothesis import Hypothesis
from snnc.verification.diagnosis.layer_model import Columns, Integers, LayerModel, Rules, joined, run
from snnc.verification.diagnosis.observed import Held, Observed
from snnc.verification.diagnosis.one_synapse import one_synapse
from snnc.verification.diagnosis.solved import Seen, solved


def columns(model: LayerModel, rows: Integers, steps: int) -> Columns:
    """The neurons `rows` of `model` over the first `steps` steps."""
    sent, source = np.nonzero(model.signal if model.comes_round else model.signal[:steps])
    value = model.signal[sent, source]
    if model.earlier is not None:
        ago, before = np.nonzero(model.earlier)
        value = np.concatenate([model.earlier[ago, before], value])
        sent, source = np.concatenate([ago - len(model.earlier), sent]), np.concatenate([before, source])
    sums = np.empty((steps, len(rows)), np.int64)
    for column, row in enumerate(rows):
        amount = model.weight[row, source] * value
        arrival = sent + model.delay[row, source]
        if model.comes_round:
            arrival = arrival % len(model.signal)
        if model.deliver is not None:
            present = np.flatnonzero(amount)
            present = present[model.deliver(sent[present], source[present], arrival[present])]
            arrival, amount = arrival[present], amount[present]
        arrives = (arrival >= 0) & (arrival < steps)
        # Sums of whole numbers below 2**53 are exact.
        sums[:, column] = np.bincount(arrival[arrives], amount[arrives], minlength=steps)
    if model.uncleared is not None:
        for t in range(model.uncleared, steps):
            sums[t] += sums[t - model.uncleared]
    neurons = (model.bias, model.start_u, model.start_v, model.threshold_more)
    return Columns(sums, *(values[rows] for values in neurons))


COLUMNS_AT_ONCE = 4096
"""Neurons that are run side by side, which bounds memory."""
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


def seen(model: LayerModel, held: Held) -> Seen:
    """What the contract gives beside what was found."""
    layer = columns(model, np.arange(len(model.weight)), len(model.signal))
    return Seen(model, run(layer, model.rules), held, layer.sums)


def symptom(one: Seen, neuron: int, step: int) -> Symptom | None:
    """The symptom, or None if the contract gives what was found of `neuron` up to `step`."""
    everyone = np.arange(len(one.model.weight))
    return None if _agrees(one.right, one.held, everyone, step + 1)[neuron] else Symptom(one, neuron, step)


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
    alone, one = np.array([given.neuron]), given.seen
    trials = ((hypothesis.change(one.model), alone) for hypothesis in tried)
    matches = _run_each(trials, one.held, given.step + 1)
    survivors = [hypothesis for hypothesis, match in zip(tried, matches, strict=True) if match[0]]
    return [Fit(*pair) for pair in zip(survivors, explained(one, survivors), strict=True)]


def explained(one: Seen, tried: Sequence[Hypothesis]) -> Iterator[Mask]:
    """For each hypothesis the neurons that it reproduces in all steps."""
    everyone, steps = np.arange(len(one.model.weight)), len(one.model.signal)
    unchanged = _agrees(one.right, one.held, everyone, steps)
    rows = [one.model.changed_rows(hypothesis.change(one.model)) for hypothesis in tried]
    trials = ((hypothesis.change(one.model), row) for hypothesis, row in zip(tried, rows, strict=True))
    for row, match in zip(rows, _run_each(trials, one.held, steps), strict=True):
        mask = unchanged.copy()
        mask[row] = match
        yield mask


def differs(one: Seen) -> Mask:
    """The neurons of which the contract does not give what was found."""
    return ~_agrees(one.right, one.held, np.arange(len(one.model.weight)), len(one.model.signal))


def _run_each(trials: Iterator[tuple[LayerModel, Integers]], held: Held, steps: int) -> Iterator[Mask]:
    """For each model and its rows, which of these agree with `held` in the first `steps` steps."""
    waiting: list[tuple[Columns, Rules, Integers]] = []
    width = 0
    for model, rows in trials:
        waiting.append((columns(model, rows, steps), model.rules, rows))
        width += len(rows)
        if width >= COLUMNS_AT_ONCE:
            yield from _run_together(waiting, held, steps)
            waiting, width = [], 0
    yield from _run_together(waiting, held, steps)


def _run_together(
    waiting: Sequence[tuple[Columns, Rules, Integers]], held: Held, steps: int
) -> Iterator[Mask]:
    """Those of the same rules in one go."""
    groups: dict[Rules, list[int]] = {}
    for index, (_, rules, _) in enumerate(waiting):
        groups.setdefault(rules, []).append(index)
    masks: dict[int, Mask] = {}
    for rules, members in groups.items():
        rows = [waiting[index][2] for index in members]
        record = run(joined([waiting[index][0] for index in members]), rules)
        agrees = _agrees(record, held, np.concatenate(rows), steps)
        bounds = np.cumsum([len(part) for part in rows])[:-1]
        masks |= dict(zip(members, np.split(agrees, bounds), strict=True))
    return (masks[index] for index in range(len(waiting)))


def _agrees(record: Held, held: Held, rows: Integers, steps: int) -> Mask:
    """Which columns of `record` are the `rows` of `held`, in all variables held and the first steps."""
    same = np.ones(len(rows), np.bool_)
    for name, values in held.items():
        same &= (record[name][:steps] == values[:steps, rows]).all(axis=0)
    return same


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
