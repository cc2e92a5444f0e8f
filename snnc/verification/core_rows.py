"""Cores in use, as rows of a table, from the placement that a manifest holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def core_rows(placement: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row a core: chip, core, tile, neurons of which layers, and each resource as "used / max"."""
    return [
        {
            "chip": row["chip"],
            "core": row["core"],
            "tile": f"{row['column']}, {row['row']}",
            "holds": ", ".join(
                f"{layer} ({neuron_count(text)})" for layer, text in row["populations"].items()
            ),
            **{name: f"{used} / {most}" for name, (used, most) in row["use"].items()},
        }
        for row in placement
    ]


def neuron_count(text: str) -> int:
    """Neurons of a range such as "0:32,40,50:60"."""
    bounds = [part.partition(":")[::2] for part in text.split(",")]
    return sum(int(stop) - int(start) if stop else 1 for start, stop in bounds)
