"""Zip archives: files of torch (models, checkpoints) and of NumPy. Pickles are refused, never run."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snnc.cli.inspect.description import Description, command, synapses
from snnc.cli.inspect.samples import samples_description, shape
from snnc.errors import InputError, UnknownKindError
from snnc.io.regular import open_regular
from snnc.report.network_facts import names, time
from snnc.text import quoted

if TYPE_CHECKING:
    from snnc.stages import FloatGraph, TrainedModel

SIGNATURE = b"PK"
_NAMED = 6
"""Most arrays of an unknown file that are named."""


def describe(path: Path) -> Description:
    """Raises `SnncError` if the archive is damaged or none of ours."""
    try:
        file = open_regular(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    try:
        with file, zipfile.ZipFile(file) as archive:
            members = archive.namelist()
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InputError(
            f"{path}: a zip archive that is damaged ({error}); copy or write it again"
        ) from error
    if any(name.endswith("/data.pkl") for name in members):
        return _tensors(path)
    return _arrays(path)


def _tensors(path: Path) -> Description:
    from snnc.io.tensor_file import read_arrays, read_file
    from snnc.trainer import checkpoint, model_file

    what = "model file or checkpoint"
    data = read_file(path, what)
    content = read_arrays(data, path, what)
    found = content.get("format")
    if isinstance(found, str) and found == model_file.FORMAT:
        return _model(path, data, content)
    if isinstance(found, str) and found == checkpoint.FORMAT:
        return _checkpoint(path, content)
    if content and all(hasattr(value, "shape") for value in content.values()):
        return _parameters(content)
    raise UnknownKindError(f"{path}: a file of torch that snnc did not write (its format is {quoted(found)})")


def _parameters(content: Mapping[str, Any]) -> Description:
    """A state dict of PyTorch."""
    shown = [f"{name} {'x'.join(map(str, value.shape)) or 'scalar'}" for name, value in content.items()]
    facts = {
        "tensors": f"{len(shown)}: {', '.join(shown[:6])}{', ...' if len(shown) > 6 else ''}",
        "export": "refused: a state dict names no neurons, no connections and no time; load it into its "
        "module in Python and give that to snnc.from_torch, write the network as NIR with its framework's "
        "exporter, or, of a published work, give --checkpoint KIND",
    }
    return Description("parameters of a PyTorch network (a state dict), not written by snnc", facts)


def _model(path: Path, data: bytes, content: dict[str, Any]) -> Description:
    from snnc.cli.after_model import unless_exported
    from snnc.cli.inspect import figures
    from snnc.cli.inspect import training as told
    from snnc.cli.inspect.exports import of_model
    from snnc.cli.inspect.measured_on import trained_it
    from snnc.formats import WEIGHT_BITS_DEFAULT
    from snnc.provenance import sha256
    from snnc.stages import TrainedGraph
    from snnc.trainer import graph_file, tuning
    from snnc.trainer.model_file import VERSION, model_of

    facts: dict[str, object]
    network: TrainedModel | FloatGraph
    model = model_of(content, path)
    if isinstance(model, TrainedGraph):
        network, version = model.of_bits(WEIGHT_BITS_DEFAULT), graph_file.VERSION
        facts = _populations(network)
    else:
        network, version = model, VERSION
        facts = {
            f"layer {layer.name}": f"{layer.weight.shape[1]} -> {layer.weight.shape[0]} neurons, "
            f"{synapses(layer.weight)}, delays 0 to {layer.kernel_size - 1} steps, tau {layer.tau:g}, "
            + ("readout" if layer.threshold is None else f"threshold {layer.threshold:g}")
            for layer in model.layers
        }
    facts |= told.learning(model.metrics)
    facts |= {"time": time(model.time_steps, model.bin_s), "classes": names(model.class_names)}
    pooled = f", {model.unit_pool} units an input line" if model.unit_pool > 1 else ""
    facts["data"] = f"{model.dataset}{pooled}"
    facts |= told.layout(model.metrics)
    facts |= told.integers(model.quantised, model.metrics)
    facts |= told.left_out(model.metrics) | told.finetuned(model.metrics)
    measured = "training recordings" if trained_it(model) else "validation"
    tuned = tuning.tuned_bits(model.metrics.get(tuning.KEY)) is not None
    measured += " before fine-tuning" if tuned else ""
    facts |= {f"{measured}, {k}": v for k, v in told.accuracies(model.metrics).items()}
    facts["SHA-256"] = sha256(data)
    refusal, export = of_model(path, network, model.quantised)
    following = None if export is None else unless_exported(path, export)
    what = f"trained model of snnc, version {version}"
    compared = partial(figures.of_model, model, network)
    return Description(what, facts | refusal, following, "model", compared, export)


def _populations(graph: FloatGraph) -> dict[str, object]:
    """Of a network that is no chain: its populations, and its projections."""
    facts: dict[str, object] = {
        f"population {each.name}": f"{each.neurons} neurons, {each.model}"
        + (f", reset {each.reset}" if each.spikes else "")
        for each in graph.populations
    }
    return facts | {
        f"projection {each.name}": f"{each.synapses.count} synapses, "
        f"delays to {each.synapses.max_delay} steps"
        for each in graph.projections
    }


def _checkpoint(path: Path, content: dict[str, Any]) -> Description:
    from snnc.trainer.checkpoint import VERSION, checked

    content = checked(content, path)
    config, state = content["config"], content["state"]
    facts = {
        "data": config.get("dataset"),
        "epochs": f"{state['epoch']!s:.40} done",
        "hidden": config.get("hidden"),
        "seed": config.get("seed"),
    }
    return Description(
        f"checkpoint of an unfinished training of snnc, version {VERSION}",
        facts,
        "the `snnc train` that wrote it again, with --resume",
    )


def _arrays(path: Path) -> Description:
    from snnc.io.npz import read_npz

    arrays = read_npz(path)
    keys = set(arrays)
    if {"units", "offsets"} <= keys or {"x", "y", "offsets"} <= keys:
        return _events(path)
    if {"spikes", "readout"} <= keys:
        facts = {"inputs": shape(arrays["spikes"]), "readout": shape(arrays["readout"])}
        return Description("golden inputs of an artifact and their readout", facts, kind="spikes")
    if "spikes" in keys:
        return samples_description(path, arrays)
    if {"n_layers", "T", "class_names"} <= keys:
        facts = {"layers": str(arrays["n_layers"]), "steps": str(arrays["T"])}
        return Description("network of a Lava program, as registers (program.npz of an artifact)", facts)
    if {"graph_hash", "semantics_version"} <= keys:
        facts = {name: shape(array) for name, array in sorted(arrays.items())}
        compare = command("compare", path, "OTHER", "--artifact", "ARTIFACT")
        return Description(
            "trace: u, v and spikes by layer [samples, steps, neurons]", facts, compare, "trace"
        )
    if "stage" in keys:
        return _stage(path, arrays)
    if keys and all(name.partition(".")[0].isdigit() for name in keys):
        facts = {"layers": str(len({name.partition(".")[0] for name in keys}))}
        return Description("range certificate of an artifact (ranges.npz)", facts)
    from snnc.trainer.data.dense import meant_spikes
    from snnc.trainer.data.own_files import OF_YOUR_OWN

    more = ", …" if len(keys) > _NAMED else ""
    listed = ", ".join(sorted(keys)[:_NAMED]) + more or "none"
    dense = meant_spikes(arrays)
    remedy = f"it {dense}" if dense else f"it reads `spikes`, or events as in docs/data.md; {OF_YOUR_OWN}"
    raise UnknownKindError(f"{path}: an npz file that snnc does not know (its arrays: {listed}); {remedy}")


def _events(path: Path) -> Description:
    from snnc.cli.inspect.recordings import events_description
    from snnc.trainer.data import load_events_npz

    return events_description(load_events_npz(path), path)


def _stage(path: Path, arrays: Mapping[str, Any]) -> Description:
    try:
        stage = json.loads(str(arrays["stage"]))
        facts = {"pass": stage["pass"], "SHA-256 of the stage": stage["sha256"], "arrays": len(arrays) - 1}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path}: its `stage` is not a stage of `snnc export --dump-after` ({error})"
        ) from error
    return Description("stage after a pass, of `snnc export --dump-after`", facts)
