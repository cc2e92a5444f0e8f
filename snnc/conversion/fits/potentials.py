"""Which number of a `Cell` makes v of a readout that of its module: fitted to v itself, and tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc.conversion.fits.differing import in_words
from snnc.conversion.fits.numbers import range_of, shortest
from snnc.conversion.fits.parameters import BEGINS
from snnc.conversion.fits.telling import STATES
from snnc.exporter.float_reference import FloatArray

CLOSER = 0.1
"""What explains leaves this share of the difference that is allowed: chance may hide a little more."""
PLACES = 3
"""So many other places of each neuron show a number: one explains any place."""
TRIED = (0.0, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 1.0)
ROUNDS, HALVINGS = 20, 4
DIGITS = 9
"""Of a number that is told: as many as v needs."""
KEEPS = ("keep_u", "keep_v")

Numbers = Mapping[str, FloatArray]
With = Callable[[FloatArray], Numbers]
"""All numbers, of one that is another."""


@dataclass(frozen=True, slots=True)
class Potentials:
    """Neurons without spikes. `told`: keep_u, keep_v, gain, bias and `BEGINS` of their Cell, [neurons] each.

    `arriving` [N, T, neurons] with the biases of weights; `theirs`, of the module, is what `decoded` makes of
    v, [N, ..., neurons], but for what is `far` from it at most.
    """

    told: Numbers
    arriving: FloatArray
    theirs: FloatArray
    far: float
    decoded: Callable[[FloatArray], FloatArray] = np.asarray

    def ours(self, numbers: Numbers) -> FloatArray:
        """What the module would give with these `numbers`."""
        u, v = np.zeros(self.arriving[:, 0].shape), numbers[BEGINS] + np.zeros(self.arriving[:, 0].shape)
        found = np.empty(self.arriving.shape)
        for t in range(self.arriving.shape[1]):
            u = numbers["keep_u"] * u + self.arriving[:, t]
            v = numbers["keep_v"] * v + numbers["gain"] * u + numbers["bias"]
            found[:, t] = v
        return self.decoded(found)

    def off(self, numbers: Numbers) -> FloatArray:
        """By how much each place is another, [places, neurons]."""
        found: FloatArray = self.ours(numbers) - self.theirs
        return found.reshape(-1, found.shape[-1])

    def explained(self, numbers: Numbers) -> bool:
        return bool((np.abs(self.off(numbers)) <= CLOSER * self.far).all())

    def some(self, which: npt.NDArray[np.int64]) -> Potentials:
        """Of these neurons alone."""
        told = {key: value[which] for key, value in self.told.items()}
        return replace(self, told=told, arriving=self.arriving[..., which], theirs=self.theirs[..., which])


def other_numbers(of: Potentials) -> tuple[str, ...]:
    """In words, each number that makes v of all neurons that of the module; empty if none does.

    It is told of the neurons that differ, or of all, if most of those that hear anything do.
    """
    wrong: FloatArray = np.asarray((np.abs(of.off(of.told)) > of.far).sum(axis=0))
    which = np.flatnonzero(wrong)
    if not len(which) or wrong[which].min() < PLACES:
        return ()
    hearing = np.count_nonzero(of.theirs.reshape(-1, len(wrong)).any(axis=0))
    alone = len(which) < len(wrong) and (len(which) == 1 or 2 * len(which) <= hearing)
    words, some = (in_words(which, len(wrong)), of.some(which)) if alone else ("", of)
    return tuple(
        words + said for key, name, make in _candidates(some) for said in _said(some, key, name, make)
    )


def _candidates(of: Potentials) -> Iterator[tuple[str, str, With]]:
    def one(key: str) -> With:
        return lambda value: {**of.told, key: value}

    for key in ("keep_v", "gain", "bias", "keep_u", BEGINS):
        yield key, key, one(key)
    if np.allclose(of.told["gain"], 1 - of.told["keep_v"]) and (of.told["gain"] > 0).all():
        yield (
            "keep_v",
            "keep_v, with gain = 1 - keep_v,",
            lambda value: {**of.told, "keep_v": value, "gain": 1 - value},
        )


def _said(of: Potentials, key: str, name: str, make: With) -> Iterator[str]:
    now = of.told[key]
    found, slopes = _nearest(of, key, make)
    if not of.explained(make(found)):
        return
    one = _one(of, make, found, slopes, np.ones_like(now)) if len(np.unique(now)) == 1 else None
    if key == "gain" and (one == 0 or not found.all()):  # which is none of a Cell
        return
    if key == BEGINS:
        yield STATES[BEGINS].format(range_of(found if one is None else np.asarray(one)))
        return
    if one is None and len(np.unique(now)) > 1 and now.all():
        factor = _one(of, make, found / now, slopes * now, now)
        if factor is not None:
            yield _other(f"factor on {name}", f"{factor:.{DIGITS}g}", "1")
            return
    if one is not None:
        yield _other(name, f"{one:.{DIGITS}g}", range_of(now))
        return
    those = (np.abs(of.off(of.told)) > of.far).any(axis=0)
    few = "" if those.all() else f" for {np.count_nonzero(those)} of {those.size}"
    yield _other(name, f"{range_of(found[those])}{few}", range_of(now), "one for each neuron, ")


def _other(name: str, then: str, now: str, each: str = "is ") -> str:
    how = f"is {each}" if each != "is " else each
    return f"its {name} {how}about {then}, not {now} (in the converter's Cell; v is then the module's)"


def _one(of: Potentials, make: With, found: FloatArray, slopes: FloatArray, unit: FloatArray) -> float | None:
    """The number, or factor, that explains all neurons, of the fewest digits; None if none does.

    `found` of each neuron; `slopes` [places, neurons]: by how much v is more of 1 of it; `unit` times it is
    the number.
    """
    weights = (slopes**2).sum(axis=0)
    if not weights.any():
        return None
    middle = float((weights * found).sum() / weights.sum())
    room = CLOSER * of.far / float(np.abs(slopes).max())
    for width in (room, room / 10, 0.0):
        told = float(f"{shortest(middle - width, middle + width):.{DIGITS}g}")
        if of.explained(make(told * unit)):
            return told
    return None


def _nearest(of: Potentials, key: str, make: With) -> tuple[FloatArray, FloatArray]:
    """Of each neuron the number with the least squares of what is left, and what v changes by 1 of it."""
    best = of.told[key].astype(np.float64)
    least = (of.off(make(best)) ** 2).sum(axis=0)
    for each in TRIED if key in KEEPS else ():
        tried = np.full_like(best, each)
        loss = (of.off(make(tried)) ** 2).sum(axis=0)
        best, least = np.where(loss < least, tried, best), np.minimum(loss, least)
    for _ in range(ROUNDS):
        slopes, step = _step(of, make, best)
        before = best
        for _ in range(HALVINGS):
            tried = best + step
            tried = np.clip(tried, 0, 1) if key in KEEPS else tried
            loss = (of.off(make(tried)) ** 2).sum(axis=0)
            better = loss < least
            best, least = np.where(better, tried, best), np.minimum(loss, least)
            step = np.where(better, 0, step / 4)
            if not step.any():
                break
        if np.allclose(best, before, rtol=1e-12, atol=1e-15):
            break
    return best, slopes


def _step(of: Potentials, make: With, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What v changes by 1 of each neuron's number, and the step to where nothing would be left."""
    size = 1e-6 * np.maximum(np.abs(at), 1)
    size = np.where(at + size > 1, -size, size)  # a keep is 1 at most
    off = of.off(make(at))
    slopes = (of.off(make(at + size)) - off) / size
    squares = (slopes**2).sum(axis=0)
    return slopes, np.divide(-(slopes * off).sum(axis=0), squares, out=np.zeros_like(at), where=squares > 0)
