"""Delays that reach over a small part of the recordings: told before the training, with what changes it."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from snnc.percent import percent

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig
    from snnc.trainer.data.events import EventDataset

LEAST = 1 / 3
"""Share of the longest recording that the longest delay covers without a word."""
_AIM = 1 / 2
"""Share that it covers with the settings that are told."""
_MOST_TAPS = 4095
"""The most that `kernel_size` may be."""


def short_delays(
    file: str | os.PathLike[str], events: EventDataset, chosen: Mapping[str, Any], step: str
) -> str:
    """What the delays of the preset with the fields `chosen` cover of `events`; empty if that is enough.

    `events` are those of `file`. `step`: what a user writes before the seconds of another step.
    Classes that differ in what lies further apart stay alike to the network. Empty, too, where recordings
    begin late, so that when they end tells no length.
    """
    from snnc.trainer.data.dense import is_sole_step
    from snnc.trainer.data.spans import Spans
    from snnc.trainer.introduction import longest_delay, milliseconds
    from snnc.trainer.recipes.augmented import MERGED
    from snnc.trainer.suited import FEWEST, LONGEST_STEP, preset_with

    spans = Spans(events)
    if spans.late or spans.some_late(events):
        return ""
    config = preset_with({"dataset": str(file), **chosen})
    longest = events.needed_steps(config.bin_s) * config.bin_s
    steps = longest_delay(config)
    reach = steps * config.bin_s
    if not steps or reach >= LEAST * longest:
        return ""
    remedies = list[str]()
    coarser = two_digits_up(_AIM * longest / steps)
    if config.bin_s < coarser <= min(LONGEST_STEP, longest / FEWEST):
        (now, _), (shared, all_of) = (_shared(events, config, each) for each in (config.bin_s, coarser))
        if max(now, shared) < MERGED * all_of:  # else it may be why validation is low
            first = f"dt={config.bin_s:g} stored in the file, and " if is_sole_step(file) else ""
            falls = f"{percent(shared, all_of, 1)} of events fall into a step and line that has one already"
            lost = (
                f"with steps of {milliseconds(coarser)} nothing faster than {1 / (2 * coarser):.3g} Hz is "
                f"seen, and {falls if shared else 'no two events share a step and line'}"
            )
            remedies.append(f"a coarser step ({first}{step}{coarser:g}; {lost})")
    taps = math.ceil(_AIM * longest / config.bin_s) // 2 * 2 + 1
    if taps <= _MOST_TAPS:
        remedies.append(f"longer kernels (--set kernel_size={taps})")
    return (
        f"delays reach {milliseconds(reach)}, and events of a recording up to {milliseconds(longest)}, in "
        f"steps of {milliseconds(config.bin_s)}; if what tells classes apart is further apart than that, "
        f"give {' or '.join(remedies) or 'cut recordings'}"
    )


def two_digits_up(seconds: float) -> float:
    """The least number of two digits that is no less."""
    unit = 10.0 ** (math.floor(math.log10(seconds)) - 1)
    return float(f"{math.ceil(seconds / unit - 1e-9) * unit:.2g}")


def _shared(events: EventDataset, config: TrainConfig, bin_s: float) -> tuple[int, int]:
    """How many events fall into a step of `bin_s` and a line that have one already, and how many there are.

    Those of the recordings that are measured.
    """
    import numpy as np

    from snnc.trainer.introduction import MEASURED, shared_events

    if len(events) > MEASURED:
        events = events.select(np.arange(MEASURED) * len(events) // MEASURED)
    return shared_events(events, bin_s, events.needed_steps(bin_s), config.unit_pool)
