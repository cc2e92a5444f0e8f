"""Many models run side by side: a step of a thousand neurons takes hardly longer than that of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np

from snnc.verification.diagnosis.layer_model import (
    Columns,
    Integers,
    LayerModel,
    Rules,
    run,
)

COLUMNS_AT_ONCE = 4096
"""Neurons that are run side by side, which bounds memory."""
ARRIVALS_AT_ONCE = 1 << 14
"""Spikes times neurons of which the sums are made in one go: few enough for a processor's cache."""
NUMBERS = (
    "du",
    "dv",
    "threshold_shift",
    "threshold_offset",
    "current_shift",
    "u_most",
    "u_least",
    "v_most",
    "v_least",
    "sum_bits",
)
"""Fields of `Rules` that may differ between neurons run together."""
_kind = attrgetter(*(field.name for field in fields(Rules) if field.name not in ("threshold", *NUMBERS)))

Trial: TypeAlias = tuple[Columns, Rules]
Given: TypeAlias = tuple[Mapping[str, Integers], slice]
"""What several trials give, and the columns of one of them."""


def columns(model: LayerModel, rows: Integers, steps: int) -> Columns:
    """The neurons `rows` of `model` over the first `steps` steps."""
    return with_sums(model, rows, _sums(model, rows, steps))


def with_sums(model: LayerModel, rows: Integers, sums: Integers) -> Columns:
    """The neurons `rows` of `model`, of which the sums are known."""
    neurons = (model.bias, model.start_u, model.start_v, model.threshold_more)
    return Columns(sums, *(values[rows] for values in neurons))


def _sums(model: LayerModel, rows: Integers, steps: int) -> Integers:
    """`a` of clause 2, int64 [steps, rows]."""
    sent, source = np.nonzero(model.signal if model.comes_round else model.signal[:steps])
    value = model.signal[sent, source]
    if model.earlier is not None:
        ago, before = np.nonzero(model.earlier)
        value = np.concatenate([model.earlier[ago, before], value])
        sent, source = np.concatenate([ago - len(model.earlier), sent]), np.concatenate([before, source])
    sums = np.empty((steps, len(rows)), np.int64)
    size = max(1, ARRIVALS_AT_ONCE // max(1, len(sent)))
    for first in range(0, len(rows), size):
        part = slice(first, first + size)
        sums[:, part] = _arriving(model, rows[part], sent, source, value, steps)
    if model.uncleared is not None:
        for t in range(model.uncleared, steps):
            sums[t] += sums[t - model.uncleared]
    return sums


def _arriving(
    model: LayerModel, rows: Integers, sent: Integers, source: Integers, value: Integers, steps: int
) -> Integers:
    """What arrives in each step at `rows`, of spikes with their steps of sending, sources and values."""
    synapses = np.ix_(rows, source)
    amount, arrival = model.weight[synapses] * value, sent + model.delay[synapses]
    if model.comes_round:
        arrival %= len(model.signal)
    if model.deliver is not None:
        for due, brought in zip(arrival, amount, strict=True):
            present = np.flatnonzero(brought)
            counts = present[model.deliver(sent[present], source[present], due[present])]
            lost = np.ones(len(brought), np.bool_)
            lost[counts] = False
            brought[lost] = 0
    arrives = (arrival >= 0) & (arrival < steps)
    place = arrival * len(rows) + np.arange(len(rows))[:, None]
    # Sums of whole numbers below 2**53 are exact.
    sums = np.bincount(place[arrives], amount[arrives], minlength=steps * len(rows))
    return sums.astype(np.int64).reshape(steps, len(rows))


def run_each(trials: Iterable[Trial]) -> Iterator[Given]:
    """What each trial gives, in their order; no more of them are taken up than run together."""
    waiting: list[Trial] = []
    width = 0
    for trial in trials:
        waiting.append(trial)
        width += trial[0].width
        if width >= COLUMNS_AT_ONCE:
            yield from _run_together(waiting)
            waiting, width = [], 0
    yield from _run_together(waiting)


def _run_together(waiting: Sequence[Trial]) -> list[Given]:
    """Those whose rules differ in numbers alone in one go."""
    by_rules = _groups(range(len(waiting)), lambda index: waiting[index][1])
    given: dict[int, Given] = {}
    for alike in _groups(by_rules, _kinds).values():
        members = [index for rules in alike for index in by_rules[rules]]
        neurons = [waiting[index][0] for index in members]
        widths = [sum(waiting[index][0].width for index in by_rules[rules]) for rules in alike]
        record = run(_joined(neurons), _merged(alike, widths))
        start = 0
        for index, part in zip(members, neurons, strict=True):
            given[index] = record, slice(start, start + part.width)
            start += part.width
    return [given[index] for index in range(len(waiting))]


def _joined(parts: Sequence[Columns]) -> Columns:
    """Neurons of several models side by side."""
    return Columns(
        np.concatenate([part.sums for part in parts], axis=1),
        np.concatenate([part.bias for part in parts]),
        np.concatenate([part.start_u for part in parts]),
        np.concatenate([part.start_v for part in parts]),
        np.concatenate([part.threshold_more for part in parts]),
    )


def _groups(items: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _kinds(rules: Rules) -> tuple[object, ...]:
    """`rules` without their numbers; one without a threshold is of another kind."""
    return rules.threshold is None, *_kind(rules)


def _merged(alike: Sequence[Rules], widths: Sequence[int]) -> Rules:
    """Rules of one kind as one, which has an array [neurons] for a number in which they differ."""
    numbers: dict[str, Any] = {}
    for name in ("threshold", *NUMBERS):
        values = [getattr(rules, name) for rules in alike]
        if len(set(values)) > 1:
            numbers[name] = np.repeat(values, widths)
    return replace(alike[0], **numbers)
