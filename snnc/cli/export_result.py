"""What `snnc export` wrote, for a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from snnc.stages import Artifact


def tell(model: Path, artifact: Artifact, dataset: str | None, as_json: Path | None) -> None:
    """Print the next command, or only the path if quiet; write the result to `as_json` if it is asked for."""
    from snnc.cli import console, results
    from snnc.cli.following import after_choice
    from snnc.verification.stirring import STIRS_NOTHING, stirs_nothing

    following = after_choice(artifact, dataset)
    if stirs_nothing(artifact):
        console.out().print(f"! {STIRS_NOTHING}", soft_wrap=True)
    console.out().print(f"next: {following}", soft_wrap=True)
    if console.quiet():
        console.out(always=True).print(str(artifact.path))
    if as_json is not None:
        results.write(as_json, "export", {"model": model, **fields(artifact), "next": following})


def fields(artifact: Artifact) -> dict[str, Any]:
    """The artifact, its network, what was proved, and what the export costs in accuracy."""
    from snnc.exporter.ranges.certificate import headroom_bits
    from snnc.io import budget_file
    from snnc.targets.registry import load_target

    manifest, graph = artifact.manifest, artifact.graph
    headroom = min(headroom_bits(row) for row in manifest["range_proof"])
    target = load_target(artifact.target)
    available = target.limits.chips * target.limits.cores
    return {
        "artifact": artifact.path,
        "target": artifact.target,
        "settings": manifest.get("settings", {}),
        "graph_hash": manifest["graph_hash"],
        "weight_bits": manifest["provenance"].get("weight_bits", {}),
        "network": {
            "inputs": graph.inputs,
            "time_steps": graph.time_steps,
            "bin_s": graph.bin_s,
            "neurons": sum(each.neurons for each in graph.stateful),
            "synapses": sum(each.synapses.count for each in graph.projections),
        },
        "overflow_excluded": headroom >= 0,
        "headroom_bits": headroom,
        "cores": len(manifest["placement"]) if target.chip else None,
        "cores_available": available if target.chip else None,
        "losses": budget_file.read(artifact).loss,
        "files": manifest["files"],
    }
