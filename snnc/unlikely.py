"""Values that are possible, and most likely a slip."""

from __future__ import annotations

UNLIKELY_STEP = 0.1
"""Seconds a step from which on they are most likely meant as milliseconds."""
UNLIKELY_SHORT = 5e-5
"""Seconds a step below which they are most likely a slip: no recording has so fine steps."""


def unlikely_step(seconds: float) -> str:
    """What to say of so long, or so short, a step; empty if it is neither."""
    if 0 < seconds < UNLIKELY_SHORT:
        return (
            f"is {seconds:g} seconds a step, and networks of spikes take a millisecond or some, which is "
            "0.001; recordings of longer steps will not fit"
        )
    if seconds < UNLIKELY_STEP:
        return ""
    return (
        f"is {seconds:g} seconds a step, and networks of spikes take a millisecond or some; if you mean "
        f"milliseconds, give {seconds / 1000:g}"
    )
