"""Clause 7 with exact numbers: scores and classes of each readout from what a trace recorded.

Written from `docs/semantics.md`. All is exact but softmax, which has 60 digits.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from snnc.stages import LayerTrace, Population, QuantizedGraph, Readout
from snnc.stages.population import INPUT


def scores_so_far(
    graph: QuantizedGraph, readout: Readout, trace: tuple[LayerTrace, ...], sample: int
) -> list[list[Fraction]]:
    """[T][classes]: the scores after 1 .. T steps."""
    population, found = _recorded(graph, readout, trace)
    end = graph.time_steps if population.end is None else population.end
    factors = [Fraction(each) for each in _factors(readout).tolist()]
    v = found.v[sample].tolist()
    spikes = found.spikes[sample].astype(int).tolist()
    return [
        _scores(readout.decoder, v[: min(n, end)], spikes[: min(n, end)], factors, end)
        for n in range(1, graph.time_steps + 1)
    ]


def first_largest(scores: list[Fraction]) -> int:
    return scores.index(max(scores))


def _factors(readout: Readout) -> npt.NDArray[np.float64]:
    """One for each class; 1 where the decoder has none."""
    scale = 1.0 if readout.scale is None else readout.scale
    return np.broadcast_to(np.asarray(scale, np.float64), len(readout.class_names))


def _recorded(
    graph: QuantizedGraph, readout: Readout, trace: tuple[LayerTrace, ...]
) -> tuple[Population, LayerTrace]:
    others = [each for each in graph.populations if each.model != INPUT]
    return next(pair for pair in zip(others, trace, strict=True) if pair[0].name == readout.population)


def _scores(
    decoder: str, v: list[list[int]], spikes: list[list[int]], factors: list[Fraction], end: int
) -> list[Fraction]:
    """Of the steps that are in the lists."""
    classes = range(len(factors))
    if decoder == "count":
        return [Fraction(sum(step[i] for step in spikes)) for i in classes]
    if decoder == "first":
        trains = [[step[i] for step in spikes] for i in classes]
        return [Fraction(end - train.index(1) if 1 in train else 0) for train in trains]
    if decoder == "last":
        return [v[-1][i] * factors[i] for i in classes]
    if decoder == "max":
        return [max(step[i] for step in v) * factors[i] for i in classes]
    if decoder == "sum":
        return [sum(step[i] for step in v) * factors[i] for i in classes]
    assert decoder == "softmax"
    shares = [_softmax([x * factor for x, factor in zip(step, factors, strict=True)]) for step in v]
    return [sum((each[i] for each in shares), Fraction(0)) for i in classes]


def _softmax(x: list[Fraction]) -> list[Fraction]:
    with localcontext(prec=60):
        powers = [(Decimal(each.numerator) / Decimal(each.denominator)).exp() for each in x]
        return [Fraction(each / sum(powers)) for each in powers]
