"""A convex polygon around the states (v, w) of each neuron of an `adlif` population, in whole numbers.

A polygon is what the bounds of H linear forms p * v + q * w leave. It is stored by the supports of K = 2 H
directions (p, q), counterclockwise, the first of them (1, 0): an array called `Supports` is int64 [K,
neurons], and claims p * v + q * w <= support for each direction. Direction k + H is opposite to k. The
directions of a neuron are those of a pattern, with p or q times a power of two, so in every neuron they have
the same order. All p and q are at most 128, and v and w less than 2^23, so 64 bits hold every product below.

A bound of a direction that lies between two others follows from their supports: with [c, d] = c_p d_q - c_q
d_p and [i, k], [k, j], [i, j] >= 0,

    [i, j] (p_k v + q_k w) = [k, j] (p_i v + q_i w) + [i, k] (p_j v + q_j w) <= [k, j] h_i + [i, k] h_j.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from snnc import formats

Supports = npt.NDArray[np.int64]
Whole = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]

QUADRANT = ((16, 3), (15, 6), (13, 9), (11, 11), (9, 13), (6, 15), (3, 16))
"""Directions between that of v and that of w, about 11 degrees apart: more of them give narrower bounds, and
take time with the square of their number.
"""
H = 2 * len(QUADRANT) + 2
K = 2 * H
V, W = 0, H // 2
"""Where the directions of v and of w stand; those of -v and -w stand H later."""
AXES = (V, W, V + H, W + H)
MIXED = [k for k in range(H) if k not in AXES]
"""The forms that a certificate holds beside v and w."""
STRETCH = 3
"""The largest exponent by which p or q is multiplied."""
LEAST = -(1 << 31)
"""No support of a state is less; one of no state may be, and is cut off so that 64 bits hold what follows."""


def directions(stretch: Whole) -> Whole:
    """int64 [K, 2, neurons]; p is times 2 ** stretch where this is positive, q times 2 ** -stretch else.

    `stretch` int64 [neurons], -STRETCH .. STRETCH.
    """
    half = [(1, 0), *QUADRANT, (0, 1), *((-q, p) for p, q in QUADRANT)]
    pattern = np.array([*half, *((-p, -q) for p, q in half)], np.int64)
    times = np.stack((1 << np.maximum(stretch, 0), 1 << np.maximum(-stretch, 0)))
    stretched = pattern[:, :, None] * times
    stretched[list(AXES)] = pattern[list(AXES)][:, :, None]
    return stretched


def cross(c: Whole, d: Whole) -> Whole:
    """[c, d] of arrays [..., 2, neurons]."""
    product: Whole = c[..., 0, :] * d[..., 1, :] - c[..., 1, :] * d[..., 0, :]
    return product


@dataclass(frozen=True)
class Between:
    """Bounds that follow for directions from two supports each: (`of_i` h_i + `of_j` h_j) / `both`.

    Places [bounds] or [bounds, neurons]; the numbers int64 [bounds, neurons], none negative, `both` > 0.
    """

    i: Places
    j: Places
    of_i: Whole
    of_j: Whole
    both: Whole

    def bound(self, h: Supports) -> Whole:
        """Rounded down, since the forms are whole numbers; int64 [bounds, neurons]."""
        found: Whole = self._times(h) // self.both
        return found

    def bound_up(self, h: Supports) -> Whole:
        """Rounded up: no less than what the polygon of all real numbers gives."""
        found: Whole = -(-self._times(h) // self.both)
        return found

    def _times(self, h: Supports) -> Whole:
        if self.i.ndim == 1:
            return self.of_i * h[self.i] + self.of_j * h[self.j]
        return self.of_i * np.take_along_axis(h, self.i, 0) + self.of_j * np.take_along_axis(h, self.j, 0)


@dataclass(frozen=True)
class Polygons:
    """The directions of every neuron, int64 [K, 2, neurons], and what follows from them."""

    c: Whole

    @cached_property
    def _tightening(self) -> tuple[Between, Places]:
        """All bounds of a direction by an axis on one side and any direction on the other.

        In the order of the directions k, of which the first places are given, too.
        """
        ways = []
        for k in range(K):
            for axis in AXES:
                ahead = (axis - k) % K
                if (
                    0 < ahead < H
                ):  # the axis comes after k: the other comes before, less than half a turn away
                    ways += [(k, (k - back) % K, axis) for back in range(1, H - ahead)]
                elif ahead > H:
                    ways += [(k, axis, (k + on) % K) for on in range(1, H - (K - ahead))]
        ways.sort()
        k, i, j = np.array(ways).T
        c = self.c
        between = Between(i, j, cross(c[k], c[j]), cross(c[i], c[k]), cross(c[i], c[j]))
        return between, np.searchsorted(k, np.arange(K))

    def tightened(self, h: Supports) -> Supports:
        """Supports of the same polygon that use what the bounds of v and w say of the other forms.

        They are rounded up, so that a checker may take the polygon of `h` as it is, for all real numbers.
        """
        between, first = self._tightening
        least = np.minimum.reduceat(between.bound_up(h), first, axis=0)
        return np.maximum(np.minimum(h, least), LEAST)

    def around(self, forms: Whole) -> Between:
        """For any forms int64 [K, 2, neurons]: bounds by the two directions beside each."""
        c = self.c
        after = cross(c[:, None], forms[None]) >= 0  # [direction, form, neuron]
        beside = after & ~np.roll(after, -1, axis=0)
        # A form of zeros is beside none: it gets place 0, and both numbers are 0.
        i = beside.argmax(axis=0)
        j = (i + 1) % K
        c_i, c_j = (np.take_along_axis(c, places[:, None], 0) for places in (i, j))
        return Between(i, j, cross(forms, c_j), cross(c_i, forms), cross(c_i, c_j))

    def of_box(self, v: Whole, w: Whole) -> Supports:
        """Supports of the intervals `v` and `w`, int64 [2, neurons] each."""
        found: Supports = largest(self.c[:, 0], v) + largest(self.c[:, 1], w)
        return found


def largest(factor: Whole, x: Whole) -> Whole:
    """The most of `factor` int64 [K, neurons] times a number of the intervals `x` [2, neurons]."""
    most: Whole = np.maximum(factor * x[0], factor * x[1])
    return most


def interval(h: Supports, axis: int) -> Whole:
    """The lower and the upper end of v (`axis` V) or w (W), int64 [2, neurons]."""
    return np.stack((-h[axis + H], h[axis]))


def balanced(matrix: npt.NDArray[np.float64], steps: int) -> Whole:
    """The `stretch` for which v and w count alike, from how far u moves them in `steps` steps.

    `matrix` float64 [2, 2, neurons]: what a step makes of (v, w).
    """
    state = np.zeros((2, matrix.shape[2]))
    state[0] = 1.0
    reach = np.zeros_like(state)
    for _ in range(steps):
        reach += np.abs(state)
        state = np.clip(np.einsum("abn,bn->an", matrix, state), -1e100, 1e100)
    ratio = np.log2(np.maximum(reach[1], 1e-9) / reach[0])
    stretch: Whole = np.clip(np.rint(ratio), -STRETCH, STRETCH).astype(np.int64)
    return stretch


def one_step(decay_v: Whole, decay_w: Whole, ka: Whole, new: bool) -> tuple[Whole, Whole]:
    """4096 times what a step makes of v and of w: rows (v', w'), int64 [2, 2, neurons], and how v' takes w'.

    Without rounding, u, biases and spikes.
    """
    one = formats.DECAY_ONE
    of_w = np.stack((ka, one - decay_w))
    of_v = np.stack((one - decay_v, np.zeros_like(ka))) - (of_w if new else np.stack((0 * ka, 0 * ka + one)))
    return of_v, of_w
