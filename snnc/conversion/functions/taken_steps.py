"""Steps taken one by one are a time again.

As by gather(x, 0, (t - k).clamp(min=0).expand(x.shape)) * (t >= k), of lines or of synapses.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from math import prod

import numpy as np
import numpy.typing as npt

from snnc.conversion.axes import TIME, Axes
from snnc.conversion.functions.nearest import IN_FRONT, INVERTED, TAKEN
from snnc.conversion.functions.odd_steps import STEP_0_ALONE, Odd, map_of, odd_steps
from snnc.conversion.merged import factored
from snnc.conversion.operations import gain, matrix, picked
from snnc.conversion.values import FloatArray, Operation, Path, Source, Value
from snnc.exporter.nir.lines import At
from snnc.exporter.nir.signals import Signal

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Entries:
    """Entry k: in step `at[k]`, `line[k]` hears `source[k]` of `late[k]` steps before by `weight[k]`.

    All hear one population by one way, `before`, and then by these.
    """

    origin: Source
    before: tuple[Operation, ...]
    late: IntArray
    line: IntArray
    source: IntArray
    at: IntArray
    weight: FloatArray
    steps: int

    @property
    def constant(self) -> bool:
        """Whether each connection is there in all steps that it can be, with one weight."""
        begin, count = self._connections()
        whole = count == self.steps - np.maximum(self.late[begin], 0)
        return bool(whole.all() and (self.weight == np.repeat(self.weight[begin], count)).all())

    @property
    def connections(self) -> int:
        """How many connections of later steps than 0 there are."""
        later = self.without_step_0()
        return len(later._connections()[0])

    def value(self, axes: Axes) -> Value:
        """The sum of all, with `axes`, which have a time."""
        begin, _ = self._connections()
        line, source, weight = self.line[begin], self.source[begin], self.weight[begin]
        paths: list[Path] = []
        for late in np.unique(self.late[begin]).tolist():
            of = self.late[begin] == late
            straight = Value(axes, (Path(self.origin, -late, self.before),))
            paths += _mapped(straight, line[of], source[of], weight[of]).paths
        return Value(axes, tuple(paths))

    def without_step_0(self) -> Entries:
        """The same of steps later than 0, counted from there."""
        kept = self.at > self.late
        late, line, source, at = (each[kept] for each in (self.late, self.line, self.source, self.at))
        return Entries(self.origin, self.before, late, line, source, at, self.weight[kept], self.steps - 1)

    def _connections(self) -> tuple[IntArray, IntArray]:
        """The first entry of each connection, and how many it has."""
        key = np.stack([self.late, self.line, self.source])
        new = np.ones(len(self.late), bool)
        new[1:] = (key[:, 1:] != key[:, :-1]).any(0)
        begin = np.flatnonzero(new)
        return begin, np.diff(begin, append=len(self.late))


def as_time(value: Value) -> Value | None:
    """`value` with a time in the place of a dimension of features whose places are steps one after another.

    None if it has none: each connection has to be as late in all steps, and none left out or repeated.
    """
    return next((found for dim in _of_features(value) if (found := with_time(value, dim)) is not None), None)


def masked(value: Value, steps: int) -> Value:
    """`value` behind a mask: with its time again, if that is along a dimension of so many places.

    Lines that are there once each, and all as late, stay: a shift register may have as many places.
    """
    if len({path.step for path in value.paths if not path.is_constant}) < 2:
        return value
    for dim in _of_features(value):
        found = with_time(value, dim) if value.axes.shape[dim] == steps else None
        if found is not None and _of_synapses(found):
            return found
    return value


def _of_synapses(value: Value) -> bool:
    """Whether its lines are not all as late, or one stands in several places."""
    moving = [path for path in value.paths if not path.is_constant]
    ways = [factored(path, value.axes.lines)[0] for path in moving]
    picks = [way[-1].picks for way in ways if way]
    twice = any(each is None or (np.bincount(each[each >= 0]) > 1).any() for each in picks)
    return twice or len({path.step for path in moving}) > 1


def with_time(value: Value, dim: int) -> Value | None:
    """`value` with a time in the place of dimension `dim`, of features; None if that is none."""
    axes = value.axes
    size, behind = axes.shape[dim], prod(_sizes(value)[dim + 1 :])
    made = Value(replace(axes.without(dim).inserted(dim, (TIME,)), steps=size), ())
    entries = _entries(value, dim)
    if not entries or not all(each.constant for each in entries):
        return None
    for path in value.paths:
        if path.is_constant:
            bias = path.operations[0].apply(Signal((), np.zeros(0), (0,)), At(""))
            for operation in path.operations[1:]:
                bias = operation.apply(bias, At(""))
            of_steps = bias.bias.reshape(-1, size, behind)
            if (of_steps != of_steps[:, :1]).any():
                return None
            made = made.plus(of_steps[:, 0].reshape(-1))
    taken = _taken(value)
    paths = [replace(path, taken=taken) for each in entries for path in each.value(made.axes).paths]
    return replace(made, paths=(*paths, *made.paths))


def why_no_time(value: Value, dim: int) -> Odd | None:
    """Why dimension `dim`, along which steps were taken, is no time; None if none were, or it is one."""
    entries, where = _entries(value, dim), _taken(value)
    if entries and where and all((each.at == each.late).all() for each in entries) and _ends(entries):
        return Odd(where, STEP_0_ALONE, INVERTED)
    if not entries or len({path.step for path in value.paths if not path.is_constant}) < 2:
        return None
    if all(each.constant for each in entries):
        return None
    pairs = {
        pair
        for each in entries
        for pair in zip(each.at.tolist(), (each.at - each.late).tolist(), strict=True)
    }
    if (odd := odd_steps(pairs, value.axes.shape[dim], where)) is not None:
        return odd
    if all(each.without_step_0().constant for each in entries):
        first = sum(int((each.at == each.late).sum()) for each in entries)
        connections = sum(each.connections for each in entries)
        if first > connections:
            return Odd(where, "takes step 0 again where nothing has come", IN_FRONT)
        return Odd(where, "omits step 0", IN_FRONT)
    return Odd(where, "takes steps that are no delay: a step is missing, or taken twice", TAKEN)


def _ends(entries: list[Entries]) -> bool:
    """Whether nothing is heard in the last step."""
    return all((each.at < each.steps - 1).all() for each in entries)


def odd_along(value: Value, steps: int) -> Odd | None:
    """`why_no_time` of the first dimension of features with so many places of which it can be told."""
    dims = (dim for dim in _of_features(value) if value.axes.shape[dim] == steps)
    return next((odd for dim in dims if (odd := why_no_time(value, dim)) is not None), None)


def _taken(value: Value) -> str:
    return next((path.taken for path in value.paths if path.taken), "")


def _of_features(value: Value) -> list[int]:
    if value.axes.has_time or value.is_decoded:
        return []
    return [
        dim
        for dim, what in enumerate(value.axes.dims)
        if len(what) == 1 and isinstance(what[0], int) and what[0] > 1
    ]


def _sizes(value: Value) -> list[int]:
    return [prod(atom for atom in what if isinstance(atom, int)) for what in value.axes.dims]


def _entries(value: Value, dim: int) -> list[Entries]:
    """What is heard along the places of `dim`, of each source; empty if that cannot be told."""
    of = defaultdict[Source, list[Path]](list)
    for path in value.paths:
        if not path.is_constant:
            of[path.source].append(path)
    size, behind = value.axes.shape[dim], prod(_sizes(value)[dim + 1 :])
    found = []
    for source, paths in of.items():
        before = _common(paths)
        parts = []
        for path in paths:
            own = map_of(path.operations[len(before) :])
            if own is None:
                return []
            here = own.weight != 0
            place, at = np.divmod(own.line[here], behind)[0], own.line[here] // behind % size
            line = place // size * behind + own.line[here] % behind
            parts.append([at - path.step, line, own.source[here], at, own.weight[here]])
        late, line, origin, at, weight = (np.concatenate(each) for each in zip(*parts, strict=True))
        order = np.lexsort((at, origin, line, late))
        key = np.stack([late, line, origin, at])[:, order]
        new = np.ones(len(order), bool)
        new[1:] = (key[:, 1:] != key[:, :-1]).any(0)
        begin = np.flatnonzero(new)
        if len(begin):
            late, line, origin, at = key[:, begin]
            weight = np.add.reduceat(weight[order], begin)
            found.append(Entries(source, before, late, line, origin, at, weight, size))
    return found


def _common(paths: list[Path]) -> tuple[Operation, ...]:
    """The operations that all begin with, before lines are taken."""
    first, *others = (path.operations for path in paths)
    if not others:
        return first[: next((k for k, each in enumerate(first) if each.picks is not None), len(first))]
    count = 0
    for count, operation in enumerate(first):
        alike = all(len(each) > count and each[count].same(operation) for each in others)
        if not alike:
            break
    return first[:count]


def _mapped(value: Value, line: IntArray, source: IntArray, weight: FloatArray) -> Value:
    """Lines of `value`: each that of one source, where it is that, else a matrix."""
    lines = value.axes.lines
    if len(np.unique(line)) < len(line):
        return value.then(matrix(line, source, weight, lines))
    picks, factor = np.full(lines, -1), np.zeros(lines)
    picks[line], factor[line] = source, weight
    chosen = picked(value, picks, value.axes)
    return chosen if (weight == 1).all() else chosen.then(gain(factor))
