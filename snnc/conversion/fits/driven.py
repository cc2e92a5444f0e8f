"""v of neurons that the spikes of their module reset: no error of one step is carried to the next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.exporter.float_reference import FloatArray
from snnc.stages.population import ADLIF, NEW, SUBTRACT, ZERO

Bools = npt.NDArray[np.bool_]
Bound = float | FloatArray
"""One number, or one for each neuron."""


@dataclass(frozen=True, slots=True)
class Sums:
    """v before a reset: `taken` + bias x `biased` - reset_by x `reset` - kb x `adapted`.

    [N, T, neurons] each; `adapted` of `adlif` alone. With reset "zero", `reset` is what v would be of 1 after
    each spike, which counts nothing.
    """

    taken: FloatArray
    biased: FloatArray
    reset: FloatArray
    adapted: FloatArray | None = None


@dataclass(frozen=True)
class Driven:
    """Neurons `of` a graph, what `arriving` there, and the `spikes` of their module, [N, T, neurons] both.

    `rounding`: the share of the largest v by which the module's may be another. `v`: that of the module, NaN
    in steps with a spike, where it gives that; it may be so `far` from what it is told to be.
    """

    of: Any  # a FloatPopulation, whose model says which parameters are there
    arriving: FloatArray
    spikes: Bools
    rounding: float
    v: FloatArray | None = None
    far: float = 0.0

    def sums(
        self,
        keep_u: Any = None,
        keep_v: Any = None,
        keep_w: Any = None,
        order: str | None = None,
        pause: int = 0,
        held: bool = False,
    ) -> Sums:
        """With other numbers of what remains, or another order.

        For `pause` steps after a spike nothing arrives at v; it decays, or is `held`.
        """
        of, steps = self.of, self.spikes.shape[1]
        u = self._told if keep_u is None else self._currents(keep_u)
        keep_v = of.keep_v if keep_v is None else keep_v
        heard = self._heard(pause)
        keep = np.where(heard, keep_v, 1) if held else None
        adapts = of.model == ADLIF
        found = np.stack([heard * u, heard, *np.zeros((1 + adapts, *heard.shape))])
        state = np.zeros((3 + adapts, *self.arriving[:, 0].shape))
        adapting = _Adapting(of, state, keep_w, order) if adapts else None
        for t in range(steps):
            if t and of.reset == ZERO:
                state *= ~self.spikes[:, t - 1]
            if t and of.reset in (SUBTRACT, ZERO):
                state[2] += self.spikes[:, t - 1]
            w = adapting.step(state, self.spikes[:, t - 1] if t else None) if adapting else None
            state *= keep_v if keep is None else keep[:, t]
            state += found[:, :, t]
            if w is not None:
                state -= w
            found[:, :, t] = state
        return Sums(*found)

    def begun(self) -> FloatArray:
        """What v would be more of 1 before the first step, [N, T, neurons]; not for `adlif`."""
        state, found = np.ones(self.arriving[:, 0].shape), np.zeros(self.arriving.shape)
        for t in range(self.spikes.shape[1]):
            if t and self.of.reset == ZERO:
                state = state * ~self.spikes[:, t - 1]
            state = state * self.of.keep_v
            found[:, t] = state
        return found

    def bounded(self, least: Bound = -np.inf, most: Bound = np.inf, after: Bound = np.inf) -> FloatArray:
        """v before a reset that is never below `least` or above `most`, nor behind one above `after`.

        [N, T, neurons]; not for `adlif`.
        """
        of, spikes, u = self.of, self.spikes, self._told
        v, found = np.zeros(self.arriving[:, 0].shape), np.empty(self.arriving.shape)
        for t in range(spikes.shape[1]):
            if t and of.reset == ZERO:
                v *= ~spikes[:, t - 1]
            if t and of.reset == SUBTRACT:
                v -= of.reset_by * spikes[:, t - 1]
            if after is not np.inf:
                np.minimum(v, after, out=v)
            v *= of.keep_v
            v += u[:, t]
            v += of.bias
            if least is not -np.inf:
                np.maximum(v, least, out=v)
            if most is not np.inf:
                np.minimum(v, most, out=v)
            found[:, t] = v
        return found

    def _heard(self, pause: int) -> Bools:
        """[N, T, neurons], whether none of the `pause` steps before had a spike."""
        heard = np.ones(self.spikes.shape, bool)
        for back in range(1, pause + 1):
            heard[:, back:] &= ~self.spikes[:, :-back]
        return heard

    @cached_property
    def _told(self) -> FloatArray:
        """u as the neurons are told."""
        return self._currents(self.of.keep_u)

    def _currents(self, keep_u: Any) -> FloatArray:
        """u after each step, [N, T, neurons]."""
        found = np.zeros(self.arriving.shape)
        u = np.zeros(self.arriving[:, 0].shape)
        for t in range(self.arriving.shape[1]):
            u = keep_u * u + self.of.input_bias + self.arriving[:, t]
            found[:, t] = u
        return found

    @cached_property
    def told(self) -> FloatArray:
        """v before a reset as the neurons are told."""
        return self.charged(self.sums())

    def charged(self, sums: Sums) -> FloatArray:
        """v before a reset."""
        by = self.of.reset_by if self.of.reset == SUBTRACT else 0
        adapted = 0 if sums.adapted is None else self.of.kb * sums.adapted
        return np.asarray(sums.taken + self.of.bias * sums.biased - by * sums.reset - adapted)

    def wrong(self, over: FloatArray) -> Bools:
        """Where v, which is so far `over` the threshold, makes another spike than the module's."""
        return np.where(self.spikes, over < -self.slack, over > self.slack)

    @cached_property
    def slack(self) -> float:
        """So far v may be on the other side of the threshold."""
        return self.rounding * float(np.abs(self.told).max(initial=0))

    def some(self, neurons: npt.NDArray[np.int64]) -> Driven:
        """Of these neurons alone."""
        words = {key: getattr(self.of, key) for key in WORDS}
        numbers: dict[str, Any] = {key: _of(getattr(self.of, key), neurons) for key in NUMBERS}
        of = Few(**words, **numbers)
        v = None if self.v is None else self.v[..., neurons]
        arriving, spikes = self.arriving[..., neurons], self.spikes[..., neurons]
        return Driven(of, arriving, spikes, self.rounding, v, self.far)


