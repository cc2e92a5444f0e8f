"""What stands for no label, and what does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from snnc.io.missing import marked, unnamed, with_none


@pytest.mark.parametrize(
    "labels",
    [
        ["a", "?", "b"],
        ["a", None, "b"],
        ["a", "", "b"],
        ["a", float("nan"), "b"],
        np.array(["a", "", "b"]),
        np.array(["a", np.nan, "b"], object),
        np.array(["a", np.nan, "b"]),
        ["a", "nan", "b"],
        ("a", np.float32("nan"), "b"),
    ],
)
def test_a_missing_name_is_no_label(labels: Any) -> None:
    assert list(marked(labels)) == ["a", "?", "b"]


@pytest.mark.parametrize("labels", [[0, None, 1], [0.0, float("nan")], [None, None], [0, 1], 3, "?", None])
def test_all_else_is_as_it_was(labels: Any) -> None:
    assert marked(labels) is labels


@pytest.mark.parametrize("labels", [["a", "nan"], np.array(["a", "nan"])])
def test_a_class_may_be_called_as_what_numpy_writes(labels: Any) -> None:
    assert list(marked(labels, ["a", "nan"])) == ["a", "nan"]
    assert list(marked(labels, ["a"])) == ["a", "?"]


def test_names_of_which_none_is_there_are_none() -> None:
    assert marked(["", None]) == marked(["?", ""]) == ["?", "?"]
    assert marked(np.array(["", ""])).tolist() == ["?", "?"]


def test_it_is_a_class_only_where_it_is_used() -> None:
    assert with_none(("a", "b"), ["a", "b"]) == ("a", "b")
    assert with_none(["a", "b"], np.array(["a", "?"])) == ("a", "b", "?")
    assert with_none(("?", "a"), ["a", "?"]) == ("?", "a")
    assert with_none(("a", "b"), np.array([0, 1])) == ("a", "b")
    assert unnamed([0, 2, 1, 2], ("a", "b", "?")).tolist() == [1, 3]
    assert unnamed([0, 1], ("a", "b")).tolist() == []
