"""How many synapses have each whole delay, before and after learning: what a model's metrics tell of it.

    delays: {"initial": {NAME: {"taps", "synapses"}}, "learned": the same, and "moved", "changed"}

NAME is that of a layer or, of a network that is no chain, "SOURCE -> DESTINATION"; `taps` is the size of its
kernel and `synapses` has the number of synapses by delay, from 0 on. A weight of 0 is no synapse. Of a
convolution, the elements of its kernels count. `moved` is by how many steps the whole delay of a synapse
differs from its first one, on average, and `changed` the share of synapses whose delay differs. Histograms
do not tell that: where as many delays grow as shrink, they stay alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from snnc.stages.trained import MAX_STEPS

KEY = "delays"
_COUNTS = MAX_STEPS + 2
"""Most delays of a list: recurrence has those of a kernel and one step more."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Of one layer or projection: `taps` of its kernel, and `synapses` by delay, from 0 on.

    `moved` in steps and `changed`, 0 .. 1, are None before learning, and of models that did not record them.
    """

    taps: int
    synapses: tuple[int, ...]
    moved: float | None = None
    changed: float | None = None

    @property
    def histogram(self) -> dict[str, list[int]]:
        """Delays `x` that a synapse has, and how many have them, `y`."""
        filled = [(delay, count) for delay, count in enumerate(self.synapses) if count]
        return {"x": [delay for delay, _ in filled], "y": [count for _, count in filled]}

    @property
    def mean(self) -> float:
        """Steps; 0 without synapses."""
        total = sum(self.synapses)
        return sum(delay * count for delay, count in enumerate(self.synapses)) / total if total else 0.0


def recorded(metrics: Mapping[str, Any], when: str) -> dict[str, Delays]:
    """What `metrics` tell of "initial" or "learned" delays, by name; nothing if that was not recorded.

    Metrics are whatever a file says: what is no such record counts as none.
    """
    found = metrics.get(KEY)
    table = found.get(when) if isinstance(found, Mapping) else None
    if not isinstance(table, Mapping) or not all(map(_is_row, table.values())):
        return {}
    return {
        str(name): Delays(
            row["taps"], tuple(row["synapses"]), *(_number(row.get(each)) for each in ("moved", "changed"))
        )
        for name, row in table.items()
    }


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 <= value <= _COUNTS else None


def _is_row(row: object) -> bool:
    if not isinstance(row, Mapping) or not isinstance(counts := row.get("synapses"), list | tuple):
        return False
    return len(counts) <= _COUNTS and all(
        type(each) is int and each >= 0 for each in (row.get("taps"), *counts)
    )
