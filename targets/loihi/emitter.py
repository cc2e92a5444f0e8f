"""Write a placed program as a runnable Lava program.

The files:

    run.py              the script: reads spikes, runs, writes a trace, decodes
    reading.py          program.npz and spikes, checked
    lava_network.py     builds, runs and takes down the network of Lava processes
    lava_embed.py       the same network with ports, for a larger Lava program
    silence.py          keeps neurons silent between the samples of one run
    lifeline.py         ends everything, however the program ends
    lava_processes/     the process models that Lava lacks; Lava executes every file of this folder
    program.npz         the network, as Lava's registers (`registers.py`)
    requirements.txt    the environment that it needs, each package by its version and hashes
    network.net         the network as lava-dl's netx reads it (`netx.py`), if it can hold it
    run_netx.py         as run.py, from network.net through lava-dl's own loader
    check_netx.py       whether network.net and program.npz agree

These are the files of a chain of layers; a graph that is none has others (`graph_emitter.py`).
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from snnc import formats
from snnc.errors import LimitError
from snnc.stages import PlacedProgram, QuantizedGraph
from snnc.target import Limits
from snnc.targets.loihi import netx
from snnc.targets.loihi.environment import LOCK
from snnc.targets.loihi.graph_emitter import fitting_levels, graph_files
from snnc.targets.loihi.registers import pack
from snnc.targets.problems import check_limits

SCRIPTS = (
    "run.py",
    "reading.py",
    "lava_network.py",
    "lava_embed.py",
    "silence.py",
    "lifeline.py",
    "lava_processes/event.py",
    "lava_processes/readout.py",
    "lava_processes/recorder.py",
)
PROGRAM = "program.npz"
MIXED_SIGN_BITS = 8
"""Bits of a weight that Lava keeps in mixed sign mode, also where a chip has more."""

DECAY_U_MIN = 1
"""Lava adds 1 (ds_offset) to the 12-bit register of du."""

NETX_SCRIPT = "run_netx.py"
NETX_SCRIPTS = (NETX_SCRIPT, "check_netx.py")


def emit(program: PlacedProgram, limits: Limits) -> dict[str, bytes]:
    """Files of the Lava program: name -> content.

    Raises
    ------
    LimitError
        If a delay, weight, threshold, bias or decay does not fit `limits` or Lava's registers.
    """
    return program_files(program.graph, limits)


def program_files(graph: QuantizedGraph, limits: Limits) -> dict[str, bytes]:
    """As `emit`, which needs nothing of where the neurons are placed."""
    if not graph.is_chain:
        return graph_files(graph, limits)
    check_graph(graph, limits)
    folder = files("snnc.targets.loihi").joinpath("program")
    has_netx = netx.unsupported_reason(graph) is None
    names = (*SCRIPTS, LOCK, *(NETX_SCRIPTS if has_netx else ()))
    emitted = {name: folder.joinpath(*name.split("/")).read_bytes() for name in names}
    if has_netx:
        emitted[netx.NETWORK] = netx.netx_file(graph)
    return {**emitted, PROGRAM: pack(graph)}


def check_graph(graph: QuantizedGraph, limits: Limits) -> None:
    """Raise `LimitError` unless everything of `graph` fits `limits` and Lava's registers."""
    if not graph.is_chain:
        fitting_levels(graph, limits)
        return
    check_limits(graph, replace(limits, weight_bits=min(limits.weight_bits, MIXED_SIGN_BITS)))
    for layer in graph.layers:
        if layer.decay_u < DECAY_U_MIN:
            raise LimitError(
                f"{layer.name}: decay_u {layer.decay_u} is outside {DECAY_U_MIN}..{formats.DECAY_ONE}, as "
                "Lava adds 1 to its register; use a current that decays, or export to another target"
            )
