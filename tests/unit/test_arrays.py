"""snnc/arrays.py: arrays that nobody can change are not copied again, and what is equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from snnc.arrays import frozen, same


def _frozen(values: object, dtype: object = np.int32) -> np.ndarray:
    return frozen(values, dtype, name="values")


def test_a_frozen_array_is_not_copied_again():
    first = _frozen([[1, 2], [3, 4]])
    assert _frozen(first) is first
    assert _frozen(first.reshape(4)).base is first
    assert _frozen(first[:]).base is first


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.T,
        lambda a: a[:1],  # it would keep the whole of `a`
        lambda a: a[:, 1],
        lambda a: a.astype(np.int64),
        lambda a: a.astype(">i4"),
        np.array,
    ],
    ids=["order", "rows", "column", "type", "byte order", "writeable"],
)
def test_other_arrays_are_copied(change):
    given = change(_frozen([[1, 2], [3, 4]]))
    found = _frozen(given)
    assert not np.shares_memory(found, given)
    assert found.flags.c_contiguous
    assert not found.flags.writeable
    assert found.dtype == np.int32
    assert found.tolist() == given.tolist()


def test_a_view_of_an_array_that_is_written_to_is_copied():
    mine = np.arange(4, dtype=np.int32)
    view = mine[:]
    view.flags.writeable = False
    found = _frozen(view)
    mine[0] = 9
    assert found.tolist() == [0, 1, 2, 3]


def test_bytes_of_another_owner_are_copied():
    data = bytearray(8)
    given = np.frombuffer(memoryview(data).toreadonly(), np.int32)
    found = _frozen(given)
    data[0] = 1
    assert found.tolist() == [0, 0]


@dataclass(frozen=True)
class _Stage:
    name: str
    values: object


@dataclass(frozen=True)
class _Other:
    name: str
    values: object


@pytest.mark.parametrize(
    ("right", "equal"),
    [
        (_Stage("a", np.array([1, 2])), True),
        (_Stage("a", np.array([1, 3])), False),
        (_Stage("a", np.array([1])), False),
        (_Stage("b", np.array([1, 2])), False),
        (_Stage("a", None), False),
        (_Other("a", np.array([1, 2])), False),
    ],
)
def test_what_is_equal(right, equal):
    assert same(_Stage("a", np.array([1, 2])), right) is equal
