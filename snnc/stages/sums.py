"""The rule of clause 2 for what arrives at a neuron in a step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snnc import formats
from snnc.errors import BUT_OF_EXAMPLE, StageError
from snnc.stages.population import Population
from snnc.stages.projection import Projection
from snnc.stages.synapses import Sums

EXACT = 1 << 30
"""Sums beyond it, far above the limit of clause 2, are compared as if they were equal: 64 bits hold all."""


def check_sums(population: Population, into: Sequence[tuple[Projection, Population]]) -> None:
    """The rule of clause 2 under which 32-bit arithmetic holds."""
    bias = np.abs(population.input_bias.astype(np.int64))
    parts = [(each.synapses.sums(), largest_event(source) << each.weight_exp) for each, source in into]
    total = sum((np.minimum(sums, EXACT) * times for sums, times in parts), bias)
    worst = int(total.argmax())
    found = int(bias[worst]) + sum(int(sums[worst]) * times for sums, times in parts)
    if found > formats.ACCUMULATE_LIMIT:
        smaller = _smaller_payloads(bias, into)
        raise StageError(
            f"{population.name}, neuron {worst}: the sum of |weight << weight_exp| times the largest event, "
            f"over all projections, and of |input bias| is {found}, the contract (clause 2) allows "
            f"{formats.ACCUMULATE_LIMIT}; use fewer weight bits or fewer inputs{smaller}"
        )


def _smaller_payloads(bias: Sums, into: Sequence[tuple[Projection, Population]]) -> str:
    """The largest payload with which the rule holds, as a remedy; empty if spikes alone break it."""
    graded, fixed = np.zeros(len(bias)), bias.astype(np.float64)
    for each, source in into:
        sums = each.synapses.sums() * float(1 << each.weight_exp)
        if largest_event(source) > 1:
            graded += sums
        else:
            fixed += sums
    used = graded > 0
    most = np.min((formats.ACCUMULATE_LIMIT - fixed[used]) // graded[used], initial=formats.PAYLOAD_MAX)
    if not used.any() or (fixed > formats.ACCUMULATE_LIMIT).any() or most < 1:
        return ""
    return f", or payloads of at most {int(most)} (--payload-max {int(most)}{BUT_OF_EXAMPLE})"


def largest_event(population: Population) -> int:
    """Of what the population sends."""
    return population.payload_max if population.payload_max is not None else 1
