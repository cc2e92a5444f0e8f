"""The faults of buffers between sender and neuron: spikes that are lost where too many are on their way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from snnc.verification.diagnosis.hypothesis import Generator, Variants, arrays, fixed, replaced
from snnc.verification.diagnosis.layer_model import Deliver, Integers, LayerModel

MOST_TRIED = 64
"""Largest limit of a buffer that is tried: those that are full more seldom leave little to see."""


def _ranks(key: Integers) -> Integers:
    """How many equal keys stand before each."""
    order = np.argsort(key, kind="stable")
    sorted_key = key[order]
    new = np.concatenate([[True], sorted_key[1:] != sorted_key[:-1]]) if len(key) else np.zeros(0, bool)
    starts = np.flatnonzero(new)
    rank = np.arange(len(key)) - np.repeat(starts, np.diff([*starts, len(key)]))
    found = np.empty(len(key), np.int64)
    found[order] = rank
    return found


def first_of(key: Callable[[Integers, Integers, Integers], Integers], n: int) -> Deliver:
    """Of the spikes that share a key, the first `n`."""
    return lambda sent, source, arrival: np.flatnonzero(_ranks(key(sent, source, arrival)) < n)


def last_of(key: Callable[[Integers, Integers, Integers], Integers], n: int) -> Deliver:
    """Of the spikes that share a key, the last `n`."""

    def deliver(sent: Integers, source: Integers, arrival: Integers) -> Integers:
        return np.flatnonzero(_ranks(key(sent, source, arrival)[::-1])[::-1] < n)

    return deliver


def arrival_step(sent: Integers, source: Integers, arrival: Integers) -> Integers:
    return arrival


def arrival_and_sent(sent: Integers, source: Integers, arrival: Integers) -> Integers:
    low = int(sent.min(initial=0))
    return arrival + (sent - low) * (int(arrival.max(initial=0)) + 1)


def _merged(model: LayerModel) -> Variants:
    yield "the last one sent", replaced(deliver=last_of(arrival_step, 1))
    yield "the first one sent", replaced(deliver=first_of(arrival_step, 1))
    yield "of those sent together, the last source", replaced(deliver=last_of(arrival_and_sent, 1))
    yield "of those sent together, the first source", replaced(deliver=first_of(arrival_and_sent, 1))


def _counts_cut(model: LayerModel) -> Variants:
    """At a neuron in one step; and of what is sent in one step, to all neurons alike."""
    synapses = int((model.weight != 0).sum(axis=1).max(initial=0))
    for n in range(2, min(synapses, MOST_TRIED)):
        yield f"the first {n} that arrive at a neuron", replaced(deliver=first_of(arrival_step, n))
        yield f"the last {n} that arrive at a neuron", replaced(deliver=last_of(arrival_step, n))
    busiest = int((model.signal != 0).sum(axis=1).max(initial=0))
    for n in range(1, min(busiest, MOST_TRIED)):
        yield f"the first {n} sources that send", arrays(signal=_heard(n, first=True))
        yield f"the last {n} sources that send", arrays(signal=_heard(n, first=False))


def _heard(n: int, first: bool) -> Callable[[Integers], Integers]:
    def heard(signal: Integers) -> Integers:
        sends = signal != 0
        rank = sends.cumsum(axis=1) if first else sends[:, ::-1].cumsum(axis=1)[:, ::-1]
        return np.where(rank <= n, signal, 0)

    return heard


def _buffers(model: LayerModel) -> Variants:
    """Of a source or of a neuron; with some places; a new spike is lost, or takes the place of an old one."""
    longest = int(model.delay.max(initial=0))
    for n in range(1, min(longest + 1, MOST_TRIED)):
        places = f"of {n} place{'s' * (n > 1)}"
        yield f"one {places} a source, the oldest is overwritten", replaced(deliver=_overwritten(n, 0))
        yield (
            f"one {places} a source, the oldest is overwritten before it is read",
            replaced(deliver=_overwritten(n, 1)),
        )
        yield f"one {places} a source, what is new is lost", _with_longest(n, 0)
        yield f"one {places} a source, what is new is lost, read before it is written", _with_longest(n, 1)
    for n in range(1, MOST_TRIED):
        places = f"of {n} place{'s' * (n > 1)}"
        yield f"one {places} a neuron, what is new is lost", replaced(deliver=_pending(n, 0))
        yield (
            f"one {places} a neuron, what is new is lost, read before it is written",
            replaced(deliver=_pending(n, 1)),
        )


def _overwritten(n: int, early: int) -> Deliver:
    """A source's last `n` spikes are kept; one counts if it arrives before its place is taken."""

    def deliver(sent: Integers, source: Integers, arrival: Integers) -> Integers:
        order = np.lexsort((sent, source))
        taken = np.full(len(sent), np.iinfo(np.int64).max)
        later, first = order[n:], order[: max(0, len(order) - n)]
        same = source[later] == source[first]
        taken[first[same]] = sent[later[same]]
        return np.flatnonzero(arrival + early <= taken)

    return deliver


