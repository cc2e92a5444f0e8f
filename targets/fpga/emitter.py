"""Write a network as a core: the files of `rtl/` and `sim/` as they are, its parameters and its memories.

Nothing that a graph names reaches a file, only numbers: a graph read from a file cannot bring code. Names of
classes are the hexadecimal digits of their bytes, in a file of data.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

import numpy as np

from snnc.errors import LimitError
from snnc.stages import PlacedProgram, QuantizedGraph
from snnc.targets.fpga.host_files import host_files
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.link import board_files
from snnc.targets.fpga.memories import memories
from snnc.targets.fpga.readme import EXAMPLE_STEPS, readme
from snnc.targets.fpga.resources import fitting
from snnc.targets.fpga.settings import SETTINGS, SIM, clock_mhz
from snnc.targets.fpga.shape import shape
from snnc.targets.fpga.simulation import events_file
from snnc.targets.fpga.waves import SAVE_FILE, save_file

PARAMETERS = "rtl/params.vh"
EVENTS = "events.hex"
MOST = {"synapses": 1 << 26, "neurons and input lines": 1 << 22, "time steps": 1 << 24}
"""What is more is refused: this machine could not hold its memories as text."""


def check_graph(graph: QuantizedGraph) -> None:
    """Raise `LimitError` where the memories of the core would be too large."""
    found = {
        "synapses": sum(each.synapses.count for each in graph.projections),
        "neurons and input lines": sum(each.neurons for each in graph.populations),
        "time steps": graph.time_steps,
    }
    for what, most in MOST.items():
        if found[what] > most:
            raise LimitError(f"fpga: {found[what]} {what}, at most {most} are written; use --target c")


def emit(program: PlacedProgram) -> Mapping[str, bytes]:
    """Name -> content of all files of the core and its board.

    Raises `LimitError` as `check_graph`, `layout` and `fitting`.
    """
    check_graph(program.graph)
    chosen = {**SETTINGS, **program.settings}
    name = str(chosen["board"])
    clock = "" if name == SIM else clock_mhz(chosen)
    if name == SIM:
        of = layout(program.graph, int(chosen["lanes"]))
        size = shape(of)
    else:
        found = fitting(program.graph, name, chosen["lanes"])
        of, size = found.layout, found.shape
    core = {
        **fixed_files(),
        PARAMETERS: size.text.encode(),
        **{f"mem/{each}": data for each, data in memories(of, size).items()},
    }
    return {
        **core,
        EVENTS: example(of),
        **host_files(of, size),
        SAVE_FILE: save_file(size).encode(),
        "README.md": readme(of, size, name, clock).encode(),
        **(board_files(of, size, name, clock, core) if clock else {}),
    }


def fixed_files() -> dict[str, bytes]:
    """The files that are the same for every network."""
    here = files(__package__)
    found = {"Makefile": here.joinpath("Makefile").read_bytes()}
    for folder in ("rtl", "sim"):
        for each in sorted(here.joinpath(folder).iterdir(), key=lambda each: each.name):
            if each.is_file():
                found[f"{folder}/{each.name}"] = each.read_bytes()
    return found


def example(of: Layout) -> bytes:
    """Events of a sample to begin with: in its first steps, every seventh line spikes in turn."""
    lines = np.arange(of.graph.inputs)
    events = np.zeros((1, of.graph.time_steps, of.graph.inputs), np.uint8)
    for step in range(min(of.graph.time_steps, EXAMPLE_STEPS)):
        events[0, step] = (step * 3 + lines) % 7 == 0
    return events_file(events)
