"""A file of the wrong kind, given to a command: what it is, what the command takes, what takes the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from snnc.cli.after_model import on_export, on_whole
from snnc.cli.export_command import again_options, source_in
from snnc.cli.results import typed
from snnc.errors import InputError, SnncError, UnknownKindError
from snnc.text import shell

TAKEN = {
    "model": "a model file of `snnc train`",
    "nir": "a NIR file",
    "lava-dl": "a network of lava-dl (.net)",
    "artifact": "a folder that `snnc export` wrote",
    "spikes": "an npz with `spikes` [samples, steps, lines]",
    "events": "a file of events (.npz, .h5, .hdf5)",
    "trace": "a trace of `snnc run`, or NIRData",
    "configuration": "a TOML file or preset",
    "recordings": "a folder of recordings (WAV)",
    "sound": "a WAV file",
    "sweep": "a sweep file (TOML)",
}
"""In words, each kind of `snnc.cli.inspect` that a command takes."""
NETWORK, OWN_INPUT = ("model", "nir", "lava-dl"), ("spikes", "events")
OR_SOUND = (*OWN_INPUT, "sound", "recordings")
TAKES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "encode": {"folder": ("recordings",)},
    "train": {"config": ("configuration", "recordings", *OWN_INPUT), "dataset": OWN_INPUT},
    "sweep": {"file": ("sweep",), "base": ("configuration",)},
    "folds": {"model": ("model",)},
    "export": {"model": NETWORK, "dataset": OWN_INPUT},
    "check": {"model": (*NETWORK, "artifact")},
    "targets": {"model": (*NETWORK, "artifact")},
    "test": {"model": ("model", "artifact"), "dataset": OWN_INPUT},
    "verify": {"artifact": ("artifact",), "inputs": OWN_INPUT, "dataset": OWN_INPUT},
    "run": {"artifact": ("artifact",), "inputs": OR_SOUND},
    "chip": {"artifact": ("artifact",), "inputs": OR_SOUND},
    "place": {"artifact": ("artifact",), "inputs": OR_SOUND, "dataset": OWN_INPUT},
    "compare": {"expected": ("trace",), "found": ("trace",), "artifact": ("artifact",)},
}
"""By command and parameter, the kinds of file that it takes."""
REPORT = "report of `snnc verify`"
FOLDERS = frozenset({"dataset"})
"""Parameters that may name a folder of data of any kind."""


def explained(error: SnncError, name: str, given: Mapping[str, object]) -> SnncError:
    """`error` of the command `name`, or in its place that one of the files `given` is of the wrong kind.

    A file of the right kind, of none that can be told, or damaged, leaves the error as it is. So do all files
    if the error names none of them: it is about something else.
    """
    takes = TAKES.get(name, {})
    if given.get("checkpoint"):
        return error  # a reader of checkpoints says itself what a file lacks
    if not any(_names(error, str(given[parameter])) for parameter in takes if given.get(parameter)):
        return error
    for parameter, kinds in takes.items():
        value = given.get(parameter)
        if not isinstance(value, str | Path) or not Path(value).exists():
            continue
        no_settings = f"{value}: is no TOML file of settings" in str(error)
        if kinds == ("configuration",) and not no_settings:
            continue  # a preset may have the name of a folder that is here
        words = f"`snnc {name}` takes {' or '.join(TAKEN[kind] for kind in kinds)} here"
        wrong = _wrong(Path(value), kinds, words, name, given)
        if isinstance(wrong, UnknownKindError) and Path(value).is_dir():
            if parameter in FOLDERS:
                continue
            if "recordings" in kinds and str(error).startswith(
                f"{value}: "
            ):  # it tells what the folder lacks
                return error if len(kinds) == 1 else InputError(f"{error}; {words}")
        if wrong is not None:
            return wrong
        if no_settings:
            return _unread(Path(value), words) or error
    return error


def _unread(path: Path, takes: str) -> InputError | None:
    """Of a file that is no TOML file by its name, why it cannot be read; None if it can."""
    from snnc.cli.inspect import describe

    try:
        describe(path)
    except SnncError as error:
        return InputError(f"{error}; {takes}")
    return None


def _names(error: SnncError, path: str) -> bool:
    """Whether `path` stands in what the error says, as a word or the start of a longer path."""
    return re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w-])", str(error)) is not None


def _wrong(
    path: Path, kinds: tuple[str, ...], takes: str, name: str, given: Mapping[str, object]
) -> InputError | None:
    from snnc.cli.inspect import describe
    from snnc.cli.inspect.description import command

    try:
        found = describe(path)
    except UnknownKindError as error:
        return UnknownKindError(f"{error}; {takes}")
    except Exception:  # whatever is wrong with the file, the command's own error stands
        return None
    if found.kind in kinds:
        return None
    following, remedy = found.next or command("inspect", path), ""
    first = following if isinstance(following, str) else following[0]
    if isinstance(artifact := given.get("artifact"), Path) and artifact != path:
        first = first.replace("ARTIFACT", shell(artifact))
    if found.kind == "recordings" and (network := _network(given)) is not None:
        from snnc.trainer.data.encode_options import encode_command, is_told

        classes, layout, unread = network
        first = encode_command(path, None, classes, layout)
        remedy = "" if is_told(path, classes, layout) else ", which tells the layouts to choose from"
        remedy += f"; {unread}" if unread else ""
    own = typed(given)
    if found.kind in NETWORK:
        of_snnc = found.kind == "model"
        measured = _to_measure_on(path, own.get("dataset")) if of_snnc else None
        first = on_export(path, name, found.export or first, own, of_snnc, measured)
    if "artifact" in kinds:
        first = on_whole(first, name, own)
    if found.kind == "artifact" and "model" in kinds:
        remedy = _export_again(path, given)
    if "trace" in kinds and (found.kind in ("artifact", "model") or found.what.startswith(REPORT)):
        remedy = _of_exports(path, found.kind == "artifact", [given[each] for each in ("expected", "found")])
    return InputError(
        f"{path}: {found.what}; {takes}. For this {'folder' if path.is_dir() else 'file'}: {first}{remedy}"
    )


def _network(given: Mapping[str, object]) -> tuple[tuple[str, ...], str | None, str | None] | None:
    """The classes of the network that a command was given, the layout of the recordings that trained it, and
    what is wrong with that.

    None without a network, or of one that cannot be read.
    """
    from snnc.exporter.artifact import carries_model, read_artifact, source_model
    from snnc.trainer.encoder_record import layout_of, not_a_layout
    from snnc.trainer.model_file import load_model

    network = given.get("artifact") or given.get("model")
    if not isinstance(network, Path):
        return None
    try:
        if not network.is_dir():
            model = load_model(network)
            classes, metrics = model.class_names, model.metrics
        else:
            artifact = read_artifact(network)
            classes = artifact.graph.readouts[0].class_names
            metrics = source_model(artifact).metrics if carries_model(artifact) else {}
        return classes, layout_of(metrics), not_a_layout(metrics)
    except SnncError:
        return None


def _of_exports(path: Path, artifact: bool, both: Sequence[object]) -> str:
    """What compares `both` in place of their traces, one of which is `path`."""
    run = shell("snnc", "run", path if artifact else "ARTIFACT", "--input", "FILE", "--trace", "TRACE")
    return (
        f"; models and exports are compared by `{shell('snnc', 'inspect', *both)}` (accuracies, bits, bytes, "
        f"delays, estimates), and what two exports compute by traces of both: {run}"
    )


def _to_measure_on(model: Path, dataset: object) -> str | None:
    """`dataset`, if an export of `model` needs it."""
    from snnc.cli.own_data import to_measure_on
    from snnc.trainer.model_file import load_model

    return to_measure_on(load_model(model), model.parent, None if dataset is None else str(dataset))


def _export_again(artifact: Path, given: Mapping[str, object]) -> str:
    """What exports the network of an artifact with other options, whose integers stay as they are."""
    from snnc.exporter.manifest import read_manifest

    if (source := source_in(artifact)) is not None:
        with suppress(SnncError):  # damaged
            manifest = read_manifest(artifact)
            told = again_options(manifest, given, source.suffix == ".pt")
            line = shell("snnc", "export", source, *told)
            return f". With other bits or for another target: {line}"
    made_from = "what it was made from (of a module: Network.export)"
    return f". For other bits or another target, export again {made_from}"
