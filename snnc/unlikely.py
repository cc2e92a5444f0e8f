"""Values that are possible, and most likely a slip."""

from __future__ import annotations

UNLIKELY_STEP = 0.1
"""Seconds a step from which on they are most likely meant as milliseconds."""


def unlikely_step(seconds: float) -> str:
    """What to say of so long a step; empty if it is none."""
    if seconds < UNLIKELY_STEP:
        return ""
    return (
        f"is {seconds:g} seconds a step, and networks of spikes take a millisecond or some; if you mean "
        f"milliseconds, give {seconds / 1000:g}"
    )
