"""Pictures of the report for a notebook, a page or the browser."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snnc.api.words import python_words, short
from snnc.errors import InputError
from snnc.extras import lacking, need
from snnc.io.files import write_file
from snnc.keywords import checked_keywords
from snnc.report.figure_data import LayerHistograms
from snnc.report.network import POPULATIONS_DRAWN, PROJECTIONS_DRAWN
from snnc.report.plots import Plot
from snnc.report.single import FONT, Drawing, figure, network_drawing, paper, style
from snnc.text import did_you_mean, quoted

if TYPE_CHECKING:
    import plotly.graph_objects as go

MIME = "application/vnd.plotly.v1+json"
"""What front ends that have plotly.js draw by themselves."""
PAGES = ("", ".htm", ".html")
CONFIG = {"displayModeBar": False, "responsive": True}


class Shown:
    """What a notebook shows as HTML, and `show` in the browser."""

    __slots__ = ()

    def _table(self) -> str:
        """What is said in words and numbers, as HTML."""
        return ""

    def _pictures(self) -> Sequence[Picture]:
        return ()

    def _repr_html_(self) -> str:
        return _parts(self._table(), self._pictures(), "cdn")

    @checked_keywords()
    def show(self) -> None:
        """Show it below the cell of a notebook, elsewhere as a page in the browser.

        Examples
        --------
        >>> exported.show()
        """
        if in_notebook():
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]
            return
        handle, path = tempfile.mkstemp(prefix="snnc-", suffix=".html")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_page(repr(self), self._table(), self._pictures()))
        open_page(Path(path))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Picture(Shown):
    """One or several figures of the report: shown by a notebook, `show()`, or as a page by `save(path)`.

    It prints as what the figures say in words.
    """

    title: str
    parts: tuple[tuple[str, Plot | Drawing], ...]

    @property
    def figures(self) -> tuple[go.Figure, ...]:
        """Figures of plotly, to be changed or saved by it. Drawings of networks and chips are none."""
        return tuple(figure(each, escape(title)) for title, each in self.parts if isinstance(each, Plot))

    @property
    def alternative(self) -> str:
        """All that the figures show, in words."""
        return "\n".join(each.alternative for _, each in self.parts)

    @checked_keywords()
    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write a page that loads nothing from the network.

        Raises
        ------
        InputError
            If `path` is not named as a page, exists and `overwrite` is not set, or it cannot be written.
        NotInstalledError
            If the picture has figures of plotly, which is not installed.

        Examples
        --------
        >>> exported.plot_delays().save("delays.html")
        """
        place = Path(path)
        if place.suffix.lower() not in PAGES:
            raise InputError(
                f"{place}: a picture is written as a page; name it .html. A figure of plotly writes an "
                "image: picture.figures[0].write_image(PATH), with kaleido"
            )
        if place.exists() and not overwrite:
            raise InputError(f"{place}: exists; choose another name, or pass overwrite=True")
        with python_words():
            if any(isinstance(each, Plot) for _, each in self.parts):
                need("report", "a page of figures")
            write_file(place, _page(self.title, "", [self]).encode())

    def __repr__(self) -> str:
        return short(f"Picture({self.title!r}: {' '.join(self.alternative.split())})")

    def _pictures(self) -> Sequence[Picture]:
        return (self,)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if len(self.parts) == 1 and not lacking("report") and (figures := self.figures):
            bundle[MIME] = figures[0].to_plotly_json() | {"config": CONFIG}
        return bundle


def histogram_picture(
    what: str,
    rows: Sequence[LayerHistograms],
    of: str | None,
    drawn: Callable[[LayerHistograms], Plot | None],
) -> Picture:
    """A figure for each of `rows`, or for the one called `of`.

    Raises `InputError` if there is none of that name, or nothing has synapses.
    """
    names = [each.layer for each in rows]
    if of is not None and of not in names:
        raise InputError(
            f"layer: {quoted(of)} is unknown{did_you_mean(of, names)}; give one of {', '.join(names)}"
        )
    chosen = [each for each in rows if of in (None, each.layer)]
    plots = [(f"{what} of {each.layer}", drawn(each)) for each in chosen]
    parts = tuple((title, plot) for title, plot in plots if plot is not None)
    if not parts:
        raise InputError(f"{of or 'the network'}: has no synapses to draw")
    return Picture(what, parts)


def network_picture(found: Mapping[str, Any]) -> Picture:
    """Populations and projections of `Report.network`. `InputError` if there are too many."""
    drawn = network_drawing(found)
    if drawn is None:
        raise InputError(
            f"the network has {len(found['populations'])} populations and {len(found['projections'])} "
            f"projections; a drawing has {POPULATIONS_DRAWN} and {PROJECTIONS_DRAWN} at most"
        )
    return Picture("Network", (("Network", drawn),))


def open_page(path: Path) -> None:
    """In the browser; where there is none, say the path."""
    if not webbrowser.open(path.resolve().as_uri()):
        print(f"no browser was found; open {path}")


def in_notebook() -> bool:
    """Whether a kernel of Jupyter runs this, and not IPython in a terminal."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def _page(title: str, table: str, pictures: Sequence[Picture]) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<title>{escape(title)}</title></head><body style="font-family: {escape(FONT)}">'
        f"{_parts(table, pictures, True)}</body></html>\n"
    )


def _parts(table: str, pictures: Sequence[Picture], script: str | bool) -> str:
    """All in one piece of HTML; `script`: how plotly.js comes, as plotly's `to_html` takes it.

    Without plotly, what a figure says in words stands in its place.
    """
    pieces, needed, lacks = [table], script, lacking("report")
    flat = [part for picture in pictures for part in picture.parts]
    if not all(isinstance(each, Plot) for _, each in flat):
        pieces.append(f"<style>{style()}</style>")
    for title, each in flat:
        if isinstance(each, Plot) and lacks:
            pieces.append(f"<p>{escape(each.alternative)} (The figure {escape(lacks)})</p>")
        elif isinstance(each, Plot):
            drawn = figure(each, escape(title))
            inner = drawn.to_html(full_html=False, include_plotlyjs=needed, config=CONFIG)
            needed = False
            label = escape(each.alternative, quote=True)
            pieces.append(f'<div role="img" aria-label="{label}">{inner}</div>')
        else:
            pieces.append(f'<div style="{paper()}">{each.markup}</div>')
    return "\n".join(piece for piece in pieces if piece)
