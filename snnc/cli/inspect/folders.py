"""Folders: artifacts, sweeps, and the stages that `snnc export --dump-after` writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snnc.cli.inspect.description import Description, command, network_facts, read_bytes
from snnc.errors import InputError
from snnc.text import shell


def describe(path: Path) -> Description:
    """Raises `SnncError` if the folder is none of ours, or damaged."""
    if (path / "manifest.json").exists():
        return _artifact(path)
    if (path / "table.json").is_file():
        return _sweep(path)
    if stages := sorted(path.glob("*.npz")):
        return _stages(path, stages)
    raise InputError(
        f"{path}: a folder that snnc does not know, without manifest.json of `snnc export` or table.json of "
        "`snnc sweep`; name a file in it"
    )


def describe_member(path: Path) -> Description | None:
    """A file of an artifact, by the manifest that lists it, or None."""
    from snnc.exporter.artifact import read_artifact
    from snnc.exporter.manifest import MANIFEST

    for folder in list(path.resolve().parents)[:3]:
        if not (folder / MANIFEST).is_file():
            continue
        artifact = read_artifact(folder)
        entry = artifact.manifest["files"].get(path.resolve().relative_to(folder).as_posix())
        if entry is not None:
            facts = {"bytes": entry["bytes"], "SHA-256": entry["sha256"]}
            what = f"part of an artifact for target {artifact.target}, as it was exported"
            return Description(what, facts, command("verify", folder))
    return None


def _artifact(path: Path) -> Description:
    from snnc.cli.inspect.exports import verification
    from snnc.cli.inspect.texts import LIMIT
    from snnc.exporter.artifact import REPORTS, read_artifact
    from snnc.report.json_report import from_json
    from snnc.report.verdict import verdict
    from snnc.stages.trained import NO_DATA

    artifact = read_artifact(path)
    manifest = artifact.manifest
    record = manifest["provenance"]
    sizes = [entry["bytes"] for entry in manifest["files"].values()]
    facts = {
        "target": artifact.target,
        **network_facts(artifact.graph),
        "weight bits": ", ".join(f"{name} {bits}" for name, bits in record.get("weight_bits", {}).items()),
        "overflow": "excluded by proof" if record.get("overflow_proved") else "NOT excluded: may saturate",
        "golden inputs": len(artifact.golden_input),
        "files": f"{len(sizes)}, {sum(sizes)} bytes, all hashes hold",
        "made from": _origin(record),
    }
    report = path / REPORTS[0]
    if report.is_file():
        found = from_json(read_bytes(report, LIMIT).decode(errors="replace"))
        facts["last report"] = f"{verdict(found)}" + (
            "" if found.provenance.get("graph_hash") == manifest["graph_hash"] else " (of another network)"
        )
        facts |= {f"accuracy, {s.stage}": f"{s.correct} of {s.total}, {s.split}" for s in found.accuracy}
    version = f"{manifest['snnc_version']}, format {manifest['format_version']}"
    semantics = f"integer contract {manifest['semantics_version']}"
    following = verification(path, str(record.get("dataset", NO_DATA)))
    return Description(f"artifact of snnc {version}, {semantics}", facts, following)


def _sweep(path: Path) -> Description:
    from snnc.cli.inspect.texts import describe_json

    table = describe_json(path / "table.json")
    models = len(list(path.glob("*-seed*.pt")))
    facts = {**table.facts, "models": models}
    page = path / "table.html"
    return Description(f"folder of a {table.what}", facts, f"open {shell(page)}" if page.is_file() else None)


def _stages(path: Path, files: list[Path]) -> Description:
    """The npz files of --dump-after, each by itself."""
    from snnc.cli.inspect.archives import describe as describe_archive

    found = {file.name: describe_archive(file) for file in files}
    for name, one in found.items():
        if "pass" not in one.facts:
            raise InputError(f"{path}: a folder that snnc does not know; name a file in it, as {name}")
    facts = {
        name: f"{one.facts['arrays']} arrays, SHA-256 {one.facts['SHA-256']}" for name, one in found.items()
    }
    return Description("stages after passes, of `snnc export --dump-after`", facts)


def _origin(record: Mapping[str, Any]) -> str:
    """The model file that an artifact was made from, or the network that it reproduces a difference of."""
    if "reproducer_of" in record:
        executor = record.get("executor", "an executor")
        return f"a difference of {executor} on the network {record['reproducer_of']}"
    return f"{record.get('model', 'unknown')} (SHA-256 {record.get('model_sha256', 'unknown')})"
