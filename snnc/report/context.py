"""The diverging neuron around the step of the divergence: a table, and its membrane traces.

See `plots` for colours and escaping.
"""

from __future__ import annotations

from html import escape
from typing import Any

from snnc.report.plots import SERIES, Plot, _axis, _layout
from snnc.report.raster_plots import step_line
from snnc.stages import Divergence, NeuronContext

HEIGHT = 420


def context_rows(near: NeuronContext) -> list[dict[str, Any]]:
    """One row a step; "≠" beside what is not as expected."""
    rows = []
    for index, step in enumerate(range(near.first, near.first + len(near.expected_v))):
        spikes = ["yes" if step in side else "no" for side in (near.expected_spikes, near.found_spikes)]
        rows.append(
            {
                "step": step,
                "u expected": near.expected_u[index],
                "u found": _marked(near.expected_u[index], near.found_u[index]),
                "v expected": near.expected_v[index],
                "v found": _marked(near.expected_v[index], near.found_v[index]),
                "spike expected": spikes[0],
                "spike found": _marked(*spikes),
            }
        )
    return rows


def _marked(expected: object, found: object) -> str:
    return str(found) if expected == found else f"≠ {found}"


def membrane_traces(near: NeuronContext, divergence: Divergence, reference: str, executor: str) -> Plot:
    """u above v, expected against found, with the threshold, the spikes and the step of the divergence."""
    steps = list(range(near.first, near.first + len(near.expected_v)))
    layout = _layout(HEIGHT, left=12, top=64, legend=True)
    layout |= {
        "xaxis": _axis("step", anchor="y2", range=[steps[0] - 0.5, steps[-1] + 0.5]),
        "yaxis": _axis("u (integer units)", domain=[0.58, 1], automargin=True, nticks=5),
        "yaxis2": _axis("v (integer units)", domain=[0, 0.5], automargin=True, nticks=5),
        "shapes": [step_line(divergence.step)],
    }
    sides = (
        (f"expected, {reference}", near.expected_u, near.expected_v, near.expected_spikes, "circle"),
        (f"found, {executor}", near.found_u, near.found_v, near.found_spikes, "x-thin"),
    )
    data: list[dict[str, Any]] = []
    for (name, u, v, spikes, symbol), colour, dash in zip(sides, SERIES, ("solid", "dash"), strict=False):
        # A dashed line with crosses lies over a solid one with dots: both are seen where they agree.
        marker = {"symbol": symbol, "size": 7, "color": colour, "line": {"width": 2, "color": colour}}
        line = {"color": colour, "width": 2, "dash": dash}
        for variable, values, axis in (("u", u, "y"), ("v", v, "y2")):
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "name": escape(name),
                    "legendgroup": name.split(",")[0],
                    "showlegend": variable == "u",
                    "x": steps,
                    "y": list(values),
                    "xaxis": "x",
                    "yaxis": axis,
                    "line": line,
                    "marker": marker,
                    "hovertemplate": f"{escape(name)}: {variable} %{{y}} in step %{{x}}<extra></extra>",
                }
            )
        data.append(_spikes(name, near, v, spikes, colour))
    if near.threshold is not None:
        data.append(_threshold(steps, near.threshold))
    return Plot(data, layout, _spoken(near, divergence, steps), HEIGHT)


def _spikes(
    name: str, near: NeuronContext, v: tuple[int, ...], spikes: tuple[int, ...], colour: str
) -> dict[str, Any]:
    """A triangle above v (below it, for what was found) in each step with a spike."""
    found = name.startswith("found")
    return {
        "type": "scatter",
        "mode": "text",
        "name": escape(f"spike, {name}"),
        "showlegend": False,
        "x": list(spikes),
        "y": [v[step - near.first] for step in spikes],
        "text": ["△" if found else "▲"] * len(spikes),
        "textposition": "bottom center" if found else "top center",
        "textfont": {"color": "$text", "size": 14},
        "cliponaxis": False,
        "xaxis": "x",
        "yaxis": "y2",
        "hoverinfo": "skip",
    }


def _threshold(steps: list[int], threshold: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "threshold",
        "x": [steps[0] - 0.5, steps[-1] + 0.5],
        "y": [threshold, threshold],
        "xaxis": "x",
        "yaxis": "y2",
        "line": {"color": "$muted", "width": 1.5, "dash": "dot"},
        "hovertemplate": f"threshold {threshold}<extra></extra>",
    }


def _spoken(near: NeuronContext, divergence: Divergence, steps: list[int]) -> str:
    pairs = (("u", near.expected_u, near.found_u), ("v", near.expected_v, near.found_v))
    differing = {
        name: [step for step, a, b in zip(steps, left, right, strict=True) if a != b]
        for name, left, right in pairs
    }
    words = "; ".join(
        f"{name} differs in {len(at)} of {len(steps)} steps, first in step {at[0]}"
        if at
        else f"{name} agrees"
        for name, at in differing.items()
    )
    limit = "" if near.threshold is None else f" The threshold is {near.threshold}."
    return (
        f"Membrane of neuron {divergence.neuron} of {divergence.layer} in steps {steps[0]} to {steps[-1]}, "
        f"expected against found: {words}. The divergence is in step {divergence.step}. Spikes expected in "
        f"{_listed(near.expected_spikes)}, found in {_listed(near.found_spikes)}.{limit}"
    )


def _listed(steps: tuple[int, ...]) -> str:
    return f"step{'s' if len(steps) > 1 else ''} {', '.join(map(str, steps))}" if steps else "no step"
