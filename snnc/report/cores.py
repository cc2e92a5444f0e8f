"""Rows for people from the placement that a manifest holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from snnc.percent import percent
from snnc.stages import Traffic


def fullest(placement: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """The `most` cores with the largest part of any resource in use, fullest first; ties in their order."""
    return sorted(placement, key=lambda row: -_part(row)[0])[:most]


def summary(placement: Sequence[Mapping[str, Any]], cores: int) -> str:
    """One line: how many of the target's `cores` are used, and how full the fullest is."""
    part, resource = max(_part(row) for row in placement)
    chips = len({row["chip"] for row in placement})
    where = f" on {chips} chips" if chips > 1 else ""
    what = resource.replace("_", " ")
    return f"{len(placement)} of {cores} cores{where}; the fullest uses {percent(part, 1, 0)} of its {what}"


def traffic_counts(traffic: Traffic) -> dict[str, str]:
    """What passes between cores a recording, against neurons in their order."""
    return {
        "spikes between cores": _change(traffic, traffic.spikes, traffic.in_order_spikes),
        "hops from tile to tile": _change(traffic, traffic.hops, traffic.in_order_hops),
    }


def traffic_basis(traffic: Traffic) -> str:
    """Where the counts come from."""
    if traffic.measured:
        return f"over {traffic.recordings} recordings"
    return "not measured, every input line and neuron taken to spike once"


def _change(traffic: Traffic, now: int, before: int | None) -> str:
    many = "core" if traffic.in_order_cores == 1 else "cores"
    order = f"{now / traffic.recordings:,.1f}; in neuron order on {traffic.in_order_cores} {many}"
    if before is None:
        return f"{order} it would not fit"
    change = f" ({100 * (now - before) / before:+.1f} %)".replace("-", "−") if before else ""
    return f"{order} {before / traffic.recordings:,.1f}{change}"


def _part(row: Mapping[str, Any]) -> tuple[float, str]:
    """Largest used / max of a core, and of which resource."""
    use = [(used / most, name) for name, (used, most) in row["use"].items()]
    return max(use)
