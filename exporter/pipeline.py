"""The passes in order, from a model file to an artifact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from snnc import budget_file, files
from snnc.batches import batches, check_sample
from snnc.calibration import Calibration
from snnc.errors import InputError
from snnc.exporter import artifact, changes, checks
from snnc.exporter.budget import RECORDINGS, affordable, loss_budget
from snnc.exporter.choose_integers import IntegerChooser, recordings_for
from snnc.exporter.golden import golden_input, golden_readout
from snnc.exporter.legalise import legalise
from snnc.exporter.nir_foreign import is_nir
from snnc.exporter.nir_golden import golden_data
from snnc.exporter.nir_import import Imported, ImportOptions, import_nir
from snnc.exporter.nir_reader import read_nir
from snnc.exporter.nir_writer import write_nir
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Observer, Passes, PassRecord
from snnc.exporter.place import place
from snnc.exporter.placement.activity import Activity, measured
from snnc.exporter.prove_ranges import graph_bounds
from snnc.exporter.prune import prune
from snnc.exporter.quantise import quantise_on
from snnc.exporter.ranges import LayerRanges, pack_ranges
from snnc.exporter.record import manifest_record
from snnc.exporter.replacing import refuse_to_lose
from snnc.exporter.rescale import prove
from snnc.exporter.whole_bias import whole_bias
from snnc.provenance import sha256
from snnc.quantisation import Grid
from snnc.regular import read_regular
from snnc.stages import Artifact, DiscreteModel, PlacedProgram, QuantizedGraph, TrainedModel
from snnc.stages.budget import Costs
from snnc.targets.registry import load_target
from snnc.targets.target import Target

PASSES = ("discretise", "quantise", "prune", "whole_bias", "legalise", "place")
"""Names of the passes, in order."""
NOTHING_TOLD = ImportOptions()


@dataclass(frozen=True, slots=True)
class Compilation:
    """The placed program, its proved `ranges`, what every pass on the way changed, and what was measured.

    By layer: `grids`, and `pruned`, the share of synapses that was left out. `finished` names the layers that
    are on the grid of training.
    """

    program: PlacedProgram
    ranges: tuple[LayerRanges, ...]
    passes: tuple[PassRecord, ...]
    grids: Mapping[str, Grid]
    finished: tuple[str, ...]
    pruned: Mapping[str, float]
    costs: Costs


def compile_model(
    model: TrainedModel | DiscreteModel,
    target: Target,
    options: ExportOptions,
    observe: Observer | None = None,
    calibration: Calibration | None = None,
    progress: Callable[[str], None] = lambda message: None,
) -> Compilation:
    """Fold batch norm, round delays, quantise, prune, make delays legal, prove ranges, place.

    Parameters
    ----------
    observe : sees the name of every pass and the stage it made.
    calibration : recordings for the searches, the loss budget, and the spikes that placement counts.
    progress : gets a message before everything that takes long.

    Raises
    ------
    InputError
        If an option is wrong, or needs recordings and there are none.
    LimitError
        If the network does not fit the contract's formats or the target; RangeProofError if overflow
        cannot be excluded and `allow_saturation` is not set.
    """
    passes, chooser = Passes(observe), IntegerChooser(model, options, calibration, progress)
    search = None if options.max_drop is None else chooser.fewest_bits(target)
    bits = chooser.bits if search is None else search.chosen
    discrete = passes.run(
        "discretise",
        model,
        lambda stage: chooser.discretise(stage, bits),
        changes.of_discretise,
        lambda before, after: checks.of_discretise(before, after, chooser.finished_for(bits)),
    )
    scales = chooser.scales(discrete, bits)
    quantised = passes.run(
        "quantise",
        discrete,
        lambda stage: quantise_on(stage, scales.grids, options.payload_max),
        lambda before, after: changes.of_quantise(before, after, scales),
        lambda before, after: checks.of_quantise(before, after, scales, bits, options, calibration),
    )
    shares = chooser.shares(quantised)
    pruned = passes.run(
        "prune",
        quantised,
        lambda stage: prune(stage, shares, options.prune_by),
        changes.of_prune,
        lambda before, after: checks.of_prune(before, after, shares, options.prune_by),
    )
    rounded = passes.run(
        "whole_bias",
        pruned,
        lambda stage: whole_bias(stage, options.whole_bias),
        changes.of_whole_bias,
        lambda before, after: checks.of_whole_bias(before, after, options.whole_bias),
    )
    graph = passes.run(
        "legalise",
        rounded,
        lambda stage: legalise(stage, target, options.relays),
        changes.of_graph,
        lambda before, after: checks.of_legalise(before, after, target.limits.delay_max),
    )
    target.check(graph)
    ranges = graph_bounds(graph) if options.allow_saturation else prove(graph)
    activity = None if calibration is None else _activity(graph, calibration.pick(affordable(model)))
    program = passes.run(
        "place",
        graph,
        lambda stage: place(stage, target, activity),
        changes.of_place,
        checks.of_place,
    )
    loss = None
    if calibration is not None and options.budget is not False and isinstance(model, TrainedModel):
        some = calibration.pick(RECORDINGS if options.budget else affordable(model))
        graphs = {"quantised": quantised} | ({"pruned": pruned} if any(shares) else {})
        loss = loss_budget(model, discrete, scales.grids, graphs, some, progress)
    names = [layer.name for layer in discrete.layers]
    return Compilation(
        program,
        ranges,
        passes.records,
        dict(zip(names, scales.grids, strict=True)),
        tuple(layer.name for layer in discrete.layers if layer.scale is not None),
        dict(zip(names, shares, strict=True)),
        Costs(loss, search),
    )


def _activity(graph: QuantizedGraph, calibration: Calibration) -> Activity:
    """Spikes of every source on recordings."""
    parts = [
        measured(calibration.spikes[part], calibration.trace(graph, part)).spikes
        for part in batches(graph, len(calibration))
    ]
    return Activity(tuple(sum(counts) for counts in zip(*parts, strict=True)), len(calibration))


def export_file(
    model_path: Path,
    target_name: str,
    output: Path,
    options: ExportOptions,
    observe: Observer | None = None,
    dataset: str | None = None,
    progress: Callable[[str], None] = lambda message: None,
    notify: Callable[[str], None] = lambda message: None,
    nir_options: ImportOptions = NOTHING_TOLD,
    overwrite: bool = False,
) -> Artifact:
    """Export the model file or NIR file `model_path` to the folder `output`, and read it back.

    Parameters
    ----------
    observe : sees the name of every pass and the stage it made.
    dataset : data for the recordings that are measured, if not the model's own.
    progress : gets a message before everything that takes long.
    notify : gets a line where something is left out.
    nir_options : what a NIR file does not say; nothing for a model file.
    overwrite : replace an artifact of another model, target or options too.

    Raises
    ------
    SnncError
        If the model cannot be read, does not fit, or `output` cannot be written or is another export;
        nothing is written then.
    """
    target = load_target(target_name)
    target.emitter()  # before anything that takes long
    artifact.refuse_to_replace(output)
    before = files.modified(model_path)
    model, source = load_network(model_path, nir_options), _read(model_path)
    if files.modified(model_path) != before:  # else the artifact could hold another model
        raise InputError(f"{model_path}: was replaced while it was read; run the command again")
    named = {"model": model_path.name, "model_sha256": sha256(source)}
    if not overwrite:
        told = model.notes if isinstance(model, Imported) else {}
        refuse_to_lose(output, target.name, named["model_sha256"], options, told)
    network = model.model if isinstance(model, Imported) else model
    check_sample(network)
    calibration = recordings_for(network, options, dataset, model_path.parent, notify)
    compiled = compile_model(network, target, options, observe, calibration, progress)
    program = compiled.program
    contents = artifact_files(program, target, compiled.ranges, options.delays_in_metadata)
    contents |= budget_file.pack(compiled.costs)
    contents[artifact.IMPORTED if isinstance(model, Imported) else artifact.SOURCE] = source
    read_nir(contents[artifact.GRAPH], artifact.GRAPH)  # what cannot be read back is not written
    record = manifest_record(compiled, options, model, named, target.limits)
    return artifact.write_artifact(output, target.name, program.graph, contents, record)


def load_network(path: Path, nir_options: ImportOptions) -> TrainedModel | Imported:
    """What a model file or a NIR file holds. Raises `SnncError` if it cannot be read."""
    from snnc.trainer.model_file import load_model

    if path.is_dir():
        raise InputError(f"{path}: is a folder; give the file that `snnc train` wrote, or a NIR file")
    if is_nir(path):
        return import_nir(_read(path), path.name, nir_options)
    if nir_options != NOTHING_TOLD:
        raise InputError(
            f"{path}: is no NIR file; --dt, --steps, --reset and --round-delays are for those only"
        )
    return load_model(path)


def artifact_files(
    program: PlacedProgram,
    target: Target,
    ranges: Sequence[LayerRanges],
    delays_in_metadata: bool = False,
    vectors: tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]] | None = None,
) -> dict[str, bytes]:
    """The graph, the golden vectors, the range certificate (`ranges`) and the target's own files.

    `vectors`: other input uint8 [samples, T, inputs] and its readout int32 [samples, T, classes] than the
    golden ones of the graph.
    """
    if vectors is None:
        spikes = golden_input(program.graph)
        vectors = spikes, golden_readout(program.graph, spikes)
    return {
        artifact.GRAPH: write_nir(program.graph, delays_in_metadata),
        artifact.GOLDEN: artifact.pack_golden(*vectors),
        artifact.RANGES: pack_ranges(ranges),
        artifact.GOLDEN_NIR: golden_data(program.graph, *vectors),
        **target.emitter()(program),
    }


def _read(path: Path) -> bytes:
    try:
        return read_regular(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
