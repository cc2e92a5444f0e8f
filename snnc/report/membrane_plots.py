"""Figures of membranes over the steps of one sample: of one neuron, at a divergence, and of a readout.

See `plots` for colours and escaping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from snnc.report.figure_data import Readout
from snnc.report.plots import SERIES, TEXT, Figure, Plot, Trace, figure, scatter, titled
from snnc.report.step_plots import mark_step
from snnc.stages import Divergence, NeuronContext


@dataclass(frozen=True, slots=True)
class Curve:
    """u and v of one neuron by one executor, from the step `first` on, and the steps with a spike."""

    name: str
    u: Sequence[int]
    v: Sequence[int]
    spikes: Sequence[int]
    first: int = 0


def neuron_trace(of: str, curve: Curve, threshold: int | None) -> Plot:
    """u above v of the neuron that is called `of`, with its threshold and spikes."""
    last = curve.first + len(curve.v) - 1
    limit = "" if threshold is None else f" The threshold is {threshold}."
    said = f"u and v of {of} in steps {curve.first} to {last}. Spikes in {_listed(curve.spikes)}.{limit}"
    return Plot(_membranes([curve], threshold), said)


def membrane_traces(near: NeuronContext, divergence: Divergence, reference: str, executor: str) -> Plot:
    """u above v, expected against found, with the threshold, the spikes and the step of the divergence."""
    first = near.first
    expected = Curve(f"expected, {reference}", near.expected_u, near.expected_v, near.expected_spikes, first)
    found = Curve(f"found, {executor}", near.found_u, near.found_v, near.found_spikes, first)
    drawn = _membranes([expected, found], near.threshold)
    mark_step(drawn, divergence.step)
    return Plot(drawn, _spoken(near, divergence, list(range(first, first + len(near.expected_v)))))


def _membranes(curves: Sequence[Curve], threshold: int | None) -> Figure:
    """Of one executor, or of two: a dashed line with crosses lies over a solid one with dots.

    So both are seen where they agree.
    """
    first = curves[0].first
    steps = list(range(first, first + len(curves[0].v)))
    ends = [steps[0] - 0.5, steps[-1] + 0.5]
    traces: list[Trace] = []
    styles = ((SERIES[0], "solid", "circle", "▲", "top"), (SERIES[1], "dash", "x-thin", "△", "bottom"))
    for curve, (colour, dash, symbol, triangle, side) in zip(curves, styles, strict=False):
        for variable, values, axis in (("u", curve.u, "y"), ("v", curve.v, "y2")):
            trace = scatter(
                mode="lines+markers",
                name=escape(curve.name),
                legendgroup=curve.name.split(",")[0],
                showlegend=variable == "u",
                x=steps,
                y=values,
                yaxis=axis,
                line={"color": colour, "width": 2, "dash": dash},
                marker={"symbol": symbol, "size": 7, "color": colour, "line": {"width": 2, "color": colour}},
                hovertemplate=f"{escape(curve.name)}: {variable} %{{y}} in step %{{x}}<extra></extra>",
            )
            traces.append(trace)
        marks = scatter(  # a triangle above v (below it, for what was found) in each step with a spike
            mode="text",
            name=escape(f"spike, {curve.name}"),
            showlegend=False,
            x=curve.spikes,
            y=[curve.v[step - first] for step in curve.spikes],
            text=[triangle] * len(curve.spikes),
            textposition=f"{side} center",
            textfont={"color": TEXT, "size": 14},
            cliponaxis=False,
            yaxis="y2",
            hoverinfo="skip",
        )
        traces.append(marks)
    if threshold is not None:
        level = scatter(
            mode="lines",
            name="threshold",
            x=ends,
            y=[threshold] * 2,
            yaxis="y2",
            line={"color": "var(--muted)", "width": 1.5, "dash": "dot"},
            hovertemplate=f"threshold {threshold}<extra></extra>",
        )
        traces.append(level)
    return figure(
        420,
        64,
        traces,
        showlegend=True,
        xaxis=titled("step", anchor="y2", range=ends),
        yaxis=titled("u (integer units)", domain=[0.58, 1], nticks=5),
        yaxis2=titled("v (integer units)", domain=[0, 0.5], nticks=5),
    )


def _spoken(near: NeuronContext, divergence: Divergence, steps: list[int]) -> str:
    words = []
    for name, left, right in (("u", near.expected_u, near.found_u), ("v", near.expected_v, near.found_v)):
        at = [step for step, a, b in zip(steps, left, right, strict=True) if a != b]
        differs = f"{name} differs in {len(at)} of {len(steps)} steps, first in step {at[0]}" if at else ""
        words.append(differs or f"{name} agrees")
    limit = "" if near.threshold is None else f" The threshold is {near.threshold}."
    return (
        f"Membrane of neuron {divergence.neuron} of {divergence.layer} in steps {steps[0]} to {steps[-1]}, "
        f"expected against found: {'; '.join(words)}. The divergence is in step {divergence.step}. "
        f"Spikes expected in {_listed(near.expected_spikes)}, found in {_listed(near.found_spikes)}.{limit}"
    )


def _listed(steps: Sequence[int]) -> str:
    return f"step{'s' if len(steps) > 1 else ''} {', '.join(map(str, steps))}" if steps else "no step"


def readout_curves(readout: Readout) -> Plot:
    """Readout membrane over time; the true and the predicted class stand out, the rest is grey."""
    plain: list[Trace] = []
    bold: list[Trace] = []
    for name, values in zip(readout.classes, readout.v, strict=True):
        is_label, is_predicted = _same(readout.label, name), _same(readout.predicted, name)
        title = escape(f"class {name}")
        if is_label or is_predicted:
            role = " and ".join(word for word, on in (("label", is_label), ("predicted", is_predicted)) if on)
            # A wrong prediction is dashed as well as of another colour.
            line = {"color": SERIES[0]} if is_label else {"color": SERIES[1], "dash": "dash"}
            style: dict[str, Any] = {"name": f"{title} ({role})", "line": {**line, "width": 2.5}}
        else:
            quiet = {"color": "var(--quiet)", "width": 1}
            style = {"name": "other classes", "legendgroup": "other", "showlegend": not plain, "line": quiet}
        hover = f"{title}: step %{{x}}, v %{{y}}<extra></extra>"
        curve = scatter(mode="lines", y=values, hovertemplate=hover, **style)
        (bold if is_label or is_predicted else plain).append(curve)
    drawn = figure(
        340,
        40,
        [*plain, *bold],
        showlegend=True,
        xaxis=titled("step"),
        yaxis=titled("v · scale (trained units)", nticks=6),
    )
    steps = len(readout.v[0]) if readout.v else 0
    label, predicted = ("unknown" if n is None else n for n in (readout.label, readout.predicted))
    spoken = (
        f"Readout membrane of {len(readout.classes)} classes over {steps} steps; "
        f"label {label}, predicted {predicted}."
    )
    return Plot(drawn, spoken)


def _same(value: object, name: object) -> bool:
    return value is not None and str(value) == str(name)
