"""The checker on random graphs: it takes what the prover says, and nothing that is false."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from graph_cases import adlif, graph_of, listed, source
from hypothesis import given, settings
from networks import networks
from tiny_graphs import all_trains, outside, tiny_graph

from snnc.errors import ArtifactError, StageError
from snnc.exporter.ranges.certificate import ADAPTATION, ARRAYS
from snnc.exporter.ranges.check import check_ranges
from snnc.exporter.ranges.prove import graph_bounds, overflow_excluded
from snnc.stages import Projection
from snnc.stages.population import OF_NEURONS


@settings(max_examples=80, deadline=None)
@given(networks(most=4))
def test_what_the_prover_says_is_taken(graph):
    ranges = graph_bounds(graph)
    assert check_ranges(graph, ranges) == overflow_excluded(ranges)


def altered_by_chance(rng, ranges):
    """With a few bounds moved, mostly by little, mostly to be narrower."""
    ranges = list(ranges)
    for _ in range(rng.integers(1, 4)):
        number = rng.integers(len(ranges))
        of = ranges[number]
        name = str(
            rng.choice(
                [each for each in (*ARRAYS, *ADAPTATION) if each != "forms" and getattr(of, each) is not None]
            )
        )
        values = np.array(getattr(of, name), np.int64)
        at = tuple(rng.integers(size) for size in values.shape)
        inwards = 1 if name.endswith("lo") else -1
        values[at] += inwards * rng.choice([1, 1, 1, 2, 5, -1, -2]) * rng.choice([1, 1, 64])
        ranges[number] = replace(of, **{name: values})
    return ranges


def another_by_chance(rng, graph):
    """With another number of a population; None if that is not valid."""
    number = rng.choice([k for k, each in enumerate(graph.populations) if each.model != "input"])
    of = graph.populations[number]
    field = str(rng.choice([name for name in OF_NEURONS if getattr(of, name) is not None]))
    values = np.array(getattr(of, field))
    values[rng.integers(of.neurons)] += rng.choice([1, 1, 10, 300]) * rng.choice([-1, 1])
    try:
        return replace(
            graph,
            populations=tuple(
                replace(each, **{field: values}) if each is of else each for each in graph.populations
            ),
        )
    except StageError:
        return None


@pytest.mark.slow
def test_no_train_leaves_what_is_taken():
    """Certificates of tiny graphs, each altered in many ways; what is taken is true of all input trains."""
    rng = np.random.default_rng(8)
    taken, refused = {"graph": 0, "claim": 0}, 0
    for _ in range(40):
        graph = tiny_graph(rng)
        ranges = graph_bounds(graph)
        pairs = [("claim", graph, altered_by_chance(rng, ranges)) for _ in range(12)]
        pairs += [("graph", other, ranges) for _ in range(8) if (other := another_by_chance(rng, graph))]
        for what, of, claims in pairs:
            try:
                check_ranges(of, claims)
            except ArtifactError:
                refused += 1
                continue
            taken[what] += 1
            assert not outside(of, claims, all_trains(of))
    assert taken["graph"] > 40
    assert taken["claim"] > 15
    assert refused > 300


def test_a_row_that_repeats_over_the_end():
    """S = 1 makes w -50 in steps 1 to 3, the end is 3: from step 4 on w is 0, in a row of its own."""
    of = adlif(decay_w=4096, kb=-50, bias_mant=100, reset="none", end=3)
    graph = graph_of([source(), of], [Projection("x", "h", listed(1, 1, (0, 0, 0, 0)))], 9)
    assert check_ranges(graph, graph_bounds(graph))
