"""Names that are spelt in several ways, and those that are others."""

from __future__ import annotations

import pytest

from snnc.trainer.data.alike import form_of


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
    ],
)
def test_which_names_are_the_same(one: str, other: str, same: bool) -> None:
    assert (form_of(one) == form_of(other)) is same
