"""What rounding and quantising changed in the spikes of the example that a network was held against.

The manifest of an export has it (`provenance.expected`): of a module's example, or of a file's recordings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COUNTS = ("different_when_rounded", "places", "spikes", "through")


def rounding(provenance: Mapping[str, Any]) -> str:
    """As "on the example, the integers spike otherwise than the module in 1 of 90 places with 46 spikes".

    Places are recordings, steps and neurons of all populations that spike. Where these differed from the
    module in real numbers already, the integers are compared with the real numbers. Empty if nothing was held
    against the network, or the record cannot be read.
    """
    try:
        expected = provenance["expected"]
        rows = [row for row in expected["populations"].values() if COUNTS[0] in row]
        counts = [[_count(row[name]) for name in COUNTS] for row in rows]
    except (TypeError, KeyError, ValueError, AttributeError):
        return ""
    if not counts:
        return ""
    changed, places, spikes, through = (sum(column) for column in zip(*counts, strict=True))
    than = "the module" if "module" in expected else "the recordings"
    than = "the network in real numbers" if through else than
    if not changed:
        return f"on the example, the integers spike as {than}"
    return (
        f"on the example, the integers spike otherwise than {than} in {changed} of {places} places with "
        f"{spikes} spike{'' if spikes == 1 else 's'}"
    )


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("no count")
    return value
