"""The passes in order, from a model file to an artifact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from snnc import formats
from snnc.errors import InputError
from snnc.exporter import artifact, changes
from snnc.exporter.discretise import discretise
from snnc.exporter.golden import golden_input
from snnc.exporter.nir_golden import golden_data
from snnc.exporter.nir_import import Imported, ImportOptions, import_nir, is_nir
from snnc.exporter.nir_reader import read_nir
from snnc.exporter.nir_writer import write_nir
from snnc.exporter.passes import Observer, Passes, PassRecord
from snnc.exporter.place import place
from snnc.exporter.prove_ranges import certificate, graph_bounds, overflow_excluded, refuse_overflow
from snnc.exporter.quantise import quantise
from snnc.provenance import sha256, versions
from snnc.stages import Artifact, DiscreteModel, PlacedProgram, TrainedModel
from snnc.targets.registry import load_target
from snnc.targets.target import Target

PASSES = ("discretise", "quantise", "place")
"""Names of the passes, in order."""
NOTHING_TOLD = ImportOptions()


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """`weight_bits` 2 .. 8, sign included; `allow_saturation` lets the range proof fail.

    `delays_in_metadata` writes the NIR graph without delays in its structure (`nir_writer.write_nir`).
    """

    weight_bits: int = formats.WEIGHT_BITS_DEFAULT
    allow_saturation: bool = False
    delays_in_metadata: bool = False


@dataclass(frozen=True, slots=True)
class Compilation:
    """The placed program, and what every pass on the way changed."""

    program: PlacedProgram
    passes: tuple[PassRecord, ...]


def compile_model(
    model: TrainedModel | DiscreteModel,
    target: Target,
    options: ExportOptions,
    observe: Observer | None = None,
) -> Compilation:
    """Fold batch norm, round delays, quantise, prove ranges, place.

    Parameters
    ----------
    observe : sees the name of every pass and the stage it made.

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
    program = passes.run("place", graph, lambda stage: place(stage, target), changes.of_place)
    return Compilation(program, passes.records)


def export_file(
    model_path: Path,
    target_name: str,
    output: Path,
    options: ExportOptions,
    observe: Observer | None = None,
    nir_options: ImportOptions = NOTHING_TOLD,
) -> Artifact:
    """Export the model file or NIR file `model_path` to the folder `output`, and read it back.

    Parameters
    ----------
    observe : sees the name of every pass and the stage it made.
    nir_options : what a NIR file does not say; nothing for a model file.

    Raises
    ------
    SnncError
        If the model cannot be read, does not fit, or `output` cannot be written; nothing is
        written then.
    """
    target = load_target(target_name)
    model = _load(model_path, nir_options)
    network = model.model if isinstance(model, Imported) else model
    compiled = compile_model(network, target, options, observe)
    program = compiled.program
    contents = artifact_files(program, target, options.delays_in_metadata)
    read_nir(contents[artifact.GRAPH], artifact.GRAPH)  # what cannot be read back is not written
    source = _read(model_path)
    record = _record(compiled, options, model, {"model": model_path.name, "model_sha256": sha256(source)})
    contents[artifact.IMPORTED if isinstance(model, Imported) else artifact.SOURCE] = source
    artifact.write_artifact(output, target.name, program.graph, contents, record)
    return artifact.read_artifact(output)


def _load(path: Path, nir_options: ImportOptions) -> TrainedModel | Imported:
    from snnc.trainer.model_file import load_model

    if is_nir(path):
        return import_nir(_read(path), path.name, nir_options)
    if nir_options != NOTHING_TOLD:
        raise InputError(f"{path}: is no NIR file; --dt, --steps and --round-delays are for those only")
    return load_model(path)


def artifact_files(
    program: PlacedProgram, target: Target, delays_in_metadata: bool = False
) -> dict[str, bytes]:
    """The graph, the golden vectors and the target's own files."""
    from snnc.trainer.integer_model import run_graph

    golden = golden_input(program.graph)
    readout = run_graph(program.graph, golden).readout
    return {
        artifact.GRAPH: write_nir(program.graph, delays_in_metadata),
        artifact.GOLDEN: artifact.pack_golden(golden, readout),
        artifact.GOLDEN_NIR: golden_data(program.graph, golden, readout),
        **target.emit(program),
    }


def _record(
    compiled: Compilation,
    options: ExportOptions,
    model: TrainedModel | Imported,
    source: Mapping[str, str],
) -> dict[str, Any]:
    """What the manifest says beside files and versions."""
    program = compiled.program
    bounds = graph_bounds(program.graph)
    return {
        "range_proof": certificate(bounds),
        "placement": [
            {
                "chip": core.chip,
                "core": core.core,
                "layer": core.layer,
                "neurons": f"{core.start}:{core.stop}",
                **{name: f"{used} / {most}" for name, (used, most) in core.use.items() if name != "neurons"},
            }
            for core in program.cores
        ],
        "provenance": {
            **source,
            **_origin(model, options),
            "options": asdict(options),
            "passes": [
                {"name": record.name, "sha256": record.sha256, "changes": dict(record.changes)}
                for record in compiled.passes
            ],
            "overflow_proved": overflow_excluded(bounds),
            "exported_with": versions("snnc", "numpy", "torch", "nir"),
        },
    }


def _origin(model: TrainedModel | Imported, options: ExportOptions) -> dict[str, Any]:
    """Where the network comes from."""
    if isinstance(model, Imported):
        return {"dataset": "none", "finished_in_training": False, "imported": dict(model.notes)}
    return {
        "dataset": model.dataset,
        "finished_in_training": options.weight_bits in model.quantised,
        "validation_accuracy_in_training": _validation(model),
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
