"""Artifacts: the folders that `snnc export` writes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snnc.cli.after_verify import clean_first
from snnc.cli.inspect.description import TEXT_LIMIT, Description, network_facts, read_bytes
from snnc.cli.inspect.measured_on import of_report
from snnc.text import shell

if TYPE_CHECKING:
    from snnc.stages import Artifact, Report


def describe(path: Path) -> Description:
    """Raises `SnncError` if the folder is no artifact, or damaged."""
    from snnc.cli.following import verifying
    from snnc.cli.inspect.figures import of_artifact
    from snnc.exporter.artifact import REPORTS, inspect_artifact
    from snnc.exporter.artifact_folder import built_files
    from snnc.report.json_report import from_json
    from snnc.report.verdict import verdict
    from snnc.report.weights_told import recorded_weights
    from snnc.verification.stirring import STIRS_NOTHING, stirs_nothing

    artifact = inspect_artifact(path)
    manifest = artifact.manifest
    record = manifest["provenance"]
    bits = record.get("weight_bits", {})
    built = built_files(path)
    sizes = [entry["bytes"] for entry in manifest["files"].values()]
    facts = {
        "target": artifact.target,
        **network_facts(artifact.graph),
        **({"weight bits": ", ".join(f"{name} {each}" for name, each in bits.items())} if bits else {}),
        **({"weights": told} if (told := recorded_weights(artifact)) else {}),
        "overflow": "excluded by proof" if record.get("overflow_proved") else "NOT excluded: may saturate",
        "golden inputs": len(artifact.golden_input),
        "files": f"{len(sizes)}, {sum(sizes)} bytes, all hashes hold",
        **({"built here": f"{built} files, by `make`, which the manifest does not list"} if built else {}),
        "made from": _origin(record),
    }
    report, own = path / REPORTS[0], None
    if report.is_file():
        found = from_json(read_bytes(report, TEXT_LIMIT).decode(errors="replace"))
        own = found if found.provenance.get("graph_hash") == manifest["graph_hash"] else None
        facts["last report"] = f"{verdict(found)}{'' if own else ' (of another network)'}"
        facts |= of_report(found)
    version = f"{manifest['snnc_version']}, format {manifest['format_version']}"
    semantics = f"integer contract {manifest['semantics_version']}"
    what = f"artifact of snnc {version}, {semantics}"
    following = _after_verify(artifact, own) or verifying(artifact)
    if stirs_nothing(artifact):
        facts["silent"] = STIRS_NOTHING
        following = shell("snnc", "run", path, "--input", "FILE")
    following = clean_first(path, following)
    return Description(what, facts, following, "artifact", partial(of_artifact, artifact, own))


def _after_verify(artifact: Artifact, report: Report | None) -> str | None:
    """The command that `snnc verify` suggested by its `report`; None if it does not hold, or not any more."""
    from snnc.cli.after_verify import after_verify
    from snnc.cli.verify_options import VerifyOptions
    from snnc.report.off_chip import to_be_placed
    from snnc.targets.registry import load_target
    from snnc.verification.board_clock import board_clock

    if report is None or not (report.trusted and report.golden_reproduced) or report.first_divergence:
        return None
    if to_be_placed(report) and board_clock(artifact, load_target(artifact.target))[0] is not None:
        return None  # it was placed since
    return after_verify(artifact.path, VerifyOptions(), report, verbose=False)


def _origin(record: Mapping[str, Any]) -> str:
    """The model file that an artifact was made from, or the network that it reproduces a difference of."""
    if "reproducer_of" in record:
        executor = record.get("executor", "an executor")
        return f"a difference of {executor} on the network {record['reproducer_of']}"
    if record.get("given") == "as a graph" and "model" not in record:
        return "a graph of integers, exported as it was given"
    return f"{record.get('model', 'unknown')} (SHA-256 {record.get('model_sha256', 'unknown')})"
