"""How a step of `dt` solves tau dx/dt = I - x: what remains of x, and how much of I it takes up.

    euler      x <- (1 - dt/tau) x + dt/tau I          the forward difference
    exact      x <- e x + (1 - e) I                    I is held during the step, e = exp(-dt/tau)
    impulse    x <- e x + dt/tau I                     I dt comes at once, at the end of the step

A NIR file does not say which of them its framework does. Neurons with a current have two such equations: the
membrane reads the current after its step. (Solved together, exactly, x would also read the current before
it, which is no step of the contract; no framework does so.)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.unlikely import unlikely_step

FloatArray = npt.NDArray[np.float64]

EULER, EXACT, IMPULSE = "euler", "exact", "impulse"
INTEGRATIONS = (EULER, EXACT, IMPULSE)

SAME = 1e-5
"""Relative difference up to which time constants count as equal: float32 does not hold more."""


def shares(name: str, field: str, seconds: FloatArray, dt: float, how: str) -> tuple[FloatArray, FloatArray]:
    """What a step loses of x, and what it takes up of I: float64 of the shape of `seconds`.

    `field` of the node `name` are the time constants `seconds`, `how` is one of `INTEGRATIONS`.

    Raises
    ------
    InputError
        If a time constant is not above 0 or, in Euler steps, is shorter than `dt`.
    """
    shortest = int(seconds.argmin())
    least = float(seconds.reshape(-1)[shortest])
    if how == EULER and least < dt * (1 - SAME):
        in_seconds = dt / 1000
        slip = unlikely_step(dt) and in_seconds <= least * (1 + SAME)
        meant = f" (did you mean --dt {in_seconds:g}?)" if slip else ""
        raise InputError(
            f"node {name!r}, neuron {shortest}: {field} is {least:.6g} s, shorter than the step of {dt:.6g} "
            f"s{meant}, so an Euler step would overshoot; pass --dt with this value or a smaller one, or "
            "--integration exact or impulse if the framework has exp(-dt/tau)"
        )
    if least <= 0:
        raise InputError(f"node {name!r}, neuron {shortest}: {field} is {least:.6g} s, expected > 0")
    taken: FloatArray = dt / seconds
    if how == EULER:
        taken = np.where(seconds < dt * (1 + SAME), 1.0, taken)
        return taken, taken
    lost: FloatArray = -np.expm1(-taken)
    return lost, lost if how == EXACT else taken
