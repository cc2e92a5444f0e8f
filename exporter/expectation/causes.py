"""Why a population spikes otherwise than recorded: the variants that give every recorded spike of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.exporter.expectation.readings import Readings
from snnc.exporter.expectation.replay import Replay, Rule, Spikes, parts_of
from snnc.exporter.expectation.variants import Variant, pairs, rule_of, said, variants
from snnc.exporter.float_reference import FloatArray
from snnc.stages import FloatGraph

AT_ONCE = 1 << 22
"""Steps of neurons that are held in memory at a time."""
SAME = 1e-9
"""Up to this relative difference, two rules are one that is written otherwise."""
Trials = Callable[[Rule, float], Iterator[tuple[Variant, ...]]]
"""Of a rule and the seconds of a step."""


def causes_of(
    graph: FloatGraph,
    name: str,
    given: Mapping[str, Spikes],
    theirs: npt.NDArray[np.bool_],
    readings: Readings,
    later: int = 0,
    tried: Sequence[Trials] = (variants, pairs),
    v: FloatArray | None = None,
    far: float = 0.0,
) -> tuple[str, ...]:
    """In words, what makes the population `name` of `graph` spike as recorded; empty if nothing known does.

    Parameters
    ----------
    given : by population, spikes [N, T, neurons] that arrive, recorded ones as far as there are any.
    theirs : bool [N, steps, neurons], recorded spikes of the first steps.
    readings : other readings of the same network.
    later : the recording is so many steps later than the graph.
    tried : what may explain it, in order; the first of them of which something does is said.
    v : of the recording, as `theirs`, NaN where it is not known; what explains it is no more than `far` off.
    """
    read = Rule.of(graph, name, later)
    heard = list(dict.fromkeys(each.source for each in read.into)) or [name]
    parts = list(_parts(graph, heard, given, theirs, read, v))
    for trials in tried:
        if found := _explaining(name, trials(read, graph.bin_s), parts, read, readings, far):
            return tuple(dict.fromkeys(said(name, trial, readings) for trial in found))
    return ()


Part = tuple[Replay, npt.NDArray[np.bool_], FloatArray | None]


def _parts(
    graph: FloatGraph,
    heard: list[str],
    given: Mapping[str, Spikes],
    theirs: npt.NDArray[np.bool_],
    read: Rule,
    v: FloatArray | None,
) -> Iterator[Part]:
    """Recordings by the few, and their recorded spikes and v; those with the most spikes first."""
    busiest = np.argsort(-theirs.sum(axis=(1, 2)), kind="stable")
    size = max(1, AT_ONCE // max(1, graph.time_steps * read.population.neurons))
    for first in range(0, len(busiest), size):
        some = busiest[first : first + size]
        yield (
            Replay(parts_of(given, heard, some), graph.time_steps),
            theirs[some],
            None if v is None else v[some],
        )


def _explaining(
    name: str,
    trials: Iterable[tuple[Variant, ...]],
    parts: list[Part],
    read: Rule,
    readings: Readings,
    far: float,
) -> list[tuple[Variant, ...]]:
    found = []
    for trial in trials:
        rule = rule_of(name, trial, read, readings)
        if rule is None or _alike(parts[0][0], rule, read):
            continue
        if all(_explains(part, rule, read, far) for part in parts):
            found.append(trial)
    return found


def _explains(part: Part, rule: Rule, read: Rule, far: float) -> bool:
    replay, theirs, v = part
    spikes, ours = replay.states(rule)
    known = theirs.shape[1] + min(rule.later, 0)  # the last step of what is earlier is not computed
    if not np.array_equal(spikes[:, :known], theirs[:, :known]):
        return False
    # A rule in other units has another threshold.
    own, told = rule.population.threshold, read.population.threshold
    if v is None or own is None or told is None or not own.all():
        return True
    return not (np.abs(ours[:, :known] * (told / own) - v[:, :known]) > far).any()


def _alike(replay: Replay, one: Rule, other: Rule) -> bool:
    """Whether they are one rule, written in other units."""
    a: Any = one.population
    b: Any = other.population
    if (a.fires, a.reset, one.later, one.clears_late) != (b.fires, b.reset, other.later, other.clears_late):
        return False
    numbers = [(a.keep_u, b.keep_u), (a.keep_v, b.keep_v)]
    with np.errstate(divide="ignore", invalid="ignore"):  # in units of a threshold of 0
        if a.reset_by is not None and b.reset_by is not None:
            numbers.append((a.reset_by / a.threshold, b.reset_by / b.threshold))
        numbers.append((_in_thresholds(replay, one), _in_thresholds(replay, other)))
    return all(np.allclose(x, y, rtol=SAME, atol=SAME) for x, y in numbers)


def _in_thresholds(replay: Replay, rule: Rule) -> FloatArray:
    """All that comes in, in units of the threshold."""
    of: Any = rule.population
    found: FloatArray = (replay.arriving(rule) + of.input_bias + of.bias) / of.threshold
    return found
