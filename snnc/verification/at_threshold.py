"""Neurons that fire at their threshold in real numbers, and above it alone in the contract's integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ONLY_ABOVE = "fires_at_only_above"
"""Among the changes of a pass, how many neurons do so."""


def at_threshold(provenance: Mapping[str, Any], met: int) -> tuple[str, ...]:
    """That v at the threshold is a spike of the network which was exported, and none here; () of others.

    `met`: how often v met a threshold above 0 exactly on the inputs that were compared.
    """
    passes = provenance.get("passes")
    count = sum(map(_counted, passes)) if isinstance(passes, list | tuple) else 0
    if not count:
        return ()
    neurons = "1 neuron fires" if count == 1 else f"{count} neurons fire"
    times = "never" if not met else "once" if met == 1 else f"{met} times"
    return (
        f"{neurons} at the threshold (v >= threshold) in the network in real numbers, and above it alone "
        f"(v > threshold) in the integers; on these inputs v met a threshold exactly {times}",
    )


def _counted(record: Any) -> int:
    """Of the record of a pass, which may be a stranger's."""
    changes = record.get("changes") if isinstance(record, Mapping) else None
    count = changes.get(ONLY_ABOVE) if isinstance(changes, Mapping) else None
    return count if type(count) is int and count > 0 else 0
