"""Artifacts: writing an exported folder, and reading one with suspicion."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import SEMANTICS_VERSION, __version__, files
from snnc.errors import ArtifactError, SnncError, StageError
from snnc.exporter.nir_reader import read_nir
from snnc.provenance import graph_hash, sha256
from snnc.stages import Artifact, QuantizedGraph, check_input
from snnc.targets.registry import load_target

FORMAT = "snnc-artifact"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
GRAPH = "graph.nir"
GOLDEN = "golden.npz"
SOURCE = "source.pt"
FILE_LIMIT = 2 << 30
"""Largest file of an artifact that is read, in bytes."""


def pack_golden(spikes: npt.NDArray[np.uint8], readout: npt.NDArray[np.int32]) -> bytes:
    """Golden inputs and their readout as npz; the same bytes for the same arrays."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in (("spikes", spikes), ("readout", readout)):
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(entry, "w") as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def write_artifact(
    path: Path, target: str, graph: QuantizedGraph, contents: Mapping[str, bytes], record: Mapping[str, Any]
) -> None:
    """Write `contents` (relative name -> bytes) and a manifest that lists and hashes them.

    `record` is what else the manifest says: range proof, placement, provenance. Plain JSON data.

    Raises
    ------
    InputError
        If `path` exists and is no artifact, or cannot be written; nothing is changed then.
    """
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "semantics_version": SEMANTICS_VERSION,
        "snnc_version": __version__,
        "target": target,
        "graph_hash": graph_hash(graph),
        "files": {
            name: {"sha256": sha256(data), "bytes": len(data)} for name, data in sorted(contents.items())
        },
        **record,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True, allow_nan=False) + "\n"
    files.write_folder(path, {**contents, MANIFEST: text.encode()}, marker=MANIFEST)


def read_artifact(path: Path) -> Artifact:
    """Read and check the folder at `path`: versions, every file's hash, the graph, golden vectors.

    Raises
    ------
    ArtifactError
        If it is missing, not ours, of another version, incomplete, altered, or beyond its target's
        limits.
    """
    manifest = _manifest(path)
    contents = {name: _file(path, name, entry) for name, entry in manifest["files"].items()}
    for name in (GRAPH, GOLDEN):
        if name not in contents:
            raise ArtifactError(f"{path}: the manifest lists no {name}; export the model again")
    strangers = {p.relative_to(path).as_posix() for p in path.rglob("*.py")} - set(contents)
    if strangers:
        raise ArtifactError(
            f"{path}: holds Python files that the manifest does not list ({', '.join(sorted(strangers))}); "
            "they could run in the target's program, remove them"
        )
    graph = read_nir(contents[GRAPH], f"{path / GRAPH}")
    if graph_hash(graph) != manifest["graph_hash"]:
        raise ArtifactError(f"{path}: {GRAPH} is not the graph of the manifest; export the model again")
    try:
        load_target(manifest["target"]).check(graph)
    except SnncError as error:
        raise ArtifactError(f"{path / GRAPH}: {error}") from error
    spikes, readout = _golden(contents[GOLDEN], graph, path / GOLDEN)
    return Artifact(path, manifest["target"], graph, manifest, spikes, readout)


def _manifest(path: Path) -> dict[str, Any]:
    file = path / MANIFEST
    if not path.exists():
        raise ArtifactError(f"{path}: no such artifact; make one with `snnc export`")
    if not file.is_file():
        raise ArtifactError(f"{path}: has no {MANIFEST}, so it is not an artifact written by `snnc export`")
    try:
        manifest = json.loads(file.read_bytes())
        known = (manifest["format"], manifest["format_version"], manifest["semantics_version"])
        listing, target = manifest["files"], manifest["target"]
        sound = isinstance(target, str) and isinstance(manifest["graph_hash"], str)
        sound &= all(isinstance(entry["sha256"], str) for entry in listing.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ArtifactError(f"{file}: damaged ({type(error).__name__}: {error}); export again") from error
    expected = (FORMAT, FORMAT_VERSION, SEMANTICS_VERSION)
    if known != expected:
        raise ArtifactError(f"{file}: (format, version, semantics) is {known}, this release reads {expected}")
    if not sound:
        raise ArtifactError(f"{file}: damaged (a field has the wrong type); export again")
    return dict(manifest)


def _file(path: Path, name: str, entry: Mapping[str, Any]) -> bytes:
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise ArtifactError(f"{path / MANIFEST}: file name {name!r} leaves the artifact's folder")
    file = path / relative
    if not file.resolve().is_relative_to(path.resolve()):
        raise ArtifactError(f"{file}: links out of the artifact's folder")
    try:
        if file.stat().st_size > FILE_LIMIT:
            raise ArtifactError(f"{file}: {file.stat().st_size} bytes, more than the {FILE_LIMIT} allowed")
        data = file.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{file}: cannot be read ({error.strerror}); export the model again") from error
    if sha256(data) != entry["sha256"]:
        raise ArtifactError(f"{file}: differs from what was exported (SHA-256); export the model again")
    return data


def _golden(
    data: bytes, graph: QuantizedGraph, name: Path
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            spikes, readout = archive["spikes"], archive["readout"]
        spikes = check_input(graph, spikes)
        expected = (len(spikes), graph.time_steps, graph.layers[-1].neurons)
        if readout.shape != expected or readout.dtype != np.int32:
            raise StageError(f"readout is {readout.dtype} {readout.shape}, expected int32 {expected}")
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ArtifactError(f"{name}: damaged ({error}); export the model again") from error
    return spikes, readout
