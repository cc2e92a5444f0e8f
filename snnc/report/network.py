"""The populations and projections of a graph: as a drawing for an SVG, and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

POPULATIONS_DRAWN, PROJECTIONS_DRAWN = 60, 80
"""Of a network with more of these a drawing would say nothing; the tables have all of them."""
BOX, LABEL, LANE, ROW, GAP, MARGIN = 220, 190, 16, 20, 26, 12
"""Width of a box and of the label of an arrow, between two arrows, height for each end of an arrow, between
two boxes, and around all."""
LEAST = 48
"""Height of a box, at least."""


@dataclass(frozen=True, slots=True)
class Box:
    """One population: its place, and what stands in it; `title` has its name in full."""

    x: int
    y: int
    width: int
    height: int
    name: str
    about: str
    title: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """One projection: from the right side of a box along its label to a lane, and back to a box.

    `points`: as an SVG polyline has them. The label stands at `x`, `y`; `title` says all in words.
    """

    points: str
    x: int
    y: int
    label: str
    title: str
    recurrent: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes in the contract order, from top to bottom; sizes in units of the SVG."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    alternative: str


def of_layers(layers: Sequence[Mapping[str, Any]], delays: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `drawing` needs, of the rows of a chain and the least and longest delay of each layer.

    None where a row lacks its sizes.
    """
    sizes = ("neurons", "inputs", "synapses")
    if not layers or not all(isinstance(row.get(name), int) for row in layers for name in sizes):
        return None
    names = [str(row.get("name", "")) for row in layers]
    inputs = {"name": "input", "model": "input", "neurons": layers[0]["inputs"], "readout": None}
    populations = [inputs] + [
        {
            "name": name,
            "model": "li" if row.get("threshold") is None else "lif",
            "neurons": row["neurons"],
            "readout": None,
        }
        for name, row in zip(names, layers, strict=True)
    ]
    projections = [
        {
            "source": source,
            "destination": name,
            "synapses": row["synapses"],
            "delays": delays.get(name),
            "recurrent": False,
        }
        for source, name, row in zip(["input", *names], names, layers, strict=False)
    ]
    return {"populations": populations, "projections": projections}


def drawing(network: Mapping[str, Any]) -> Drawing | None:
    """A drawing of `network`, as `Report.network` has it; None if it is too large to be one."""
    populations, projections = network["populations"], network["projections"]
    if len(populations) > POPULATIONS_DRAWN or len(projections) > PROJECTIONS_DRAWN:
        return None
    boxes, ports = _boxes(populations, projections)
    arrows = []
    for number, each in enumerate(projections):
        start, end = ports[number, "source"], ports[number, "destination"]
        left = MARGIN + BOX
        lane = left + LABEL + (number + 1) * LANE
        points = f"{left},{start} {lane},{start} {lane},{end} {left + 2},{end}"
        arrows.append(
            Arrow(points, left + 8, start - 5, label(each), sentence(each), bool(each["recurrent"]))
        )
    width = MARGIN + BOX + LABEL + (len(projections) + 2) * LANE
    height = boxes[-1].y + boxes[-1].height + MARGIN if boxes else 2 * MARGIN
    loops = sum(bool(each["recurrent"]) for each in projections)
    alternative = (
        f"{len(populations)} populations in the order in which they are computed, and {len(projections)} "
        f"projections between them, {loops} of them recurrent; the tables below say the same"
    )
    return Drawing(width, height, tuple(boxes), tuple(arrows), alternative)


def _boxes(
    populations: Sequence[Mapping[str, Any]], projections: Sequence[Mapping[str, Any]]
) -> tuple[list[Box], dict[tuple[int, str], int]]:
    """The boxes, and the height at which each end of each projection meets its box."""
    boxes: list[Box] = []
    ports: dict[tuple[int, str], int] = {}
    y = MARGIN
    for each in populations:
        ends = [
            (number, side)
            for number, projection in enumerate(projections)
            for side in ("destination", "source")
            if projection[side] == each["name"]
        ]
        height = max(LEAST, (len(ends) + 1) * ROW)
        ports |= {end: y + (place + 1) * ROW for place, end in enumerate(ends)}
        title = f"{each['name']}: {about(each)}"
        boxes.append(Box(MARGIN, y, BOX, height, shortened(each["name"], 24), about(each), title))
        y += height + GAP
    return boxes, ports


def facts(network: Mapping[str, Any]) -> dict[str, str]:
    """The same in words, by name: each population, and after it the projections that leave it."""
    found: dict[str, str] = {}
    for each in network["populations"]:
        found[f"population {each['name']}"] = about(each)
        for out in network["projections"]:
            if out["source"] == each["name"]:
                name = f"{out['source']} -> {out['destination']}"
                same = sum(other == name or other.startswith(f"{name} (") for other in found)
                found[f"{name} ({same + 1})" if same else name] = label(out) + (
                    ", recurrent" if out["recurrent"] else ""
                )
    return found


def about(population: Mapping[str, Any]) -> str:
    """As "lif, 96 neurons" or "li, 20 neurons, readout softmax"."""
    count = population["neurons"]
    neurons = f"{count} {'line' if population['model'] == 'input' else 'neuron'}{'' if count == 1 else 's'}"
    readout = f", readout {population['readout']}" if population["readout"] else ""
    return f"{population['model']}, {neurons}{readout}"


def label(projection: Mapping[str, Any]) -> str:
    """As "120 synapses, delays 0 to 3"."""
    count, delays = projection["synapses"], projection["delays"]
    synapses = f"{count} synapse{'' if count == 1 else 's'}"
    if not delays:
        return synapses
    same = delays[0] == delays[1]
    return f"{synapses}, {f'delay {delays[0]}' if same else f'delays {delays[0]} to {delays[1]}'}"


def sentence(projection: Mapping[str, Any]) -> str:
    """From where to where, and what `label` says."""
    loop = ", recurrent" if projection["recurrent"] else ""
    return f"{projection['source']} to {projection['destination']}: {label(projection)}{loop}"


def projection_rows(network: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a projection, for a table."""
    return [
        {
            "from": each["source"],
            "to": each["destination"],
            "synapses": each["synapses"],
            "least delay": each["delays"][0] if each["delays"] else None,
            "longest delay": each["delays"][1] if each["delays"] else None,
            "weight exponent": each["weight_exp"],
            "recurrent": bool(each["recurrent"]),
        }
        for each in network["projections"]
    ]


def shortened(name: str, most: int) -> str:
    """`name`, cut where it is longer than `most`."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
