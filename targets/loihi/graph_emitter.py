"""Write a graph that is no chain as a runnable Lava program.

The files, beside those of a chain's program that it uses:

    run_graph.py        the script: reads events, runs, writes a trace
    graph_reading.py    graph.npz and events, checked
    graph_network.py    builds and runs the network of Lava processes
    graph_stock.py      the same of Lava's own processes alone
    lava_processes/     the processes that Lava lacks: neurons.py and synapses.py among them
    graph.npz           the network (`graph_registers.py`), retimed (`../levels.py`)
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from snnc.errors import LimitError
from snnc.stages import QuantizedGraph
from snnc.stages.population import ADLIF, ZERO
from snnc.target import Limits
from snnc.targets import levels
from snnc.targets.graph_limits import graph_problems
from snnc.targets.loihi.environment import LOCK
from snnc.targets.loihi.graph_registers import pack_graph

GRAPH_SCRIPT = "run_graph.py"
GRAPH_SCRIPTS = (
    GRAPH_SCRIPT,
    "run.py",
    "reading.py",
    "graph_reading.py",
    "graph_network.py",
    "graph_stock.py",
    "lava_network.py",
    "silence.py",
    "lifeline.py",
    "lava_processes/event.py",
    "lava_processes/neurons.py",
    "lava_processes/recorder.py",
    "lava_processes/synapses.py",
)
GRAPH_PROGRAM = "graph.npz"
WEIGHT_BITS = 8
"""Bits of a weight that Lava keeps in mixed sign mode, also where a chip has more."""
STOCK_ELEMENTS = 1 << 24
"""Most elements of what Lava's DelayDense makes in every step: a matrix for each delay."""


def graph_files(graph: QuantizedGraph, limits: Limits) -> dict[str, bytes]:
    """Files of the Lava program of a graph: name -> content.

    Raises
    ------
    LimitError
        If a number or a delay does not fit `limits`, or there are more synapses than the chips hold.
    """
    level = fitting_levels(graph, limits)
    folder = files("snnc.targets.loihi").joinpath("program")
    emitted = {name: folder.joinpath(*name.split("/")).read_bytes() for name in (*GRAPH_SCRIPTS, LOCK)}
    return {**emitted, GRAPH_PROGRAM: pack_graph(graph, level)}


def fitting_levels(graph: QuantizedGraph, limits: Limits) -> dict[str, int]:
    """The level of each population; raise `LimitError` unless everything of the graph fits `limits`."""
    _check_size(graph, limits)
    held = replace(limits, weight_bits=min(limits.weight_bits, WEIGHT_BITS))
    for problem in graph_problems(graph, held, delays=False):
        raise LimitError(problem)
    return levels.fitting(graph, limits)


def _check_size(graph: QuantizedGraph, limits: Limits) -> None:
    """Before convolutions become lists: each synapse takes a byte of a core at least."""
    most = limits.chips * limits.cores * limits.synapse_bytes_per_core
    total = 0
    for each in graph.projections:
        total += each.synapses.count
        if total > most:
            raise LimitError(
                f"{each.name}: has {each.synapses.count} synapses one by one, with those before it {total}; "
                f"all cores hold {most}; use a smaller grid or kernel, or fewer synapses"
            )


def stock_reason(graph: QuantizedGraph) -> str | None:
    """Why Lava's own processes cannot compute a graph that is no chain, or None."""
    for of in graph.stateful:
        if of.model == ADLIF:
            return f"{of.name}: the model is {ADLIF}, Lava's LIFReset has no adaptation current"
        if of.spikes and of.reset != ZERO:
            return f"{of.name}: reset is {of.reset}, Lava's LIFReset resets v to {ZERO} alone"
        if of.spikes and of.end is not None:
            last = graph.time_steps
            return f"{of.name}: end is {of.end}, Lava's LIFReset spikes until the last step, {last}"
        if of.decay_u is not None and not of.decay_u.all():
            neuron = int((of.decay_u == 0).argmax())
            return f"{of.name}, neuron {neuron}: decay_u is 0, and Lava adds 1 to the register of du"
    lines = graph.inputs
    for each in graph.projections:
        if not each.synapses.count:
            continue
        source = graph.population(each.source)
        sources = lines if source.payload_max is not None else source.neurons
        elements = sources * each.synapses.post_neurons * (each.synapses.max_delay + 1)
        if elements > STOCK_ELEMENTS:
            return (
                f"{each.name}: Lava's DelayDense makes {elements} numbers of it in every step, a matrix for "
                f"each delay; snnc runs it up to {STOCK_ELEMENTS}"
            )
    return None
