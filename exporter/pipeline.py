"""The passes in order, from a model file to an artifact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from snnc import formats
from snnc.errors import InputError
from snnc.exporter import artifact, changes
from snnc.exporter.discretise import discretise
from snnc.exporter.golden import golden_input
from snnc.exporter.nir_reader import read_nir
from snnc.exporter.nir_writer import write_nir
from snnc.exporter.passes import Observer, Passes, PassRecord
from snnc.exporter.place import place
from snnc.exporter.placement.activity import Activity
from snnc.exporter.placement.record import placement_record, traffic_record
from snnc.exporter.prove_ranges import certificate, graph_bounds, overflow_excluded, refuse_overflow
from snnc.exporter.quantise import quantise
from snnc.provenance import sha256, versions
from snnc.stages import Artifact, PlacedProgram, QuantizedGraph, TrainedModel
from snnc.targets.registry import load_target
from snnc.targets.target import Target

PASSES = ("discretise", "quantise", "place")
"""Names of the passes, in order."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """`weight_bits` 2 .. 8, sign included; `allow_saturation` lets the range proof fail."""

    weight_bits: int = formats.WEIGHT_BITS_DEFAULT
    allow_saturation: bool = False


@dataclass(frozen=True, slots=True)
class Compilation:
    """The placed program, and what every pass on the way changed."""

    program: PlacedProgram
    passes: tuple[PassRecord, ...]


def compile_model(
    model: TrainedModel,
    target: Target,
    options: ExportOptions,
    observe: Observer | None = None,
    measure: Callable[[QuantizedGraph], Activity] | None = None,
) -> Compilation:
    """Fold batch norm, round delays, quantise, prove ranges, place.

    Parameters
    ----------
    observe : sees the name of every pass and the stage it made.
    measure : counts the spikes of every source on recordings, for placement; without it one each is assumed.

    Raises
    ------
    LimitError
        If the network does not fit the contract's formats or the target; RangeProofError if overflow
        cannot be excluded and `allow_saturation` is not set.
    """
    passes, bits = Passes(observe), options.weight_bits
    discrete = passes.run("discretise", model, lambda stage: discretise(stage, bits), changes.of_discretise)
    graph = passes.run("quantise", discrete, lambda stage: quantise(stage, bits), changes.of_quantise)
    target.check(graph)
    if not options.allow_saturation:
        refuse_overflow(graph_bounds(graph))
    activity = measure(graph) if measure else None
    program = passes.run("place", graph, lambda stage: place(stage, target, activity), changes.of_place)
    return Compilation(program, passes.records)


def export_file(
    model_path: Path,
    target_name: str,
    output: Path,
    options: ExportOptions,
    observe: Observer | None = None,
) -> Artifact:
    """Export the model file `model_path` to the folder `output`, and read it back.

    `observe` sees the name of every pass and the stage it made.

    Raises
    ------
    SnncError
        If the model cannot be read, does not fit, or `output` cannot be written; nothing is
        written then.
    """
    from snnc.trainer.model_file import load_model

    target = load_target(target_name)
    model = load_model(model_path)
    compiled = compile_model(model, target, options, observe)
    program = compiled.program
    contents = artifact_files(program, target)
    read_nir(contents[artifact.GRAPH], artifact.GRAPH)  # what cannot be read back is not written
    source = _read(model_path)
    record = _record(compiled, options, model, {"model": model_path.name, "model_sha256": sha256(source)})
    artifact.write_artifact(output, target.name, program.graph, {**contents, artifact.SOURCE: source}, record)
    return artifact.read_artifact(output)


def artifact_files(program: PlacedProgram, target: Target) -> dict[str, bytes]:
    """The graph, the golden vectors and the target's own files."""
    from snnc.trainer.integer_model import run_graph

    golden = golden_input(program.graph)
    readout = run_graph(program.graph, golden).readout
    return {
        artifact.GRAPH: write_nir(program.graph),
        artifact.GOLDEN: artifact.pack_golden(golden, readout),
        **target.emit(program),
    }


def _record(
    compiled: Compilation, options: ExportOptions, model: TrainedModel, source: Mapping[str, str]
) -> dict[str, Any]:
    """What the manifest says beside files and versions."""
    program = compiled.program
    bounds = graph_bounds(program.graph)
    return {
        "range_proof": certificate(bounds),
        "placement": placement_record(program),
        "traffic": traffic_record(program),
        "provenance": {
            **source,
            "dataset": model.dataset,
            "options": asdict(options),
            "passes": [
                {"name": record.name, "sha256": record.sha256, "changes": dict(record.changes)}
                for record in compiled.passes
            ],
            "finished_in_training": options.weight_bits in model.quantised,
            "validation_accuracy_in_training": _validation(model),
            "overflow_proved": overflow_excluded(bounds),
            "exported_with": versions("snnc", "numpy", "torch", "nir"),
        },
    }


def _validation(model: TrainedModel) -> dict[str, float]:
    """Validation accuracy of each step by which training made the delays whole, if it recorded them."""
    steps = model.metrics.get("validation")
    if not isinstance(steps, Mapping):
        return {}
    accuracy = {name: step.get("accuracy") for name, step in steps.items() if isinstance(step, Mapping)}
    return {str(name): round(value, 4) for name, value in accuracy.items() if isinstance(value, float)}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
