"""A placement as a stage, as plain data for the manifest, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import StageError
from snnc.exporter.placement import wiring
from snnc.exporter.placement.mesh import coordinates
from snnc.exporter.placement.network import network_of
from snnc.exporter.placement.partition import Owner, Partition, excess, uses
from snnc.intervals import ranges, read_ranges
from snnc.stages import Core, CoreNeurons, PlacedProgram, QuantizedGraph, Traffic
from snnc.target import Target


def program_of(
    graph: QuantizedGraph,
    target: Target,
    owners: Sequence[Owner],
    use: Sequence[Mapping[str, tuple[int, int]]],
    places: npt.NDArray[np.intp],
    traffic: Traffic | None,
) -> PlacedProgram:
    """The stage, its cores in order of their place.

    Parameters
    ----------
    owners : int32 [neurons] of each layer, or population with a state: the core of each neuron.
    use, places : of each core what it uses, and where it lies, int [cores].

    Raises
    ------
    StageError
        If a core uses more of a resource than there is.
    """
    cores = []
    for number in np.argsort(places).tolist():
        populations = [
            CoreNeurons(each.name, np.flatnonzero(owner == number).astype(np.int32))
            for each, owner in zip(graph.stateful, owners, strict=True)
            if (owner == number).any()
        ]
        position = coordinates(int(places[number]), target.limits)
        core = Core(*position, tuple(populations), use[number])
        if name := excess(core.use):
            used, most = core.use[name]
            raise StageError(f"core {core.name}: {name} {used:,} of {most:,}: {used - most:,} over")
        cores.append(core)
    return PlacedProgram(target.name, graph, tuple(cores), traffic, target.settings)


def placement_record(program: PlacedProgram) -> list[dict[str, Any]]:
    """One row a core: where it lies, `populations` (layer -> "0:32,40": from, up to but without), `use`."""
    return [
        {
            "chip": core.chip,
            "core": core.core,
            "column": core.column,
            "row": core.row,
            "populations": {each.layer: ranges(each.neurons) for each in core.populations},
            "use": {name: [used, most] for name, (used, most) in core.use.items()},
        }
        for core in program.cores
    ]


def traffic_record(program: PlacedProgram) -> dict[str, Any]:
    """The fields of `Traffic`; empty if nobody counted."""
    return asdict(program.traffic) if program.traffic else {}


def read_placement(
    rows: list[dict[str, Any]], traffic: Mapping[str, Any], graph: QuantizedGraph, target: Target
) -> PlacedProgram:
    """The program that the manifest's rows describe; every number is counted again and must agree.

    A placement follows from measured activity, which an artifact does not hold: so it is checked, not
    made again. Traffic is taken as recorded.

    Raises
    ------
    StageError
        If a neuron is missing or placed twice, a core is none of the target's or too full, or a number is
        not what the graph gives.
    """
    owner = [np.full(each.neurons, -1, np.int32) for each in graph.stateful]
    names = [each.name for each in graph.stateful]
    places = []
    for number, row in enumerate(rows):
        try:
            place = row["chip"] * target.limits.cores + row["core"]
            if not 0 <= place < target.limits.chips * target.limits.cores:
                raise StageError(f"placement: {target.name} has no core {row['chip']}.{row['core']}")
            places.append(place)
            for name, text in row["populations"].items():
                mine = owner[names.index(name)]
                for start, stop in read_ranges(text):
                    if not 0 <= start < stop <= len(mine) or (mine[start:stop] >= 0).any():
                        raise StageError(
                            f"placement: {name} has no neurons {start}:{stop}, or some are placed twice"
                        )
                    mine[start:stop] = number
        except StageError:
            raise
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise StageError(
                f"placement: row {number} is damaged ({type(error).__name__}: {error})"
            ) from error
    for name, mine in zip(names, owner, strict=True):
        if (mine < 0).any():
            raise StageError(f"placement: {name}, neuron {int((mine < 0).argmax())} is on no core")
    use = uses_of(graph, owner, len(rows), target)
    program = program_of(graph, target, owner, use, np.array(places, np.intp), _traffic(traffic))
    for row, expected in zip(rows, placement_record(program), strict=True):
        if row != expected:
            raise StageError(f"placement: core {row['chip']}.{row['core']} differs from what the graph gives")
    return program


def uses_of(
    graph: QuantizedGraph, owners: Sequence[Owner], cores: int, target: Target
) -> list[dict[str, tuple[int, int]]]:
    """What each core uses of each resource."""
    if graph.is_chain:
        return uses(network_of(graph), Partition(tuple(owners), cores), target.limits)
    return wiring.uses(wiring.wiring_of(graph, target), owners, cores, target.limits)[0]


def _traffic(record: Mapping[str, Any]) -> Traffic | None:
    if not record:
        return None
    if set(record) != {field.name for field in fields(Traffic)} or not all(
        type(value) is (bool if name == "measured" else int) or (name == "in_order_hops" and value is None)
        for name, value in record.items()
    ):
        raise StageError("traffic: a field of the record is missing, unknown or of the wrong type")
    return Traffic(**record)
