"""The faults of graphs that a diagnosis can name, the likelier before the less likely.

As in a chain: rules before projections, projections before numbers, single synapses last. What a chain can
have, too, is named as there.
"""

from __future__ import annotations

from snnc.verification.diagnosis.catalogue import CATALOGUE
from snnc.verification.diagnosis.graphs.causes_of_neurons import OF_ADAPTATION, OF_SPIKES, OF_SUMS
from snnc.verification.diagnosis.graphs.causes_of_wires import CHANGED, OF_PARAMETERS, OF_PROJECTIONS
from snnc.verification.diagnosis.hypothesis import Candidate

_CHAIN = {each.name: each for each in CATALOGUE}


def _as_in_a_chain(*names: str) -> tuple[Candidate, ...]:
    return tuple(_CHAIN[name] for name in names)


GRAPH_CATALOGUE = (
    *_as_in_a_chain("threshold-greater-or-equal"),
    *OF_SPIKES,
    *_as_in_a_chain("reset-by-subtraction", "reset-one-step-late", "reset-clears-current", "v-before-reset"),
    *OF_ADAPTATION,
    *_as_in_a_chain(
        "decay-rounds-down",
        "decay-rounds-away",
        "decay-rounds-to-nearest",
        "decay-loses-sign",
        "decays-swapped",
        "order-of-the-sums",
        "silent-steps-skipped",
        "no-wrap",
        "wrap-saturates",
        "wrap-boundary",
        "no-clip",
        "clip-boundary",
        "v-wraps",
        "bias-missing",
        "bias-exponent-ignored",
        "bias-one-step-late",
        "state-survives-sample",
        "last-step-missing",
    ),
    *OF_SUMS,
    *OF_PROJECTIONS[:3],
    *_as_in_a_chain(
        "delays-one-longer",
        "delays-one-shorter",
        "delays-ignored",
        "delays-clipped",
        "weights-transposed",
        "weights-negated",
        "weights-lose-low-bit",
        "payload-ignored",
        "late-spikes-come-round",
    ),
    *OF_PROJECTIONS[3:],
    *OF_PARAMETERS,
    *_as_in_a_chain("neurons-permuted", "decay-changed", "threshold-changed"),
    *CHANGED,
    *_as_in_a_chain("biases-changed", "synapse-missing", "source-missing", "delay-changed", "weight-changed"),
)
RANK = {candidate.name: rank for rank, candidate in enumerate(GRAPH_CATALOGUE)}
