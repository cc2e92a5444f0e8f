"""A network that is trained on samples in steps takes as many steps as they have, if its step is theirs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snnc.trainer.data.events import EventDataset


def own_steps(events: EventDataset, told: Mapping[str, Any]) -> dict[str, Any]:
    """Fields with which the preset keeps the steps of `events`, which are samples in steps; `told` are set.

    Without them the network would end some steps after the last event, and refuse new samples of the shape
    that it was trained on.
    """
    from snnc.trainer.config import load_config
    from snnc.trainer.data.dense import steps_of
    from snnc.trainer.suited import PRESET

    preset = load_config(PRESET)
    bin_s = told.get("bin_s", preset.bin_s)
    if {"time_steps", "padding_steps"} & told.keys() or not math.isclose(bin_s, events.tick_s):
        return {}
    steps = steps_of(events)
    fields: dict[str, Any] = {"time_steps": steps, "padding_steps": 0}
    if preset.kernel_size > steps:  # no later delay would arrive; kernels are odd
        fields["kernel_size"] = steps - 1 + steps % 2
    if events.needed_steps(bin_s) + preset.time_shift > steps:  # it would shift events out
        fields["time_shift"] = 0
    return fields
