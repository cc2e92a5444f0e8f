"""Names that are spelt in several ways, and those that are others."""

from __future__ import annotations

import pytest

from snnc.trainer.data.alike import form_of, of_alike


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Great tit", "great-TIT", True),
        ("Moor_teich", "moorteich", True),
        ("hive 1-2", "Hive1_2", True),
        ("1_1", "11", False),
        ("hive 1 2", "hive 12", False),
        ("a.1", "a1", True),
        ("c+", "c-", False),
        ("-", "_", False),
        # Numbers count by their value.
        ("hive-2", "Hive_02", True),
        ("hive 1-2", "hive_01_002", True),
        ("03.05.2026", "3-5-2026", True),
        ("T00", "t0", True),
        ("hive-2", "hive-20", False),
        ("hive-0", "hive", False),
        ("1_01", "101", False),
        ("1.05", "1.5", False),
        ("1,05", "1,5", False),
        ("01.5", "1.5", True),
    ],
)
def test_which_names_are_the_same(one: str, other: str, same: bool) -> None:
    assert (form_of(one) == form_of(other)) is same


def test_names_that_zeros_alone_tell_apart_are_told() -> None:
    assert of_alike("sources", ["hive-2", "hive-3", "hive-02"]) == [
        "sources that differ in case, blanks, marks, zeros in front of numbers or the code of their letters "
        "alone: 'hive-2', 'hive-02': give what is the same one name"
    ]


def test_all_that_are_alike_in_a_usual_file_are_told() -> None:
    pairs = [name for letter in "abcdef" for name in (f"Word {letter}", f"word_{letter}")]
    (note,) = of_alike("classes", pairs)
    assert note.endswith(f"alone: {', '.join(map(repr, pairs))}: give what is the same one name")
    (note,) = of_alike("classes", [*pairs, "Word g", "word_g"])
    assert f"{', '.join(map(repr, pairs))}, ...: give" in note
