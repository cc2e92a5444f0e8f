"""The settings that training takes for data alone: those of a preset, some replaced to suit the data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from snnc.trainer.data.dense import dense_file
from snnc.trainer.data.events import EventDataset
from snnc.trainer.guessed_step import guessed_step
from snnc.trainer.own_steps import own_steps
from snnc.trainer.recipes.augmented import augmentation_on
from snnc.trainer.short_delays import short_delays
from snnc.trainer.suited import PRESET, preset_with, suited


def for_data(
    file: str | os.PathLike[str], events: EventDataset, told: Mapping[str, Any], step: str
) -> tuple[dict[str, Any], list[str]]:
    """Fields of the preset `PRESET` for the `events` of `file`, with those `told`, and lines on them.

    `step`: what a user writes before the seconds of another step.
    """
    chosen = {**suited(events), **told}
    if dense_file(file):
        chosen = {**own_steps(events, chosen), **chosen}
    shown = ", ".join(f"{name} = {value}" for name, value in chosen.items() if name not in told)
    lines = [f"settings: those of the preset {PRESET}" + (f", but {shown} to suit the data" if shown else "")]
    config = preset_with({"dataset": str(file), **chosen})
    if guess := guessed_step(events, config.bin_s, told, step):
        lines.append(guess)
    on = augmentation_on(config)
    if on:
        shown = ", ".join(f"{name} = {value:g}" for name, value in on.items())
        off = " ".join(f"--set {name}=0" for name in on)
        lines.append(f"augmentation of what trains: {shown}; off: {off}")
    if told_of := short_delays(file, events, chosen, step):
        lines.append(told_of)
    return {"dataset": str(file), **chosen}, lines
