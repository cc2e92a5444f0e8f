"""What a trained model or an export reaches and costs, as far as its file or folder tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snnc.stages import Artifact, FloatGraph, QuantizedGraph, Report, TrainedGraph, TrainedModel
    from snnc.stages.findings import Doubt


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one network; None where the file does not tell.

    `validation_trained`: accuracy in real numbers with whole delays, as training measured it, and
    `validation_integers` that of the integers, 0 .. 1, in a model file of `validation_bits`; `chosen_by` are
    the options by which the recordings of it chose these integers; these are `validation_total` of
    `validation_split` of `validation_file`, None where training measured them on all. `validating` is a
    fingerprint of the recordings that validated in training, "" if it is not kept, and `validated` one of the
    data and the rules that divided them; they are `validation_count`, trained the network, too, if
    `validation_trained_it`, and `validation_seed`, if there is one, may have divided them.
    `doubt` says why those of the report may have had a part in the network, `validation_doubt` those that the
    export measured on.
    `correct` of `total` recordings of `split` of `file`, of the integers, `operations` (synaptic, of one
    recording), `energy_j` and `latency_s` (of one recording, by the estimate) are those of the last report;
    `missed` says that it did not run the target's program. `recordings` is a fingerprint of those, and
    `counted_on` tells of what operations, energy and time are the mean.
    `weight_bits`: of an artifact one number, or that of each layer in order; of a model file those it is
    finished for. `max_delay`: steps. `synapse_bytes`: of a chip, each layer or population
    whole on one core. `program_bytes`: of C, its tables and state.
    """

    data: str
    neurons: int
    synapses: int
    max_delay: int
    time_steps: int
    step_s: float
    weight_bits: tuple[int, ...] | None = None
    target: str | None = None
    validation_trained: float | None = None
    validation_integers: float | None = None
    validation_bits: int | None = None
    chosen_by: tuple[str, ...] = ()
    validation_file: str = ""
    validation_split: str | None = None
    validation_total: int | None = None
    validated: str = ""
    validating: str = ""
    validation_count: int | None = None
    validation_seed: int | None = None
    validation_trained_it: bool = False
    verdict: str | None = None
    missed: str = ""
    correct: int | None = None
    total: int | None = None
    split: str | None = None
    file: str = ""
    doubt: Doubt | None = None
    validation_doubt: Doubt | None = None
    synapse_bytes: int | None = None
    program_bytes: int | None = None
    cores: int | None = None
    operations: float | None = None
    energy_j: float | None = None
    latency_s: float | None = None
    counted_on: str = ""
    recordings: str = ""


def of_model(model: TrainedModel | TrainedGraph, network: TrainedModel | FloatGraph) -> Figures:
    """Of a trained model, whose `network` is that in real numbers."""
    from snnc.cli.inspect.measured_on import fingerprint_of, trained_it, validated, validation_count
    from snnc.stages import FloatGraph
    from snnc.stages.population import INPUT

    if isinstance(network, FloatGraph):
        neurons = sum(each.neurons for each in network.populations if each.model != INPUT)
        synapses = sum(each.synapses.count for each in network.projections)
        delay = max((each.synapses.max_delay for each in network.projections), default=0)
    else:
        neurons = sum(layer.weight.shape[0] for layer in network.layers)
        synapses = sum(int((layer.weight != 0).sum()) for layer in network.layers)
        delay = max(layer.kernel_size - 1 for layer in network.layers)
    most = max(model.quantised, default=None)
    key, seed = validated(model)
    return Figures(
        data=model.dataset,
        neurons=neurons,
        synapses=synapses,
        max_delay=delay,
        time_steps=model.time_steps,
        step_s=model.bin_s,
        weight_bits=tuple(sorted(model.quantised)) or None,
        validation_trained=_measured(model.metrics.get("validation"), "final"),
        validation_integers=_measured(model.metrics.get("validation"), f"int{most}_final"),
        validation_bits=most,
        validation_file=model.dataset,
        validated=key,
        validating=fingerprint_of(model.metrics),
        validation_count=validation_count(model.metrics),
        validation_seed=seed,
        validation_trained_it=trained_it(model),
    )


