"""Sums of paths: what goes the same way with different factors is one path; equal ones stay, to be counted.

Else a loop as v = v + (x - v) / tau, where the state stands twice, would double them in each step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from snnc.conversion.axes import AxesError
from snnc.conversion.operations import gain
from snnc.conversion.values import FloatArray, Operation, Path, same_operations

WAYS = 64
"""Most ways from one step of a source to one sum: a state behind a state makes one more in each step."""
A_STATE = (
    "If it is a state that the loop keeps by hand, let the neurons behind it keep it (keep_u of a Cell, or "
    "neurons as Synaptic of snnTorch), or make it an nn.Module of one step, and register it: snnc.converter"
)


def merged(some: Sequence[Path], others: Sequence[Path], lines: int) -> tuple[Path, ...]:
    """The paths of the sum of both, values of so many `lines`. Raises `AxesError` if they are too many."""
    found = list(some)
    places = defaultdict(list)
    for number, path in enumerate(found):
        places[_from(path)].append(number)
    for path in others:
        for number in places[_from(path)]:
            if (together := _one(found[number], path, lines)) is not None:
                found[number] = together
                break
        else:
            if len(places[_from(path)]) == WAYS:
                raise AxesError(
                    f"it adds what comes from one step of {path.source.population} in more than {WAYS} ways",
                    A_STATE,
                )
            places[_from(path)].append(len(found))
            found.append(path)
    return tuple(found)


def factored(path: Path, lines: int) -> tuple[tuple[Operation, ...], FloatArray]:
    """The operations of `path` without the gains at its end, and the factor [lines] of these."""
    operations, factor = path.operations, np.ones(lines)
    while operations and operations[-1].name == "gain":
        factor = factor * np.asarray(operations[-1].parts[0])
        operations = operations[:-1]
    return operations, factor


def _from(path: Path) -> tuple[object, ...]:
    return path.source, path.step, path.first, path.stop


def _one(some: Path, other: Path, lines: int) -> Path | None:
    (way, factor), (another, more) = factored(some, lines), factored(other, lines)
    if np.array_equal(factor, more) or not same_operations(way, another):
        return None
    return replace(some, operations=way).then(gain(factor + more))
