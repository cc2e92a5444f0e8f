"""Clause 5a of the contract, for `check.py`: where v, w and the forms of an `adlif` population can go.

`ranges.py` says what is claimed of them, and from what it follows. The claims of one step are a polygon. Both
parts of it, without and with a spike, are taken on by both kinds of bounds, of which the narrower counts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from snnc.errors import ArtifactError
from snnc.exporter.ranges.certificate import FORM_LIMIT, PopulationRanges
from snnc.exporter.ranges.check_polygons import Polygons
from snnc.exporter.ranges.check_steps import Cells, clip, decay, scale
from snnc.stages import Population

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bound = tuple[str, Ints, Ints]
"""The name of a variable, int64 [2, cells] that it may reach, and the same that is claimed."""

ANY = 2**62


def check_forms(claim: PopulationRanges) -> None:
    """Raise `ArtifactError` unless the forms are such as `ranges.py` describes."""
    if claim.forms is None or not 0 < len(claim.forms) <= FORM_LIMIT or len(claim.forms) % 2:
        found = 0 if claim.forms is None else len(claim.forms)
        raise ArtifactError(
            f"{claim.population}: the certificate has {found} forms, expected an even number "
            f"2..{FORM_LIMIT}; export again"
        )
    p, q = _half(claim.forms.astype(np.int64))
    after = np.concatenate([p[1:], -p[:1]]), np.concatenate([q[1:], -q[:1]])
    wrong = (np.abs(p) + np.abs(q) > 131) | (q < 0) | (p * after[1] - q * after[0] <= 0)
    if wrong.any():
        form, neuron = np.unravel_index(int(wrong.argmax()), wrong.shape)
        raise ArtifactError(
            f"{claim.population}, neuron {neuron}: the form {p[form, neuron]}*v + {q[form, neuron]}*w of the "
            "certificate is too large or out of order; export again"
        )


def reached(of: Population, cells: Cells, u: Ints) -> Iterator[Bound]:
    """w, v and the forms of these cells, whose u may be any of int64 [2, cells]; `check_forms` took them."""
    step = _Step(of, cells, u)
    shape = len(step.p), len(cells.neuron)
    found = np.stack([np.full(shape, ANY), np.full(shape, -ANY)])
    for spikes in (False, True):
        at, bounds = step.part(spikes)
        found[0][:, at] = np.minimum(found[0][:, at], bounds[0])
        found[1][:, at] = np.maximum(found[1][:, at], bounds[1])
    v, w = cells.now("v"), cells.now("w")
    yield "w", found[:, step.of_w], w
    yield "v", found[:, 0], v
    ends = np.stack([clip(v), clip(w)])  # [2 variables, 2 ends, cells]
    mixed = cells.now("mixed")
    for k, form in enumerate(_forms(len(step.p))):
        p, q = step.p[form][cells.column], step.q[form][cells.column]
        box = _times(p, ends[0]) + _times(q, ends[1])
        both = np.stack([np.maximum(found[0, form], box[0]), np.minimum(found[1, form], box[1])])
        yield f"form {k} of v and w", both, mixed[:, k]


class _Step:
    """One step of clause 5a on cells.

    The forms p * v + q * w are those of the certificate with v and w themselves in their places; v is the
    first, w the one of number `of_w`. p and q, and the constants of the population, are of its neurons;
    what is claimed is of cells, which stand in the columns `column`.
    """

    def __init__(self, of: Population, cells: Cells, u: Ints) -> None:
        self.reset, self.new = of.reset, of.order == "new"
        self.cells, self.u = cells, u
        assert cells.claim.forms is not None
        self.p, self.q = _half(cells.constant(cells.claim.forms))
        self.of_w = len(self.p) // 2
        self.mixed = np.insert(cells.then("mixed"), self.of_w - 1, 0, axis=1)
        self.v, self.w = clip(cells.then("v")), clip(cells.then("w"))
        self.theta, self.column = 64 * cells.of(of.threshold), cells.column
        self.lowered = 64 * cells.constant(of.reset_by) if of.reset == "subtract" else 0 * self.p[0]
        self.dv, self.dw = cells.constant(of.decay_v), cells.constant(of.decay_w)
        self.ka, self.kb, self.bias = (cells.constant(each) for each in (of.ka, of.kb, of.bias))

    def part(self, spikes: bool) -> tuple[npt.NDArray[np.intp], Ints]:
        """Cells in which the part with or without a spike is not empty, and what the forms reach from it.

        The bounds are int64 [2, forms, cells].
        """
        low, high = self.v
        if spikes:
            low = np.maximum(low, self.theta + 1)
            possible = ~self.cells.ended  # before step 0 v is 0, which is not above a threshold
        else:
            high = np.where(self.cells.ended, high, np.minimum(high, self.theta))
            possible = np.ones(len(low), np.bool_)
        at = np.flatnonzero(possible & (low <= high))
        least, most = self.mixed[:, :, at]
        least, most = (np.concatenate([v[None, at], rest]) for v, rest in ((low, least), (high, most)))
        least[self.of_w], most[self.of_w] = self.w[:, at]
        p, q = self.p[:, self.column[at]], self.q[:, self.column[at]]
        polygons = Polygons(*(np.concatenate(pair) for pair in ((p, -p), (q, -q), (most, -least))))
        bounds = self._taken_on(polygons, at, spikes)
        return at[~polygons.empty], bounds[:, :, ~polygons.empty]

    def _taken_on(self, polygons: Polygons, at: npt.NDArray[np.intp], spikes: bool) -> Ints:
        column, nothing = self.column[at], np.zeros(len(at), np.int64)
        v, w = (
            np.stack([-polygons.largest(-a, -b, side + len(self.p)), polygons.largest(a, b, side)])
            for a, b, side in ((nothing + 1, nothing, nothing), (nothing, nothing + 1, nothing + self.of_w))
        )
        if spikes:
            v = 0 * v if self.reset == "zero" else v - self.lowered[column]
        by_forms = self._by_forms(polygons, at, spikes)
        scaled = scale(v, self.ka[column])
        next_w = decay(w, self.dw[column]) + np.stack([scaled.min(axis=0), scaled.max(axis=0)])
        next_w = _narrower(next_w + spikes * self.kb[column], by_forms[:, self.of_w])
        whole_w = _unclipped(next_w)
        taken = (clip(next_w) if self.new else w)[::-1]
        next_v = decay(v, self.dv[column]) + self.u[:, at] + self.bias[column] - taken
        next_v = np.where(whole_w, _narrower(next_v, by_forms[:, 0]), next_v)
        whole = whole_w & _unclipped(next_v)
        bounds = np.where(whole, by_forms, np.array([-ANY, ANY])[:, None, None])
        bounds[:, 0], bounds[:, self.of_w] = next_v, next_w
        return bounds

    def _by_forms(self, polygons: Polygons, at: npt.NDArray[np.intp], spikes: bool) -> Ints:
        """Bounds of each form in the next step before the clips, int64 [2, forms, cells]."""
        found = np.empty((2, len(self.p), len(at)), np.int64)
        column, u = self.column[at], self.u[:, at]
        for k, (p, q) in enumerate(zip(self.p, self.q, strict=True)):
            g = q - p if self.new else q
            a = p * (4096 - self.dv) + g * self.ka
            b = g * (4096 - self.dw) - (0 if self.new else 4096 * p)
            added = 4096 * (p * self.bias + g * spikes * self.kb)
            if spikes:
                added -= a * self.lowered
                a = 0 * a if self.reset == "zero" else a
            added = added[column] + 4096 * _times(p[column], u)
            rounding = 4095 * (np.abs(p) + 2 * np.abs(g))[column]
            for end, sign in ((0, -1), (1, 1)):
                toward = sign * a, sign * b
                most = polygons.largest(*(each[column] for each in (*toward, self._corner(*toward))))
                found[end, k] = sign * ((most + sign * added[end] + rounding) // 4096)
        return found

    def _corner(self, a: Ints, b: Ints) -> Ints:
        """For each neuron, the number of the last side whose normal does not stand after (a, b)."""
        upper = (b > 0) | ((b == 0) & (a > 0))
        sign = np.where(upper, 1, -1)
        passed = (self.p * (sign * b) - self.q * (sign * a) >= 0).sum(axis=0)
        return passed - 1 + np.where(upper, 0, len(self.p))


def _forms(count: int) -> list[int]:
    """Numbers of the forms of the certificate among `count` with v and w."""
    return [k for k in range(1, count) if k != count // 2]


def _half(forms: Ints) -> tuple[Ints, Ints]:
    """p and q of v, the first half of the forms, w, and their second half, from int64 [forms, 2, ...]."""
    v, w = np.zeros((2, 1, *forms.shape[1:]), np.int64)
    v[:, 0], w[:, 1] = 1, 1
    middle = len(forms) // 2
    every = np.concatenate([v, forms[:middle], w, forms[middle:]])
    return every[:, 0], every[:, 1]


def _times(p: Ints, x: Ints) -> Ints:
    """p * x for an interval x."""
    return np.stack([np.minimum(p * x[0], p * x[1]), np.maximum(p * x[0], p * x[1])])


def _narrower(one: Ints, other: Ints) -> Ints:
    return np.stack([np.maximum(one[0], other[0]), np.minimum(one[1], other[1])])


def _unclipped(x: Ints) -> Flags:
    fits: Flags = (x[0] >= 1 - 2**23) & (x[1] <= 2**23 - 1)
    return fits
