"""The files from which pages and pictures are made: templates, styles and scripts of this folder."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from snnc.report.tables import numbers, table
from snnc.text import IN_BACKTICKS, straight

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

SECTIONS = {
    "summary": "Summary",
    "losses": "Accuracy loss",
    "chip": "On the chip",
    "divergence": "Divergence",
    "executors": "Executors",
    "coverage": "Coverage",
    "confusion": "Confusions",
    "activity": "Activity",
    "learning": "Learning",
    "histograms": "Delays and weights",
    "readout": "Readout",
    "layers": "Network",
    "resources": "Resources",
    "provenance": "Provenance",
}
"""Section -> its name in the navigation; each is the file of its name."""


@cache  # it keeps the compiled templates, which takes longer than filling them
def environment() -> Environment:
    """All templates by name; values are escaped."""
    from jinja2 import DictLoader, Environment, StrictUndefined

    names = ("template", "diagnosis", "chip_picture", "network_picture", "samples", "front", *SECTIONS)
    made = Environment(
        loader=DictLoader({f"{name}.html": resource(f"{name}.html") for name in names}),
        autoescape=True,
        finalize=lambda value: straight(value) if type(value) is str else value,  # no Markup, which is ours
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"numbers": numbers, "table": table, "seconds": _seconds, "code": _code}
    return made


def resource(name: str) -> str:
    """The text of a file of this folder."""
    return files("snnc.report").joinpath(name).read_text(encoding="utf-8")


def _code(text: str) -> Markup:
    """`text`, whose commands and names stand in backticks for a terminal, as they stand in a page."""
    from markupsafe import Markup, escape

    return Markup(IN_BACKTICKS.sub(r"<code>\1</code>", str(escape(straight(text)))))


def _seconds(value: float) -> str:
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"
