"""The passes in order, from a model file to an artifact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from snnc import formats
from snnc.errors import InputError
from snnc.exporter import artifact, changes, checks
from snnc.exporter.delay_costs import delay_costs
from snnc.exporter.discretise import discretise
from snnc.exporter.golden import golden_input
from snnc.exporter.legalise import legalise
from snnc.exporter.nir_reader import read_nir
from snnc.exporter.nir_writer import write_nir
from snnc.exporter.passes import Observer, Passes, PassRecord
from snnc.exporter.place import place
from snnc.exporter.prove_ranges import graph_bounds, overflow_excluded
from snnc.exporter.prune import prune
from snnc.exporter.quantise import quantise
from snnc.exporter.ranges import certificate, pack_ranges
from snnc.exporter.relay import check_relays
from snnc.exporter.rescale import prove
from snnc.provenance import sha256, versions
from snnc.stages import Artifact, PlacedProgram, TrainedModel
from snnc.targets.registry import load_target
from snnc.targets.target import Target

PASSES = ("discretise", "quantise", "prune", "legalise", "place")
"""Names of the passes, in order."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """`weight_bits` 2 .. 8, sign included; `allow_saturation` lets the range proof fail.

    `prune`: share of each layer's synapses to leave out, by the rule `prune_by` (of `prune.RULES`). `relays`:
    neurons may be added for delays that the target does not hold.
    """

    weight_bits: int = formats.WEIGHT_BITS_DEFAULT
    allow_saturation: bool = False
    prune: float = 0.0
    prune_by: str = "magnitude"
    relays: bool = False


@dataclass(frozen=True, slots=True)
class Compilation:
    """The placed program, and what every pass on the way changed."""

    program: PlacedProgram
    passes: tuple[PassRecord, ...]


def compile_model(
    model: TrainedModel, target: Target, options: ExportOptions, observe: Observer | None = None
) -> Compilation:
    """Fold batch norm, round delays, quantise, prune, make delays legal, prove ranges, place.

    Parameters
    ----------
    observe : sees the name of every pass and the stage it made.

    Raises
    ------
    InputError
        If `options.prune` or `options.prune_by` is wrong.
    LimitError
        If the network does not fit the contract's formats or the target; RangeProofError if overflow
        cannot be excluded and `allow_saturation` is not set.
    """
    passes, bits = Passes(observe), options.weight_bits
    discrete = passes.run(
        "discretise",
        model,
        lambda stage: discretise(stage, bits),
        changes.of_discretise,
        checks.of_discretise,
    )
    graph = passes.run(
        "quantise", discrete, lambda stage: quantise(stage, bits), changes.of_quantise, checks.of_quantise
    )
    shares = [options.prune] * len(graph.layers)
    graph = passes.run(
        "prune",
        graph,
        lambda stage: prune(stage, shares, options.prune_by),
        changes.of_prune,
        checks.of_prune,
    )
    graph = passes.run(
        "legalise",
        graph,
        lambda stage: legalise(stage, target, options.relays),
        changes.of_graph,
        check_relays,
    )
    target.check(graph)
    if not options.allow_saturation:
        prove(graph)
    program = passes.run(
        "place", graph, lambda stage: place(stage, target), changes.of_place, checks.of_place
    )
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
    record["delays"] = delay_costs(program.graph, target.limits)
    artifact.write_artifact(output, target.name, program.graph, {**contents, artifact.SOURCE: source}, record)
    return artifact.read_artifact(output)


def artifact_files(program: PlacedProgram, target: Target) -> dict[str, bytes]:
    """The graph, the golden vectors, the range certificate and the target's own files."""
    from snnc.trainer.integer_model import run_graph

    golden = golden_input(program.graph)
    readout = run_graph(program.graph, golden).readout
    return {
        artifact.GRAPH: write_nir(program.graph),
        artifact.GOLDEN: artifact.pack_golden(golden, readout),
        artifact.RANGES: pack_ranges(graph_bounds(program.graph)),
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
            "dataset": model.dataset,
            "options": asdict(options),
            "passes": [
                {
                    "name": record.name,
                    "input_sha256": record.input_sha256,
                    "sha256": record.sha256,
                    "changes": dict(record.changes),
                }
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
