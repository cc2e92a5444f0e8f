"""Which classes clause 7 allows to another decoder, with its scores or without."""

from __future__ import annotations

import numpy as np
import pytest

from snnc.decoding.decoder import Decoder
from snnc.errors import StageError
from snnc.stages import Readout

OF_V = pytest.mark.parametrize("name", ["softmax", "sum", "max", "last"])


def decoder(name: str, end: int, scale: object = 1.0, classes: int = 3) -> Decoder:
    scale = None if name in ("count", "first") else scale
    return Decoder(Readout("out", name, scale, tuple(map(str, range(classes)))), end, 0)


def allowed(of: Decoder, record: object, found: object = None) -> list[int]:
    """The classes that are allowed for the one sample `record` [T, classes]."""
    own = None if found is None else np.array([found])
    every = range(-1, len(of.readout.class_names) + 1)
    return [each for each in every if of.allowed([record], np.array([each]), own)[0]]


def allowed_so_far(of: Decoder, record: object) -> list[list[int]]:
    """The same of each step."""
    shape, every = (1, len(record)), range(-1, len(of.readout.class_names) + 1)
    found = {each: of.allowed_so_far([record], np.full(shape, each))[0] for each in every}
    return [[each for each in every if found[each][step]] for step in range(shape[1])]


@OF_V
def test_without_scores_the_largest_alone_is_allowed(name):
    assert allowed(decoder(name, 2), [[0, 1, 0], [0, 5, 1]]) == [1]


@OF_V
def test_of_classes_that_are_alike_the_first_alone_is_allowed(name):
    record = [[0, 1, 1], [0, 5, 5]]
    assert allowed(decoder(name, 2), record) == [1]
    assert allowed_so_far(decoder(name, 2), record) == [[1], [1]]
    assert allowed(decoder(name, 2, [2, 1, 1]), [[0, 1, 1], [0, 5, 5]]) == [1]


@pytest.mark.parametrize(
    ("name", "scale", "record", "expected"),
    [
        # 4 * 0.3 and 3 * 0.4 are 6 / 5, equal but for rounding; the scales differ.
        # With other scales, v = 0 leaves a choice, too.
        ("last", [0.3, 0.4, 0.1], [[0, 0, 0], [4, 3, 0]], [[0, 1, 2], [0, 1]]),
        ("max", [0.3, 0.4, 0.1], [[0, 0, 0], [4, 3, 0]], [[0, 1, 2], [0, 1]]),
        ("sum", [0.3, 0.4, 0.1], [[4, 3, 0], [8, 6, 0]], [[0, 1], [0, 1]]),
        # Equal sums of different v: rounding may decide, in whatever order is added.
        ("sum", 0.1, [[1, 3, 0], [3, 1, 0]], [[1], [0, 1]]),
        ("softmax", 0.1, [[1, 3, 0], [3, 1, 0]], [[1], [0, 1]]),
        # The last v, or the largest, alone counts: the classes are alike from step 1 on.
        ("last", 0.1, [[1, 3, 0], [3, 3, 0]], [[1], [0]]),
        ("max", 0.1, [[1, 3, 0], [3, 1, 0]], [[1], [0]]),
        # Equal in the last step alone.
        ("sum", 0.1, [[1, 3, 0], [3, 1, 0], [2, 2, 0]], [[1], [0, 1], [0, 1]]),
        ("softmax", 0.1, [[1, 3, 0], [3, 1, 0], [2, 2, 0]], [[1], [0, 1], [0, 1]]),
        # Alike in every step.
        ("softmax", 0.1, [[1, 1, 0], [2, 2, 0]], [[0], [0]]),
        ("sum", 0.1, [[0, 1, 1], [0, 2, 2]], [[1], [1]]),
    ],
)
def test_equal_scores_of_different_v_leave_a_choice(name, scale, record, expected):
    of = decoder(name, len(record), scale)
    assert allowed_so_far(of, record) == expected
    assert allowed(of, record) == expected[-1]


def test_after_the_end_nothing_changes():
    record = [[1, 1, 0], [0, 3, 9]]
    assert allowed_so_far(decoder("last", 1), record) == [[0], [0]]
    assert allowed(decoder("sum", 1), record) == [0]


@OF_V
def test_with_scores_it_is_the_first_of_its_own_largest(name):
    record, of = [[2, 2, 0], [2, 2, 0]], decoder(name, 2, 0.1)
    right = of.scores([record])[0]
    assert allowed(of, record, right) == [0]
    # Rounding of its own may lift class 1 over class 0, which is alike: then it must take class 1.
    assert allowed(of, record, [right[0], np.nextafter(right[1], 9), right[2]]) == [1]
    # Class 2 cannot be the largest, whatever its own scores say.
    assert allowed(of, record, [0.0, 0.0, 9.0]) == []


def test_both_scores_may_be_off_by_the_bounds_of_both():
    """X = 1, so each decoder is off by 2 * 2**-53 at most, two by 2**-51, and of two scores each: 2**-50."""
    for less, expected in ((2.0**-50, [0, 1]), (2.0**-50 + 2.0**-53, [1])):
        assert allowed(decoder("last", 1, [1 - less, 1, 0.5]), [[1, 1, 1]]) == expected


def test_the_bound_is_that_of_the_type_of_its_scores():
    of, record = decoder("last", 1, [1.0, 1 + 2.0**-30, 1.0]), [[1, 1, 0]]
    assert allowed(of, record) == [1]
    assert allowed(of, record, np.array([1, 1, 0], np.float32)) == [0]
    assert allowed(of, record, np.array([1, 1, 0], np.float64)) == []


@pytest.mark.parametrize("name", ["count", "first"])
def test_of_spikes_the_first_of_the_largest_alone_is_allowed(name):
    record = [[0, 1, 1], [0, 0, 0], [1, 0, 0]]
    assert allowed_so_far(decoder(name, 3), record) == ([[1], [1], [0]] if name == "count" else [[1]] * 3)
    assert allowed(decoder(name, 2), record, [0, 2, 2]) == [1]
    assert allowed(decoder(name, 3), [[0, 0, 0]] * 3) == [0]


def test_shapes_are_those_of_the_scores():
    of, record = decoder("sum", 2), [[[1, 2, 3]] * 2]
    with pytest.raises(StageError, match=r"out: classes to judge have shape \(2,\), expected \(1,\); give"):
        of.allowed(record, np.array([0, 1]))
    with pytest.raises(StageError, match=r"out: scores to judge have shape \(1, 2\), expected \(1, 3\)"):
        of.allowed(record, np.array([0]), np.zeros((1, 2)))
    with pytest.raises(StageError, match=r"classes to judge have shape \(1, 1\), expected \(1, 2\)"):
        of.allowed_so_far(record, np.array([[0]]))
