"""Write a network as a script for PyNN and its data.

The files:

    run.py              the script: reads spikes, runs a simulator, decodes, writes a trace
    simulators.py       the network in PyNN, and in what its simulators differ
    network_file.py     network.npz and spikes, checked
    network.npz         the network in PyNN's units (`network.py`)
    board.npz           its numbers for a board (`fixed/emit.py`)
    requirements.txt    the environment of Brian2 and NEST, each package by its version and hashes
    requirements-board.txt    that of sPyNNaker
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import numpy as np

from snnc import formats
from snnc.errors import LimitError
from snnc.stages import PlacedProgram, Population, Projection, QuantizedGraph
from snnc.stages.population import INPUT, LI, LIF, ZERO
from snnc.target import Limits
from snnc.targets import levels
from snnc.targets.graph_limits import graph_problems
from snnc.targets.problems import problems as chain_problems
from snnc.targets.spinnaker.network import pack

LOCK, BOARD_LOCK = "requirements.txt", "requirements-board.txt"
SCRIPT = "run.py"
SCRIPTS = (SCRIPT, "simulators.py", "network_file.py")
NETWORK = "network.npz"
ANOTHER = "use --target c"


def emit(program: PlacedProgram, limits: Limits) -> dict[str, bytes]:
    """Files of the script: name -> content. Raises `LimitError` as `check_graph`."""
    graph = program.graph
    found = fitting_levels(graph, limits)
    folder = files(__package__).joinpath("program")
    emitted = {name: folder.joinpath(name).read_bytes() for name in (*SCRIPTS, LOCK, BOARD_LOCK)}
    return {**emitted, NETWORK: pack(graph, found)}


def check_graph(graph: QuantizedGraph, limits: Limits) -> None:
    """Raise `LimitError` unless PyNN has words for all of `graph` and its numbers fit `limits`."""
    fitting_levels(graph, limits)


def fitting_levels(graph: QuantizedGraph, limits: Limits) -> dict[str, int]:
    """The level of each population; raise `LimitError` as `check_graph`."""
    _check_size(graph, limits)
    for problem in problems(graph, limits):
        raise LimitError(problem)
    return levels.fitting(graph, limits)


def problems(graph: QuantizedGraph, limits: Limits) -> Iterator[str]:
    """Sentences on all but the delays that levels may shorten: object, value, limit, remedy."""
    for population in graph.populations:
        yield from _of_population(graph, population)
    if graph.is_chain:
        yield from chain_problems(graph, limits)
    else:
        yield from graph_problems(graph, limits, delays=False)
    for projection in graph.projections:
        yield from _of_weights(projection, limits)


def _of_population(graph: QuantizedGraph, of: Population) -> Iterator[str]:
    """What PyNN's `IF_curr_delta` cannot say."""
    if of.model == INPUT:
        return
    if of.model not in (LIF, LI):
        yield f"{of.name}: the model is {of.model}, PyNN's IF_curr_delta has no adaptation; {ANOTHER}"
    if of.reset not in (None, ZERO):
        yield f"{of.name}: reset is {of.reset}, PyNN's IF_curr_delta resets v to {ZERO} alone; {ANOTHER}"
    assert of.decay_u is not None
    assert of.decay_v is not None
    if (of.decay_u != formats.DECAY_ONE).any():
        neuron = int((of.decay_u != formats.DECAY_ONE).argmax())
        yield (
            f"{of.name}, neuron {neuron}: decay_u is {of.decay_u[neuron]}, so u lasts, PyNN's IF_curr_delta "
            f"needs {formats.DECAY_ONE}; train without a current that lasts, or {ANOTHER}"
        )
    if (of.decay_v == 0).any():
        neuron = int((of.decay_v == 0).argmax())
        yield (
            f"{of.name}, neuron {neuron}: decay_v is 0, PyNN's tau_m would be infinite, the least is 1; "
            f"train with a leak, or {ANOTHER}"
        )
    if of.spikes and of.end is not None:
        yield (
            f"{of.name}: end is {of.end}, PyNN's IF_curr_delta spikes until the last step, "
            f"{graph.time_steps}; {ANOTHER}"
        )


def _of_weights(projection: Projection, limits: Limits) -> Iterator[str]:
    """A weight is one number there, without an exponent beside it."""
    if not projection.weight_exp or not projection.synapses.count:
        return
    synapses = projection.synapses.as_list()
    weight = synapses.weight.astype(np.int64) << projection.weight_exp
    most = (1 << (limits.weight_bits - 1)) - 1
    if (outside := np.abs(weight) > most).any():
        k = int(outside.argmax())
        yield (
            f"{projection.name}, synapse {synapses.pre[k]} -> {synapses.post[k]}: the weight is "
            f"{synapses.weight[k]} << {projection.weight_exp} = {weight[k]}, the limits are -{most}..{most}; "
            f"choose other numbers, or {ANOTHER}"
        )


def _check_size(graph: QuantizedGraph, limits: Limits) -> None:
    """Before convolutions become lists: each synapse takes a word of 4 bytes."""
    most = limits.chips * limits.cores * limits.synapse_bytes_per_core // 4
    total = sum(each.synapses.count for each in graph.projections)
    if total > most:
        raise LimitError(
            f"spinnaker: {total} synapses one by one, a board holds {most}; use a smaller grid or kernel, or "
            "fewer synapses"
        )