def of_artifact(artifact: Artifact, report: Report | None) -> Figures:
    """Of an export; `report` is the last one of this very network."""
    from snnc.cli.inspect.measured_on import file_of, fingerprint_of, trained_it, validated, validation_count
    from snnc.exporter.artifact import carries_model, source_model
    from snnc.exporter.fewest_bits import sizes_of
    from snnc.exporter.record import MEASURED_DOUBT, MEASURED_FILE, MEASURED_ON
    from snnc.io import budget_file
    from snnc.report.chip import counted_on
    from snnc.report.losses import chosen_by
    from snnc.report.verdict import missed, verdict
    from snnc.stages.findings import Doubt
    from snnc.stages.population import INPUT
    from snnc.targets.registry import load_target

    graph, manifest = artifact.graph, artifact.manifest
    record, target, loss = (
        manifest["provenance"],
        load_target(artifact.target),
        budget_file.read(artifact).loss,
    )
    synapses, sizes = sizes_of(graph)
    program = None
    if artifact.target == "c":
        from snnc.targets.c.emitter import table_and_state_bytes

        program = sum(table_and_state_bytes(graph))
    told: dict[str, Any] = {}
    if report is not None:
        told["verdict"] = verdict(report).outcome.value
        told["missed"] = missed(report) if report.program_missed else ""
        if report.accuracy:
            own = report.accuracy[0].split  # before samples given besides
            last = [each for each in report.accuracy if each.split == own][-1]
            told |= {"correct": last.correct, "total": last.total, "split": last.split}
            told |= {"file": file_of(report, own), "doubt": report.doubts.get(own)}
            if (matrix := report.confusion) is not None and matrix.split == own:
                told["recordings"] = matrix.recordings
        if chip := report.chip:
            told["counted_on"] = counted_on(chip.samples, report.chip_inputs)
            told["operations"] = chip.workload.effective / chip.samples
            told |= {"energy_j": chip.energy / chip.samples * 1e-15}
            told |= {"latency_s": chip.latency / chip.samples * 1e-12}
    data = str(record.get("dataset", "none"))
    if carries_model(artifact):
        model = source_model(artifact)
        told["validated"], told["validation_seed"] = validated(model)
        told["validating"] = fingerprint_of(model.metrics)
        told["validation_count"] = validation_count(model.metrics)
        told["validation_trained_it"] = trained_it(model)
    if loss is not None:
        of = loss.recordings
        told |= {"validation_split": of.split, "validation_total": of.used}
        told["validation_file"] = str(record.get(MEASURED_FILE, data))
        if MEASURED_ON in record:
            told["validation_doubt"] = Doubt(str(record[MEASURED_ON]), str(record.get(MEASURED_DOUBT, "")))
        if of.speakers is not None:  # they are known, so no seed divided the recordings
            told["validation_seed"] = None
    return Figures(
        data=data,
        neurons=sum(each.neurons for each in graph.populations if each.model != INPUT),
        synapses=sum(synapses),
        max_delay=max((each.synapses.max_delay for each in graph.projections), default=0),
        time_steps=graph.time_steps,
        step_s=graph.bin_s,
        weight_bits=_bits_of(record.get("weight_bits") or {}, graph),
        target=artifact.target,
        validation_trained=_measured(record.get("validation_accuracy_in_training"), "final"),
        validation_integers=None if loss is None else loss.stages[-1].correct / loss.recordings.used,
        chosen_by=() if loss is None else chosen_by(record),
        synapse_bytes=sum(sizes) if target.chip else None,
        program_bytes=program,
        cores=len(manifest["placement"]) if target.chip else None,
        **told,
    )


def _measured(found: object, stage: str) -> float | None:
    """The accuracy of a stage, which a model file tells with more, an artifact alone."""
    value = found.get(stage) if isinstance(found, Mapping) else None
    value = value.get("accuracy") if isinstance(value, Mapping) else value
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else None


def _bits_of(bits: Mapping[str, int], graph: QuantizedGraph) -> tuple[int, ...] | None:
    """One number, or that of each population in order, as `--weight-bits` takes them; None if unknown."""
    found = tuple(bits[each.name] for each in graph.stateful if each.name in bits)
    return found[:1] if len(set(found)) == 1 else found or None
