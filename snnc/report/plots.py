"""What all figures of the report share, and its bar charts.

A colour "var(--name)" is the CSS custom property of that name; the page fills it in, so that figures
follow the light and the dark theme. Text that comes from the report is escaped, because Plotly
reads a subset of HTML in its labels.

A figure is in the words of plotly.js, as dictionaries. A notebook gives it to plotly; `figures.js` draws what
the page needs of them: plotly.js would be twenty times the rest of a page, and most of the time to open it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias

from snnc.brief import SHORT
from snnc.percent import percent
from snnc.report import losses
from snnc.report.accuracy import interval, wilson
from snnc.report.chip import seconds
from snnc.report.glossary import stage_words
from snnc.stages import AccuracyStage
from snnc.stages.chip import ChipEstimate
from snnc.stages.losses import LossBudget
from snnc.text import one_line, shortened, without_backticks

Trace: TypeAlias = dict[str, Any]
"""The fields of one trace of plotly.js, its "type" included."""
Figure: TypeAlias = dict[str, Any]
"""`data`, a list of traces, and `layout`, a dictionary; the page adds the template."""

SERIES = ("var(--series-1)", "var(--series-2)", "var(--series-3)", "var(--series-4)")
TEXT, MUTED, LINE, STRONG = "var(--text)", "var(--muted)", "var(--line)", "var(--line-strong)"

_AXIS = {
    "showgrid": True,
    "gridcolor": LINE,
    "linecolor": STRONG,
    "tickcolor": STRONG,
    "zeroline": False,
    "showline": True,
    "ticks": "outside",
    "ticklen": 4,
    "tickfont": {"size": 11, "color": MUTED},
    "title": {"font": {"size": 12, "color": MUTED}, "standoff": 8},
}

TEMPLATE: dict[str, Any] = {
    "layout": {
        "colorway": SERIES,
        "margin": {"l": 12, "r": 12, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": 12},
        "hoverlabel": {"bgcolor": "var(--surface)", "bordercolor": STRONG, "font": {"color": TEXT}},
        "showlegend": False,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": TEXT}},
        "xaxis": _AXIS,
        "yaxis": {**_AXIS, "automargin": True},
    },
    "data": {
        "bar": [
            {
                "type": "bar",
                "textposition": "auto",
                "insidetextfont": {"color": "var(--on-series)"},
                "outsidetextfont": {"color": TEXT},
                "error_x": {"color": TEXT, "thickness": 1.5, "width": 4},
            }
        ]
    },
}
"""Axes, legend, hover labels and colours of every figure; the page holds it once."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One figure with its text alternative."""

    figure: Figure
    alternative: str

    def __repr__(self) -> str:
        return shortened(one_line(f"Plot({self.alternative})"), SHORT)


def figure(height: int, top: int, traces: Sequence[Trace], **layout: Any) -> Figure:
    """A figure for the template: `height` and the margin at the `top` in CSS pixels."""
    return {"data": list(traces), "layout": {"height": height, "margin": {"t": top}, **layout}}


def titled(text: str, **axis: Any) -> dict[str, Any]:
    """The fields of an axis with a title."""
    return {"title": {"text": text}, **axis}


def bar(**fields: Any) -> Trace:
    """Bars; `fields` as plotly.js names them."""
    return {"type": "bar", **fields}


def scatter(**fields: Any) -> Trace:
    """Lines, markers or text; `fields` as plotly.js names them."""
    return {"type": "scatter", **fields}


def _categories(**options: Any) -> dict[str, Any]:
    """The axis of bars that lie, the first on top."""
    return {"type": "category", "autorange": "reversed", "showgrid": False, **options}


def accuracy_bars(stages: Sequence[AccuracyStage], budget: LossBudget | None = None) -> Plot:
    """Accuracy in percent by stage with its 95 % interval: a series a split, and one of the `budget`."""
    known = [stage for stage in stages if stage.total]
    if budget is not None:
        of = budget.recordings
        name = f"loss budget, {without_backticks(losses.recordings_phrase(of))}" if known else of.split
        known += [AccuracyStage(stage.stage, name, stage.correct, of.used) for stage in budget.stages]
    names = _in_order(known)
    splits = list(dict.fromkeys(stage.split for stage in known))
    bars = []
    for split in splits:
        rows = [stage for stage in known if stage.split == split]
        ends = [wilson(row.correct, row.total) for row in rows]
        bars.append(
            bar(
                orientation="h",
                name=escape(split),
                y=[escape(stage_words(row.stage)) for row in rows],
                x=[100 * row.accuracy for row in rows],
                text=[percent(row.correct, row.total) for row in rows],
                insidetextanchor="start",  # clear of the error bars
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [100 * (high - row.accuracy) for row, (_, high) in zip(rows, ends, strict=True)],
                    "arrayminus": [
                        100 * (row.accuracy - low) for row, (low, _) in zip(rows, ends, strict=True)
                    ],
                },
                customdata=[
                    f"{row.correct} of {row.total} correct, 95 % interval {interval(row)} %" for row in rows
                ],
                hovertemplate="%{y}: %{text}, %{customdata}<extra></extra>",
            )
        )
    several = len(splits) > 1
    order = {"categoryorder": "array", "categoryarray": [escape(stage_words(name)) for name in names]}
    drawn = figure(
        80 + max(len(names) * len(splits), 2) * 34 + (30 if several else 0),
        36 if several else 8,
        bars,
        showlegend=several,
        barmode="group",
        bargap=0.3,
        xaxis=titled("accuracy (%)", range=[0, 100]),
        yaxis=_categories(ticksuffix="  ", **order),
    )
    spoken = "; ".join(
        f"{stage_words(row.stage)} on {row.split} {percent(row.correct, row.total)}, {row.correct} of "
        f"{row.total}, 95 percent interval {interval(row)}"
        for row in known
    )
    return Plot(drawn, f"Bar chart of accuracy by stage: {spoken}.")


