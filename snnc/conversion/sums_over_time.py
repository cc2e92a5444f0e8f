"""Sums over time: of all steps, added up in a loop, and of some of them, taken by a slice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from snnc.conversion.values import ONE, SPIKES, Path, Value


def summed_up(value: Value) -> Value:
    """A sum of the same in every step, added up in a loop, is a sum over time."""
    if value.is_decoded or value.axes.has_time:
        return value
    groups: list[list[Path]] = []
    for path in value.paths:
        for group in groups:
            if path.same_way(group[0]):
                group.append(path)
                break
        else:
            groups.append([path])
    count = max(map(len, groups), default=0)
    for group in groups:
        constant = group[0].source.what == ONE
        steps = list(range(count)) if constant else sorted(path.step for path in group)
        if len(group) != count or count < 2 or steps != list(range(count)):
            return value
    paths = (group[0] if group[0].is_constant else replace(group[0], step=0, stop=count) for group in groups)
    return replace(value, paths=tuple(paths), over_time="sum")


def by_step(value: Value, steps_of: Callable[[str], int], out: int) -> Value:
    """A sum of spikes over some of the steps of their neurons as one of each of these steps; others as they
    are, and parts that are all steps together as one.

    `steps_of`: how many steps the neurons of this name compute; `out`: steps of the value. Not of a bias,
    which counts in all steps.
    """

    def partly(of: Value) -> bool:
        return any(is_part(path, steps_of(path.source.population), out) for path in of.paths)

    of_spikes = all(path.source.what == SPIKES for path in value.paths)
    if value.over_time != "sum" or not of_spikes or not partly(value):
        return value
    found = list[Path]()
    for path in value.paths:
        first, end = span(path, steps_of(path.source.population))
        found += [replace(path, step=each, first=0, stop=None) for each in range(first, end)]
    each = replace(value, paths=tuple(found), over_time=None)
    together = summed_up(each)
    return each if together.over_time is None or partly(together) else together


def span(path: Path, steps: int) -> tuple[int, int]:
    """The first step of all `steps` that counts, and the one behind the last."""
    return max(path.first, path.step), steps if path.stop is None else path.stop


def is_part(path: Path, steps: int, out: int) -> bool:
    """Whether not all of `steps` count, nor all that come in time to be among `out`."""
    begin, end = span(path, steps)
    return begin > 0 or (end < steps and end - path.step < out)
