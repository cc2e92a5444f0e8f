"""How long recordings are whose source does not say it."""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from snnc.errors import InputError
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.owners import called

Dataset = TypeVar("Dataset", bound=EventDataset)
_MOST = float(np.finfo(np.float32).max)


def with_last_event_duration(ds: Dataset) -> Dataset:
    """`ds` with each recording's last event as its duration (0 without events).

    Raises
    ------
    InputError
        An event is so late that no duration says it.
    """
    last = np.zeros(len(ds), np.float64)
    filled = np.flatnonzero(np.diff(ds.offsets) > 0)
    if filled.size:
        with np.errstate(over="ignore"):
            last[filled] = np.maximum.reduceat(ds.times, ds.offsets[filled]).astype(np.float64) * ds.tick_s
    for late in np.flatnonzero(last > _MOST)[:1]:
        raise InputError(
            f"event data '{ds.name}': {called(int(late), ds.files)} has an event at {last[late]:g} s, at "
            f"most {_MOST:.3g} s can be told; check its times, and tick_s, seconds a tick"
        )
    return replace(ds, duration=last.astype(np.float32))
