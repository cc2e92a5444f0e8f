"""Write a network as a core: the files of `rtl/` and `sim/` as they are, its parameters and its memories.

Nothing that a graph names reaches a file, only numbers: a graph read from a file cannot bring code.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

import numpy as np

from snnc.errors import LimitError
from snnc.stages import PlacedProgram, QuantizedGraph
from snnc.stages.population import ADLIF
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.memories import memories, run_length
from snnc.targets.fpga.readme import readme
from snnc.targets.fpga.settings import SETTINGS
from snnc.targets.fpga.shape import shape
from snnc.targets.fpga.simulation import events_file

PARAMETERS = "rtl/params.vh"
MOST = {"synapses": 1 << 26, "neurons and input lines": 1 << 22, "time steps": 1 << 24}
"""What is more is refused: this machine could not hold its memories as text."""
EXAMPLE_STEPS = 32
"""Steps of the example at most."""


def check_graph(graph: QuantizedGraph) -> None:
    """Raise `LimitError` where the core cannot run `graph`, or its memories would be too large."""
    for population in graph.populations:
        if population.model == ADLIF:
            raise LimitError(
                f"{population.name}: is {ADLIF}, and the core of target fpga has no adaptation; "
                "use lif, or --target c"
            )
    found = {
        "synapses": sum(each.synapses.count for each in graph.projections),
        "neurons and input lines": sum(each.neurons for each in graph.populations),
        "time steps": graph.time_steps,
    }
    for what, most in MOST.items():
        if found[what] > most:
            raise LimitError(f"fpga: {found[what]} {what}, at most {most} are written; use --target c")


def emit(program: PlacedProgram) -> Mapping[str, bytes]:
    """Name -> content of all files of the core. Raises `LimitError` as `check_graph` and `layout`."""
    check_graph(program.graph)
    chosen = {**SETTINGS, **program.settings}
    of = layout(program.graph, int(chosen["lanes"]))
    size = shape(of)
    return {
        **fixed_files(),
        PARAMETERS: size.text.encode(),
        **{f"mem/{name}": data for name, data in memories(of, size).items()},
        **example(of),
        "README.md": readme(of, size).encode(),
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


def example(of: Layout) -> dict[str, bytes]:
    """Events to begin with: the first steps of a sample, in which every seventh line spikes in turn."""
    steps = min(of.graph.time_steps, EXAMPLE_STEPS)
    lines = np.arange(of.graph.inputs)
    events = np.zeros((1, steps, of.graph.inputs), np.uint8)
    for step in range(steps):
        events[0, step] = (step * 3 + lines) % 7 == 0
    return {"events.hex": events_file(of, events), "run.hex": run_length(steps)}
