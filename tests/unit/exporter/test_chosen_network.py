"""Searches of bits and of shares to prune choose by the network that is exported, with all of its options."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chains import Shape, rough_model
from scipy.special import softmax

from snnc.errors import LimitError, RangeProofError, StageError
from snnc.exporter.calibration import Calibration
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import compile_model
from snnc.exporter.record import Compilation
from snnc.hwsim import oracle
from snnc.stages import QuantizedGraph, TrainedModel
from snnc.stages.losses import BitsCandidate, BitsSearch
from snnc.targets.registry import load_target

pytestmark = pytest.mark.slow

RECORDINGS, INPUTS = 20, 14


def model(seed: int, longest: int = 6) -> TrainedModel:
    """Two layers whose biases are not whole weight steps.

    They forget little, and three neurons are only inhibited: with graded events v of these can overflow.
    """
    made = rough_model(Shape((INPUTS, 8, 4), (8, 8), 0.9, longest, longest + 15, True, seed))
    first, last = (replace(layer, tau=2000.0) for layer in made.layers)
    weight = np.concatenate([first.weight[:5], -np.abs(first.weight[5:])])
    return replace(made, layers=(replace(first, weight=weight), last))


def recordings(of: TrainedModel) -> Calibration:
    """Recordings that the network decodes differently from each other."""
    rng = np.random.default_rng(1)
    spikes = (
        rng.random((RECORDINGS, of.time_steps, INPUTS)) < rng.uniform(0.05, 0.5, (RECORDINGS, 1, INPUTS))
    ).astype(np.uint8)
    return Calibration("validation", RECORDINGS, spikes, rng.integers(0, 4, RECORDINGS))


def compiled(of: TrainedModel, **options: Any) -> Compilation:
    given = ExportOptions(**{"budget": False, **options})
    return compile_model(of, load_target("loihi"), given, calibration=recordings(of))


def searched(of: TrainedModel, **options: Any) -> tuple[Compilation, BitsSearch]:
    found = compiled(of, max_drop=100.0, **options)
    assert found.losses.bits is not None
    return found, found.losses.bits


def correct(graph: QuantizedGraph, data: Calibration) -> int:
    """How many recordings it decodes right, by the oracle and clause 7."""
    readout = oracle.run_graph(graph, data.spikes).readout
    score = softmax(readout * graph.readout_scale, axis=2).sum(axis=1)
    return int(np.count_nonzero(score.argmax(axis=1) == data.labels))


def without_search(of: TrainedModel, bits: tuple[int, ...], **options: Any) -> tuple[int | None, int]:
    """Recordings that an export with these bits decodes right (None: it is refused), and its synapses."""
    try:
        graph = compiled(of, **(options | {"weight_bits": bits})).program.graph
    except (LimitError, RangeProofError, StageError):
        return None, 0
    names = {layer.name for layer in of.layers}  # without relays
    synapses = sum(int(np.count_nonzero(one.weight)) for one in graph.layers if one.name in names)
    return correct(graph, recordings(of)), synapses


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "options",
    [
        {"payload_max": 15},
        {"whole_bias": True},
        {"whole_bias": True, "prune": 0.5, "payload_max": 9},
        {"prune": 0.4, "prune_by": "lines"},
        {"scale": "percentile", "percentile": 90.0, "whole_bias": True},
        {"scale": "task", "payload_max": 15, "weight_bits": 5},
        {"allow_saturation": True, "payload_max": 15},
    ],
    ids=str,
)
def test_a_candidate_is_the_export_with_its_bits(options, seed):
    """Refused where that is, and else as good."""
    of = model(seed)
    _, search = searched(of, **options)
    found = [(one.correct, sum(one.synapses)) for one in search.candidates]
    assert found == [without_search(of, one.bits, **options) for one in search.candidates]


@pytest.mark.parametrize("options", [{"payload_max": 15}, {"whole_bias": True}, {"prune": 0.4}], ids=str)
def test_the_options_tell_candidates_apart(options):
    """Else the test above would say nothing."""

    def measured(one: BitsCandidate) -> object:
        return one.bits, one.correct

    for seed in (1, 2):
        plain, other = (searched(model(seed), **given)[1] for given in ({}, options))
        if set(map(measured, plain.candidates)) != set(map(measured, other.candidates)):
            return
    pytest.fail("the searches are alike")


@pytest.mark.parametrize("options", [{"payload_max": 15}, {"whole_bias": True}], ids=str)
@pytest.mark.parametrize("drop", [0.0, 5.0, 20.0])
@pytest.mark.parametrize("prune", [0.0, None])
def test_the_exported_network_keeps_to_the_budget(options, drop, prune):
    refused = 0
    for seed in range(3):
        of = model(seed)
        try:
            found = compiled(of, max_drop=drop, prune=prune, **options)
        except LimitError:  # none keeps to the budget
            refused += 1
            continue
        search = found.losses.bits
        assert search is not None
        least = search.reference - drop / 100 * RECORDINGS
        assert correct(found.program.graph, recordings(of)) >= least
    assert refused < 3


def test_relays_are_added_after_the_search():
    """They compute the same: the smaller network is measured, and its synapses are counted."""
    of = model(1, longest=150)
    found, search = searched(of, relays=True, whole_bias=True, allow_saturation=True)
    assert len(found.program.graph.layers) > 2
    best = search.best
    assert (best.correct, sum(best.synapses)) == without_search(
        of, best.bits, relays=True, whole_bias=True, allow_saturation=True
    )


def test_the_budget_ends_with_the_exported_network():
    """Whole biases are its last step, if they are asked for."""
    of = model(2)
    plain = compiled(of, budget=True).losses.loss
    whole = compiled(of, budget=True, whole_bias=True)
    assert plain is not None
    assert whole.losses.loss is not None
    assert [*(one.stage for one in plain.stages), "whole biases"] == [
        one.stage for one in whole.losses.loss.stages
    ]
    last = whole.losses.loss.stages[-1]
    data = recordings(of)
    trace = oracle.run_graph(whole.program.graph, data.spikes)
    assert last.correct == correct(whole.program.graph, data)
    assert last.spikes == int(trace.layers[0].spikes.sum())
    assert replace(last, stage="") != replace(whole.losses.loss.stages[-2], stage="")
