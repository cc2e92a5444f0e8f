"""Small networks for the limits of chips."""

from __future__ import annotations

from dataclasses import replace

from golden import case

from snnc.stages import QuantizedGraph
from snnc.target import Limits
from snnc.targets.registry import load_target

CHIPS = ("loihi1", "loihi2", "spinnaker1", "spinnaker2", "truenorth", "seneca")


def graph(*layers: dict, steps: int = 6, payload_max: int = 1) -> QuantizedGraph:
    lines = len(layers[0]["weight"][0])
    return case("chip", list(layers), [[0] * steps] * lines, []).graph.changed(payload_max=payload_max)


def limits(chip: str = "truenorth", **changes: int | None) -> Limits:
    return replace(load_target(chip).limits, **changes)
