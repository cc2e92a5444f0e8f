"""Numbers as text, and the text as numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.intervals import ranges, read_range, read_ranges


def test_by_hand() -> None:
    assert ranges(np.array([0, 1, 2, 7, 9, 10])) == "0:3,7,9:11"
    assert ranges(np.array([4])) == "4"
    assert read_ranges("0:3,7,9:11") == [(0, 3), (7, 8), (9, 11)]


@given(st.sets(st.integers(0, 60), min_size=1))
def test_each_number_stands_once_in_the_text(numbers: set[int]) -> None:
    text = ranges(np.array(sorted(numbers)))
    assert [number for part in read_ranges(text) for number in range(*part)] == sorted(numbers)
    assert len(read_ranges(text)) == sum(number - 1 not in numbers for number in numbers)


def test_ends_that_may_be_left_out() -> None:
    assert [read_range(text, 50) for text in (":", "10:", ":7", "3:9", "4")] == [
        (0, 50),
        (10, 50),
        (0, 7),
        (3, 9),
        (4, 5),
    ]


@pytest.mark.parametrize("text", ["", "-1", "1:", ":2", "1:2:3", "a", "1.0", " 1", "+1", "1_0", "²", "٣"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match="is not the number"):
        read_ranges(text)
