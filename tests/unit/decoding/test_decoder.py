"""Scores and classes of the six decoders, whole and so far, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loihi_artifacts import chain, layer
from networks import networks

from snnc.decoding import softmax
from snnc.decoding.decoder import Decoder, decoders
from snnc.errors import StageError
from snnc.stages import LayerTrace, Population, QuantizedGraph, Readout

V = [[[3, 1], [-5, 2], [4, 2], [9, 0]]]
"""One sample, T = 4, two classes."""
SPIKES = [
    [[0, 0, 1], [0, 1, 1], [0, 1, 0], [1, 1, 0]],
    [[0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]],
    [[0, 1, 0], [1, 0, 0], [1, 0, 1], [0, 0, 0]],
]
"""Three samples, T = 4, three classes."""


def decoder(name: str, end: int, scale: object = 1.0, classes: str = "ab") -> Decoder:
    scale = None if name in ("count", "first") else scale
    return Decoder(Readout("out", name, scale, tuple(classes)), end, 0)


CASES = {
    # 3, 3-5, 3-5+4, ..+9 = 3, -2, 2, 11; 1, 3, 5, 5. Times 0.5 and 2.
    "sum": ("sum", 4, [0.5, 2], V, [[[1.5, 2], [-1, 6], [1, 10], [5.5, 10]]], [[1, 1, 1, 1]]),
    "sum, one scale": ("sum", 4, 2, V, [[[6, 2], [-4, 6], [4, 10], [22, 10]]], [[0, 1, 1, 0]]),
    # Nothing changes after 3 steps.
    "sum, end 3": ("sum", 3, 2, V, [[[6, 2], [-4, 6], [4, 10], [4, 10]]], [[0, 1, 1, 1]]),
    # Largest: 3, 3, 4, 9; 1, 2, 2, 2. Times 1 and 2: equal after step 2 is no tie, 3 < 4.
    "max": ("max", 4, [1, 2], V, [[[3, 2], [3, 4], [4, 4], [9, 4]]], [[0, 1, 0, 0]]),
    "max, end 2": ("max", 2, [1, 2], V, [[[3, 2], [3, 4], [3, 4], [3, 4]]], [[0, 1, 1, 1]]),
    # The largest of negative values is not 0.
    "max, negative": ("max", 2, 1, [[[-3, -2], [-4, -1]]], [[[-3, -2], [-3, -1]]], [[1, 1]]),
    "last": ("last", 4, [1, 2], V, [[[3, 2], [-5, 4], [4, 4], [9, 0]]], [[0, 1, 0, 0]]),
    "last, end 1": ("last", 1, [1, 2], V, [[[3, 2]] * 4], [[0] * 4]),
    # Shares of 2 ** v: 2**3 : 2**1 = 4/5, 1/5; 2**-5 : 2**2 = 1/129, 128/129; 2**4 : 2**2 = 4/5, 1/5.
    "softmax": (
        *("softmax", 3, np.log(2), V),
        [[[0.8, 0.2], [0.8 + 1 / 129, 0.2 + 128 / 129], *[[1.6 + 1 / 129, 0.4 + 128 / 129]] * 2]],
        [[0, 1, 0, 0]],
    ),
    # Scales log(2) and log(8): 2**3 : 8**1 = 1 : 1; then 2**-5 : 8**2 = 1 : 2048; then 2**4 : 8**2 = 1 : 4.
    "softmax, two scales": (
        *("softmax", 2, [np.log(2), np.log(8)], [[[4, 1], [-5, 2], [4, 2]]]),  # 2**4 : 8 = 2 : 1
        [[[2 / 3, 1 / 3], *[[2 / 3 + 1 / 2049, 1 / 3 + 2048 / 2049]] * 2]],
        [[0, 1, 1]],
    ),
    "count": (
        *("count", 4, None, SPIKES),
        [
            [[0, 0, 1], [0, 1, 2], [0, 2, 2], [1, 3, 2]],
            [[0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]],
            [[0, 1, 0], [1, 1, 0], [2, 1, 1], [2, 1, 1]],
        ],
        [[2, 2, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0]],
    ),
    # The spike of step 3 is none of these; sample 1 has no other, so all scores are 0.
    "count, end 3": (
        *("count", 3, None, SPIKES),
        [
            [[0, 0, 1], [0, 1, 2], [0, 2, 2], [0, 2, 2]],
            [[0, 0, 0]] * 4,
            [[0, 1, 0], [1, 1, 0], [2, 1, 1], [2, 1, 1]],
        ],
        [[2, 2, 1, 1], [0] * 4, [1, 0, 0, 0]],
    ),
    # First spikes: 3, 1, 0; 3, -, -; 1, 0, 2. Scores 4 - f, from step f on.
    "first": (
        *("first", 4, None, SPIKES),
        [
            [[0, 0, 4], [0, 3, 4], [0, 3, 4], [1, 3, 4]],
            [[0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]],
            [[0, 4, 0], [3, 4, 0], [3, 4, 2], [3, 4, 2]],
        ],
        [[2] * 4, [0] * 4, [1] * 4],
    ),
    # Scores 3 - f, and none of a spike in step 3.
    "first, end 3": (
        *("first", 3, None, SPIKES),
        [
            [[0, 0, 3], [0, 2, 3], [0, 2, 3], [0, 2, 3]],
            [[0, 0, 0]] * 4,
            [[0, 3, 0], [2, 3, 0], [2, 3, 1], [2, 3, 1]],
        ],
        [[2] * 4, [0] * 4, [1] * 4],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_scores_and_classes_worked_out_by_hand(case):
    name, end, scale, record, scores, classes = CASES[case]
    of = decoder(name, end, scale, "abc"[: len(record[0][0])])
    assert of.of_spikes == (name in ("count", "first"))
    so_far = of.scores_so_far(record)
    assert so_far.dtype == of.scores(record).dtype == (np.int64 if of.of_spikes else np.float64)
    exact = 1e-15 if name == "softmax" else 0
    np.testing.assert_allclose(so_far, scores, rtol=exact, atol=exact)
    np.testing.assert_allclose(of.scores(record), np.array(scores)[:, -1], rtol=exact, atol=exact)
    assert of.classes_so_far(record).tolist() == classes
    assert of.classes(record).tolist() == [each[-1] for each in classes]
    if of.of_spikes:
        assert not of.tolerance(record).any()
        assert of.tolerance_so_far(record).shape == (len(record), len(record[0]))


@pytest.mark.parametrize("name", ["softmax", "sum", "max", "last", "count", "first"])
def test_of_equal_classes_the_first(name):
    record = [[[0, 1, 1], [1, 0, 0], [0, 1, 1]], [[0, 0, 0]] * 3]
    of = decoder(name, 3, 0.3, "abc")
    # first: class 1 spikes in step 0; max: all have the 1. last, count, sum and softmax: class 1 has more.
    assert of.classes(record).tolist() == [0 if name == "max" else 1, 0]


def test_a_sum_of_integers_is_exact_before_it_is_scaled():
    """0.1 added three times in float64 is 0.30000000000000004."""
    found = decoder("sum", 3, 0.1).scores([[[1, 3], [1, 0], [1, 0]]])
    assert found.tolist() == [[3 * 0.1, 3 * 0.1]]
    most = np.full((1, 1000, 2), 2**23 - 1)
    assert decoder("sum", 1000, 1.0).scores(most).tolist() == [[8388607000.0] * 2]


def test_a_chain_has_one_decoder_that_gives_what_the_functions_give():
    graph = chain(layer([[1], [1], [1]]), time_steps=7).changed(readout_scale=0.003)
    v = np.random.default_rng(0).integers(-999, 999, (5, 7, 3)).astype(np.int32)
    (of,) = decoders(graph)
    assert (of.readout, of.end, of.layer) == (graph.readouts[0], 7, 0)
    for name in ("scores", "scores_so_far", "classes", "tolerance", "tolerance_so_far"):
        np.testing.assert_array_equal(getattr(of, name)(v), getattr(softmax, name)(v, 0.003), strict=True)


def test_every_readout_has_a_decoder_of_its_own_population():
    populations = (
        Population("a", "li", 2, decay_u=0, decay_v=0, end=3),
        Population("x", "input", 1),
        Population("b", "lif", 1, decay_u=0, decay_v=0, threshold=0, reset="zero"),
        Population("c", "li", 1, decay_u=0, decay_v=0),
    )
    readouts = (Readout("b", "first", None, ("z",)), Readout("a", "max", 1.0, ("x", "y")))
    graph = QuantizedGraph(populations, (), readouts, 5, 0.001)
    first, largest = decoders(graph)
    assert [(each.readout, each.end, each.layer) for each in (first, largest)] == [
        (readouts[0], 5, 1),
        (readouts[1], 3, 0),
    ]
    zeros = [np.zeros((1, 5, count), np.int32) for count in (2, 1, 1)]
    layers = [LayerTrace(each, each + number, each != 0) for number, each in enumerate(zeros)]
    assert first.record(layers) is layers[1].spikes
    assert largest.record(layers) is layers[0].v


@pytest.mark.parametrize(
    ("name", "record", "words"),
    [
        ("sum", [[[1, 2]]], r"readout out: v has shape \(1, 1, 2\), expected .* 2 steps, 2 classes\]; give"),
        ("sum", [[[1], [2]]], r"readout out: v has shape \(1, 2, 1\)"),
        ("count", [[1, 0], [0, 0]], r"readout out: spikes has shape \(2, 2\)"),
        ("max", [[[0.5, 1], [2, 3]]], "readout out: v: values do not fit int32 exactly"),
        ("max", [[[2**31, 1], [2, 3]]], "readout out: v: "),
        ("first", [[[0, 2], [1, 1]]], "readout out: spikes: values do not fit bool exactly"),
    ],
)
def test_records_that_are_refused(name, record, words):
    for method in ("scores", "scores_so_far", "tolerance", "tolerance_so_far", "classes"):
        with pytest.raises(StageError, match=words):
            getattr(decoder(name, 2), method)(record)


@pytest.mark.parametrize("name", ["softmax", "sum", "max", "last"])
def test_scores_beyond_floating_point_are_refused(name):
    of = decoder(name, 2, [1.0, 1e308])
    for method in (of.scores, of.scores_so_far, of.tolerance, of.tolerance_so_far):
        with pytest.raises(StageError, match=rf"readout out: scale is up to 1e\+308, .* {name} of its v exc"):
            method([[[1, 9], [2, 9]]])


def test_a_sum_beyond_floating_point_is_refused():
    with pytest.raises(StageError, match="sum of its v exceeds"):
        decoder("sum", 2, 1e308).scores([[[1, 0], [1, 0]]])


@settings(max_examples=60, deadline=None)
@given(networks(), st.integers(0, 2**32 - 1))
def test_so_far_ends_with_the_scores_and_classes_follow_scores(graph, seed):
    rng = np.random.default_rng(seed)
    for of in decoders(graph):
        shape = (3, graph.time_steps, len(of.readout.class_names))
        low, high = (0, 2) if of.of_spikes else (-(2**23) + 1, 2**23)
        high = high if rng.random() < 0.5 else min(high, 3)
        record = rng.integers(low, high, shape)
        so_far, scores = of.scores_so_far(record), of.scores(record)
        np.testing.assert_allclose(so_far[:, -1], scores, rtol=1e-13)
        if of.readout.decoder != "softmax":
            np.testing.assert_array_equal(so_far[:, -1], scores)
        np.testing.assert_array_equal(of.classes(record), [list(row).index(max(row)) for row in scores])
        np.testing.assert_array_equal(of.tolerance_so_far(record)[:, -1], of.tolerance(record))
        for steps in range(1, graph.time_steps + 1):
            cut = Decoder(of.readout, min(steps, of.end), of.layer)
            expected = cut.scores(record)
            if of.readout.decoder == "first":  # its score stays that of the whole sample
                expected = np.where(expected > 0, expected + of.end - cut.end, 0)
            np.testing.assert_allclose(so_far[:, steps - 1], expected, rtol=1e-13)
            near = cut.tolerance(record)
            np.testing.assert_array_equal(of.tolerance_so_far(record)[:, steps - 1], near)
        for later in range(of.end, graph.time_steps):
            np.testing.assert_array_equal(so_far[:, later], so_far[:, of.end - 1])
        changed = np.array(record)
        changed[:, of.end :] = 1
        np.testing.assert_array_equal(of.scores(changed), scores)
