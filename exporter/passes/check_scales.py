"""The promise of the scales: those of the rule that was asked for, or of the search by the loss of the task.

A grid has the scale by its rule, and the threshold that it makes. A search tries the scales that it may, and
they give the loss that it says.
"""

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
from snnc.exporter.passes.check_exact import HALF_ULPS, exact_scale_of_layer
from snnc.exporter.passes.promises import equal
from snnc.quantisation import PERCENTILE, Grid
from snnc.stages import DiscreteLayer, DiscreteModel, QuantizedGraph

SLACK = 1e-9
LARGEST_THRESHOLD = 2**17 - 1
FINEST, TRIED = 8, 64
"""`mse` tries TRIED scales, up to FINEST times the scale that holds every weight."""


def check_grid(
    layer: DiscreteLayer,
    grid: Grid,
    bits: int,
    scale: str | None,
    percentile: float | None,
    power_of_two: bool,
) -> None:
    """Raise `PassError` unless `grid` is that of training, or else that of the rule `scale`."""
    equal(layer.name, "the number of weight bits", grid.bits, bits)
    if layer.scale is not None:
        equal(layer.name, "the scale", grid.scale, layer.scale)
        _threshold(layer, grid, 0.5)
        return
    most, rule = 2 ** (bits - 1) - 1, scale or "max"
    exact = 0.0 if power_of_two or rule == "percentile" else exact_scale_of_layer(layer, most)
    rounds_nothing = exact > 0 and abs(grid.scale - exact) <= SLACK * exact
    slack = HALF_ULPS if rounds_nothing else SLACK
    _threshold(layer, grid, 0.5 if power_of_two else slack * (grid.threshold or 0))
    if power_of_two and math.frexp(grid.scale)[0] != 0.5:
        raise PassError(f"{layer.name}: the scale {grid.scale} is not a power of two")
    if rounds_nothing:
        return
    if exact and rule != "task":
        raise PassError(
            f"{layer.name}: the scale is {grid.scale:.9g}, but {exact:.9g} rounds no weight and no threshold"
        )
    present = np.sort(np.abs(layer.weight[layer.weight != 0]))
    if rule in ("max", "percentile"):
        share = 100.0 if rule == "max" else (percentile or PERCENTILE)
        _holds(layer, grid, most, ends(present, share), power_of_two)
    elif rule == "mse":
        _least_error(layer, grid, most, float(present[-1]), power_of_two)
    elif rule != "task":  # which `check_task` looks at
        raise PassError(f"{layer.name}: nothing checks scales by the rule {rule!r}; add it to check_scales")


def _threshold(layer: DiscreteLayer, grid: Grid, off: float) -> None:
    if layer.threshold is None or grid.threshold is None:
        equal(layer.name, "the threshold", grid.threshold, layer.threshold)
        return
    exact = Fraction(layer.threshold) * Fraction(grid.scale)
    if abs(exact - grid.threshold) > off or not 1 <= grid.threshold <= LARGEST_THRESHOLD:
        raise PassError(
            f"{layer.name}: the threshold is {grid.threshold}, but its scale gives {float(exact):g}"
        )


def ends(present: npt.NDArray[np.float64], share: float) -> list[float]:
    """The least weight that this percentage does not exceed, and its neighbours, for a share's last digit."""
    place = math.ceil(Fraction(share) * len(present) / 100) - 1
    near = (place,) if share == 100 else (place - 1, place, place + 1)
    return [float(present[k]) for k in near if 0 <= k < len(present)]


def finest(layer: DiscreteLayer, most: int, end: float) -> list[float]:
    """The finest scale that holds `end`; of a quotient that is nearly whole, the one below it too."""
    if layer.threshold is None:
        return [most / end]
    steps = Fraction(layer.threshold) * most / Fraction(end)
    wholes = {math.floor(steps * (1 + sign * Fraction(SLACK))) for sign in (-1, 0, 1)}
    return [min(max(whole, 1), LARGEST_THRESHOLD) / layer.threshold for whole in sorted(wholes)]


