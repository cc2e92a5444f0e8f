"""`front.html` of `snnc sweep`, or `costs.html`: accuracy against costs as SVG; colours are the page's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from snnc.percent import short_percent
from snnc.report.templates import environment, resource
from snnc.text import many
from snnc.trainer.sweep_points import COSTS, NO_FRONT, Point, front
from snnc.trainer.sweep_table import HEADINGS, cost_text, point_cells

WIDTH, HEIGHT = 360, 260
LEFT, RIGHT, TOP, BOTTOM = 46, 16, 14, 44
"""Margins of a panel, for the labels of its axes."""
TICKS = 5
"""About so many on an axis."""
DRAWN = 2000
"""Most points of a panel: those on the front, then the first others."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One point: its place, whether it is on the front and whether it was chosen, and all in words."""

    x: float
    y: float
    best: bool
    chosen: bool
    title: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Accuracy against one cost. `ticks` are places and labels; `line`: the front of these two alone.

    `limit`: where the budget ends, None if it does not lie in the panel.
    """

    heading: str
    marks: tuple[Mark, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    line: str
    limit: float | None
    alternative: str


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, drawn from pixel `start` to `stop`."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.stop - self.start), 2)

    @property
    def ticks(self) -> list[float]:
        """Round numbers within the axis."""
        step = _step((self.high - self.low) / TICKS)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def page(
    title: str,
    about: str,
    points: Sequence[Point],
    limits: Mapping[str, float],
    chosen: Point | None,
    left_out: Mapping[str, str],
    with_front: bool = True,
) -> bytes:
    """The page of the runs in integers, in UTF-8; it loads nothing and has no scripts.

    `about` tells whose the estimates are, `limits` are those of the budget, `left_out` why a run is missing.
    Not `with_front`: the points are of different recordings, and so are not compared.
    """
    headings, rows = point_cells(points, with_front)
    made = (
        environment()
        .get_template("front.html")
        .render(
            title=title,
            about=about,
            panels=[
                panel(name, points, limits.get(name), chosen, with_front)
                for name in COSTS
                if _known(name, points)
            ],
            headings=headings,
            rows=rows,
            best=len(front(points)),
            no_front="" if with_front else NO_FRONT,
            chosen=chosen,
            left_out=left_out,
            width=WIDTH,
            height=HEIGHT,
            edges=(LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM),
            style=resource("report.css") + resource("pictures.css"),
        )
    )
    return made.encode("utf-8", "backslashreplace")


def panel(
    name: str, points: Sequence[Point], limit: float | None, chosen: Point | None, with_front: bool = True
) -> Panel:
    """Accuracy of `points`, of which there is at least one, against the cost `name`."""
    best = front(points) if with_front else []
    shown = [*best, *(point for point in points if point not in best)][:DRAWN]
    costs = [point.costs[name] for point in shown]
    shares = [100 * point.accuracy for point in shown]
    x = Axis(0, 1.06 * max(costs) or 1, LEFT, WIDTH - RIGHT)
    room = max(1.0, 0.08 * (max(shares) - min(shares)))
    y = Axis(min(shares) - room, max(shares) + room, HEIGHT - BOTTOM, TOP)
    marks = tuple(
        Mark(x(cost), y(share), point in best, point == chosen, _words(point, name))
        for point, cost, share in zip(shown, costs, shares, strict=True)
    )
    return Panel(
        heading=COSTS[name],
        marks=marks[::-1],  # those on the front are drawn last, and lie on top
        x_ticks=tuple((x(tick), f"{tick:,.6g}") for tick in x.ticks),
        y_ticks=tuple((y(tick), f"{tick:.6g}") for tick in y.ticks),
        line=_line(sorted(zip(costs, shares, strict=True), key=lambda at: (at[0], -at[1])), x, y)
        if with_front
        else "",
        limit=x(limit) if limit is not None and limit <= x.high else None,
        alternative=f"Accuracy on validation against {COSTS[name]}, {many(len(points), 'point')}. "
        + (_on_front(best, name) if with_front else f"There is {NO_FRONT}")
        + ". The table below has all of them.",
    )


def _on_front(best: Sequence[Point], name: str) -> str:
    more = f"; and {len(best) - TICKS} more" if len(best) > TICKS else ""
    return f"On the front: {'; '.join(_words(point, name) for point in best[:TICKS])}{more}"


def _line(sorted_pairs: Sequence[tuple[float, float]], x: Axis, y: Axis) -> str:
    """Steps of the best accuracy that is had for at most so much, as an SVG polyline has them."""
    corners: list[tuple[float, float]] = []
    highest = -math.inf
    for cost, share in sorted_pairs:
        if share > highest:
            corners += [(cost, highest)] if corners else []
            corners.append((cost, share))
            highest = share
    corners.append((x.high, highest))
    return " ".join(f"{x(cost)},{y(share)}" for cost, share in corners)


def _words(point: Point, name: str) -> str:
    cost = cost_text(name, point.costs[name])
    return f"{point.name}: {short_percent(point.accuracy)} %, {HEADINGS[name]} {cost}"


def _known(name: str, points: Sequence[Point]) -> bool:
    return bool(points) and all(name in point.costs for point in points)


def _step(least: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
