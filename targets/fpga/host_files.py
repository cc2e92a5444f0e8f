"""What lies in `host/` of every core: scripts that decode and check a simulation, and what they must know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from snnc.stages.population import INPUT
from snnc.targets.fpga.layout import Layout
from snnc.targets.fpga.shape import Shape

SCRIPTS = ("host/check.py", "host/decoding.py", "host/events.py", "host/model.py")
NETWORK = "host/network.json"
NO_BOARD: Mapping[str, str | int] = MappingProxyType({})


def host_files(of: Layout, shape: Shape) -> dict[str, bytes]:
    """The files of `host/` for a core of `shape` without a board."""
    here = files(__package__)
    scripts = {each: here.joinpath(each).read_bytes() for each in SCRIPTS}
    return {**scripts, NETWORK: network(of, shape).encode()}


def network(of: Layout, shape: Shape, board: Mapping[str, str | int] = NO_BOARD) -> str:
    """The file `network.json`, from which scripts know what to send and how to read answers.

    `board`: what it says of a board, before all else. Names of classes are the digits of their UTF-8.
    """
    graph = of.graph
    numbers = {each.name: number for number, each in enumerate(graph.populations)}
    places = [
        {
            "population": numbers[each.population.name],
            "first": each.first,
            "groups": each.groups,
            "neurons": each.population.neurons,
        }
        for each in of.places
    ]
    readouts: list[dict[str, Any]] = [
        {
            "population": numbers[each.population],
            "decoder": each.decoder,
            "scale": None if each.scale is None else _plain(each.scale),
            "end": graph.end(each.population),
            "classes": [name.encode(errors="backslashreplace").hex() for name in each.class_names],
        }
        for each in graph.readouts
    ]
    told = {
        **board,
        "inputs": graph.inputs,
        "steps": graph.time_steps,
        "payload_max": payload_max(of),
        "line_bits": shape.line_bits,
        "payload_bits": shape.payload_bits,
        "lanes": of.lanes,
        "group_bits": shape.group_bits,
        "places": places,
        "readouts": readouts,
    }
    return json.dumps(told, indent=1) + "\n"


def payload_max(of: Layout) -> int:
    """The largest payload of an event."""
    return max((each.payload_max or 1 for each in of.graph.populations if each.model == INPUT), default=1)


def _plain(scale: Any) -> Any:
    return scale.tolist() if hasattr(scale, "tolist") else scale
