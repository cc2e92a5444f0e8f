"""Values that are possible, and most likely a slip."""

from __future__ import annotations

UNLIKELY_STEP = 0.1
"""Seconds a step from which on they are most likely meant as milliseconds."""
UNLIKELY_SHORT = 5e-5
"""Seconds a step below which they are most likely a slip: no recording has so fine steps."""
_USUAL = "steps are mostly 1 to 50 ms"


def unlikely_step(seconds: float) -> str:
    """What to say of so long, or so short, a step; empty if it is neither."""
    if 0 < seconds < UNLIKELY_SHORT:
        return (
            f"is {seconds:g} seconds a step, and {_USUAL}, which is 0.001 to 0.05; recordings of longer "
            "steps will not fit"
        )
    if seconds < UNLIKELY_STEP:
        return ""
    return f"is {seconds:g} seconds a step, and {_USUAL}; if you mean milliseconds, give {seconds / 1000:g}"
