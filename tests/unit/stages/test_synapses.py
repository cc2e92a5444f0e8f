"""Synapses as a list and as a matrix: canonical forms, and what both tell of themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.errors import StageError
from snnc.stages import SynapseList, SynapseMatrix, Synapses

ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(-3, 3), st.integers(0, 2)),
    unique_by=lambda row: (row[0], row[1], row[3]),
    max_size=20,
)
"""Synapses from 3 to 4 neurons: pre, post, weight, delay."""


def listed(rows) -> SynapseList:
    columns = np.array(rows, np.int32).reshape(-1, 4).T
    return SynapseList(*columns, 3, 4)


def rows_of(synapses: Synapses) -> list[tuple[int, ...]]:
    found = synapses.as_list()
    columns = (getattr(found, name).tolist() for name in ("pre", "post", "weight", "delay"))
    return list(zip(*columns, strict=True))


def check_told(synapses: Synapses, rows: list[tuple[int, ...]]) -> None:
    """What it tells of itself is what `rows`, all of its synapses, say."""
    assert rows_of(synapses) == rows
    assert synapses.count == len(rows)
    assert synapses.max_delay == max((delay for *_, delay in rows), default=0)
    pairs = [(pre, post) for pre, post, *_ in rows]
    assert synapses.as_list().most_of_a_pair == max(map(pairs.count, pairs), default=0)
    assert synapses.has_delay_0 == any(delay == 0 for *_, delay in rows)
    sums = [0] * synapses.post_neurons
    for _, post, weight, _ in rows:
        sums[post] += abs(weight)
    assert synapses.sums().dtype == np.int64
    assert synapses.sums().tolist() == sums


@given(ROWS, st.randoms())
def test_a_list_is_sorted_and_has_no_weight_0(rows, random):
    found = listed(rows)
    present = sorted(row for row in rows if row[2])
    assert rows_of(found) == sorted(present, key=lambda row: (row[0], row[1], row[3]))
    check_told(found, rows_of(found))
    random.shuffle(rows)
    assert listed(rows) == found
    assert found.as_list() is found


def test_a_list_in_order_is_not_copied():
    found = listed([(0, 1, 2, 0), (1, 0, 2, 5)])
    again = SynapseList(found.pre, found.post, found.weight, found.delay, 3, 4)
    assert again.weight is found.weight
    assert not found.weight.flags.writeable


@given(ROWS)
def test_a_matrix_gives_its_list_and_a_list_its_matrix(rows):
    weight, delay = np.zeros((2, 4, 3), np.int32)
    for pre, post, w, d in rows:
        weight[post, pre], delay[post, pre] = w, d
    found = SynapseMatrix(weight, delay)
    assert not found.delay[weight == 0].any()
    check_told(found, sorted((j, i, weight[i, j], delay[i, j]) for i, j in np.argwhere(weight)))
    assert found.as_list().as_matrix() == found
    assert (found.pre_neurons, found.post_neurons) == (3, 4)


def test_the_least_weight_is_summed():
    assert SynapseMatrix([[-(2**31), -1]], [[0, 0]]).sums().tolist() == [2**31 + 1]
    assert SynapseList([0], [0], [-(2**31)], [0], 1, 1).sums().tolist() == [2**31]


def test_no_synapses_are_none():
    check_told(listed([]), [])
    check_told(SynapseMatrix(np.zeros((4, 3)), np.ones((4, 3))), [])
    assert SynapseMatrix(np.zeros((4, 3)), np.ones((4, 3))).as_list() == listed([])


def test_two_delays_between_two_neurons_are_no_matrix():
    found = listed([(0, 1, 5, 2), (0, 1, 5, 3), (2, 1, 5, 3)])
    assert found.count == 3
    with pytest.raises(
        StageError, match="several lead from neuron 0 to 1, a matrix holds one; keep the list"
    ):
        found.as_matrix()


def test_a_matrix_that_is_too_large_is_not_made():
    found = SynapseList([0], [0], [1], [0], 2**20, 2**20)
    with pytest.raises(StageError, match="a matrix of 1048576 x 1048576 is larger than 268435456 elements"):
        found.as_matrix()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (
            ([0, 0], [1, 1], [2, 3], [4, 4]),
            "two from neuron 0 to 1 with the delay 4, .* add up their weights",
        ),
        (([3], [0], [1], [0]), r"synapse 0: pre is neuron 3, the population has 0\.\.2; correct the number"),
        (([0, 0], [0, 4], [1, 1], [0, 0]), r"synapse 1: post is neuron 4, the population has 0\.\.3"),
        (([-1], [0], [1], [0]), "pre is neuron -1"),
        (([0], [0], [1], [-2]), "a delay is -2 steps, expected >= 0"),
        (([0], [0, 1], [1], [0]), r"post: shape \(2,\), expected \(1,\)"),
        (([[0]], [[0]], [[1]], [[0]]), r"weight has shape \(1, 1\), expected one number for each"),
        (([0], [0], [1.5], [0]), "weight: values do not fit int32 exactly"),
    ],
)
def test_lists_that_are_refused(columns, words):
    with pytest.raises(StageError, match=words):
        SynapseList(*columns, 3, 4)


def test_a_twin_of_weight_0_is_no_twin():
    assert SynapseList([0, 0], [1, 1], [2, 0], [4, 4], 3, 4).count == 1


def test_a_list_needs_neurons():
    with pytest.raises(StageError, match=r"synapses: post_neurons is 0, expected 1\.\.4194304"):
        SynapseList([], [], [], [], 3, 0)


@pytest.mark.parametrize(
    ("weight", "delay", "words"),
    [
        ([1, 2], [0, 0], r"weight has shape \(2,\), expected \[post, pre\], none zero"),
        (np.zeros((0, 2)), np.zeros((0, 2)), r"weight has shape \(0, 2\)"),
        ([[1, 2]], [[0]], r"delay: shape \(1, 1\), expected \(1, 2\)"),
        ([[1, 2]], [[0, -1]], "a delay is -1 steps, expected >= 0"),
    ],
)
def test_matrices_that_are_refused(weight, delay, words):
    with pytest.raises(StageError, match=words):
        SynapseMatrix(weight, delay)


def test_what_is_frozen_is_held_once():
    found = SynapseMatrix([[1, 2]], [[3, 4]])
    again = SynapseMatrix(found.weight, found.delay)
    assert again.weight is found.weight
    assert again.delay is found.delay
