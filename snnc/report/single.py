"""Pictures of the report by themselves, in its light colours: for notebooks, and for pages of a picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from snnc.brief import brief
from snnc.extras import need
from snnc.report import chip_picture, network, plots
from snnc.report.plots import Plot
from snnc.report.templates import environment, resource
from snnc.stages.chip import ChipEstimate

if TYPE_CHECKING:
    import plotly.graph_objects as go

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
TITLE = 30
"""Pixels that a title takes above a figure."""
VARIABLE = re.compile(r"var\((--[\w-]+)\)")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as SVG within HTML, with its text alternative."""

    markup: str
    alternative: str

    __repr__ = brief


@cache
def colours() -> Mapping[str, str]:
    """Name -> colour of the light theme, as report.css has them in its first rule."""
    first = resource("report.css").partition("}")[0]
    return {name: value.strip() for name, value in re.findall(r"(--[\w-]+):([^;]+);", first)}


def figure(plot: Plot, title: str) -> go.Figure:
    """`plot` with the colours of the light theme and a title, to be shown by plotly alone.

    Raises `NotInstalledError` without plotly.
    """
    need("report", "a figure")
    import plotly.graph_objects as go

    layout: dict[str, Any] = plot.figure["layout"]
    margin = layout["margin"]
    layout = layout | {
        "template": plots.TEMPLATE,
        "height": layout["height"] + TITLE,
        "title": {
            "text": title,
            "font": {"size": 14, "family": FONT},
            "x": 0,
            "xref": "paper",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 10},
        },
        "font": {"family": FONT},
        "paper_bgcolor": "var(--surface)",
        "plot_bgcolor": "var(--surface)",
        "margin": margin | {"t": margin["t"] + TITLE},
    }
    return go.Figure(_filled({"data": plot.figure["data"], "layout": layout}))


def _filled(value: Any) -> Any:
    """A copy of `value` with colours for all "var(--name)"."""
    if isinstance(value, Mapping):
        return {key: _filled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item) for item in value]
    if isinstance(value, str) and (name := VARIABLE.fullmatch(value)):
        return colours()[name[1]]
    return value


def style() -> str:
    """The style sheet of drawings, with its colours in it; it says nothing about other elements of a page."""
    return VARIABLE.sub(lambda name: colours().get(name[1], "inherit"), resource("pictures.css"))


def paper() -> str:
    """Declarations for what is around a drawing: the light theme, also where a notebook is dark."""
    found = colours()
    return f"background: {found['--surface']}; color: {found['--text']}; font-family: system-ui, sans-serif"


def chip_drawings(found: ChipEstimate) -> tuple[Drawing, ...]:
    """The cores by time and by energy, with the links between them."""
    picture = chip_picture.picture(found)
    heat_map = environment().get_template("chip_picture.html").module.heat_map  # type: ignore[attr-defined]
    return tuple(Drawing(str(heat_map(each, picture)), each.alternative) for each in picture.maps)


def network_drawing(found: Mapping[str, Any]) -> Drawing | None:
    """Populations and projections of `Report.network`; None if there are too many for a drawing."""
    drawn = network.drawing(found)
    if drawn is None:
        return None
    populations = environment().get_template("network_picture.html").module.populations  # type: ignore[attr-defined]
    return Drawing(str(populations(drawn)), drawn.alternative)