def loss_bars(budget: LossBudget) -> Plot:
    """Accuracy after each step of the export, by itself."""
    return accuracy_bars((), budget)


def _in_order(stages: Sequence[AccuracyStage]) -> list[str]:
    """Names of the stages: where two series name the same ones, those between stand between."""
    found: list[str] = []
    for split in dict.fromkeys(stage.split for stage in stages):
        at = 0
        for name in (stage.stage for stage in stages if stage.split == split):
            if name in found:
                at = max(at, found.index(name) + 1)
            else:
                found.insert(at, name)
                at += 1
    return found


def sqnr_bars(budget: LossBudget) -> Plot:
    """Each layer's membrane against the step before, in dB; no bar where nothing differs."""
    stages = budget.stages[1:]
    names = [layer.layer for layer in budget.stages[0].layers]
    bars, spoken = [], []
    for index, name in enumerate(names):
        found = [stage.layers[index].previous for stage in stages]
        text = [losses.decibels(fidelity) for fidelity in found]
        bars.append(
            bar(
                orientation="h",
                name=escape(name),
                y=[escape(stage_words(stage.stage)) for stage in stages],
                x=[0 if fidelity is None else fidelity.sqnr_db or 0 for fidelity in found],
                text=text,
                textposition=["auto" if value not in ("same", "–") else "outside" for value in text],
                textangle=0,
                hovertemplate=f"{escape(name)}, %{{y}}: %{{text}} dB<extra></extra>",
            )
        )
        pairs = zip((stage_words(stage.stage) for stage in stages), text, strict=True)
        spoken.append(f"{name}: {', '.join(f'{step} {value}' for step, value in pairs)}")
    drawn = figure(
        96 + len(stages) * (len(names) * 20 + 12),  # a line for each number: none covers another on a phone
        36,
        bars,
        showlegend=True,
        barmode="group",
        bargap=0.2,
        xaxis=titled("SQNR (dB)", rangemode="tozero"),
        yaxis=_categories(),
    )
    return Plot(drawn, f"SQNR against the step before, in dB. {'; '.join(spoken)}.")


def byte_bars(layers: tuple[str, ...], before: tuple[int, ...], after: tuple[int, ...]) -> Plot:
    """Bytes of synapses by layer, with the most bits that were tried and as exported."""
    bars = [
        bar(
            orientation="h",
            name=name,
            y=[escape(layer) for layer in layers],
            x=sizes,
            text=[str(size) for size in sizes],
            hovertemplate=f"%{{y}}, {name}: %{{x}} bytes<extra></extra>",
            marker={"color": colour},
        )
        for name, sizes, colour in (("most bits", before, SERIES[1]), ("exported", after, SERIES[0]))
    ]
    drawn = figure(
        110 + 58 * len(layers),
        36,
        bars,
        showlegend=True,
        barmode="group",
        bargap=0.3,
        xaxis=titled("bytes of synapses", rangemode="tozero"),
        yaxis=_categories(),
    )
    spoken = "; ".join(f"{n}: {b} to {a}" for n, b, a in zip(layers, before, after, strict=True))
    return Plot(drawn, f"Bytes of synapses by layer, with the most bits and exported. {spoken}.")


def step_bars(found: ChipEstimate) -> Plot:
    """Mean time of each step of the chip, in microseconds."""
    times = [time / found.samples for time in found.step_times]
    slowest = max(range(len(times)), key=times.__getitem__)
    bars = bar(
        y=[round(time * 1e-6, 6) for time in times], hovertemplate="step %{x}: %{y:.3g} µs<extra></extra>"
    )
    drawn = figure(
        230,
        12,
        [bars],
        bargap=0.1 if len(times) < 100 else 0,
        xaxis=titled("step of the chip", showgrid=False),
        yaxis=titled("time (µs)", rangemode="tozero", nticks=5),
    )
    spoken = (
        f"How long each of the {len(times)} steps takes, mean of {found.samples} samples: the slowest is "
        f"step {slowest} with {seconds(times[slowest])}, the quickest takes {seconds(min(times))}."
    )
    return Plot(drawn, spoken)
