"""Histograms of delays and weights, before and after; see `plots` for colours and escaping."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from snnc.report.figure_data import Histogram, LayerHistograms
from snnc.report.plots import SERIES, Plot, bar, figure, scatter, titled

EXPORT, LEARNING = ("before", "after"), ("before learning", "learned")
"""What the two histograms of a picture are called."""
FEW = 8
"""Ticks at whole numbers fit below a histogram that is narrower than so many steps."""


def delays(layer: LayerHistograms) -> Plot | None:
    """Delays before and after rounding on one axis."""
    title = f"Histogram of delays of {layer.layer}"
    return _overlaid(title, "delay (steps)", layer.delay_before, layer.delay_after)


def learning_pair(layer: LayerHistograms) -> tuple[Plot, Plot] | None:
    """Whole delays before learning, and learned, beside each other on axes that are the same.

    None where those before are not known.
    """
    if layer.delay_initial is None or layer.delay_learned is None:
        return None
    both = [_filled_up(layer.delay_initial), _filled_up(layer.delay_learned)]
    last = max(len(bins.x) for bins in both) - 1
    most = max((y for bins in both for y in bins.y), default=0)
    plots = []
    for name, colour, bins in zip(LEARNING, (SERIES[1], SERIES[0]), both, strict=True):
        hover = f"{name}: %{{y}} synapses with delay %{{x}}<extra></extra>"
        marker = {"color": colour}
        drawn = figure(
            210,
            12,
            [bar(name=name, x=bins.x, y=bins.y, marker=marker, hovertemplate=hover)],
            bargap=0.15,
            xaxis=titled("delay (steps)", range=[-0.5, last + 0.5], **_whole_ticks([bins])),
            yaxis=titled("synapses", range=[0, 1.05 * most or 1], nticks=5),
        )
        plots.append(Plot(drawn, f"Delays of {layer.layer}, {_spoken(name, bins)}."))
    return plots[0], plots[1]


def _filled_up(whole: Histogram) -> Histogram:
    """With the whole delays that no synapse has, so that all bins are a step wide."""
    counts = dict(zip(whole.x, whole.y, strict=True))
    last = int(max(whole.x, default=-1))
    return Histogram(list(range(last + 1)), [counts.get(delay, 0) for delay in range(last + 1)])


def weights(layer: LayerHistograms, unit: str = "integer steps") -> Plot | None:
    """Weights before and after quantisation on one axis, in steps of the integer weight or another `unit`.

    Weights of the trained network are drawn times `layer.scale`.
    """
    before = layer.weight_before
    if before is not None and layer.scale is not None:
        before = Histogram([x * layer.scale for x in before.x], before.y)
    plot = _overlaid(f"Histogram of weights of {layer.layer}", f"weight ({unit})", before, layer.weight_after)
    if plot is None:
        return None
    plot.figure["layout"]["bargap"] = 0  # hundreds of bars
    if layer.scale is None:
        return plot
    spoken = f"{plot.alternative} One step is {1 / layer.scale:.3g} of the trained weight{_gone(layer)}."
    return replace(plot, alternative=spoken)


def _gone(layer: LayerHistograms) -> str:
    """How many synapses the export dropped, where both counts are there."""
    if layer.weight_before is None or layer.weight_after is None:
        return ""
    total = sum(layer.weight_before.y)
    gone = total - sum(layer.weight_after.y)
    if gone <= 0:
        return ""
    if not layer.pruned:
        return f"; {gone:g} of {total:g} synapses get weight 0 and are removed"
    return (
        f"; {gone - layer.pruned:g} of {total:g} synapses get weight 0 and are removed, and pruning removed "
        f"{layer.pruned:g} more"
    )


def _overlaid(
    title: str,
    axis: str,
    before: Histogram | None,
    after: Histogram | None,
) -> Plot | None:
    """Both on one axis, as synapses per step: bars after, and before a line on top of them.

    The bins before are not a step wide, so their counts alone would not compare. Where there is no before,
    nothing is called after.
    """
    traces, spoken = [], []
    if before is not None:
        centres = before.centres
        width = centres[1] - centres[0] if len(centres) > 1 else 1.0
        outline = scatter(
            mode="lines",
            name=EXPORT[0],
            x=centres,
            y=[round(count / width, 3) for count in before.y],
            line={"color": SERIES[1], "width": 1.75, "shape": "hvh"},
            hovertemplate=f"{EXPORT[0]}: %{{y}} synapses per step at %{{x}}<extra></extra>",
        )
        traces.append(outline)
        spoken.append(_spoken(EXPORT[0], before))
    if after is not None:
        hover = f"{f'{EXPORT[1]}: ' if before else ''}%{{y}} synapses at %{{x}}<extra></extra>"
        colour = {"color": SERIES[0]}
        bars = bar(name=EXPORT[1], x=after.centres, y=after.y, marker=colour, hovertemplate=hover)
        traces.insert(0, bars)
        spoken.append(_spoken(EXPORT[1] if before else "", after))
    if not traces:
        return None
    drawn = figure(
        250,
        34 if before else 12,
        traces,
        showlegend=before is not None,
        bargap=0.15,
        barmode="overlay",
        xaxis=titled(axis, **_whole_ticks([bins for bins in (before, after) if bins is not None])),
        yaxis=titled("synapses per step" if before else "synapses", rangemode="tozero", nticks=5),
    )
    return Plot(drawn, f"{title}. {'; '.join(spoken)}.")


def _whole_ticks(drawn: list[Histogram]) -> dict[str, Any]:
    """Delays and weights are whole: where there are so few that ticks would lie between them, one at each."""
    places = [x for bins in drawn for x in bins.centres]
    return {"dtick": 1} if places and max(places) - min(places) < FEW else {}


def _spoken(name: str, bins: Histogram) -> str:
    said = f"{name}: " if name else ""
    filled = [(x, y) for x, y in zip(bins.centres, bins.y, strict=True) if y]
    count = sum(y for _, y in filled)
    if not filled:
        return f"{said}no synapses"
    mean = sum(x * y for x, y in filled) / count
    low, high = min(x for x, _ in filled), max(x for x, _ in filled)
    return f"{said}{count:g} synapses from {low:.4g} to {high:.4g}, mean {round(mean, 4):g}"
