"""The step of a network that nobody named: that it is a guess, and what tries a finer one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from snnc.trainer.data.events import EventDataset

FINER = 4
"""By how much the step is finer that is told: of neighbouring steps, accuracies hardly differ."""


def guessed_step(events: EventDataset, bin_s: float, told: Mapping[str, Any], step: str) -> str:
    """That `bin_s` follows from the length of `events` alone; empty where the data or the user name it.

    `told`: the fields that the user gave. `step`: what a user writes before the seconds of another step.
    Sound has the step that suits the cochlea model, and samples in steps have their own.
    """
    from snnc.trainer.introduction import milliseconds

    whole = np.issubdtype(events.times.dtype, np.integer)
    finer = float(f"{bin_s / FINER:.2g}")
    if "bin_s" in told or events.step_s is not None or events.encoder is not None or not events.times.size:
        return ""
    if whole and finer < events.tick_s:  # no time is finer than a tick
        return ""
    return (
        f"the step, {milliseconds(bin_s)}, is a guess by the length of the recordings; if finer timing tells "
        f"classes apart, try {step}{finer:g} ({FINER} times the steps to compute; delays, in as many steps, "
        f"reach 1/{FINER} as far)"
    )
