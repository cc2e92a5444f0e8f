"""The passes in order, from a model file to an artifact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.batches import check_sample
from snnc.errors import InputError
from snnc.exporter import artifact
from snnc.exporter.artifact import SOURCE
from snnc.exporter.calibration import RECORDINGS, Calibration, affordable
from snnc.exporter.golden import Readouts, golden_data, golden_input, golden_readouts, pack_golden
from snnc.exporter.graph_of_network import quantised
from snnc.exporter.manifest import refuse_to_lose, refuse_to_lose_graph
from snnc.exporter.nir_foreign import SIGNATURE
from snnc.exporter.nir_import import Imported, ImportOptions, import_nir
from snnc.exporter.nir_reader import is_ours, read_nir
from snnc.exporter.nir_writer import write_nir
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Discretise, Place, Prune, Quantise, before, run_passes
from snnc.exporter.plan import plan_export, recordings_for, search_bits
from snnc.exporter.prove_ranges import graph_bounds, refuse_overflow
from snnc.exporter.ranges import PopulationRanges, pack_ranges
from snnc.exporter.record import (
    Compilation,
    Observer,
    Recorder,
    graph_record,
    manifest_record,
    program_record,
)
from snnc.exporter.rescale import prove
from snnc.io import budget_file
from snnc.io.regular import READ_LIMIT
from snnc.io.tensor_file import read_file
from snnc.provenance import graph_hash, sha256
from snnc.stages import Artifact, DiscreteModel, FloatGraph, PlacedProgram, QuantizedGraph, TrainedModel
from snnc.stages.losses import ExportLosses
from snnc.target import Target
from snnc.targets.registry import load_target
from snnc.trainer.model_file import WHAT, load_model

NO_IMPORT_OPTIONS = ImportOptions()
NO_FILE: Mapping[str, str] = MappingProxyType({})


def compile_model(
    model: TrainedModel | DiscreteModel,
    target: Target,
    options: ExportOptions,
    observe: Observer | None = None,
    calibration: Calibration | None = None,
    progress: Callable[[str], None] = lambda message: None,
) -> Compilation:
    """Run the passes (`exporter/passes`), and prove ranges before the network is placed.

    Parameters
    ----------
    observe : called with the name of every pass and the stage that it made.
    calibration : recordings for the searches, the loss budget and the spike counts of placement.
    progress : called with a message before each long step.

    Raises
    ------
    InputError
        If an option is wrong, or needs recordings and there are none.
    LimitError
        If the network does not fit the contract's formats or the target; RangeProofError if overflow
        cannot be excluded and `allow_saturation` is not set.
    """
    plan = plan_export(model, options, target, calibration, progress)
    recorder, search = Recorder(observe), None
    if options.max_drop is not None:
        search = search_bits(plan)
        plan = replace(plan, bits=search.chosen)
    steps = run_passes(model, plan, before(Place), recorder)
    graph: QuantizedGraph = steps[-1].after
    target.check(graph)
    ranges = graph_bounds(graph) if options.allow_saturation else prove(graph)
    program = run_passes(graph, plan, (Place,), recorder).after(Place)
    discrete, grids = steps.after(Discretise), steps.of(Quantise).scales.grids
    loss = None
    if calibration is not None and options.budget is not False and isinstance(model, TrainedModel):
        from snnc.exporter.losses import loss_budget  # here: numba takes long to load

        some = calibration.pick(RECORDINGS if options.budget else affordable(model))
        graphs = {
            step.done.result: step.after
            for step in steps
            if step.done.result and step.after is not step.before
        }
        loss = loss_budget(model, discrete, grids, graphs, some, progress)
    names = [layer.name for layer in discrete.layers]
    return Compilation(
        program,
        ranges,
        tuple(recorder.records),
        dict(zip(names, grids, strict=True)),
        tuple(layer.name for layer in discrete.layers if layer.scale is not None),
        dict(zip(names, steps.of(Prune).shares, strict=True)),
        ExportLosses(loss, search),
    )


def export_file(
    model_path: Path,
    target_name: str,
    output: Path,
    options: ExportOptions,
    observe: Observer | None = None,
    dataset: str | None = None,
    progress: Callable[[str], None] = lambda message: None,
    notify: Callable[[str], None] = lambda message: None,
    nir_options: ImportOptions = NO_IMPORT_OPTIONS,
    overwrite: bool = False,
) -> Artifact:
    """Export the model file or NIR file `model_path` to the folder `output`, and read it back.

    Parameters
    ----------
    observe : called with the name of every pass and the stage that it made.
    dataset : data to measure on, instead of the model's own.
    progress : called with a message before each long step.
    notify : called with a line if something is omitted.
    nir_options : what a NIR file does not contain; not allowed for a model file.
    overwrite : also replace an artifact of another model, target or options.

    Raises
    ------
    SnncError
        If the model cannot be read, does not fit, or `output` cannot be written or is another export;
        nothing is written then.
    """
    target = load_target(target_name)
    target.emitter()  # before anything that takes long
    artifact.refuse_to_replace(output)
    source = _read(model_path)  # once: the artifact carries the very bytes that its network was made from
    model = _network(model_path, source, nir_options)
    named = {"model": model_path.name, "model_sha256": sha256(source)}
    if not overwrite:
        told = model.notes if isinstance(model, Imported) else {}
        refuse_to_lose(output, target.name, named["model_sha256"], options, told)
    network = model.model if isinstance(model, Imported) else model
    if isinstance(network, FloatGraph):
        assert isinstance(model, Imported)
        if dataset is not None:
            raise InputError(
                "--dataset: the file comes from another framework and names no data; leave the option out"
            )
        graph, passes = quantised(network, options, target, observe)
        provenance = {**named, **graph_record(passes, options, model)}
        ranges = _checked(graph, target, options.allow_saturation)
        carried = {artifact.IMPORTED: source}
        return write_graph(output, graph, target, ranges, provenance, carried=carried)
    check_sample(network)
    calibration = recordings_for(network, options, dataset, model_path.parent, notify)
    compiled = compile_model(network, target, options, observe, calibration, progress)
    program = compiled.program
    contents = artifact_files(program, target, compiled.ranges, options.delays_in_metadata)
    contents |= budget_file.pack(compiled.losses)
    contents[artifact.IMPORTED if isinstance(model, Imported) else SOURCE] = source
    record = manifest_record(compiled, options, model, named, target.limits)
    return artifact.write_artifact(output, target.name, program.graph, contents, record)


def export_graph(
    graph: QuantizedGraph,
    target_name: str,
    output: str | Path,
    *,
    allow_saturation: bool = False,
    overwrite: bool = False,
    source: Mapping[str, str] = NO_FILE,
) -> Artifact:
    """Export `graph` as it is, without quantisation, to the folder `output`, and read it back.

    Parameters
    ----------
    allow_saturation : export although the range proof fails; saturations are then counted in each run.
    overwrite : also replace an artifact of another graph, target or source.
    source : what the manifest's provenance says of where the graph comes from, as `model` and `model_sha256`
        of a file.

    Raises
    ------
    SnncError
        If the graph does not fit the target, overflow is not excluded, or `output` cannot be written or is
        another export; nothing is written then.
    """
    output, target = Path(output), load_target(target_name)
    target.emitter()  # before anything that takes long
    artifact.refuse_to_replace(output)
    provenance = {
        **source,
        "given": "as a graph",
        "dataset": "none",
        "options": {"allow_saturation": allow_saturation},
    }
    if not overwrite:
        refuse_to_lose_graph(output, target.name, graph_hash(graph), provenance)
    ranges = _checked(graph, target, allow_saturation)
    return write_graph(output, graph, target, ranges, provenance)


def _checked(graph: QuantizedGraph, target: Target, allow_saturation: bool) -> tuple[PopulationRanges, ...]:
    """The ranges of a graph that `target` takes. Raises `SnncError` where it does not, or one overflows."""
    check_sample(graph)
    target.check(graph)
    ranges = graph_bounds(graph)
    if not allow_saturation:
        refuse_overflow(ranges)
    return ranges


def write_graph(
    folder: Path,
    graph: QuantizedGraph,
    target: Target,
    ranges: Sequence[PopulationRanges],
    provenance: Mapping[str, Any],
    vectors: tuple[npt.NDArray[np.uint8], Readouts] | None = None,
    carried: Mapping[str, bytes] | None = None,
) -> Artifact:
    """Place a graph that passed the target's check, write its artifact, and read it back.

    `vectors` are those of `artifact_files`, `carried` other files of the artifact. Raises `SnncError` as
    `export_graph`.
    """
    program = Place(target).run(graph)
    contents = artifact_files(program, target, ranges, vectors=vectors) | dict(carried or {})
    record = program_record(program, ranges, target.limits, provenance)
    return artifact.write_artifact(folder, target.name, graph, contents, record)


def holds_integers(path: Path) -> bool:
    """Whether the file at `path` is a NIR file that snnc wrote. Raises `SnncError` if it cannot be read."""
    if path.is_dir():
        return False
    data = _read(path)
    return data.startswith(SIGNATURE) and is_ours(data)


def read_integers(path: Path) -> QuantizedGraph:
    """The graph in a NIR file that snnc wrote. Raises `SnncError` if it cannot be read."""
    return read_nir(_read(path), str(path))


def export_integers(
    path: Path, target_name: str, output: Path, *, allow_saturation: bool = False, overwrite: bool = False
) -> Artifact:
    """As `export_graph`, of the graph in a NIR file that snnc wrote."""
    data = _read(path)
    return export_graph(
        read_nir(data, str(path)),
        target_name,
        output,
        allow_saturation=allow_saturation,
        overwrite=overwrite,
        source={"model": path.name, "model_sha256": sha256(data)},
    )


def load_network(path: Path, nir_options: ImportOptions) -> TrainedModel | Imported:
    """The content of a model file or a NIR file. Raises `SnncError` if it cannot be read."""
    return _network(path, _read(path), nir_options)


def _network(path: Path, data: bytes, nir_options: ImportOptions) -> TrainedModel | Imported:
    """As `load_network`, of the content of the file."""
    if data.startswith(SIGNATURE):
        return import_nir(data, path.name, nir_options)
    if nir_options != NO_IMPORT_OPTIONS:
        raise InputError(
            f"{path}: is not a NIR file; --dt, --time-steps, --reset, --fires and --round-delays need one"
        )
    return load_model(path, data)


def artifact_files(
    program: PlacedProgram,
    target: Target,
    ranges: Sequence[PopulationRanges],
    delays_in_metadata: bool = False,
    vectors: tuple[npt.NDArray[np.uint8], Readouts] | None = None,
) -> dict[str, bytes]:
    """The graph, the golden vectors, the range certificate (`ranges`) and the target's own files.

    `vectors`: other input uint8 [samples, T, inputs], and what its readouts are (`golden_readouts`), than the
    golden ones of the graph.
    """
    if vectors is None:
        spikes = golden_input(program.graph)
        vectors = spikes, golden_readouts(program.graph, spikes)
    return {
        artifact.GRAPH: write_nir(program.graph, delays_in_metadata),
        artifact.GOLDEN: pack_golden(program.graph, *vectors),
        artifact.RANGES: pack_ranges(ranges),
        artifact.GOLDEN_NIR: golden_data(program.graph, *vectors),
        **target.emitter()(program),
    }


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give the file that `snnc train` wrote, or a NIR file")
    return read_file(path, WHAT, READ_LIMIT)  # a NIR file may be larger than a model file
