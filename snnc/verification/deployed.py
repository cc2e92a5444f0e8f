"""What a trained network reaches and costs in integers, before it is exported."""

from __future__ import annotations

from typing import NamedTuple

from snnc.batches import batches
from snnc.decoding.decoder import decoders
from snnc.exporter.fewest_bits import sizes_of
from snnc.exporter.graph_of_network import real_numbers
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import compile_model
from snnc.stages import PlacedProgram, QuantizedGraph, TrainedGraph, TrainedModel
from snnc.target import Target
from snnc.trainer.samples import Samples
from snnc.verification.chip import CHIP_SAMPLES, estimate_program
from snnc.work import Work


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
    return compile_model(real_numbers(model, options, target), target, options).program


def _run(graph: QuantizedGraph, data: Samples) -> tuple[int, int]:
    """Right answers, and synaptic operations, of all recordings."""
    from snnc.hwsim.event_driven import simulate

    decoder, work = decoders(graph)[0], Work.of(graph)
    correct = operations = 0
    for frames, labels in data.batches():
        for part in batches(graph, len(frames)):
            trace = simulate(graph, frames[part])
            correct += int((decoder.classes(decoder.record(trace.layers)) == labels[part]).sum())
            operations += int(work.synaptic_events(frames[part], trace).sum())
    return correct, operations
