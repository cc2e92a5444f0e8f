"""Which grid a layer gets: by a rule over its weights, or by the loss of the task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from snnc import formats, quantisation
from snnc.errors import LimitError, StageError
from snnc.exporter.exact_scales import exact_grid
from snnc.quantisation import Grid, GridRule
from snnc.stages import DiscreteLayer, DiscreteModel

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
    """The rule that `scale` names: one of `options.SCALES`, but for "task"."""
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


def choose_grids(
    model: DiscreteModel,
    bits: Sequence[int],
    rule: GridRule = quantisation.full_range,
    exact: bool = True,
) -> tuple[Grid, ...]:
    """The grid of every layer: the one that training left it on, or else that of `rule` for its `bits`.

    With `exact`, one that rounds no weight goes before that of the rule.

    Raises
    ------
    LimitError
        If no scale fits (weights above 127 thresholds, all zero), or a layer's own grid does not hold its
        weights or its threshold.
    """

    def grid_of(layer: DiscreteLayer, bits: int) -> Grid:
        if layer.scale is not None:
            return _own_grid(layer, layer.scale, bits)
        found = exact_grid(layer, bits) if exact else None
        return found or rule(layer.name, layer.weight, layer.threshold, bits)

    return tuple(map(grid_of, model.layers, bits))


def search_scales(
    model: DiscreteModel,
    bits: Sequence[int],
    rules: Sequence[GridRule],
    loss: Callable[[Sequence[Grid]], float],
    power_of_two: bool = False,
    progress: Callable[[str], None] = lambda message: None,
) -> ScaleChoice:
    """Coordinate descent on the `loss` of the network on some grids: layer by layer, the best of a few.

    It starts from the best of `rules`, and goes through the layers once. A grid that the formats do not hold
    is left out.

    Raises
    ------
    LimitError
        If no rule gives a network.
    """
    tried = 0

    def counted(grids: Sequence[Grid]) -> float:
        nonlocal tried
        tried += 1
        return loss(grids)

    starts: list[tuple[float, tuple[Grid, ...]]] = []
    refused: Exception | None = None
    for rule in rules:
        try:
            grids = choose_grids(model, bits, rule, not power_of_two)
            starts.append((counted(grids), grids))
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
                found = counted(other)
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


def _own_grid(layer: DiscreteLayer, scale: float, bits: int) -> Grid:
    most = formats.SignedFormat(bits).maximum
    largest = float(np.abs(layer.weight).max()) * scale
    if largest >= most + 0.5:
        raise LimitError(
            f"{layer.name}: a weight is {largest:.0f} on the grid that training chose, {bits} bits hold "
            f"-{most}..{most}; export with the number of bits that it was trained for"
        )
    if layer.threshold is None:
        return Grid(bits, scale, None)
    threshold = layer.threshold * scale  # a whole number but for the last digits
    if not 0.5 < threshold < formats.THRESHOLD_MAX + 0.5:
        raise LimitError(
            f"{layer.name}: the threshold is {threshold:.4g} on the grid that training chose, outside "
            f"1..{formats.THRESHOLD_MAX}; train again"
        )
    return Grid(bits, scale, round(threshold))
