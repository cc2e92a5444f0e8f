"""Which parameter of a `Cell` is told to be another: one that explains every spike, where enough tell so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from snnc.conversion.fits import kept, membranes
from snnc.conversion.fits.beside import alone, number_of
from snnc.conversion.fits.differing import Differing
from snnc.conversion.fits.driven import Driven
from snnc.conversion.fits.numbers import Found, ends_of, range_of, shortest, within
from snnc.conversion.fits.parameters import BEGINS, RESETS, Candidate, candidates, states, told_by
from snnc.conversion.neurons import Cell
from snnc.exporter.expectation.agreement import why
from snnc.exporter.float_reference import FloatArray
from snnc.stages.population import ADLIF, NEW, OLD, SUBTRACT

OF_SPIKES = 3
"""So many other spikes a value, or half of all, show that it is no chance."""
STATES = {
    BEGINS: "its v begins at about {}, and in the contract at 0 (let it begin at 0, and train with it)",
    RESETS: "a spike sets v to about {}, and in the contract to 0 (reset to 0, and train with it)",
}
OF_EACH = 10
"""Or so many of each neuron, if it has a value of its own."""
FEW = 30
"""Or so many of `STATES`; fewer a number may explain beside an integration that does."""


def fitted(of: Differing, certain: bool = True) -> tuple[str, ...]:
    """In words, each parameter that explains every spike by itself.

    Not `certain`: also where a second one may make up for a part of it, if many spikes are others.
    Values that are one for each neuron are told where no parameter is the same for all.
    """
    return _told(of, candidates, certain)


def other_order(driven: Driven) -> tuple[str, ...]:
    """Whether v takes w of the other step."""
    told = driven.of.order
    if told is None or not driven.wrong(kept.over_now(driven)).any():
        return ()
    other = OLD if told == NEW else NEW
    v = driven.charged(driven.sums(order=other))
    if driven.wrong(v - driven.of.threshold).any() or membranes.off(driven, v).any():
        return ()
    return (f"its order is {other!r}, not {told!r} (in the converter's Cell)",)


def likeliest(of: Differing) -> tuple[str, ...]:
    """In words, each number that explains every spike, few as may tell it; the least changed first."""
    if not of.driven.wrong(kept.over_now(of.driven)).any():
        return ()
    some = [(key, name, value) for key, name, value in _explaining(of, candidates) if value.is_one]
    some.sort(key=lambda each: _change(each[0], each[2], of.cell))
    return tuple(_said(*each, of) for each in some)


def of_states(of: Differing) -> tuple[str, ...]:
    """In words, that v begins at another number than 0, or that a spike sets it to one, if that explains all.

    What follows a spike has causes that the Cell has, too: this is for where none of these does.
    """
    return _told(of, states)


def giving(causes: tuple[str, ...]) -> str:
    """In words, that each of `causes` gives every spike."""
    return f"{'each of these' if len(causes) > 1 else 'this'} gives every spike: {why(causes)}"


Candidates = Callable[[Driven, Cell], Iterator[Candidate]]


def _explaining(of: Differing, candidates: Candidates) -> list[tuple[str, str, Found]]:
    every = candidates(of.driven, of.cell)
    return [(key, name, value) for key, name, value in every if value is not None]


def _told(of: Differing, candidates: Candidates, certain: bool = True) -> tuple[str, ...]:
    """All that explain, if it is no chance that one does: the right one may be that which changes least."""
    driven = of.driven
    if not of.spikes or of.spikes < min(OF_SPIKES, driven.spikes.sum() / 2):
        return ()
    some = _explaining(of, candidates)
    shared = [each for each in some if each[2].is_one]
    some = shared or some
    # A neuron that never spikes hears too little, or its threshold is high: that is the usual reason.
    told = shared or sorted(some, key=lambda each: each[0] != "threshold")
    if membranes.told(driven):
        return tuple(_said(*each, of) for each in told)
    many = not certain and of.spikes >= OF_EACH * np.count_nonzero(of.counts)
    silent = not of.of and not driven.spikes.any()  # of which the caller says that it may be something else
    every = {number_of(key, name) for key, name, _ in some}
    if not (silent or many) and not any(_is_sure(*each, of, every) for each in some):
        return ()
    return tuple(
        _with_ratios([_said(*each, of) for each in told], [number_of(*each[:2]) for each in told], of)
    )


def _with_ratios(said: list[str], of_numbers: list[str], of: Differing) -> list[str]:
    """The first that is of one of the numbers of which all times one factor give the same spikes says so."""
    cell = of.driven.of
    scaled = {
        "gain": True,
        "bias": cell.bias.any() or "bias" in of_numbers,
        "threshold": True,
        "reset_by": cell.reset == SUBTRACT,
        "kb": cell.model == ADLIF,
        "1 / ka": cell.model == ADLIF and cell.ka.any(),
    }
    *most, last = [key for key, is_there in scaled.items() if is_there]
    first = next((k for k, key in enumerate(of_numbers) if key in (*most, last)), None)
    if first is not None and of.driven.spikes.any():
        ratios = f"ratio{'s' * (len(most) > 1)} of {', '.join(most)} and {last}"
        said[first] = f"{said[first].removesuffix(')')}; spikes show only the {ratios})"
    return said


def _is_sure(key: str, name: str, value: Found, of: Differing, told: set[str]) -> bool:
    """Whether no second number makes up for a part of it, and, but of one number of the Cell, many spikes."""
    if key in STATES:
        return of.spikes >= FEW
    many = value.is_one or of.spikes >= OF_EACH * np.count_nonzero(of.counts)
    return bool(many) and alone(of.driven, of.cell, key, name, value, told)


def _change(key: str, value: Found, cell: Cell) -> float:
    """The largest share by which a number has to be another; of what remains, by which the leak has to."""
    now = told_by(key, cell)
    then = value.nearest(now)
    if key.startswith("keep"):
        now, then = 1 - now, 1 - then
    size = np.maximum(np.abs(now), np.abs(then))
    if key in ("bias", RESETS, BEGINS):
        size = np.maximum(size, np.abs(told_by("threshold", cell)))
    return float(np.max(np.abs(then - now) / np.maximum(size, np.finfo(float).tiny)))


def _of_each(value: Found, now: FloatArray) -> str:
    """As "about 0.2 .. 0.4 for 5 of 8, at least 1.9 for 2 of 8", of neurons for which what is told is wrong.

    Of one that never spikes the least threshold is known, and no other.
    """
    about, count = value.about(now), len(value.low)
    bounded = np.ones(count, bool) if value.bounded is None else value.bounded
    kinds = {
        "about": bounded & ((value.low > now) | (value.high < now)),
        "at least": ~bounded & (value.low > now),
        "at most": ~bounded & (value.high < now),
    }
    ends = {"about": about, "at least": within(about, up=True), "at most": within(about, up=False)}
    which = {kind: those for kind, those in kinds.items() if those.any()}
    return ", ".join(
        f"{kind} {range_of(ends[kind][those])}" + ("" if those.all() else f" for {those.sum()} of {count}")
        for kind, those in which.items()
    )


def _said(key: str, name: str, value: Found, of: Differing) -> str:
    """As "its threshold is about 1, not 1.05 (in the converter's Cell; 0.998 .. 1.003 give every spike)"."""
    if key in STATES:
        one = value.is_one and shortest(float(value.low), float(value.high))
        found = range_of(np.asarray(one) if value.is_one else value.about(np.zeros(1)))
        return of.of + STATES[key].format(found)
    told = range_of(now := told_by(key, of.cell))
    if not value.is_one:
        each = _of_each(value, now)
        return f"{of.of}its {name} is one for each neuron, {each}, not {told} (in the converter's Cell)"
    low, high = float(value.low), float(value.high)
    if key == "gain" and low == 0:  # which is none of a Cell: the module is silent
        most = f"{within(high, up=False):.6g}"
        every = "each above 0 gives every spike"
        return f"{of.of}its gain is at most {most}, not {told} (in the converter's Cell; {every})"
    number, leak = f"{shortest(low, high):.6g}", 1 - of.driven.of.keep_v
    if key == "gain" and low <= leak.min() and leak.max() <= high and leak.min() > 0:
        number = f"1 - keep_v = {range_of(leak)}"
    every = "every spike" if of.driven.v is None else "every spike, and v"
    given = f"{ends_of(low, high)} give {every}"
    return f"{of.of}its {name} is about {number}, not {told} (in the converter's Cell; {given})"
