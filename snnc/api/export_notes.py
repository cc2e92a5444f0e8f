"""Lines that an export prints where it makes other integers than training, or fine-tuning, did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snnc.api.finetuned import Finetuned
from snnc.api.words import in_python
from snnc.exporter.other_bits import finished_bits
from snnc.targets.registry import target_of


def say_other_bits(model: object, provenance: Mapping[str, Any], target: str) -> None:
    """Print a line if training finished `model` in other bits than its export, of this `provenance`, has."""
    if told := finished_bits(model, provenance, target_of(target)):
        print(f"note: {in_python(told)}")


def say_other_grids(tuned: Finetuned, target: str) -> None:
    """Print a line if an export for `target` rounds in another way than fine-tuning did."""
    if (chip := target_of(target).chip) != tuned.chip:
        here, there = ("population", "neuron") if chip else ("neuron", "population")
        print(
            f"{target} has a grid for each {here}, and the network was fine-tuned for {tuned.target}, which "
            f"has one for each {there}: other integers than the fine-tuned ones are exported"
        )
