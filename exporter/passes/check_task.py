"""The promise of the search by the task's loss: scales that it may try, and the loss that they give."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.errors import PassError
from snnc.exporter.calibration import Calibration
from snnc.exporter.choose_scales import ScaleChoice
from snnc.exporter.golden import golden_readout
from snnc.exporter.passes.check_grids import LARGEST_THRESHOLD, SLACK, ends, finest, least_squares
from snnc.stages import DiscreteLayer, DiscreteModel, QuantizedGraph

BETWEEN = 6
"""Scales, evenly in proportion, from the coarsest of the rules to twice the finest."""
CLOSE = 1e-9
"""Of two sums of a loss in another order."""


def check_task(
    before: DiscreteModel,
    after: QuantizedGraph,
    found: ScaleChoice,
    percentile: float,
    power_of_two: bool,
    calibration: Calibration,
) -> None:
    """Raise `PassError` unless every grid is one that the search may try, and the loss is what it says.

    The grids of a layer are those of the rules, and those between the coarsest of them and twice the finest.
    `after` is run on all recordings by the integer PyTorch model, which the search does not use.
    """
    for layer, grid in zip(before.layers, found.grids, strict=True):
        most = 2 ** (grid.bits - 1) - 1
        if not any(
            abs(grid.scale - scale) <= SLACK * scale
            for scale in _tried(layer, most, percentile, power_of_two)
        ):
            raise PassError(f"{layer.name}: the scale {grid.scale:.9g} is none that the search by loss tries")
    before_search, after_search = found.loss_before, found.loss_after
    if before_search is None or after_search is None or after_search > before_search:
        raise PassError(f"the search went from a loss of {before_search} to one of {after_search}")
    loss = _loss(after, calibration)
    if abs(loss - after_search) > CLOSE * max(1.0, abs(loss)):
        raise PassError(f"the loss of the chosen scales is {loss:.9g}, not {after_search:.9g}")


def _tried(layer: DiscreteLayer, most: int, percentile: float, power_of_two: bool) -> Iterator[float]:
    present = np.sort(np.abs(layer.weight[layer.weight != 0]))
    rules = [_of_rule(layer, most, ends(present, share)) for share in (100.0, percentile)]
    if layer.threshold is None or _steps(layer, most, present[-1]) <= 2 * LARGEST_THRESHOLD:
        rules.append(least_squares(layer, most, float(present[-1])))
    if power_of_two:
        rules = [[low for scale in scales for low in _powers(layer, scale)] for scales in rules]
    for chosen in product(*filter(None, rules)):
        yield from chosen
        coarsest, widest = min(chosen), 2 * max(chosen) / min(chosen)
        for k in range(BETWEEN):
            for scale in _whole(layer, coarsest * widest ** (k / (BETWEEN - 1))):
                yield from _powers(layer, scale) if power_of_two else (scale,)


def _steps(layer: DiscreteLayer, most: int, end: float) -> Fraction:
    """The threshold on the finest scale that holds `end`."""
    assert layer.threshold is not None
    return Fraction(layer.threshold) * most / Fraction(float(end))


def _of_rule(layer: DiscreteLayer, most: int, possible: Sequence[float]) -> list[float]:
    """The finest scale that holds the end; none where no threshold does."""
    if layer.threshold is not None:
        possible = [end for end in possible if 1 - SLACK <= _steps(layer, most, end) <= 2 * LARGEST_THRESHOLD]
    return [scale for end in possible for scale in finest(layer, most, end)]


def _whole(layer: DiscreteLayer, scale: float) -> Iterator[float]:
    """Scales near this one that make the threshold whole: one, or two where it lies between."""
    if layer.threshold is None:
        yield scale
        return
    exact = layer.threshold * scale
    for whole in {round(exact * (1 + sign * SLACK)) for sign in (-1, 1)}:
        yield min(max(whole, 1), LARGEST_THRESHOLD) / layer.threshold


def _powers(layer: DiscreteLayer, scale: float) -> Iterator[float]:
    """The power of two up to `scale`; of one that is nearly a power, both. None that loses the threshold."""
    for power in {2.0 ** math.floor(math.log2(scale * (1 + sign * SLACK))) for sign in (-1, 1)}:
        if layer.threshold is None or layer.threshold * power >= 0.5 * (1 - SLACK):
            yield power


def _loss(graph: QuantizedGraph, calibration: Calibration) -> float:
    """The mean cross-entropy of the scores of clause 7."""
    losses: list[npt.NDArray[np.float64]] = []
    for part in batches(graph, len(calibration)):
        v = golden_readout(graph, calibration.spikes[part]) * graph.readout_scale
        scores = np.exp(v - np.logaddexp.reduce(v, axis=2, keepdims=True)).sum(axis=1)
        labels = calibration.labels[part]
        losses.append(np.logaddexp.reduce(scores, axis=1) - scores[np.arange(len(labels)), labels])
    return math.fsum(np.concatenate(losses)) / len(calibration)
