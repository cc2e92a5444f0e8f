"""The way back: which input events would make a state larger, to first order, through any graph.

A gradient in floating point through the contract's clauses, backwards in time and in the contract order. A
spike is given the derivative of a fast sigmoid (Zenke and Ganguli 2018). Only its directions are used.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.compiled import floats
from snnc.verification.inputs.graphs.wiring import Ints, Of, Whole, Wiring

Floats = npt.NDArray[np.float64]

VARIABLES = ("u", "v", "w")


class Pull:
    """`Wiring` sorted by destination, for `towards`."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        order = np.argsort(wiring.post.astype(np.int64) * wiring.steps + wiring.delay, kind="stable")
        self.pre, self.delay = wiring.pre[order], wiring.delay[order]
        self.weight = wiring.weight[order].astype(np.float64)
        self.row = np.zeros(wiring.size + 1, np.int64)
        np.cumsum(np.bincount(wiring.post, minlength=wiring.size), out=self.row[1:])

    @property
    def fed(self) -> Whole:
        """The neurons into which synapses of input lines lead."""
        number = np.repeat(np.arange(self.wiring.size), np.diff(self.row))
        return np.unique(number[np.isin(self.pre, self.wiring.lines)])

    def towards(
        self,
        variable: str,
        number: int,
        step: int,
        sign: int,
        sent: npt.NDArray[np.uint8],
        states: tuple[Ints, Ints, Ints],
    ) -> Floats:
        """By how much an event more of each line and step changes `sign` times a state, [T, inputs].

        `sent` [T, numbers] and `states` [numbers, T] are those of one sample.
        """
        gradient = np.zeros((self.wiring.steps, self.wiring.size))
        _back(
            VARIABLES.index(variable),
            number,
            step,
            float(sign),
            self.wiring.neurons,
            sent,
            *states,
            self.row,
            self.pre,
            self.delay,
            self.weight,
            gradient,
        )
        return gradient[:, self.wiring.lines]


@floats
def _back(
    variable: int,
    number: int,
    step: int,
    sign: float,
    of: Whole,
    sent: npt.NDArray[np.uint8],
    u: Ints,
    v: Ints,
    w: Ints,
    row: Whole,
    pre: Ints,
    delay: Ints,
    weight: Floats,
    gradient: Floats,
) -> None:
    size = sent.shape[1]
    from_u, from_v, from_w, to_w = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size)
    spike = np.zeros(size)  # by S of the step, through w of the next one
    for t in range(step, -1, -1):
        for n in range(size - 1, -1, -1):
            if not of[Of.STATE, n]:
                continue
            level = max(of[Of.LEVEL, n], 64)
            keep_u, keep_v, keep_w = 1 - of[Of.DU, n] / 4096, 1 - of[Of.DV, n] / 4096, 1 - of[Of.DW, n] / 4096
            ka = of[Of.KA, n] / 4096
            fires = of[Of.LEVEL, n] >= 0 and t < of[Of.END, n]
            fired = sent[t, n] != 0
            by_v = from_v[n]
            if fired and of[Of.RESET, n] == 0:
                by_v = 0.0  # the reset ends what was before
            by_spike = gradient[t, n] + spike[n]
            if fires and by_spike != 0:
                x = v[n, t] + 0.0
                if fired and of[Of.RESET, n] == 0:
                    x = level + 0.0
                elif fired:
                    x += of[Of.R, n]
                by_v += by_spike / (1 + 2 * abs(x / level - 1)) ** 2 / level
            by_w, by_u = from_w[n], from_u[n]
            if n == number and t == step:
                if variable == 0:
                    by_u += sign
                elif variable == 1:
                    by_v += sign
                else:
                    by_w += sign
            by_v = max(-1e30, min(1e30, by_v))
            if of[Of.ADAPTS, n]:
                by_w += to_w[n]
                if not of[Of.OLD, n]:
                    by_w -= by_v
                by_w = max(-1e30, min(1e30, by_w))
                to_w[n] = -by_v if of[Of.OLD, n] else 0.0
                spike[n] = by_w * of[Of.KB, n]
            by_u = max(-1e30, min(1e30, by_u + by_v))
            from_u[n], from_w[n] = by_u * keep_u, by_w * keep_w
            from_v[n] = by_v * keep_v + by_w * ka
            if by_u != 0:
                for k in range(row[n], row[n + 1]):
                    at = t - delay[k]
                    if at < 0:
                        break  # they are sorted by delay
                    gradient[at, pre[k]] += 64 * weight[k] * by_u
