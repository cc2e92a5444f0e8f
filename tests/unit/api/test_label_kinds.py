"""A label of another kind than most is named, with its recording: an array of all would hide which."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import snnc
from snnc.errors import InputError

NAMES, NUMBERS = ["left", "right"] * 3, [0, 1] * 3
A_NAME = " of 6 labels are names: give the name of its class there, too"
A_NUMBER = " of 6 labels are whole numbers: give one there, too"


def events(labels: Any, **given: Any) -> snnc.api.recordings.Recordings:
    return snnc.from_events([[1, 2]] * 6, [[0, 1]] * 6, labels, tick_s=1e-3, **given)


def with_one(labels: list[Any], odd: Any) -> list[Any]:
    return [*labels[:4], odd, *labels[5:]]


@pytest.mark.parametrize("classes", [None, ["left", "right"]])
@pytest.mark.parametrize(
    ("labels", "odd", "told"),
    [
        (NAMES, 5, "5 (a whole number), and 5" + A_NAME),
        (NAMES, b"left", "b'left' (bytes), and 5" + A_NAME),
        (NAMES, ["left"], "['left'] (a list), and 5" + A_NAME),
        (NAMES, np.array("left"), "array('left', dtype='<U4') (an array), and 5" + A_NAME),
        (NUMBERS, "left", "'left' (a name), and 5" + A_NUMBER),
        (NUMBERS, [1], "[1] (a list), and 5" + A_NUMBER),
        (NUMBERS, 1.0, "1.0 (a float), and 5" + A_NUMBER),
    ],
)
def test_a_label_of_another_kind_is_named(labels: list[Any], odd: Any, told: str, classes: Any) -> None:
    mixed = with_one(labels, odd)
    with pytest.raises(InputError) as raised:
        events(mixed, classes=classes, files=[f"{k}.npy" for k in range(6)])
    assert str(raised.value) == f"4.npy: labels[4] is {told}"
    with pytest.raises(InputError) as raised:
        snnc.from_arrays(np.zeros((6, 5, 3), np.uint8), mixed, dt=1e-3, classes=classes)
    assert str(raised.value) == f"labels[4] is {told}"


def test_of_an_array_of_objects_too() -> None:
    with pytest.raises(InputError, match=r"^labels\[4\] is 5 \(a whole number\)"):
        events(np.array(with_one(NAMES, 5), object))


def test_one_value_alone_is_no_list() -> None:
    with pytest.raises(InputError, match=r"^labels"):
        events(np.array(5, object))


def test_whole_numbers_and_texts_of_any_type_are_alike() -> None:
    odd = (np.int64(1), np.array(1), np.bool_(True), True)
    for labels in (*(with_one(NUMBERS, each) for each in odd), with_one(NAMES, np.str_("left"))):
        assert len(events(labels)) == 6
