"""Settings of the preset that training takes for data alone, replaced where they do not suit the data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig
    from snnc.trainer.data.events import EventDataset

PRESET = "digits"
"""Its settings train on such data, with those that do not suit replaced."""
FEWEST, _MOST = 10, 500
"""Fewest and most time steps of the longest recording, for which the preset's step is kept."""
LONGEST_STEP = 1.0
"""Seconds; the most that `bin_s` may be."""
_BATCHES = 8
"""Batches of an epoch, if there are enough recordings. Twice as many took longer, and were no better."""
_BATCH = 8
"""Fewest recordings of a batch."""
_FEW = 4
"""From so many batches of an epoch, nothing is said of them."""
_OF_ORDER = ("channel_shift", "channel_warp")
"""Augmentation that moves events to neighbouring lines."""


def preset_with(fields: Mapping[str, Any]) -> TrainConfig:
    """The preset with other `fields`; an error names the settings, since no user chose the preset."""
    from snnc.trainer.config import make_config, read_values, replaced

    values = replaced(read_values(PRESET)[1], fields)
    return make_config(values, f"settings (others come from the preset {PRESET})")


def suited(events: EventDataset) -> dict[str, Any]:
    """Fields in which `events` need another value than that of the preset."""
    import numpy as np

    from snnc.trainer.config import load_config

    preset, fields = load_config(PRESET), dict[str, Any]()
    if not _of_cochlea(events):
        fields["channel_shift"] = 0  # neighbouring lines need not be alike
    seconds = float(events.seconds.max(initial=0.0))
    steps = seconds / preset.bin_s
    if seconds and not FEWEST <= steps <= _MOST:
        # Whole ticks are the finest step that times have; of times in floats the tick is only their unit.
        finest = events.tick_s if np.issubdtype(events.times.dtype, np.integer) else 0.0
        fitting = rounded_up(seconds / (FEWEST * 2 if steps < FEWEST else _MOST))
        fields["bin_s"] = min(max(fitting, finest), LONGEST_STEP)
    if (batch := _batch_of(0.7 * len(events))) < preset.batch_size:
        fields["batch_size"] = batch
    return fields


def unsuited(train: EventDataset, config: TrainConfig) -> str:
    """Which fields of `config`, as a preset has them, hardly suit a user's recordings `train`; or empty."""
    from snnc.trainer.data import NAMED
    from snnc.trainer.data.published import PUBLISHED

    if config.dataset in NAMED or config.dataset in PUBLISHED:
        return ""
    other, why = dict[str, int](), list[str]()
    if moved := [] if _of_cochlea(train) else [name for name in _OF_ORDER if getattr(config, name)]:
        other |= dict.fromkeys(moved, 0)
        why.append(f"{' and '.join(moved)} suits lines of which neighbours are alike, as those of a cochlea")
    batches = -(-len(train) // config.batch_size)
    if batches < _FEW and 4 * (batch := _batch_of(len(train))) <= config.batch_size:
        other["batch_size"] = batch
        why.append(f"an epoch has {batches} batch{'es' * (batches > 1)} of up to {config.batch_size}")
    if not other:
        return ""
    return f"{'; '.join(why)}; else: {' '.join(f'--set {name}={value}' for name, value in other.items())}"


def _of_cochlea(events: EventDataset) -> bool:
    from snnc.trainer.data.readable import COCHLEA

    return events.unit_count == COCHLEA.bands and events.tick_s == COCHLEA.step_s


def _batch_of(recordings: float) -> int:
    """How many recordings a batch has of so many that train."""
    return int(2 ** math.floor(math.log2(max(recordings / _BATCHES, _BATCH))))


def rounded_up(seconds: float) -> float:
    """Up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(seconds))
    step = next(each for each in (1, 2, 5, 10) if each * power >= seconds * (1 - 1e-9))
    return float(f"{step * power:.6g}")