def _with_longest(n: int, early: int) -> Callable[[LayerModel], LayerModel]:
    """A source has `n` places; a spike keeps one until the longest delay of the layer is over."""

    def change(model: LayerModel) -> LayerModel:
        longest = int(model.delay[model.weight != 0].max(initial=0))
        return replace(model, signal=_admitted(model.signal, n, longest + 1 - early))

    return change


def _admitted(signal: Integers, n: int, stay: int) -> Integers:
    kept = np.zeros_like(signal)
    waiting: list[deque[int]] = [deque() for _ in range(signal.shape[1])]
    for t, j in np.argwhere(signal):
        line = waiting[j]
        while line and line[0] + stay <= t:
            line.popleft()
        if len(line) < n:
            line.append(t)
            kept[t, j] = signal[t, j]
    return kept


def _pending(n: int, early: int) -> Deliver:
    """A neuron has `n` places for spikes that have been sent and have not arrived."""

    def deliver(sent: Integers, source: Integers, arrival: Integers) -> Integers:
        leaving: dict[int, int] = {}
        kept, count, now = [], 0, int(sent.min(initial=0))
        for k, (t, due) in enumerate(zip(sent.tolist(), arrival.tolist(), strict=True)):
            while now < t + early:
                count -= leaving.pop(now, 0)
                now += 1
            if count < n:
                kept.append(k)
                if due >= now:
                    count += 1
                    leaving[due] = leaving.get(due, 0) + 1
        return np.array(kept, np.int64)

    return deliver


def _delay_line(model: LayerModel) -> Variants:
    """Synapses of some delays do not deliver."""
    yield "of delay 0", _without(lambda delay: delay == 0)
    yield "with a delay", _without(lambda delay: delay > 0)
    for limit in range(int(model.delay.max(initial=0)) - 1, 0, -1):
        yield f"of a delay above {limit}", _without(partial(np.less, limit))


def _without(lost: Callable[[Integers], npt.NDArray[np.bool_]]) -> Callable[[LayerModel], LayerModel]:
    return lambda model: replace(model, weight=np.where(lost(model.delay), 0, model.weight))


def _edges(model: LayerModel) -> Variants:
    """Spikes sent in the first steps, or arriving in the first one."""
    for n in (1, 2):
        what = "step 0" if n == 1 else f"steps 0 to {n - 1}"
        yield f"nothing sent in {what} arrives", arrays(signal=_silent_until(n))
    yield (
        "nothing arrives in step 0",
        replaced(deliver=lambda sent, source, arrival: np.flatnonzero(arrival != 0)),
    )


def _silent_until(n: int) -> Callable[[Integers], Integers]:
    return lambda signal: np.where(np.arange(len(signal))[:, None] >= n, signal, 0)


FAULTS: dict[str, Generator] = {
    "spikes-merged": _merged,
    "counts-cut": _counts_cut,
    "buffer-too-short": _buffers,
    "delayed-spikes-lost": _delay_line,
    "first-step-missing": _edges,
    "late-spikes-come-round": fixed(("", replaced(comes_round=True))),
}
