"""What `snnc export` says about pruning, relays and the cost of delays; from the manifest alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def delay_notes(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Lines to print."""
    changes = {row["name"]: row["changes"] for row in manifest["provenance"]["passes"]}
    pruned, added, rows = changes["prune"], changes["legalise"], manifest["delays"]
    if pruned["synapses_removed"]:
        yield (
            f"pruned: {pruned['synapses_removed']} of {pruned['synapses']} synapses and "
            f"{pruned['lines_removed']} of {pruned['lines']} (source, delay) lines; "
            f"{pruned['neurons_cut_off']} neurons were left without a synapse"
        )
    if added["layers_added"]:
        yield (
            f"relays: {added['neurons_added']} neurons, {added['synapses_added']} synapses, "
            f"{added['layers_added']} layers, for delays beyond the limit"
        )
    longest = max(rows, key=lambda row: row["longest"])
    factored = max(row["factored_slots"] for row in rows)
    bits = sum(row["delay_bits"] for row in rows)
    fewer = sum(min(row["delay_bits"], row["factored_bits"]) for row in rows)
    yield (
        f"delays: up to {longest['longest']} steps, {longest['slots']} of {longest['slots_limit']} slots, "
        f"{bits} bits; with delays by source and by neuron, which the target lacks: {factored} slots, "
        f"{fewer} bits"
    )
    for row in rows:
        if row["slots"] > row["slots_limit"]:
            yield (
                f"{row['layer']}: {row['slots']} slots, {row['slots_limit']} are sure; "
                f"a core holds {row['neurons_per_core']} neurons then (estimate)"
            )
