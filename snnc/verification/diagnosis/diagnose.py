"""The diagnosis of a first divergence: the hypotheses that give what was found, put to the test."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.stages import Diagnosis, QuantizedGraph
from snnc.verification.diagnosis.observed import VARIABLES, Observed, held, model
from snnc.verification.diagnosis.ranking import causes
from snnc.verification.diagnosis.trial import (
    Further,
    Suspects,
    fits,
    hypotheses,
    nothing_further,
    seen,
    symptom,
)


def diagnose(
    graph: QuantizedGraph,
    layer_index: int,
    neuron: int,
    step: int,
    observed: Observed,
    further: Further = nothing_further,
) -> Diagnosis:
    """Why `neuron` of a layer differs, first in `step` of the sample `observed`.

    What fits there is tested on the samples that `further` gives; what they refute is dropped. If the
    contract gives what was found, the reference is at fault and is what is diagnosed.
    """
    unknown = _what_is_not_held(graph, layer_index, observed)
    if unknown is not None:
        return Diagnosis(unknown=unknown)
    for blamed, in_reference in ((observed, False), (observed.swapped, True)):
        layer = model(graph, blamed, layer_index)
        assert layer is not None  # `_what_is_not_held` has seen to it
        (one,) = seen([(layer, held(blamed, layer_index))])
        given = symptom(one, neuron, step)
        if given is None:
            continue
        tried = hypotheses(given)
        suspects = Suspects(graph, layer_index, given, blamed, fits(given, tried), len(tried), in_reference)
        tests = further(suspects) if suspects.fits else ()
        tests = [one.swapped for one in tests] if in_reference else tests
        return Diagnosis(causes(suspects, tests), len(tried))
    return Diagnosis(unknown="what is held of both sides is what the contract gives")


def _what_is_not_held(graph: QuantizedGraph, index: int, observed: Observed) -> str | None:
    """Why nothing can be run, or None."""
    layer, sides = graph.layers[index], (observed.expected, observed.found)
    if not any(all(name in side[index] for side in sides) for name in VARIABLES):
        return f"no u, v or spikes of {layer.name} are held of both sides"
    arrays: list[npt.NDArray[Any]] = [] if observed.inputs is None else [observed.inputs]
    arrays += [np.asarray(values) for side in sides for state in side for values in state.values()]
    if any(len(values) != graph.time_steps for values in arrays):
        return f"not all of the {graph.time_steps} steps are held, and a layer is run from rest"
    if index == 0 and observed.inputs is None:
        return "the input is not held"
    if index and not any("spikes" in side[index - 1] for side in sides):
        return f"the spikes of {graph.layers[index - 1].name}, which arrive at {layer.name}, are not held"
    return None
