"""The manifest of an artifact: read with suspicion, and compared with that of a new export in its place."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from snnc import SEMANTICS_READ, formats
from snnc.errors import ArtifactError, InputError
from snnc.exporter.options import ExportOptions
from snnc.io import files
from snnc.io.regular import read_regular
from snnc.stages import Convolution, QuantizedGraph
from snnc.target import Target
from snnc.targets.registry import load_target
from snnc.text import quoted

FORMAT = "snnc-artifact"
FORMAT_VERSION = 2
MANIFEST = "manifest.json"
LAYOUT_OF_EXAMPLE = "example_layout"
"""In the provenance, of a network of `from_torch`: the layout of the example that it took, as "TNC"."""
TUNED = "tuned"
"""What the export found on recordings: the names of these `settings` of the target, and a `record` of it."""
NOT_TUNED: Mapping[str, Any] = MappingProxyType({"settings": (), "record": MappingProxyType({})})
SIZE, DEPTH, CHARACTERS = 16 << 20, 32, 1 << 12
"""Most bytes of a manifest, parts in each other, and characters of one text in it."""


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of the artifact at `path`.

    Raises
    ------
    ArtifactError
        If it is missing, of another version, or damaged; or holds what no export writes: parts nested deeper
        than `DEPTH`, a text longer than `CHARACTERS`, a number that is not finite.
    """
    file = path / MANIFEST
    if not path.exists():
        raise ArtifactError(f"{path}: no such artifact; make one with `snnc export`")
    if not file.is_file():
        raise ArtifactError(f"{path}: has no {MANIFEST}, so it is not an artifact written by `snnc export`")
    try:
        manifest = json.loads(read_regular(file, SIZE))
        _look_at(manifest)
        known = (manifest["format"], manifest["format_version"], manifest["semantics_version"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(f"{file}: damaged ({type(error).__name__}: {error}); export again") from error
    expected = tuple((FORMAT, FORMAT_VERSION, version) for version in SEMANTICS_READ)
    # Before all other fields, which another version may lack. True is 1, and no version.
    if known not in expected or list(map(type, known)) != [str, int, int]:
        raise ArtifactError(
            f"{file}: (format, version, semantics) is {quoted(known)}, this release reads "
            f"{' and '.join(map(str, expected))}; export the model again, or use the release that wrote it "
            f"({quoted(manifest.get('snnc_version'))})"
        )
    try:
        sound = all(isinstance(manifest[key], str) for key in ("target", "graph_hash", "snnc_version"))
        sound &= all(
            isinstance(entry["sha256"], str) and type(entry["bytes"]) is int
            for entry in manifest["files"].values()
        )
        sound &= all(isinstance(manifest[key], list) for key in ("range_proof", "placement"))
        sound &= all(isinstance(row, dict) for row in (*manifest["placement"], manifest["provenance"]))
        sound &= isinstance(manifest.get("traffic"), dict)
        sound &= isinstance(manifest.get("settings", {}), dict)
        sound &= all(isinstance(each, str) for each in manifest.get(TUNED, NOT_TUNED)["settings"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{file}: damaged ({type(error).__name__}: {error}); export again") from error
    if not sound:
        raise ArtifactError(f"{file}: damaged (a field has the wrong type); export again")
    return dict(manifest)


def manifest_of(path: Path) -> dict[str, Any]:
    """The manifest of the artifact at `path`, its form checked. `ArtifactError` if it is not sound."""
    try:
        return read_manifest(path)
    except ArtifactError:
        with suppress(InputError):
            files.remove_parts(path)  # an export may be exchanging it now, or was killed when it did
        return read_manifest(path)


def _look_at(manifest: Any) -> None:
    """Raise `ValueError` where no export wrote it, and a report could not hold it."""
    level, depth = [manifest], 0
    while level:
        if depth > DEPTH:
            raise ValueError(f"nested more than {DEPTH} deep")
        inside: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inside += [*value, *value.values()]
            elif isinstance(value, list):
                inside += value
            elif isinstance(value, str) and len(value) > CHARACTERS:
                raise ValueError(f"a text of {len(value)} characters, at most {CHARACTERS} are read")
            elif isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"a number that is {value}")
        level, depth = inside, depth + 1


def check_bits(recorded: object, graph: QuantizedGraph, where: str) -> None:
    """Raise `ArtifactError` unless `recorded` is layer -> bits, and those layers' weights are within them.

    Of a graph that is no chain, a population -> the bits of all weights that lead to it.

    An artifact may record none. `where` names the manifest in errors.
    """
    if recorded is None:
        return
    if not isinstance(recorded, dict) or not all(type(bits) is int for bits in recorded.values()):
        raise ArtifactError(f"{where}: damaged (weight_bits are not numbers by layer); export again")
    largest_into = _largest_weights(graph)
    for name, bits in recorded.items():
        if name not in largest_into or not formats.WEIGHT_BITS_MIN <= bits <= formats.WEIGHT_BITS_DEFAULT:
            raise ArtifactError(f"{where}: damaged ({quoted(name)} has {bits} weight bits); export again")
        largest, most = largest_into[name], formats.SignedFormat(bits).maximum
        if largest > most:
            raise ArtifactError(
                f"{where}: {name} has {bits} weight bits, which hold -{most}..{most}, but a weight of "
                f"{largest}; export again"
            )


def _largest_weights(graph: QuantizedGraph) -> dict[str, int]:
    """By population with a state, the largest |weight| of what leads to it."""
    largest = {each.name: 0 for each in graph.stateful}
    for each in graph.projections:
        kept = each.synapses
        weights = kept.kernel if isinstance(kept, Convolution) else kept.as_list().weight
        here = int(np.abs(weights).max(initial=0))
        largest[each.destination] = max(largest[each.destination], here)
    return largest


REMEDY = "choose another name (-o), or replace it with --overwrite"


def refuse_to_lose(
    path: Path, target: Target, model_sha256: str, options: ExportOptions, imported: Mapping[str, Any]
) -> None:
    """Raise `InputError` if an artifact at `path` is not what this export makes again.

    It is where target, its settings, model file, `options` and, of a NIR file, the notes `imported` are the
    same.
    """
    if not (path / MANIFEST).is_file():
        return
    manifest = manifest_of(path)
    there = manifest["provenance"]
    _refuse_other_target(path, manifest, target)
    if there.get("model_sha256") != model_sha256:
        named = there.get("model")
        whose = f" ({named[:80]!r}, another SHA-256)" if isinstance(named, str) else ""
        raise InputError(f"{path}: is the export of another model{whose}; {REMEDY}")
    for group, ours in (("options", asdict(options)), ("imported", imported)):
        if (differs := _difference(there.get(group, {}), ours)) is not None:
            raise InputError(f"{path}: was exported with {differs}; {REMEDY}")


def refuse_to_lose_graph(path: Path, target: Target, graph_hash: str, provenance: Mapping[str, Any]) -> None:
    """Raise `InputError` if an artifact at `path` is not what this export of a graph makes again.

    It is where target, its settings, graph and all that its `provenance` says beforehand are the same.
    """
    if not (path / MANIFEST).is_file():
        return
    manifest = manifest_of(path)
    _refuse_other_target(path, manifest, target)
    if manifest["graph_hash"] != graph_hash:
        raise InputError(f"{path}: is the export of another network; {REMEDY}")
    found = {name: manifest["provenance"].get(name) for name in provenance}
    if (differs := _difference(found, provenance)) is not None:
        raise InputError(f"{path}: was exported with {differs}; {REMEDY}")


def _refuse_other_target(path: Path, manifest: Mapping[str, Any], target: Target) -> None:
    if manifest["target"] != target.name:
        there = manifest["target"][:40]
        raise InputError(f"{path}: is an export to {there!r}, not to '{target.name}'; {REMEDY}")
    there, ours = manifest.get("settings", {}), dict(target.settings)
    usual = load_target(target.name).settings
    for name in manifest.get(TUNED, NOT_TUNED)["settings"]:  # found again, unless the user names another
        if ours.get(name) == usual.get(name):
            there, ours = ({each: of[each] for each in of if each != name} for of in (there, ours))
    if (differs := _difference(there, ours)) is not None:
        raise InputError(f"{path}: was exported with {differs}; {REMEDY}")


def _difference(there: object, ours: Mapping[str, Any]) -> str | None:
    """The first field that differs, in words. A field that one side lacks differs too."""
    ours = json.loads(json.dumps(dict(ours)))  # as a manifest has it: tuples are lists there
    found = there if isinstance(there, Mapping) else {}
    for name in sorted({*found, *ours}, key=str):
        if name not in found or name not in ours or found[name] != ours[name]:
            return f"{name[:40]} = {_shown(found.get(name))}, this export has {_shown(ours.get(name))}"
    return None


def _shown(value: object) -> str:
    return json.dumps(value)[:80]
