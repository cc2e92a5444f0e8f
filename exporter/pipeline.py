"""The passes in order, from a model file to an artifact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from snnc.errors import InputError
from snnc.exporter import artifact
from snnc.exporter.artifact import SOURCE
from snnc.exporter.artifact_writing import refuse_to_replace, write_artifact
from snnc.exporter.budget import budget_of
from snnc.exporter.calibration import Calibration, no_counts
from snnc.exporter.expectation.held import Expect, Held, hold_file
from snnc.exporter.graph_export import artifact_files, export_graph
from snnc.exporter.graph_of_network import real_numbers
from snnc.exporter.lava_dl.importer import ImportedGraph
from snnc.exporter.manifest import LAYOUT_OF_EXAMPLE, refuse_to_lose
from snnc.exporter.network_files import INTEGERS, NO_IMPORT_OPTIONS, load_network, read_network_file
from snnc.exporter.nir.importer import Imported, ImportOptions
from snnc.exporter.nir.options import Note
from snnc.exporter.options import ExportOptions, kept_of_integers, with_payloads
from snnc.exporter.other_bits import finished_bits
from snnc.exporter.passes import (
    Discretise,
    Place,
    Prune,
    Quantise,
    Steps,
    run_passes,
)
from snnc.exporter.passes.base import Plan
from snnc.exporter.passes.prune import removed_from
from snnc.exporter.plan import check_possible, plan_export, recordings_for, search_bits
from snnc.exporter.record import Compilation, Observer, Recorder, manifest_record, recordings_record
from snnc.exporter.trial import checked_integers
from snnc.exporter.tuning import tuned, with_found
from snnc.io import budget_file
from snnc.provenance import sha256, stage_hash
from snnc.stages import Artifact, DiscreteModel, FloatGraph, QuantizedGraph, TrainedGraph, TrainedModel
from snnc.stages.losses import ExportLosses
from snnc.target import Target
from snnc.targets.registry import target_of
from snnc.trainer import tuning
from snnc.trainer.data import EventDataset
from snnc.trainer.data.dense import step_notes
from snnc.trainer.encoder_record import of_sound
from snnc.trainer.step_record import learned_step

NO_OPTIONS = ExportOptions()
NO_NOTES: Mapping[str, Note] = MappingProxyType({})
OF_LAVA_DL = "is a network of lava-dl and holds integers, which stay as they are"


def compile_model(
    model: TrainedModel | DiscreteModel | FloatGraph,
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
    steps, ranges = checked_integers(plan, target, recorder)
    graph: QuantizedGraph = steps[-1].after
    found = tuned(graph, target, calibration, progress)
    if found is not None:
        plan = replace(plan, target=with_found(target, found))
    program = run_passes(graph, plan, (Place,), recorder).after(Place)
    losses = ExportLosses(budget_of(plan, steps), search)
    return Compilation(program, ranges, tuple(recorder.records), _chosen(plan, steps), losses, found)


def _chosen(plan: Plan, steps: Steps) -> dict[str, Any]:
    """What the passes were run with (`Compilation`)."""
    if isinstance(plan.model, FloatGraph):
        names = _apart([each.name for each in plan.model.projections])
        bits = {each.name: bits for each, bits in zip(plan.model.stateful, plan.bits, strict=True)}
        return {"weight_bits": bits, "pruned": dict(zip(names, steps.of(Prune).shares, strict=True))}
    layers, grids = steps.after(Discretise).layers, steps.of(Quantise).scales.grids
    names = [layer.name for layer in layers]
    by_layer = dict(zip(names, grids, strict=True))
    pruned = next(step for step in steps if isinstance(step.done, Prune))
    return {
        "weight_bits": {name: grid.bits for name, grid in by_layer.items()},
        "weight_scale": {name: grid.scale for name, grid in by_layer.items()},
        "finished_in_training": [layer.name for layer in layers if layer.scale is not None],
        "pruned": dict(zip(names, steps.of(Prune).shares, strict=True)),
    } | removed_from(names, pruned.before, pruned.after)


def _apart(names: Sequence[str]) -> list[str]:
    """`names`, the second of equal ones with " (2)" behind it, and so on."""
    counts = [names[:number].count(name) + 1 for number, name in enumerate(names)]
    return [name if count == 1 else f"{name} ({count})" for name, count in zip(names, counts, strict=True)]


def export_file(
    model_path: Path,
    target_name: str,
    output: Path,
    options: ExportOptions,
    observe: Observer | None = None,
    dataset: str | EventDataset | None = None,
    progress: Callable[[str], None] = lambda message: None,
    notify: Callable[[str], None] = lambda message: None,
    nir_options: ImportOptions = NO_IMPORT_OPTIONS,
    overwrite: bool = False,
    content: bytes | None = None,
    expect: Expect | None = None,
) -> Artifact:
    """Export the network in `model_path`, of snnc or another framework, to the folder `output`.

    The artifact that was written is read back.

    Parameters
    ----------
    observe : called with the name of every pass and the stage that it made.
    dataset : data to measure on, instead of the model's own; of a NIR file that is no chain, an npz file.
    progress : called with a message before each long step.
    notify : called with a line if something is omitted.
    nir_options : what a NIR file or one of lava-dl does not contain; not allowed for a model file.
    overwrite : also replace an artifact of another model, target or options.
    content : that of the file, if it was read before.
    expect : recorded spikes of a NIR file's network, which it must give before it is quantised.

    Raises
    ------
    SnncError
        If the model cannot be read, is not as expected, does not fit, or `output` cannot be written or is
        another export; nothing is written then.
    """
    target = target_of(target_name)
    target.emitter(model_path)  # before anything that takes long
    refuse_to_replace(output)
    # Once: the artifact carries the very bytes that its network was made from.
    source = read_network_file(model_path) if content is None else content
    model = load_network(model_path, nir_options, options.payload_max, source)
    named: dict[str, Any] = {"model": model_path.name, "model_sha256": sha256(source)}
    held = None
    if expect is not None:
        held = hold_file(model, source, model_path.name, nir_options, expect, options.payload_max, progress)
    if isinstance(model, ImportedGraph | QuantizedGraph):
        for option, asked in (("--dataset", dataset is not None), ("--dump-after", observe is not None)):
            if asked:
                raise InputError(
                    f"{model_path}: holds integers, which need no recordings and are not "
                    f"quantised; leave out {option}"
                )
        return _export_integers(model, target, output, options, named, source, overwrite)
    if isinstance(model, TrainedModel | TrainedGraph) and of_sound(model.metrics):
        notify("its input is events of sound; the encoder (cochlea), which makes them, is not exported")
    network = real_numbers(model, options, target)
    check_possible(network, options)
    if not overwrite:
        told = model.notes if isinstance(model, Imported) else {}
        refuse_to_lose(output, target, named["model_sha256"], options, told)
    of_data = model if isinstance(model, TrainedGraph) else network
    calibration = recordings_for(of_data, options, dataset, model_path.parent, notify)
    for note in step_notes(dataset, network.bin_s, learned_step(model)) if isinstance(dataset, str) else ():
        notify(note)
    if dataset is not None and (few := no_counts(calibration, options.payload_max)):
        notify(few.text)
    compiled = compile_model(network, target, options, observe, calibration, progress)
    if held is not None:
        named["expected"] = held.record(compiled.program.graph)
    if isinstance(model, TrainedGraph) and network is not model.graph:
        named["finished_in_integers"] = True
    if isinstance(model, TrainedModel | TrainedGraph):
        finished = named.get("finished_in_integers") or compiled.chosen.get("finished_in_training")
        of = compiled.chosen["weight_bits"]
        bits = [of[name] for name in (of if finished is True else finished or ())]
        named |= tuning.provenance(model.metrics, bits, notify)
    named |= recordings_record(options, dataset, calibration)
    carried = {artifact.IMPORTED if isinstance(model, Imported) else SOURCE: source}
    made = _write(output, target, compiled, options, model, named, carried, not overwrite)
    if better := finished_bits(model, made.manifest["provenance"], target):
        notify(better)
    return made


def _export_integers(
    model: ImportedGraph | QuantizedGraph,
    target: Target,
    output: Path,
    options: ExportOptions,
    named: Mapping[str, str],
    source: bytes,
    overwrite: bool,
) -> Artifact:
    """Integers stay as they are, but for what `options` ask for that changes integers."""
    if isinstance(model, QuantizedGraph):
        kept = kept_of_integers(f"{named['model']}: {INTEGERS}", options)
        return export_graph(model, target.spec, output, **kept, overwrite=overwrite, source=named)
    kept = kept_of_integers(f"{named['model']}: {OF_LAVA_DL}", options, options.payload_max)
    return export_graph(
        model.graph,
        target.spec,
        output,
        **kept,
        overwrite=overwrite,
        source={**named, "imported": dict(model.notes)},
        carried={artifact.LAVA_DL: source},
    )


def export_network(
    network: DiscreteModel | FloatGraph,
    target_name: str,
    output: str | Path,
    options: ExportOptions = NO_OPTIONS,
    *,
    name: str,
    notes: Mapping[str, Note] = NO_NOTES,
    observe: Observer | None = None,
    dataset: str | EventDataset | None = None,
    progress: Callable[[str], None] = lambda message: None,
    overwrite: bool = False,
    held: Held | None = None,
    layout: str | None = None,
    finetuned: Mapping[str, Any] | None = None,
) -> Artifact:
    """Export a network in real numbers to the folder `output`, and read it back.

    Parameters
    ----------
    options : `payload_max` is that of the network's inputs, if it is left out.
    name, notes : what the manifest says of where it comes from.
    observe, dataset, progress, overwrite : as `export_file`.
    held : what it was held against; the manifest says so, and what quantising adds.
    layout : that of the example which `from_torch` took; the manifest says so.
    finetuned : the record of fine-tuning, which the manifest keeps.

    Raises
    ------
    SnncError
        As `export_file`.
    """
    output, target = Path(output), target_of(target_name)
    target.emitter()  # before anything that takes long
    refuse_to_replace(output)
    named: dict[str, Any] = {"model": name, "model_sha256": stage_hash(network)}
    options = with_payloads(options, network) if isinstance(network, FloatGraph) else options
    check_possible(network, options)
    if not overwrite:
        refuse_to_lose(output, target, named["model_sha256"], options, dict(notes))
    calibration = recordings_for(network, options, dataset, Path(), progress)
    compiled = compile_model(network, target, options, observe, calibration, progress)
    if held is not None:
        named["expected"] = held.record(compiled.program.graph)
    if layout is not None:
        named[LAYOUT_OF_EXAMPLE] = layout
    if finetuned is not None:
        named |= tuning.of_weights(finetuned)
    named |= recordings_record(options, dataset, calibration, named.get(tuning.KEY))
    return _write(output, target, compiled, options, Imported(network, notes), named, {}, not overwrite)


def _write(
    output: Path,
    target: Target,
    compiled: Compilation,
    options: ExportOptions,
    model: TrainedModel | TrainedGraph | Imported,
    named: Mapping[str, Any],
    carried: Mapping[str, bytes],
    keep_results: bool,
) -> Artifact:
    """Of `model`, which `named` names; `carried` files lie in the artifact as they are."""
    program = compiled.program
    contents = artifact_files(program, target, compiled.ranges, options.delays_in_metadata)
    contents |= budget_file.pack(compiled.losses) | dict(carried)
    record = manifest_record(compiled, options, model, named, target)
    return write_artifact(output, target.name, program.graph, contents, record, keep_results)
