"""Spike rasters over the steps of one sample.

See `plots` for colours and escaping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from snnc.report.figure_data import RasterRow, Spike
from snnc.report.plots import SERIES, Figure, Plot, Trace, figure, scatter, titled

BAD = "var(--bad)"

RASTER_SPIKES = 20_000
"""More spikes than this are thinned evenly, so that the page stays small and quick."""

SIGNS = 2_000
"""Most spikes marked as differing: each mark is an SVG element; the spikes of a row are one path."""

ROW, GAP, BASE = 132, 34, 92
"""Heights in pixels: of a row, between two, of everything around them."""


@dataclass(frozen=True, slots=True)
class _Panel:
    """A row of a raster: `spikes` as short strokes, `marked` once more with a larger sign around each.

    `of`: what the row has `count` of, neuron or line.
    """

    name: str
    count: int
    of: str
    colour: str
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
    panels = [_panel(row, first, row.spikes) for first, row in _rows(rows)]
    return _stacked("Spike rasters", panels, steps, RASTER_SPIKES)


def raster_pair(
    rows: Sequence[RasterRow], steps: int, reference: str, executor: str, divergence: int
) -> tuple[Plot, Plot]:
    """What `reference` expects and what `executor` gave, each marked where the other has no spike.

    `divergence` is the step of the first difference.
    """
    left, right = [], []
    for first, row in _rows(rows):
        expected, found = row.spikes, row.spikes if row.found is None else row.found
        missing, extra = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
        left.append(_panel(row, first, expected, missing))
        right.append(_panel(row, first, found, extra))
    return (
        _stacked(f"Expected, by {reference}", left, steps, RASTER_SPIKES // 2, MISSING, divergence),
        _stacked(f"Found in {executor}", right, steps, RASTER_SPIKES // 2, EXTRA, divergence),
    )


def _rows(rows: Sequence[RasterRow]) -> list[tuple[bool, RasterRow]]:
    """Each, and whether it is the first."""
    return [(index == 0, row) for index, row in enumerate(rows)]


def _panel(row: RasterRow, first: bool, spikes: Sequence[Spike], marked: Sequence[Spike] = ()) -> _Panel:
    """Lines of an input have a colour of their own."""
    lines = first if row.input is None else row.input
    of, colour = ("line", SERIES[0]) if lines else ("neuron", SERIES[1])
    return _Panel(row.name, row.count, of, colour, spikes, marked)


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
    # One x axis for all rows, below the last.
    last = f"y{len(panels)}" if len(panels) > 1 else "y"
    drawn = figure(height, 34, [], xaxis=titled("step", range=[-0.5, steps - 0.5], anchor=last))
    annotations, shapes = drawn["layout"]["annotations"], drawn["layout"]["shapes"] = [], []
    spoken = []
    for index, panel in enumerate(panels):
        top = 1 - index * (ROW + GAP) / inner
        axis = "" if index == 0 else str(index + 1)
        drawn["layout"][f"yaxis{axis}"] = titled(
            panel.of,
            domain=[max(0.0, top - ROW / inner), top],
            range=[-0.5, max(panel.count, 1) - 0.5],
            nticks=4,
            showgrid=False,
        )
        marks = f", {len(panel.marked)} {sign.words}" if sign is not None and panel.marked else ""
        size = f"{panel.count} {panel.of}s, " if sign is None else ""  # two beside each other leave no room
        text = f"<b>{escape(panel.name)}</b>  {size}{len(panel.spikes)} spikes{marks}"
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "yshift": 3}
        place |= {"xanchor": "left", "yanchor": "bottom"}
        annotations.append({"text": text, "showarrow": False, **place})
        spoken.append(f"{panel.name}: {len(panel.spikes)} spikes of {panel.count} {panel.of}s{marks}")
        shapes.append(_strokes(panel, panel.spikes[::stride], axis, panel.colour))
        drawn["data"].append(_markers(panel.name, panel.of, [], axis))  # else the row would have no axes
        if sign is not None and panel.marked:
            line = {"width": 2, "color": BAD}
            large = {"size": 10, "symbol": sign.symbol, "color": BAD, "line": line}
            name = f"{panel.name}, {sign.words}"
            drawn["data"].append(_markers(name, panel.of, panel.marked[::skip], axis, marker=large))
    if divergence is not None:
        mark_step(drawn, divergence)
    thinned = f" Shown is one of every {stride} spikes." if stride > 1 else ""
    thinned += f" Marked is one of every {skip} that differ." if skip > 1 else ""
    return Plot(drawn, f"{title}, over {steps} steps. {'; '.join(spoken)}.{thinned}")


def mark_step(drawn: Figure, step: int) -> None:
    """A line at the `step` of the divergence, through all rows."""
    place = {"xref": "x", "yref": "paper", "x0": step, "x1": step, "y0": 0, "y1": 1}
    line = {"color": BAD, "width": 1.5, "dash": "dot"}
    drawn["layout"].setdefault("shapes", []).append({"type": "line", "line": line, **place})


def _strokes(panel: _Panel, spikes: Sequence[Spike], axis: str, colour: str) -> dict[str, Any]:
    """Each spike as an upright stroke, 3 pixels or more of its row high, all in one path."""
    half = max(0.4, 1.5 * panel.count / ROW)
    path = "".join(f"M{step},{neuron - half:.6g}V{neuron + half:.6g}" for step, neuron in spikes)
    return {
        "type": "path",
        "path": path or "M0,0",
        "xref": "x",
        "yref": f"y{axis}",
        "layer": "between",  # over the grid, under the marks
        "line": {"color": colour, "width": 3},
    }


def _markers(name: str, of: str, spikes: Sequence[Spike], axis: str, **fields: Any) -> Trace:
    return scatter(
        mode="markers",
        name=escape(name),
        x=[step for step, _ in spikes],
        y=[neuron for _, neuron in spikes],
        yaxis=f"y{axis}",
        hovertemplate=f"step %{{x}}, {of} %{{y}}<extra></extra>",
        **fields,
    )
