"""The diagnosis of a first divergence: the hypotheses that give what was found, ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from snnc.hwsim.diagnosis import one_synapse
from snnc.hwsim.diagnosis.catalogue import CATALOGUE
from snnc.hwsim.diagnosis.hypothesis import UNCHANGED
from snnc.hwsim.diagnosis.layer_model import LayerModel, contract
from snnc.hwsim.diagnosis.trial import Case, Fit, Held, Start, case, explained, fits, hypotheses
from snnc.stages import Cause, Diagnosis, QuantizedGraph

CAUSES_SHOWN = 5
VARIABLES = ("u", "v", "spikes")

State: TypeAlias = Mapping[str, npt.NDArray[Any]]
"""One layer in one sample: what is held of "u", "v" and "spikes", each [steps, neurons]."""
Previous: TypeAlias = Sequence[Start]
"""u and v [neurons] of every layer at the end of the sample before."""
Other: TypeAlias = tuple[LayerModel, Held]
"""Another layer than that of the divergence, and what is held of it."""


def diagnose(
    graph: QuantizedGraph,
    layer_index: int,
    neuron: int,
    step: int,
    inputs: npt.NDArray[Any] | None,
    expected: Sequence[State],
    found: Sequence[State],
    previous: Previous | None = None,
) -> Diagnosis:
    """Why `neuron` of a layer differs, first in `step`.

    `inputs` [T, inputs] is what both sides ran on, None if unknown. `expected` and `found` hold, by layer,
    "u", "v" and "spikes" [T, neurons] of one sample, as far as there are any. `previous` is the state in
    which the other side ended the sample before, None if there was none or it is unknown. If the contract
    gives what was found, the reference is at fault and is what is diagnosed.
    """
    unknown = _obstacle(graph, layer_index, inputs, expected, found)
    if unknown is not None:
        return Diagnosis(unknown=unknown)
    sides = ((found, expected, previous, ""), (expected, found, None, "in the reference: "))
    for blamed, other, before, prefix in sides:
        models = _models(graph, inputs, blamed, other)
        model = models[layer_index]
        assert model is not None  # `_obstacle` has seen to it
        given = case(model, _held(blamed[layer_index]), neuron, step)
        if given is not None:
            tried = hypotheses(given, None if before is None else before[layer_index])
            others = [
                (other_model, _held(state))
                for index, (other_model, state) in enumerate(zip(models, blamed, strict=True))
                if index != layer_index and state and other_model is not None
            ]
            return Diagnosis(_causes(given, fits(given, tried), others, prefix), len(tried))
    return Diagnosis(unknown="what is held of both sides is what the contract gives")


def _obstacle(
    graph: QuantizedGraph,
    index: int,
    inputs: npt.NDArray[Any] | None,
    expected: Sequence[State],
    found: Sequence[State],
) -> str | None:
    """Why nothing can be run, or None."""
    layer = graph.layers[index]
    if not any(name in found[index] and name in expected[index] for name in VARIABLES):
        return f"no u, v or spikes of {layer.name} are held of both sides"
    arrays = [] if inputs is None else [inputs]
    arrays += [values for side in (expected, found) for state in side for values in state.values()]
    if any(len(values) != graph.time_steps for values in arrays):
        return f"not all of the {graph.time_steps} steps are held, and a layer is run from rest"
    if index == 0 and inputs is None:
        return "the input is not held"
    if index and not any("spikes" in side[index - 1] for side in (expected, found)):
        return f"the spikes of {graph.layers[index - 1].name}, which arrive at {layer.name}, are not held"
    return None


def _held(state: State) -> dict[str, npt.NDArray[np.int64]]:
    return {name: np.asarray(state[name]).astype(np.int64) for name in VARIABLES if name in state}


def _models(
    graph: QuantizedGraph, inputs: npt.NDArray[Any] | None, blamed: Sequence[State], other: Sequence[State]
) -> list[LayerModel | None]:
    """Each layer by the contract, on what arrived there: spikes of the side blamed, if they are held."""
    spikes = [a.get("spikes", b.get("spikes")) for a, b in zip(blamed, other, strict=True)]
    return [
        None if signal is None else contract(layer, signal)
        for layer, signal in zip(graph.layers, [inputs, *spikes[:-1]], strict=True)
    ]


def _causes(given: Case, found: Sequence[Fit], others: Sequence[Other], prefix: str) -> tuple[Cause, ...]:
    """One cause a name: of those that fit, the ones that explain most, most first.

    Those that reproduce the neuron only up to the divergence are left out if one does so in all steps, and
    those that explain less of the layer if one explains all of it. A synapse whose change was solved for
    explains nothing unless it goes on to fit; and what explains no neuron is no cause.
    """
    found = [fit for fit in found if fit.explained.any()]
    whole = [fit for fit in found if fit.explained[given.neuron]]
    found = whole or [fit for fit in found if fit.hypothesis.name not in one_synapse.NAMES]
    counts = [int(fit.explained.sum()) for fit in found]
    most, neurons = max(counts, default=0), len(given.model.weight)
    best = [fit for fit, count in zip(found, counts, strict=True) if count == most]
    scored = [((most, score), fit) for score, fit in zip(_elsewhere(best, others), best, strict=True)]
    if most < neurons:
        scored += [((n, 0), fit) for n, fit in zip(counts, found, strict=True) if n < most]
    order = {candidate.name: rank for rank, candidate in enumerate(CATALOGUE)}
    scored.sort(key=lambda pair: (-pair[0][0], -pair[0][1], order[pair[1].hypothesis.name]))
    by_name: dict[str, list[tuple[tuple[int, int], Fit]]] = {}
    for score, fit in scored:
        by_name.setdefault(fit.hypothesis.name, []).append((score, fit))
    after = "" if whole else "fits up to the divergence, not after it"
    causes = []
    for name, alike in list(by_name.items())[:CAUSES_SHOWN]:
        (score, fit), candidate = alike[0], CATALOGUE[order[name]]
        ties = sum(other == score for other, _ in alike[1:])
        where = fit.hypothesis.where + (f" (or {ties} more that fit alike)" if ties else "")
        where = prefix + "; ".join(filter(None, (where, after)))
        causes.append(
            Cause(name, candidate.summary, where.removesuffix(": "), candidate.remedy, score[0], neurons)
        )
    return tuple(causes)


def _elsewhere(found: Sequence[Fit], others: Sequence[Other]) -> list[int]:
    """How many neurons of the other layers each explains: it acts there too, or the contract holds there."""
    counts = [0] * len(found)
    if len(found) < 2:
        return counts
    tried = [UNCHANGED, *(fit.hypothesis if fit.hypothesis.anywhere else UNCHANGED for fit in found)]
    for model, held in others:
        right, *masks = (int(mask.sum()) for mask in explained(model, held, tried))
        counts = [count + max(right, mask) for count, mask in zip(counts, masks, strict=True)]
    return counts
