"""What `snnc export` says about pruning, relays and delays; from the manifest alone, which says more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

DELAYS = "delays: "
"""Begins the line that is there for every network."""


def delay_notes(manifest: Mapping[str, Any], chip: bool = True) -> Iterator[str]:
    """Lines to print; without time slots if the target is no `chip`."""
    changes = {row["name"]: row["changes"] for row in manifest["provenance"]["passes"]}
    pruned, added, rows = changes["prune"], changes["legalise"], manifest["delays"]
    if not pruned["synapses_removed"] and manifest["provenance"]["options"]["prune"] is None:
        yield "pruned: nothing; no share that was tried keeps to --max-drop beside the fewer bits"
    if pruned["synapses_removed"]:
        yield (
            f"pruned: {pruned['synapses_removed']} of {pruned['synapses']} synapses and "
            f"{pruned['lines_removed']} of {pruned['lines']} (source, delay) lines; "
            f"neurons left without a synapse: {pruned['neurons_cut_off']}{_saved(pruned) if chip else ''}"
        )
    if added["layers_added"]:
        yield (
            f"relays: {added['neurons_added']} neurons, {added['synapses_added']} synapses, "
            f"{added['layers_added']} layers, for delays beyond the limit"
        )
    longest = max(rows, key=lambda row: row["longest"])
    slots = f", {longest['slots']} of {longest['slots_limit']} slots of each neuron" if chip else ""
    yield f"{DELAYS}up to {longest['longest']} steps{slots}"
    for row in rows:
        if chip and row["slots"] > row["slots_limit"]:
            yield (
                f"{row['layer']}: {row['slots']} slots, {row['slots_limit']} are sure; "
                f"a core holds {row['neurons_per_core']} neurons then (estimate)"
            )


def _saved(pruned: Mapping[str, int]) -> str:
    """The bytes of a chip before and after; empty of an export of an earlier release."""
    if "chip_synapse_bytes" not in pruned:
        return ""
    before, gone = pruned["chip_synapse_bytes"], pruned["chip_synapse_bytes_removed"]
    share = f"{-100 * gone / before:+.1f} %".replace("-", "−")
    return f"; synapse bytes {before} → {before - gone} ({share}), each layer whole on one core"
