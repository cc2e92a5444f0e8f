"""What learning did to the delays of each layer, as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from snnc.percent import percent
from snnc.report.figure_data import Histogram, LayerHistograms


def delay_rows(layers: Sequence[LayerHistograms]) -> list[dict[str, str]]:
    """One row a layer or projection whose delays before learning are known, as "initial → learned".

    The last columns tell each synapse's own delay apart from its first: the share that differs, and the mean
    difference in steps.
    """
    return [
        {
            "layer": layer.layer,
            "synapses": _both(before, after, _count),
            "mean delay": _both(before, after, _mean),
            "least delay": _both(before, after, lambda bins: _end(bins, min)),
            "longest delay": _both(before, after, lambda bins: _end(bins, max)),
            "delays in use": _both(before, after, lambda bins: str(sum(y > 0 for y in bins.y))),
            "changed": "–" if layer.changed is None else percent(layer.changed),
            "moved by, mean": "–" if layer.moved is None else f"{layer.moved:.2f}",
        }
        for layer in layers
        if (before := layer.delay_initial) is not None and (after := layer.delay_learned) is not None
    ]


def _both(before: Histogram, after: Histogram, words: Callable[[Histogram], str]) -> str:
    return f"{words(before)} → {words(after)}"


def _count(bins: Histogram) -> str:
    return f"{sum(bins.y):g}"


def _mean(bins: Histogram) -> str:
    total = sum(bins.y)
    if not total:
        return "–"
    return f"{sum(x * y for x, y in zip(bins.x, bins.y, strict=True)) / total:.2f}"


def _end(bins: Histogram, of: Callable[[list[float]], float]) -> str:
    filled = [x for x, y in zip(bins.x, bins.y, strict=True) if y]
    return f"{of(filled):g}" if filled else "–"
