"""In which units a population computes on the board."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """How the numbers of a population of the contract become those of the board.

    Attributes
    ----------
    quantum
        The unit of its ring buffers is 2**quantum of the contract's weights. Smaller weights are rounded.
    gain
        A weight of 1 moves the value toward which v decays by 2**gain / 32768 mV. None: by as much as makes
        the unit of v, 1/32768 mV, that of the contract, as nearly as tau_m / cm allows.
    correction
        In units of the contract's v: what a constant current takes from v in each step, since the contract
        rounds toward zero and the board up.
    """

    quantum: int
    gain: int | None
    correction: float = 0.0
