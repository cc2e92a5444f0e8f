"""The promise of the grids: a scale by the rule that was asked for, and the threshold that it makes."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.exporter.check_common import equal
from snnc.exporter.options import ExportOptions
from snnc.quantisation import PERCENTILE, Grid
from snnc.stages import DiscreteLayer

SLACK = 1e-9
LARGEST_THRESHOLD = 2**17 - 1
FINEST = 8
"""The rule of the least squared error tries up to so many times the scale that holds all weights."""


def check_grid(layer: DiscreteLayer, grid: Grid, bits: int, asked: ExportOptions) -> None:
    """Raise `PassError` unless `grid` is the one that training left, or that of the rule of `asked`."""
    equal(layer.name, "the number of weight bits", grid.bits, bits)
    if layer.scale is not None:
        equal(layer.name, "the scale", grid.scale, layer.scale)
        _threshold(layer, grid, 0.5)
        return
    _threshold(layer, grid, 0.5 if asked.power_of_two else SLACK * (grid.threshold or 0))
    if asked.power_of_two and math.frexp(grid.scale)[0] != 0.5:
        raise PassError(f"{layer.name}: the scale {grid.scale} is no power of two")
    most, rule = 2 ** (bits - 1) - 1, asked.scale or "max"
    present = np.sort(np.abs(layer.weight[layer.weight != 0]))
    if rule in ("max", "percentile"):
        share = 100.0 if rule == "max" else (asked.percentile or PERCENTILE)
        _holds(layer, grid, most, _ends(present, share), asked.power_of_two)
    elif rule == "mse" and not asked.power_of_two:
        _least_squares(layer, grid, most, float(present[-1]))


def _threshold(layer: DiscreteLayer, grid: Grid, off: float) -> None:
    if layer.threshold is None or grid.threshold is None:
        equal(layer.name, "the threshold", grid.threshold, layer.threshold)
        return
    exact = Fraction(layer.threshold) * Fraction(grid.scale)
    if abs(exact - grid.threshold) > off or not 1 <= grid.threshold <= LARGEST_THRESHOLD:
        raise PassError(
            f"{layer.name}: the threshold is {grid.threshold}, its scale makes it {float(exact):g}"
        )


def _ends(present: npt.NDArray[np.float64], share: float) -> list[float]:
    """The least weight that so many percent do not exceed; and its neighbours, for a share's last digit."""
    place = math.ceil(Fraction(share) * len(present) / 100) - 1
    near = (place,) if share == 100 else (place - 1, place, place + 1)
    return [float(present[k]) for k in near if 0 <= k < len(present)]


def _finest(layer: DiscreteLayer, most: int, end: float) -> list[float]:
    """The finest scale that holds `end`; of a quotient that is nearly whole, the one below it too."""
    if layer.threshold is None:
        return [most / end]
    steps = Fraction(layer.threshold) * most / Fraction(end)
    wholes = {math.floor(steps * (1 + sign * Fraction(SLACK))) for sign in (-1, 0, 1)}
    return [min(max(whole, 1), LARGEST_THRESHOLD) / layer.threshold for whole in sorted(wholes)]


def _holds(layer: DiscreteLayer, grid: Grid, most: int, ends: list[float], power_of_two: bool) -> None:
    finest = [scale for end in ends for scale in _finest(layer, most, end)]
    if power_of_two:
        right = any(grid.scale <= scale * (1 + SLACK) < 2 * grid.scale * (1 + 2 * SLACK) for scale in finest)
    else:
        right = any(abs(grid.scale - scale) <= SLACK * scale for scale in finest)
    if not right:
        raise PassError(f"{layer.name}: the scale is {grid.scale:.9g}, not the finest, {finest[0]:.9g}")


def _least_squares(layer: DiscreteLayer, grid: Grid, most: int, end: float) -> None:
    """It is as fine as the finest scale that holds all, at most 8 times as fine, and loses no more."""

    def lost(scale: float) -> float:
        ends = most / scale
        return float(
            np.square(layer.weight - np.clip(np.rint(layer.weight * scale) / scale, -ends, ends)).sum()
        )

    whole = _finest(layer, most, end)[0]
    beyond = max(FINEST * most / end, whole)
    if not whole * (1 - SLACK) <= grid.scale <= beyond * (1 + SLACK):
        raise PassError(f"{layer.name}: the scale {grid.scale:.9g} is outside {whole:.9g}..{beyond:.9g}")
    if lost(grid.scale) > lost(whole) * (1 + SLACK):
        raise PassError(f"{layer.name}: the scale {grid.scale:.9g} loses more than {whole:.9g} does")
