"""The hypotheses that fit where two sides first differ, and what gives more samples to test them on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from snnc.stages import QuantizedGraph
from snnc.verification.diagnosis.observed import Observed
from snnc.verification.diagnosis.trial import Fit, Symptom


@dataclass(frozen=True, slots=True, eq=False)
class Suspects:
    """The hypotheses, of `tried`, that give what one side found of the diverging neuron, up to the
    divergence.

    `observed` has the side at fault as the one that was found; `in_reference`: that is the reference.
    """

    graph: QuantizedGraph
    index: int
    symptom: Symptom
    observed: Observed
    fits: Sequence[Fit]
    tried: int
    in_reference: bool


Further: TypeAlias = Callable[[Suspects], Sequence[Observed]]
"""Gives more samples of both sides, that tell the suspects apart."""


def nothing_further(suspects: Suspects) -> Sequence[Observed]:
    """Where nothing more can be had."""
    return ()
