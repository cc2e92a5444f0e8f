"""Spikes of a user for a network, and labels as numbers of its classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from snnc.errors import InputError
from snnc.io.spike_file import checked_labels, dense_spikes

CLASSES = ("B then A", "A then B, 4", "A then B, 10")
"""Sorted, they would stand in the opposite order."""


@pytest.mark.parametrize("kind", [str, object, np.dtypes.StringDType() if hasattr(np, "dtypes") else str])
def test_names_have_the_numbers_of_the_networks_classes(kind: object) -> None:
    names = np.array([CLASSES[2], CLASSES[0], CLASSES[1], CLASSES[0]], kind)  # type: ignore[call-overload]
    assert checked_labels("labels", names, 4, CLASSES).tolist() == [2, 0, 1, 0]


def test_digits_are_names_of_classes_where_they_are_texts() -> None:
    assert checked_labels("labels", np.array(["7", "3"]), 2, ("3", "7")).tolist() == [1, 0]
    with pytest.raises(InputError, match=r"labels\[0\] is 7; classes are numbered 0\.\.1"):
        checked_labels("labels", np.array([7, 3]), 2, ("3", "7"))


def test_labels_that_count_from_one_are_told_so() -> None:
    with pytest.raises(InputError, match=r"labels\[1\] is 3; classes are numbered 0\.\.2; subtract 1$"):
        checked_labels("labels", np.array([1, 3, 2]), 3, ("a", "b", "c"))
    with pytest.raises(InputError, match=r"classes are numbered 0\.\.2$"):
        checked_labels("labels", np.array([0, 3, 2]), 3, ("a", "b", "c"))


def test_a_name_of_no_class_is_refused_with_the_near_one() -> None:
    said = r"y\[1\] is 'b then A', none of the classes \(did you mean 'B then A'\?\): B then A, A then"
    with pytest.raises(InputError, match=said):
        checked_labels("y", np.array(["B then A", "b then A"]), 2, CLASSES)


def test_names_without_classes_are_told_what_makes_both() -> None:
    with pytest.raises(
        InputError,
        match=r"labels are names \(<U1\), and no classes say .*; give classes=\['a', 'b'\]$",
    ):
        checked_labels("labels", np.array(["a", "b"]), 2, None)


@pytest.mark.parametrize(
    "labels", [np.array(["a", 1], object), np.array([b"a", b"b"]), np.zeros((2, 2), "U1")]
)
def test_what_are_no_texts_of_each_sample_is_refused(labels: object) -> None:
    with pytest.raises(
        InputError, match="give a whole number, or the name of a class, for each of the 2 samples"
    ):
        checked_labels("labels", labels, 2, ("a", "b"))  # type: ignore[arg-type]


def test_labels_that_are_missing_are_named() -> None:
    labels = np.array([1, np.nan, 0, np.nan, np.nan, np.nan, np.nan, np.nan])
    with pytest.raises(
        InputError,
        match=r"^y: samples 1, 3, 4, 5, 6, \.\.\. of 8 have no label \(nan\); leave them out or name their c",
    ):
        checked_labels("y", labels, 8, None)
    with pytest.raises(InputError, match=r"^y: sample 1 of 2 has no label \(None\); leave it out"):
        checked_labels("y", np.array(["a", None], object), 2, None)


def test_bytes_become_names_by_the_remedy() -> None:
    labels = np.array([b"b", b"a", b"b"])
    with pytest.raises(InputError, match=r"classes, labels = np\.unique\(labels\.astype\(str\), return_inv"):
        checked_labels("y", labels, 3, None)
    classes, numbers = np.unique(labels.astype(str), return_inverse=True)
    assert checked_labels("y", numbers, 3, tuple(classes)).tolist() == [1, 0, 1]


def test_rows_of_labels_are_taken_apart_as_they_can_be() -> None:
    """What is no one-hot row has another class by argmax than its own."""
    one_hot = np.eye(3, dtype=int)[[2, 0]]
    with pytest.raises(InputError, match=r"of one-hot rows take labels\.argmax\(1\)$"):
        checked_labels("y", one_hot, 2, None)
    with pytest.raises(InputError, match=r"; rows hold one label again and again: labels\[:, 0\]$"):
        checked_labels("y", np.array([[2, 2, 2], [0, 0, 0]]), 2, None)
    with pytest.raises(InputError, match=r"for each of the 2 samples$"):
        checked_labels("y", np.array([[2, 2, 1], [0, 0, 0]]), 2, None)
    with pytest.raises(InputError, match=r"^y are object \[\]; give"):
        checked_labels("y", np.array({1: 2}, object), 2, None)


def test_steps_that_are_frames_of_a_camera_are_told_how_they_are_lines() -> None:
    spikes = {"spikes": np.zeros((4, 40, 2, 16, 16), np.uint8)}
    with pytest.raises(
        InputError, match=r"make each step one line of numbers: spikes\.reshape\(4, 40, 512\)$"
    ):
        dense_spikes(Path("x.npz"), spikes, 40, 512, 0.001)
    with pytest.raises(InputError) as told:
        dense_spikes(Path("x.npz"), spikes, 40, 256, 0.001)
    assert "reshape" not in str(told.value)
