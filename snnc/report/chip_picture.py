"""The cores on their tiles and the links between these, as shapes for an SVG; colours are the page's."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

from snnc.report.chip import held, joules, number, percent
from snnc.stages.chip import ChipEstimate, CoreLoad

CELL = 76
TILE_GAP = 56
MARGIN = 44
"""Left and above: for the arrow of the input and the numbers of columns and rows."""

DARKEST = 0.62
"""Opacity of the fullest core: text on it must stay readable in both themes."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One core: where, how dark, its name and value, and both in words."""

    x: int
    y: int
    opacity: float
    name: str
    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """One link: from, to, width, whether it is the busiest, and in words."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    hot: bool
    title: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Cells of the cores in use, and what the lightest and the darkest stand for."""

    heading: str
    cells: tuple[Cell, ...]
    darkest: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Both maps share tiles, empty places and links; sizes in units of the SVG."""

    width: int
    height: int
    tile: int
    tiles: tuple[tuple[int, int], ...]
    places: tuple[tuple[int, int], ...]
    columns: tuple[tuple[int, int], ...]
    rows: tuple[tuple[int, int], ...]
    arrows: tuple[Arrow, ...]
    maps: tuple[HeatMap, ...]
    cell: int
    margin: int
    wide: bool
    shown: str


def picture(found: ChipEstimate) -> Picture:
    """Tiles from column 0, row 0, where input enters, to the last in use."""
    side = ceil(sqrt(found.cores_per_tile))
    tile = side * CELL + 12
    pitch = tile + TILE_GAP
    columns = max(core.column for core in found.cores) + 1
    rows = max(core.row for core in found.cores) + 1

    def corner(column: int, row: int) -> tuple[int, int]:
        return MARGIN + column * pitch, MARGIN + row * pitch

    def place(column: int, row: int, seat: int) -> tuple[int, int]:
        x, y = corner(column, row)
        return x + 6 + seat % side * CELL, y + 6 + seat // side * CELL

    tiles = [(column, row) for row in range(rows) for column in range(columns)]
    whole = (found.chip_columns, found.chip_rows) == (columns, rows)
    part = "all tiles" if whole else f"{columns * rows} of {found.chip_columns * found.chip_rows} tiles"
    seats = [(core, place(core.column, core.row, core.core % found.cores_per_tile)) for core in found.cores]
    return Picture(
        width=MARGIN + columns * pitch - TILE_GAP + 6,
        height=MARGIN + rows * pitch - TILE_GAP + 6,
        tile=tile,
        tiles=tuple(corner(*at) for at in tiles),
        places=tuple(place(*at, seat) for at in tiles for seat in range(found.cores_per_tile)),
        columns=tuple((column, corner(column, 0)[0] + tile // 2) for column in range(columns)),
        rows=tuple((row, corner(0, row)[1] + tile // 2) for row in range(rows)),
        arrows=_arrows(found, pitch, tile),
        maps=(_time(found, seats), _energy(found, seats)),
        cell=CELL,
        margin=MARGIN,
        wide=columns > 4,
        shown=part,
    )


Seats = list[tuple[CoreLoad, tuple[int, int]]]


def _time(found: ChipEstimate, seats: Seats) -> HeatMap:
    words = {core.name: percent(core.busy, found.latency) for core, _ in seats}
    most = found.busiest
    return HeatMap(
        "Time: the share for which each core works",
        _cells([(core, at, core.busy, words[core.name], "of the time") for core, at in seats]),
        words[most.name],
        f"Map of {len(seats)} cores by the share of time at work; the busiest is core {most.name} "
        f"with {words[most.name]}. The table of cores has all numbers.",
    )


def _energy(found: ChipEstimate, seats: Seats) -> HeatMap:
    words = {core.name: joules(core.energy / found.samples) for core, _ in seats}
    most = max(found.cores, key=lambda core: core.energy)
    return HeatMap(
        "Energy of each core per sample",
        _cells([(core, at, core.energy, words[core.name], "a sample") for core, at in seats]),
        words[most.name],
        f"Map of {len(seats)} cores by energy per sample; core {most.name} takes most, with "
        f"{words[most.name]}. The table of cores has all numbers.",
    )


def _cells(rows: list[tuple[CoreLoad, tuple[int, int], int, str, str]]) -> tuple[Cell, ...]:
    most = max(value for _, _, value, _, _ in rows) or 1
    return tuple(
        Cell(
            *at,
            round(DARKEST * value / most, 3),
            core.name,
            text,
            f"core {core.name}: {text} {unit}; it holds {held(core.holds)}",
        )
        for core, at, value, text, unit in rows
    )


def _arrows(found: ChipEstimate, pitch: int, tile: int) -> tuple[Arrow, ...]:
    """Beside the middle of a tile's edge, so that both directions are seen."""
    most = max((link.messages for link in found.links), default=1)
    arrows = []
    for link in found.links:
        across, along = link.to_column - link.column, link.to_row - link.row
        middle_x, middle_y = (MARGIN + at * pitch + tile / 2 for at in (link.column, link.row))
        aside, reach = 13, (tile / 2 + 4, tile / 2 + TILE_GAP - 12)
        x, y = middle_x - aside * along, middle_y + aside * across
        arrows.append(
            Arrow(
                x + across * reach[0],
                y + along * reach[0],
                x + across * reach[1],
                y + along * reach[1],
                round(2 + 7 * link.messages / most, 1),
                link is found.links[0],
                f"from tile {link.column}, {link.row} to {link.to_column}, {link.to_row}: "
                f"{number(link.messages / found.samples)} messages a sample",
            )
        )
    return tuple(arrows)
