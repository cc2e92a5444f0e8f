"""What a trained network reaches and costs in integers, before it is exported."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.decoding.decoder import decoders
from snnc.exporter.fewest_bits import sizes_of
from snnc.exporter.graph_of_network import real_numbers
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import compile_model
from snnc.stages import PlacedProgram, QuantizedGraph, Trace, TrainedGraph, TrainedModel
from snnc.stages.population import INPUT
from snnc.target import Target
from snnc.trainer.samples import Samples
from snnc.verification.chip import CHIP_SAMPLES, estimate_program

FanOut = dict[str, npt.NDArray[np.int64]]


class Deployed(NamedTuple):
    """Right answers of all recordings of a split, and costs; None where no costs of the target are published.

    `operations`, `energy_uj` and `latency_ms` are of one recording, the last two by the machine model on at
    most `CHIP_SAMPLES` recordings. `bytes`: of the synapses, each layer (population) whole on one core.
    """

    correct: int
    total: int
    operations: float
    bytes: int
    energy_uj: float | None
    latency_ms: float | None


def deployed(
    model: TrainedModel | TrainedGraph, bits: int, target: Target, data: Samples, costs: str | None = None
) -> Deployed:
    """What `snnc export --weight-bits BITS --no-budget` makes of `model` for `target`, on `data`.

    `costs` names a set of constants of the target; without it, the first counts.

    Raises
    ------
    LimitError, StageError
        If there are no such integers, they may overflow, or the target does not hold them.
    InputError
        If the target has no constants called `costs`.
    """
    program = _program(model, bits, target)
    correct, operations = _run(program.graph, data)
    energy = latency = None
    if target.costs:
        found = estimate_program(program, data.pick(CHIP_SAMPLES)[0], target, costs)
        energy, latency = found.energy / found.samples / 1e9, found.latency / found.samples / 1e9
    return Deployed(
        correct, len(data), operations / len(data), sum(sizes_of(program.graph)[1]), energy, latency
    )


def deployed_accuracy(model: TrainedModel | TrainedGraph, bits: int, target: Target, data: Samples) -> float:
    """The share of `data` that `deployed` gets right, 0 .. 1, without costs. Raises as `deployed`."""
    return _run(_program(model, bits, target).graph, data)[0] / len(data)


def _program(model: TrainedModel | TrainedGraph, bits: int, target: Target) -> PlacedProgram:
    options = ExportOptions(weight_bits=bits, budget=False)
    return compile_model(real_numbers(model, bits, target), target, options).program


def _run(graph: QuantizedGraph, data: Samples) -> tuple[int, int]:
    """Right answers, and synaptic operations, of all recordings."""
    from snnc.hwsim.event_driven import simulate

    decoder, fan_out = decoders(graph)[0], _fan_out(graph)
    correct = operations = 0
    for frames, labels in data.batches():
        for part in batches(graph, len(frames)):
            trace = simulate(graph, frames[part])
            correct += int((decoder.classes(decoder.record(trace.layers)) == labels[part]).sum())
            operations += _operations(graph, frames[part], trace, fan_out)
    return correct, operations


def _operations(
    graph: QuantizedGraph,
    frames: npt.NDArray[np.uint8],
    trace: Trace,
    fan_out: FanOut,
) -> int:
    """Spikes of the inputs and neurons times the synapses that they pass."""
    total = 0
    for each in graph.populations:
        if each.model == INPUT:
            sent = frames[:, : graph.end(each.name), graph.lines(each.name)] != 0
        elif each.spikes:
            sent = trace.layers[graph.trace_index(each.name)].spikes
        else:
            continue
        total += int(sent.sum(axis=(0, 1)) @ fan_out[each.name])
    return total


def _fan_out(graph: QuantizedGraph) -> FanOut:
    """By population: synapses of each of its neurons or lines, in all projections."""
    found = {each.name: np.zeros(each.neurons, np.int64) for each in graph.populations}
    for each in graph.projections:
        pre = each.synapses.as_list().pre
        found[each.source] += np.bincount(pre, minlength=len(found[each.source]))
    return found
