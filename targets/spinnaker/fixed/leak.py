"""Which tau_m gives a wanted decay: the board computes exp(-step / tau_m) itself, from a rounded quotient."""

from __future__ import annotations

import math

from snnc.targets.spinnaker.fixed.accum import HIGHEST, ONE, divide, exponential
from snnc.targets.spinnaker.fixed.neurons import TIME_STEP

NEAR = 4
"""How many quotients to each side of the right one are tried: `exponential` is off by up to 1.04 units."""


def time_constant(kept: int, twos: int = 0) -> int:
    """tau_m in S16.15, with which the decay is nearest to `kept` / 32768; of those a multiple of 2**`twos`.

    A neuron takes in its input only through its leak, so that a decay of 1 is no choice. Where no such
    multiple gives the decay, it is one of the largest power of two below.
    """
    quotients = sorted({_quotient(each) for each in _candidates(kept)})
    best = min(quotients, key=lambda each: (abs(exponential(-each) - kept), each))
    return _roundest(best, twos)


def _candidates(kept: int) -> list[int]:
    """Some tau_m around the right one."""
    quotient = round(-math.log(max(kept, 0.5) / ONE) * ONE)
    near = [each for each in range(quotient - NEAR, quotient + NEAR + 1) if each > 0] + [1]
    taus = {divide(TIME_STEP, each) + more for each in near for more in (-1, 0, 1)}
    return [tau for tau in taus if 0 < tau <= HIGHEST and _quotient(tau) > 0]


def _quotient(tau: int) -> int:
    return divide(TIME_STEP, tau)


def _roundest(quotient: int, twos: int) -> int:
    """Of the tau_m that give `quotient` the largest multiple of 2**`twos`, or of a smaller power of two."""
    dividend = TIME_STEP << 15
    least, most = dividend // (quotient + 1) + 1, dividend // quotient
    for power in range(twos, 0, -1):
        tau = most >> power << power
        if tau >= least:
            return tau
    return most
