"""Times and addresses that were cut to a small type of integers, and so start again at 0."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.short_recordings import named

_PART = 1 << 22
"""Events that are looked at at once."""
_SPAN = 1 << 16
"""Of 16 bits."""
_UNITS_S = (1e-6, 1e-4, 1e-3)
"""Seconds, of which times in other units may be whole numbers: so they were cut before they were divided."""
_WHOLE = 0.01
"""Farthest from a whole number that rounding to float32 takes one below `_SPAN`."""
_NEAR_END = 0.98
"""Of the span, so that the latest time is near its end."""
_GAP = 8
"""Most mean distances of times between the latest and the end: beyond that, nothing was cut there."""
_FROM_TOP = 0.6
"""Of the falls, the least share that goes down by half of the span: a long silence hides where one began. Of
events in any order, a quarter does."""
_NEARLY_ALL = 0.9
"""Of the recordings, the least share that ends near the top."""
_RECORDINGS = 4
"""Fewest recordings that end near the top not by chance."""
_LINES = 1 << 8
"""Addresses in uint8; those in uint16 reach every line that recordings can have."""
_BESIDE = 16
"""Lines on each side of `_LINES` that are looked at."""


def of_times(ds: EventDataset) -> str:
    """What tells times that were cut to 16 bits, or empty: in order, they fall from the top to the bottom.

    Where they were sorted after it, nearly all recordings end near the top. Their type tells nothing: they
    may have become another, or seconds, after the cut.
    """
    most = float(ds.times.max(initial=0))
    others = (each / ds.tick_s for each in _UNITS_S) if ds.times.dtype.kind == "f" else ()
    for unit in (1.0, *others):
        if _NEAR_END * _SPAN <= most / unit < _SPAN and (whole := _in_units(ds.times, unit)) is not None:
            return _cut(ds, whole, unit)
    return ""


def _cut(ds: EventDataset, whole: NDArray[np.uint16], unit: float) -> str:
    """The same, of times that are `whole` times `unit` ticks."""
    distinct = np.count_nonzero(np.bincount(whole, minlength=_SPAN))
    if (_SPAN - 1 - int(whole.max())) * distinct > _GAP * _SPAN:
        return ""
    top = int(_NEAR_END * _SPAN)
    ends = whole[ds.offsets[1:][np.diff(ds.offsets) > 0] - 1]
    near = int((ends >= top).sum())
    all_near = near >= _NEARLY_ALL * len(ends)
    falls = _falls(whole, ds.offsets)
    remedy = f"{'store the' if unit == 1.0 else 'divide'} whole integers, without astype(np.uint16)"
    if not len(falls):
        if len(ends) < _RECORDINGS or not all_near:
            return ""
        return (
            f"the last event of {near} of {len(ends)} recordings is at {top * unit:.6g} to "
            f"{(_SPAN - 1) * unit:.6g}, as where times were cut to 16 bits and sorted: if recordings last "
            f"longer than {_SPAN * unit * ds.tick_s:.6g} s, {remedy}"
        )
    if all_near or ((ds.units[falls] > ds.units[falls - 1]).all() and not len(_falls(ds.units, ds.offsets))):
        return ""  # part after part, as line after line, each from its first event to its last
    if (2 * (whole[falls - 1].astype(np.int64) - whole[falls]) >= _SPAN).mean() < _FROM_TOP:
        return ""
    one = int(np.searchsorted(ds.offsets, falls[0], side="right")) - 1
    return (
        f"times fall {len(falls)} times within recordings, in {named(ds, one)} from "
        f"{ds.times[falls[0] - 1]:.6g} to {ds.times[falls[0]]:.6g}, as times cut to 16 bits do: {remedy}"
    )


def _in_units(times: NDArray[Any], unit: float) -> NDArray[np.uint16] | None:
    """`times` as multiples of `unit`, all below `_SPAN`; None if one is no whole multiple."""
    if times.dtype == np.uint16:
        return times
    found = np.empty(len(times), np.uint16)
    for start in range(0, len(times), _PART):
        part = times[start : start + _PART].astype(np.float64) / unit
        rounded = np.rint(part)
        if (np.abs(part - rounded) > _WHOLE).any() or rounded.max() >= _SPAN:
            return None
        found[start : start + _PART] = rounded
    return found


def _falls(values: NDArray[np.unsignedinteger[Any]], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The events of which a value is below that of the event before in their recording."""
    found = [np.zeros(0, np.int64)]
    for start in range(0, len(values), _PART):
        part = values[start : start + _PART + 1]
        found.append(np.flatnonzero(part[1:] < part[:-1]) + start + 1)
    at = np.concatenate(found)
    return at[~np.isin(at, offsets)]


def of_lines(counts: NDArray[np.int64]) -> str:
    """What tells addresses that were computed in 8 bits, of how many events lines have; or empty.

    All lines from 256 on are silent, and most of those just below fire.
    """
    below, beyond = counts[_LINES - _BESIDE : _LINES], counts[_LINES:]
    if len(beyond) < _BESIDE or beyond.any() or 4 * np.count_nonzero(below) < 3 * _BESIDE:
        return ""
    return (
        f"no line from {_LINES} on ever fires, and those just below do, as where addresses are computed in 8 "
        f"bits and {_LINES} is 0 again: compute them of x.astype(int), y.astype(int) and p.astype(int)"
    )
