"""Plotly figures of the report, as plain data.

A colour "$name" stands for the CSS custom property `--name`; the page fills it in, so that figures
follow the light and the dark theme. Text that comes from the report is escaped, because Plotly
reads a subset of HTML in its labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from snnc.percent import percent
from snnc.report.figure_data import Histogram, LayerHistograms, Readout
from snnc.report.interval import wilson
from snnc.stages import AccuracyStage

SERIES = ("$series-1", "$series-2", "$series-3", "$series-4")


@dataclass(frozen=True, slots=True)
class Plot:
    """One figure with its text alternative; `height` in CSS pixels."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    alternative: str
    height: int


def accuracy_bars(stages: Sequence[AccuracyStage]) -> Plot:
    """Accuracy in percent by stage with its 95 % interval, one series a split."""
    known = [stage for stage in stages if stage.total]
    names = list(dict.fromkeys(stage.stage for stage in known))
    splits = list(dict.fromkeys(stage.split for stage in known))
    data: list[dict[str, Any]] = []
    for index, split in enumerate(splits):
        rows = [stage for stage in known if stage.split == split]
        ends = [wilson(row.correct, row.total) for row in rows]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": escape(split),
                "y": [escape(row.stage) for row in rows],
                "x": [100 * row.accuracy for row in rows],
                "text": [percent(row.correct, row.total) for row in rows],
                "textposition": "auto",
                "insidetextanchor": "start",  # clear of the error bars
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [100 * (high - row.accuracy) for row, (_, high) in zip(rows, ends, strict=True)],
                    "arrayminus": [
                        100 * (row.accuracy - low) for row, (low, _) in zip(rows, ends, strict=True)
                    ],
                    "color": "$text",
                    "thickness": 1.5,
                    "width": 4,
                },
                "customdata": [
                    f"{row.correct} of {row.total} correct, 95 % interval {interval(row)} %" for row in rows
                ],
                "hovertemplate": "%{y}: %{text}, %{customdata}<extra></extra>",
                "marker": {"color": SERIES[index % len(SERIES)]},
                "textfont": {"color": "$on-series"},
                "outsidetextfont": {"color": "$text"},
            }
        )
    height = 80 + max(len(names) * len(splits), 2) * 34 + (30 if len(splits) > 1 else 0)
    layout = _layout(height, left=12, top=36 if len(splits) > 1 else 8, legend=len(splits) > 1)
    layout |= {
        "barmode": "group",
        "bargap": 0.3,
        "xaxis": _axis("accuracy (%)", range=[0, 100]),
        "yaxis": _axis(None, autorange="reversed", automargin=True, showgrid=False, ticksuffix="  "),
    }
    spoken = "; ".join(
        f"{row.stage} on {row.split} {percent(row.correct, row.total)}, {row.correct} of {row.total}, "
        f"95 percent interval {interval(row)}"
        for row in known
    )
    return Plot(data, layout, f"Bar chart of accuracy by stage: {spoken}.", height)


def interval(stage: AccuracyStage) -> str:
    """The 95 % interval of the accuracy in percent, "92.0 to 96.1"."""
    low, high = wilson(stage.correct, stage.total)
    return f"{100 * low:.1f} to {100 * high:.1f}"


def delays(layer: LayerHistograms) -> Plot | None:
    """Delays before and after rounding on one axis."""
    title = f"Histogram of delays of {layer.layer}"
    return _overlaid(title, "delay (steps)", layer.delay_before, layer.delay_after)


def weights(layer: LayerHistograms) -> Plot | None:
    """Weights before and after quantisation on one axis, in steps of the integer weight.

    Weights of the trained network are drawn times `layer.scale`.
    """
    before = layer.weight_before
    if before is not None and layer.scale is not None:
        before = Histogram([x * layer.scale for x in before.x], before.y)
    plot = _overlaid(
        f"Histogram of weights of {layer.layer}", "weight (integer steps)", before, layer.weight_after
    )
    if plot is None:
        return None
    plot.layout["bargap"] = 0  # hundreds of bars
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
    return f"; {gone:g} of {total:g} synapses have weight 0 after it and are gone" if gone > 0 else ""


