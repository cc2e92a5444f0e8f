"""Writing an artifact, and what could be lost: files of others, results of the one that it replaces."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from snnc import __version__
from snnc.errors import ArtifactError, InputError
from snnc.exporter.artifact import ADDED, FORMER, RESULTS, read_artifact, refuse_another
from snnc.exporter.artifact_folder import entries_below
from snnc.exporter.manifest import FORMAT, FORMAT_VERSION, MANIFEST, REMEDY, manifest_of, read_manifest
from snnc.io import files
from snnc.io.folder_lock import directory_lock
from snnc.provenance import graph_hash, semantics_version, sha256
from snnc.stages import Artifact, QuantizedGraph
from snnc.text import joined


def write_artifact(
    path: Path,
    target: str,
    graph: QuantizedGraph,
    contents: Mapping[str, bytes],
    record: Mapping[str, Any],
    keep_results: bool = False,
) -> Artifact:
    """Write `contents` (relative name -> bytes) and a manifest that lists and hashes them, and read it back.

    `record` is what else the manifest says: range proof, placement, provenance. Plain JSON data. An equal
    artifact at `path` stays as it is, with its reports, whatever the model file was called.

    Raises
    ------
    InputError
        If `path` exists and holds anything but an artifact and its reports, or cannot be written; with
        `keep_results`, if reports would be lost. Nothing is changed then.
    ArtifactError
        If it could not be read back, and nothing is changed then; or is another already.
    """
    refuse_to_replace(path)
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "semantics_version": semantics_version(graph),
        "snnc_version": __version__,
        "target": target,
        "graph_hash": graph_hash(graph),
        "files": {
            name: {"sha256": sha256(data), "bytes": len(data)} for name, data in sorted(contents.items())
        },
        **record,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True, allow_nan=False) + "\n"
    with suppress(ArtifactError):  # none is there, or it is damaged
        if _alike(manifest_of(path), json.loads(text)):
            return read_artifact(path)
        if keep_results and (results := results_at(path)):
            raise InputError(
                f"{path}: {joined(results)} would be lost: this export is not equal to the artifact there"
                f"{_differing(path, contents)}; {REMEDY}"
            )
    found = list[Artifact]()

    def read_back(new: Path) -> None:
        try:
            found.append(replace(read_artifact(new), path=path))
        except ArtifactError as error:
            raise ArtifactError(str(error).replace(str(new), str(path))) from error

    files.write_folder(path, {**contents, MANIFEST: text.encode()}, read_back)
    refuse_another(path, json.loads(text))
    return found[0]


def _alike(there: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Whether two manifests are the same, of a model file of any name."""
    one, other = (
        {**each, "provenance": {name: of for name, of in each["provenance"].items() if name != "model"}}
        for each in (there, ours)
    )
    return one == other


def refuse_to_replace(path: Path) -> None:
    """Raise `InputError` if replacing `path` would lose what is not ours, or `path` lies in an artifact."""
    for parent in Path(os.path.abspath(path)).parents:
        if _is_artifact(parent):
            raise InputError(
                f"{path}: lies in the artifact {parent}, which would hold code that its manifest does not "
                "list; choose a place outside (-o)"
            )
    files.remove_parts(path)
    with directory_lock(path.parent):  # another export may be putting its artifact there
        _refuse_strangers(path)


def _is_artifact(folder: Path) -> bool:
    try:
        return (folder / MANIFEST).is_file() and bool(read_manifest(folder))
    except (OSError, ArtifactError):
        return False


def _refuse_strangers(path: Path) -> None:
    """As `refuse_to_replace`, of what stands at `path`."""
    if not path.exists() and not path.is_symlink():
        return
    try:
        listed = set(manifest_of(path)["files"]) | {MANIFEST, *ADDED}
    except ArtifactError:
        raise InputError(
            f"{path} exists and was not written by snnc; remove it or choose another name (-o)"
        ) from None
    for name in ADDED:
        files.remove_parts(path / name)
    found = {name for name, _ in entries_below(path) if not FORMER.fullmatch(name)}
    strangers = sorted(found - listed)
    if strangers:
        raise InputError(
            f"{path} also holds {strangers[0]!r}, which snnc did not write and a new export would delete "
            f"({len(strangers)} such files); move them away or choose another name (-o)"
        )


def results_at(folder: Path) -> tuple[str, ...]:
    """Names of the results that lie beside the artifact in `folder`; empty if it does not exist."""
    former = sorted(each.name for each in folder.glob("report-*") if FORMER.fullmatch(each.name))
    return (*(name for name in RESULTS if (folder / name).exists()), *former)


def lost_results(folder: Path, before: Iterable[str]) -> str:
    """That results which lay in `folder` `before` an export are gone, as a sentence; "" if none is."""
    now = results_at(folder)
    gone = [name for name in before if name not in now]
    if not gone:
        return ""
    verb = "is" if len(gone) == 1 else "are"
    return f"{folder}: replaced another artifact, whose {joined(gone)} {verb} gone; verify this one"


def _differing(path: Path, contents: Mapping[str, bytes]) -> str:
    """The files that would be others, as " (budget.json)"; "" where only the manifest would."""
    there = manifest_of(path)["files"]
    ours = {name: sha256(data) for name, data in contents.items()}
    names = sorted(name for name in {*there, *ours} if there.get(name, {}).get("sha256") != ours.get(name))
    return f" ({joined(names)})" if names else ""
