"""Which lines no event uses."""

from dataclasses import replace

import numpy as np
import pytest
from order_task import order_task

from snnc.trainer.data.silent_lines import events_of_units, silent_lines, silent_of


def test_events_are_counted_by_hand() -> None:
    """A recording of `order_task` has one event of each of its six units."""
    assert events_of_units(replace(order_task(4), unit_count=8)).tolist() == [4] * 6 + [0, 0]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([1, 2, 3], ""),
        ([0, 0], ""),
        ([1, 0], "1 of 2 (1)"),
        ([0, 0, 5, 0, 1, 0, 0, 0], "6 of 8 (0 to 1, 3, 5 to 7)"),
        ([0, 1] * 7, "7 of 14 (0, 2, 4, 6, 8, 10, ...)"),
    ],
)
def test_silent_lines_are_named(counts: list[int], told: str) -> None:
    assert silent_of(np.array(counts)) == told


def test_a_line_of_several_units_has_the_events_of_all() -> None:
    wide = replace(order_task(4), unit_count=12)  # units 6 to 11 are silent
    assert silent_lines(wide) == "6 of 12 (6 to 11)"
    assert silent_lines(wide, 4) == "1 of 3 (2)"
    assert silent_lines(wide.select([])) == ""