class _Adapting:
    """w of the parts of `Sums`, which follows v and is subtracted from it."""

    def __init__(self, of: Any, v: FloatArray, keep_w: Any, order: str | None) -> None:
        self._of, self._w = of, np.zeros_like(v)
        self._keep_w = of.keep_w if keep_w is None else keep_w
        self._order = of.order if order is None else order

    def step(self, v: FloatArray, spikes: Bools | None) -> FloatArray:
        """What v loses in a step; `v` and `spikes` of the step before, None in the first."""
        before = self._w
        self._w = self._keep_w * before + self._of.ka * v
        if spikes is not None:
            self._w[3] -= spikes  # as `adapted` is subtracted, too
        return self._w if self._order == NEW else before


WORDS = ("model", "fires", "reset", "order")
NUMBERS = ("keep_u", "keep_v", "input_bias", "bias", "keep_w", "ka", "kb", "threshold", "reset_by")


@dataclass(frozen=True, slots=True)
class Few:
    """The parameters of some neurons of a population."""

    model: str
    fires: str
    reset: str
    order: str | None
    keep_u: FloatArray | None
    keep_v: FloatArray | None
    input_bias: FloatArray | None
    bias: FloatArray | None
    keep_w: FloatArray | None
    ka: FloatArray | None
    kb: FloatArray | None
    threshold: FloatArray | None
    reset_by: FloatArray | None


def _of(values: FloatArray | None, neurons: npt.NDArray[np.int64]) -> FloatArray | None:
    return None if values is None else values[neurons]