def _holds(layer: DiscreteLayer, grid: Grid, most: int, possible: list[float], power_of_two: bool) -> None:
    scales = [scale for end in possible for scale in finest(layer, most, end)]
    if power_of_two:
        right = any(grid.scale <= scale * (1 + SLACK) < 2 * grid.scale * (1 + 2 * SLACK) for scale in scales)
    else:
        right = any(abs(grid.scale - scale) <= SLACK * scale for scale in scales)
    if not right:
        raise PassError(f"{layer.name}: the scale is {grid.scale:.9g}, but the finest is {scales[0]:.9g}")


def _least_error(layer: DiscreteLayer, grid: Grid, most: int, end: float, power_of_two: bool) -> None:
    scales = least_squares(layer, most, end)
    if power_of_two:
        right = any(grid.scale <= scale * (1 + SLACK) < 2 * grid.scale * (1 + 2 * SLACK) for scale in scales)
    else:
        right = any(abs(grid.scale - scale) <= SLACK * scale for scale in scales)
    if not right:
        raise PassError(
            f"{layer.name}: the scale is {grid.scale:.9g}, but that of the least error is {scales[0]:.9g}"
        )


def least_squares(layer: DiscreteLayer, most: int, end: float) -> list[float]:
    """Of the scales from the finest that holds `end`, evenly in proportion, those that lose least.

    More than one where rounding decides between them.
    """
    if layer.threshold is None:
        return _least(layer, most, {most / end * FINEST ** (k / (TRIED - 1)) for k in range(TRIED)}, set())
    found: list[float] = []
    beyond = min(float(Fraction(layer.threshold) * FINEST * most / Fraction(end)), LARGEST_THRESHOLD)
    for first, last in product(finest(layer, most, end), _floors(beyond)):
        low = round(first * layer.threshold)
        widest = max(low, last) / low
        between = [
            {max(low, whole) for whole in _floors(low * widest ** (k / (TRIED - 1)))}
            for k in range(1, TRIED - 1)
        ]
        sure = {low, max(low, last)}.union(*(wholes for wholes in between if len(wholes) == 1))
        other = set().union(*between) - sure
        found += _least(layer, most, *({whole / layer.threshold for whole in part} for part in (sure, other)))
    return found


def _floors(value: float) -> set[int]:
    """`value` without its fraction; of one that is nearly whole, both sides of it."""
    return {math.floor(value * (1 + sign * SLACK)) for sign in (-1, 1)}


def _least(layer: DiscreteLayer, most: int, tried: set[float], perhaps: set[float]) -> list[float]:
    """Those that lose least of the ones `tried`; and of those `perhaps` tried, the ones that lose no more."""

    def lost(scale: float) -> float:
        end = most / scale
        return float(
            np.square(layer.weight - np.clip(np.rint(layer.weight * scale) / scale, -end, end)).sum()
        )

    losses: dict[float, float] = {scale: lost(scale) for scale in sorted(tried | perhaps)}
    least = min(losses[scale] for scale in tried)
    return [scale for scale, loss in losses.items() if loss <= least * (1 + SLACK)]


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
            raise PassError(f"{layer.name}: the search by loss does not try the scale {grid.scale:.9g}")
    before_search, after_search = found.loss_before, found.loss_after
    if before_search is None or after_search is None or after_search > before_search:
        raise PassError(f"the loss is {before_search} before the search, {after_search} after it")
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
    if not power_of_two:
        yield from filter(None, [exact_scale_of_layer(layer, most)])
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
    from snnc.exporter.golden import golden_readouts  # here: what it reads files with takes long to load

    losses: list[npt.NDArray[np.float64]] = []
    for part in batches(graph, len(calibration)):
        v = golden_readouts(graph, calibration.spikes[part])[0] * graph.readout_scale
        scores = np.exp(v - np.logaddexp.reduce(v, axis=2, keepdims=True)).sum(axis=1)
        labels = calibration.labels[part]
        losses.append(np.logaddexp.reduce(scores, axis=1) - scores[np.arange(len(labels)), labels])
    return math.fsum(np.concatenate(losses)) / len(calibration)
