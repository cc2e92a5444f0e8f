"""Labels whose numbers stand for other classes than the network's."""

from __future__ import annotations

import numpy as np
import pytest

from snnc.verification.label_order import other_order

NAMES = ("left", "right", "up", "down")


def test_two_classes_that_changed_places_are_told():
    counts = [[1, 9, 0, 0], [8, 1, 1, 0], [0, 0, 10, 0], [1, 0, 1, 8]]
    assert other_order(counts, NAMES) == (
        "the labels seem to number the classes in another order than the network: 9 of 10 labelled left are "
        "taken for right, 8 of 10 labelled right are taken for left; the network has 0 left, 1 right, ...: "
        "use its numbers, or labels that are names"
    )


def test_a_file_without_some_classes_may_still_be_told():
    counts = [[0, 0, 10, 0], [0, 0, 0, 10], [0, 0, 0, 0], [0, 0, 0, 0]]
    told = other_order(counts, NAMES)
    assert "10 of 10 labelled left are taken for up, 10 of 10 labelled right are taken for down" in told


def test_many_classes_are_counted():
    names = [f"c{number}" for number in range(6)]
    told = other_order(np.roll(np.eye(6, dtype=int) * 7, 1, axis=1), names)
    assert "labelled c2 are taken for c3, 3 classes more; the network has 0 c0, 1 c1, ...:" in told


@pytest.mark.parametrize(
    ("why", "counts"),
    [
        ("all is right", np.eye(4, dtype=int) * 9),
        ("one class is taken for another", [[0, 9, 0, 0], [0, 9, 0, 0], [0, 0, 9, 0], [0, 0, 0, 9]]),
        ("two are taken for one", [[0, 0, 9, 0], [0, 0, 9, 0], [0, 0, 0, 0], [0, 0, 0, 9]]),
        ("the network is bad", [[3, 6, 0, 0], [6, 3, 0, 0], [2, 3, 2, 2], [3, 3, 3, 0]]),
        ("too few samples", [[0, 4, 0, 0], [4, 0, 0, 0], [0, 0, 4, 0], [0, 0, 0, 4]]),
        ("one class alone", [[0, 9, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
        ("there is no sample", np.zeros((4, 4), int)),
    ],
)
def test_nothing_is_told_where(why, counts):
    assert other_order(counts, NAMES) is None, why