def _overlaid(title: str, axis: str, before: Histogram | None, after: Histogram | None) -> Plot | None:
    """Both on one axis, as synapses per step.

    The bins before are not a step wide, so their counts alone would not compare.
    """
    parts = [("before", before, SERIES[1]), ("after", after, SERIES[0])]
    shown = [(name, bins, colour) for name, bins, colour in parts if bins is not None]
    if not shown:
        return None
    height = 250
    layout = _layout(height, left=12, top=34, legend=True)
    layout |= {
        "bargap": 0.15,
        "barmode": "overlay",
        "xaxis": _axis(axis),
        "yaxis": _axis("synapses per step", automargin=True, rangemode="tozero", nticks=5),
    }
    # After: bars. Before: a line on top, told apart by shape as well as by colour.
    data = [_bars(name, bins, colour) for name, bins, colour in reversed(shown) if name == "after"]
    data += [_outline(name, bins, colour) for name, bins, colour in shown if name == "before"]
    return Plot(data, layout, _spoken(title, shown), height)


def readout_curves(readout: Readout) -> Plot:
    """Readout membrane over time; the true and the predicted class stand out, the rest is grey."""
    height = 340
    layout = _layout(height, left=12, top=40, legend=True)
    layout |= {"xaxis": _axis("step"), "yaxis": _axis("v · scale (trained units)", automargin=True, nticks=6)}
    plain: list[dict[str, Any]] = []
    bold: list[dict[str, Any]] = []
    for name, values in zip(readout.classes, readout.v, strict=True):
        is_label, is_predicted = _same(readout.label, name), _same(readout.predicted, name)
        title = escape(f"class {name}")
        trace: dict[str, Any] = {
            "type": "scatter",
            "mode": "lines",
            "y": values,
            "hovertemplate": f"{title}: step %{{x}}, v %{{y}}<extra></extra>",
        }
        if not is_label and not is_predicted:
            trace |= {"name": "other classes", "legendgroup": "other", "showlegend": not plain}
            plain.append(trace | {"line": {"color": "$quiet", "width": 1}})
            continue
        role = " and ".join(word for word, on in (("label", is_label), ("predicted", is_predicted)) if on)
        # A wrong prediction is dashed as well as of another colour.
        line = {"color": SERIES[0]} if is_label else {"color": SERIES[1], "dash": "dash"}
        bold.append(trace | {"name": f"{title} ({role})", "line": line | {"width": 2.5}})
    steps = len(readout.v[0]) if readout.v else 0
    spoken = (
        f"Readout membrane of {len(readout.classes)} classes over {steps} steps; "
        f"label {_or_unknown(readout.label)}, predicted {_or_unknown(readout.predicted)}."
    )
    return Plot([*plain, *bold], layout, spoken, height)


def _bars(name: str, bins: Histogram, colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": bins.centres,
        "y": bins.y,
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertemplate": f"{name}: %{{y}} synapses at %{{x}}<extra></extra>",
    }


def _outline(name: str, bins: Histogram, colour: str) -> dict[str, Any]:
    centres = bins.centres
    width = centres[1] - centres[0] if len(centres) > 1 else 1.0
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": centres,
        "y": [round(count / width, 3) for count in bins.y],
        "line": {"color": colour, "width": 1.75, "shape": "hvh"},
        "hovertemplate": f"{name}: %{{y}} synapses per step at %{{x}}<extra></extra>",
    }


def _spoken(title: str, shown: Sequence[tuple[str, Histogram, str]]) -> str:
    parts = []
    for name, bins, _ in shown:
        filled = [(x, y) for x, y in zip(bins.centres, bins.y, strict=True) if y]
        count = sum(y for _, y in filled)
        if not filled:
            parts.append(f"{name}: no synapses")
            continue
        mean = sum(x * y for x, y in filled) / count
        low, high = min(x for x, _ in filled), max(x for x, _ in filled)
        parts.append(f"{name}: {count:g} synapses from {low:.4g} to {high:.4g}, mean {round(mean, 4):g}")
    return f"{title}. {'; '.join(parts)}."


def _same(value: object, name: object) -> bool:
    return value is not None and str(value) == str(name)


def _or_unknown(value: object) -> object:
    return "unknown" if value is None else value


def _axis(title: str | None, **options: Any) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "gridcolor": "$line",
        "linecolor": "$line-strong",
        "tickcolor": "$line-strong",
        "zerolinecolor": "$line-strong",
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "ticklen": 4,
        "tickfont": {"size": 11, "color": "$muted"},
        "fixedrange": False,
    }
    if title is not None:
        axis["title"] = {"text": title, "font": {"size": 12, "color": "$muted"}, "standoff": 8}
    return axis | options


def _layout(height: int, *, left: int, top: int, legend: bool = False) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": left, "r": 12, "t": top, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "$text", "size": 12},
        "hoverlabel": {"bgcolor": "$surface", "bordercolor": "$line-strong", "font": {"color": "$text"}},
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": "$text"}},
    }
