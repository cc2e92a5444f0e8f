"""The command that a user types after one on a model file: it exports it, or goes on with its export."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.cli.artifact_targets import ON_ARTIFACTS, targets_for
from snnc.cli.export_command import (
    BOARD,
    FIRST,
    LANES,
    SUITED,
    TARGETS,
    board_output,
    default_output,
    same_options,
    source_in,
    suited,
)
from snnc.cli.results import typed_options
from snnc.text import shell

if TYPE_CHECKING:
    from snnc.stages import Artifact


def unless_exported(path: Path, export: str, dataset: str | None = None, split: str | None = None) -> str:
    """The command `export` of a model file; of one that was exported as it is, the command that goes on with
    that: it verifies it, on the `split` of `dataset`, or runs it. Where `export` names what most users export
    to, that is an export for any target, for the named one first."""
    words = shlex.split(export, comments=True)
    if words[1] != "export" or "--target" not in words:
        return export
    folder = export_of(path, words[words.index("--target") + 1].partition(":")[0])
    if folder is None and export.endswith(TARGETS):
        folder = export_of(path)
    if folder is None:
        return export
    from snnc.cli.after_verify import clean_first  # here: without an export nothing of it is loaded
    from snnc.cli.following import after_reading
    from snnc.errors import SnncError

    with suppress(SnncError):  # damaged, or what follows cannot be told
        return clean_first(folder, after_reading(folder, dataset, split))
    return export


def on_export(
    model: Path, name: str, export: str, typed: Mapping[str, object], of_snnc: bool, dataset: object
) -> str:
    """The command `name` with the options that were `typed`, on an export beside `model` that it takes;
    without one, behind the command `export`, which makes it, measured on `dataset` if that is not None.

    `of_snnc`: a model of `snnc train`, of which parts of data are known.
    """
    if name not in ON_ARTIFACTS:
        return export
    runs, options = targets_for(name, typed), typed_options()
    if not of_snnc and "inputs" not in typed and Path(str(typed.get("dataset"))).is_file():
        options = ["--input" if each == "--dataset" else each for each in options]
    folder = for_board(model) if name == "place" else export_of(model, *runs)
    if folder is None:
        words = shlex.split(export, comments=True)
        if words[1:2] != ["export"]:
            return export
        line = suited(export, name, model)
        return _behind(line, runs, dataset, name, options) if options else line
    command = shell("snnc", name, folder, *options)
    if name == "verify":
        from snnc.cli.installing import installed_first
        from snnc.errors import SnncError
        from snnc.exporter.artifact import inspect_artifact

        with suppress(SnncError):  # damaged: the command tells how
            return installed_first(inspect_artifact(folder), command)
    return command


def on_whole(verify: str, name: str, typed: Mapping[str, object]) -> str:
    """The command `verify` of an artifact of which a file was given; in its place `name`, with the options
    that were `typed`, if that takes the artifact."""
    from snnc.errors import ArtifactError
    from snnc.exporter.manifest import read_manifest

    words = shlex.split(verify, comments=True)
    if words[:2] != ["snnc", "verify"] or len(words) != 3 or name not in ON_ARTIFACTS:
        return verify
    with suppress(ArtifactError):  # the command tells how it is damaged
        target, runs = read_manifest(Path(words[2]))["target"], targets_for(name, typed)
        if runs and target not in runs:
            return verify
    return shell("snnc", name, words[2], *typed_options())


def _behind(export: str, runs: Sequence[str], dataset: object, name: str, options: Sequence[str]) -> str:
    """The command `export`, for one of the targets `runs`, and the command `name` on what it writes."""
    words = shlex.split(export, comments=True)
    if "--target" not in words:
        words += ["--target", "loihi"]
    place = words.index("--target") + 1
    if runs and words[place].partition(":")[0] not in runs:
        words[place] = runs[0]
    made = words[words.index("-o") + 1] if "-o" in words else default_output(Path(words[2]), words[place])
    measured = [] if dataset is None else ["--dataset", dataset]
    return f"{shell(*words, *measured)} && {shell('snnc', name, made, *options)}"


def export_of(model: Path, *among: str) -> Path | None:
    """The folder beside the `model` file that was exported from it, as it is, for one of the targets `among`
    or of all, C first; None where there is none."""
    from snnc.targets.registry import targets

    names = among or sorted(targets(), key=lambda target: target != FIRST)
    return next(_made_of(model, (default_output(model, target) for target in names)), None)


def for_board(model: Path, graph_hash: str | None = None) -> Path | None:
    """The folder beside the `model` file that was exported from it for a board; None where there is none.

    `graph_hash`: of the integers that it has to hold.
    """
    from snnc.cli.following import NO_BOARD
    from snnc.exporter.manifest import read_manifest

    for folder in _made_of(model, (default_output(model, "fpga"), board_output(model))):
        manifest = read_manifest(folder)
        same = graph_hash in (None, manifest["graph_hash"])
        if same and manifest.get("settings", {}).get("board", NO_BOARD) != NO_BOARD:
            return folder
    return None


def _made_of(model: Path, folders: Iterable[Path]) -> Iterator[Path]:
    """Those of the `folders` that were exported from the file `model` as it is."""
    from snnc.errors import ArtifactError
    from snnc.exporter.manifest import read_manifest
    from snnc.io.regular import read_regular
    from snnc.provenance import sha256

    made_of = ""
    for folder in folders:
        if not folder.is_dir():
            continue
        try:
            record = read_manifest(folder).get("provenance")
        except ArtifactError:
            continue
        made_of = made_of or sha256(read_regular(model))
        if isinstance(record, dict) and record.get("model_sha256") == made_of:
            yield folder


def for_a_board(artifact: Artifact) -> str:
    """What places the network of `artifact`, which is for no board."""
    from snnc.exporter.artifact import carries_model

    source = source_in(artifact.path)
    if source is None:
        return "export the module again, for the target 'fpga:board=ulx3s:lanes=16' (Network.export)"
    if not carries_model(artifact):  # the options that read it are not kept
        return f"export it again as it was, but with --target {SUITED['place'].partition('  #')[0]}"
    there = for_board(source, artifact.manifest["graph_hash"])
    options = typed_options()
    if there is not None:
        return f"its network has an export for one: {shell('snnc', 'place', there, *options)}"
    line = shell("snnc", "export", source, *same_options(artifact.manifest))
    named = suited(line, "place", source)
    if (taken := board_output(source)).exists():  # of other integers
        other = taken.with_name(f"{artifact.path.name.replace('.', '-')}-{BOARD}.fpga")
        named = named.replace(f"-o {shell(taken)}", f"-o {shell(other)}")
    lanes = artifact.manifest.get("settings", {}).get("lanes")
    named = named if lanes is None else named.replace(LANES, f"--lanes {lanes}")
    return f"export it again: {_behind(named, (), None, 'place', options) if options else named}"
