"""Which grid a layer gets: by a rule over its weights, or by the loss of the task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from snnc import formats, quantisation
from snnc.calibration import Measure
from snnc.errors import LimitError, StageError
from snnc.exporter.quantise import choose_grids, quantise_on
from snnc.quantisation import Grid, GridRule
from snnc.stages import DiscreteLayer, DiscreteModel, QuantizedGraph

SCALES = ("max", "percentile", "mse", "task")
CANDIDATES = 6
"""Scales of a layer that the search by the task's loss tries beside those of the rules."""


@dataclass(frozen=True, slots=True)
class ScaleChoice:
    """`grids` of every layer; of a search, how many networks were run, and the loss before and after."""

    grids: tuple[Grid, ...]
    tried: int = 0
    loss_before: float | None = None
    loss_after: float | None = None


def rule_of(scale: str, percentile: float, power_of_two: bool) -> GridRule:
    """The rule that `scale` names: one of `SCALES`, but for "task"."""
    rules: dict[str, GridRule] = {
        "max": quantisation.full_range,
        "percentile": partial(quantisation.percentile, percent=percentile),
        "mse": quantisation.least_squares,
    }
    rule = rules[scale]
    return partial(_power_of_two, rule=rule) if power_of_two else rule


def _power_of_two(
    name: str, weight: quantisation.FloatArray, threshold: float | None, bits: int, rule: GridRule
) -> Grid:
    return quantisation.power_of_two(name, rule(name, weight, threshold, bits), threshold)


def search_scales(
    model: DiscreteModel,
    bits: Sequence[int],
    rules: Sequence[GridRule],
    measure: Callable[[QuantizedGraph], Measure],
    power_of_two: bool = False,
    progress: Callable[[str], None] = lambda message: None,
) -> ScaleChoice:
    """Coordinate descent on the loss of the task: layer by layer, the best of a few grids.

    It starts from the best of `rules`, and goes through the layers once. A grid that the formats do not hold
    is left out.

    Raises
    ------
    LimitError
        If no rule gives a network.
    """
    tried = 0

    def loss(grids: Sequence[Grid]) -> float:
        nonlocal tried
        tried += 1
        return measure(quantise_on(model, grids)).loss

    starts: list[tuple[float, tuple[Grid, ...]]] = []
    refused: Exception | None = None
    for rule in rules:
        try:
            grids = choose_grids(model, bits, rule)
            starts.append((loss(grids), grids))
        except (LimitError, StageError) as error:
            refused = refused or error
    if not starts:
        raise LimitError(f"--scale task: no rule gives a network to start from; {refused}")
    best, grids = min(starts, key=lambda start: start[0])
    before = best
    for index, layer in enumerate(model.layers):
        for number, grid in enumerate(_candidates(layer, bits[index], rules, power_of_two), start=1):
            progress(f"scale {number} of {layer.name}, the best loss is {best:.4f}")
            other = (*grids[:index], grid, *grids[index + 1 :])
            try:
                found = loss(other)
            except (LimitError, StageError):  # a bias or a sum beyond its format
                continue
            if found < best:
                best, grids = found, other
    return ScaleChoice(grids, tried, before, best)


def _candidates(layer: DiscreteLayer, bits: int, rules: Sequence[GridRule], power_of_two: bool) -> list[Grid]:
    """Grids of the rules, and between the coarsest of them and twice the finest; by scale."""
    found = []
    for rule in rules:
        try:
            found.append(rule(layer.name, layer.weight, layer.threshold, bits))
        except LimitError:
            continue
    coarsest, finest = min(grid.scale for grid in found), 2 * max(grid.scale for grid in found)
    for scale in np.geomspace(coarsest, finest, CANDIDATES).tolist():
        if layer.threshold is None:
            grid = Grid(bits, scale, None)
        else:
            whole = min(max(round(layer.threshold * scale), 1), formats.THRESHOLD_MAX)
            grid = Grid(bits, whole / layer.threshold, whole)
        if power_of_two:
            try:
                grid = quantisation.power_of_two(layer.name, grid, layer.threshold)
            except LimitError:
                continue
        found.append(grid)
    return sorted({grid.scale: grid for grid in found}.values(), key=lambda grid: grid.scale)
