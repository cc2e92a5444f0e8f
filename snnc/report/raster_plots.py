"""Spike rasters of one sample; see `plots` for colours and escaping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from snnc.report.figure_data import RasterRow, Spike
from snnc.report.plots import SERIES, Plot, _axis, _layout

RASTER_SPIKES = 20_000
"""More spikes than this are thinned evenly, so that the page stays small and quick."""

SIGNS = 2_000
"""Most spikes marked as differing: each mark is an SVG element; the spikes of a row are one path."""

ROW, GAP, BASE = 132, 34, 92
"""Heights in pixels: of a row, between two, of everything around them."""


@dataclass(frozen=True, slots=True)
class _Panel:
    """A row of a raster: `spikes` as short strokes, `marked` once more with a larger sign around each."""

    name: str
    count: int
    spikes: Sequence[Spike]
    marked: Sequence[Spike] = ()


@dataclass(frozen=True, slots=True)
class _Sign:
    """How spikes are marked; told apart by shape, not by colour alone."""

    symbol: str
    words: str


MISSING = _Sign("circle-open", "not found")
EXTRA = _Sign("x-thin", "not expected")


def raster(rows: Sequence[RasterRow], steps: int) -> Plot:
    """Spikes of the input and of each layer, stacked on one axis of `steps` steps."""
    panels = [_Panel(row.name, row.count, row.spikes) for row in rows]
    return _stacked("Spike rasters", panels, steps, RASTER_SPIKES)


def raster_pair(
    rows: Sequence[RasterRow], steps: int, reference: str, executor: str, divergence: int
) -> tuple[Plot, Plot]:
    """What `reference` expects and what `executor` gave, each marked where the other has no spike.

    `divergence` is the step of the first difference.
    """
    left, right = [], []
    for row in rows:
        expected, found = row.spikes, row.spikes if row.found is None else row.found
        missing, extra = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
        left.append(_Panel(row.name, row.count, expected, missing))
        right.append(_Panel(row.name, row.count, found, extra))
    return (
        _stacked(f"Expected, by {reference}", left, steps, RASTER_SPIKES // 2, MISSING, divergence),
        _stacked(f"Found in {executor}", right, steps, RASTER_SPIKES // 2, EXTRA, divergence),
    )


def _stacked(
    title: str,
    panels: Sequence[_Panel],
    steps: int,
    most: int,
    sign: _Sign | None = None,
    divergence: int | None = None,
) -> Plot:
    stride = max(1, -(-sum(len(panel.spikes) for panel in panels) // most))
    skip = max(1, -(-sum(len(panel.marked) for panel in panels) // SIGNS))
    height = BASE + len(panels) * (ROW + GAP) - GAP
    inner = height - BASE
    layout = _layout(height, left=12, top=34)
    last = f"y{len(panels)}" if len(panels) > 1 else "y"
    layout["xaxis"] = _axis("step", range=[-0.5, steps - 0.5], anchor=last)
    layout["annotations"], layout["shapes"] = [], []
    data = []
    spoken = []
    for index, panel in enumerate(panels):
        top = 1 - index * (ROW + GAP) / inner
        axis = "" if index == 0 else str(index + 1)
        layout[f"yaxis{axis}"] = _axis(
            "neuron",
            domain=[max(0.0, top - ROW / inner), top],
            range=[-0.5, max(panel.count, 1) - 0.5],
            automargin=True,
            nticks=4,
            showgrid=False,
        )
        marks = f", {len(panel.marked)} {sign.words}" if sign is not None and panel.marked else ""
        size = f"{panel.count} neurons, " if sign is None else ""  # two beside each other leave no room
        layout["annotations"].append(
            _heading(f"<b>{escape(panel.name)}</b>  {size}{len(panel.spikes)} spikes{marks}", top)
        )
        spoken.append(f"{panel.name}: {len(panel.spikes)} spikes of {panel.count} neurons{marks}")
        colour = SERIES[0] if index == 0 else SERIES[1]
        layout["shapes"].append(_strokes(panel, panel.spikes[::stride], axis, colour))
        data.append(_markers(panel.name, [], axis, {}))  # else the row would have no axes
        if sign is not None and panel.marked:
            line = {"width": 2, "color": "$bad"}
            large = {"size": 10, "symbol": sign.symbol, "color": "$bad", "line": line}
            name = f"{panel.name}, {sign.words}"
            data.append(_markers(name, panel.marked[::skip], axis, large))
    if divergence is not None:
        layout["shapes"].append(step_line(divergence))
    thinned = f" Shown is one of every {stride} spikes." if stride > 1 else ""
    thinned += f" Marked is one of every {skip} that differ." if skip > 1 else ""
    return Plot(data, layout, f"{title}, over {steps} steps. {'; '.join(spoken)}.{thinned}", height)


def step_line(step: int) -> dict[str, Any]:
    """The step of the divergence, through all rows."""
    line = {"color": "$bad", "width": 1.5, "dash": "dot"}
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": step,
        "x1": step,
        "y0": 0,
        "y1": 1,
        "line": line,
    }


def _heading(text: str, top: float) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": top,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 3,
        "showarrow": False,
        "font": {"size": 12, "color": "$text"},
    }


def _strokes(panel: _Panel, spikes: Sequence[Spike], axis: str, colour: str) -> dict[str, Any]:
    """Each spike as an upright stroke, 3 pixels or more of its row high, all in one path."""
    half = max(0.4, 1.5 * panel.count / ROW)
    return {
        "type": "path",
        "path": "".join(f"M{step},{neuron - half:.6g}V{neuron + half:.6g}" for step, neuron in spikes)
        or "M0,0",
        "xref": "x",
        "yref": f"y{axis}",
        "layer": "between",  # over the grid, under the marks
        "line": {"color": colour, "width": 3},
    }


def _markers(name: str, spikes: Sequence[Spike], axis: str, marker: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": escape(name),
        "x": [step for step, _ in spikes],
        "y": [neuron for _, neuron in spikes],
        "xaxis": "x",
        "yaxis": f"y{axis}",
        "hovertemplate": "step %{x}, neuron %{y}<extra></extra>",
        "marker": marker,
    }
