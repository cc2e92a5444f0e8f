"""Values that are no events: the first of them, why, and what helps."""

from __future__ import annotations

import numpy as np
import pytest

from snnc.no_events import cause, first_beyond, remedy, told


@pytest.mark.parametrize(
    ("value", "why", "what"),
    [
        (np.nan, " (no number)", "correct it, or leave the sample out"),
        (np.inf, " (not finite)", "correct it, or leave the sample out"),
        (-np.inf, " (not finite)", "correct it, or leave the sample out"),
        (-1, " (negative)", "correct it, or leave the sample out"),
        (-0.5, " (negative)", "encode it as events"),
        (0.5, " (a fraction)", "encode it as events"),
        (300.5, " (a fraction)", "encode it as events"),
        (256, " (an event carries 255 at most)", "correct it, or leave the sample out"),
        (255, "", "encode it as events"),
        (True, "", "encode it as events"),
    ],
)
def test_each_value_has_its_own_cause(value: float, why: str, what: str) -> None:
    assert (cause(np.asarray(value)[()]), remedy(value)) == (why, what)
    assert remedy(value, "them") == what.replace(" it", " them", 1)


def test_what_no_input_takes_is_named_before_what_is_too_large() -> None:
    """A larger payload helps against the 9, and not against the rest."""
    values = np.array([[1.0, 9.0, 2.0], [0.0, -1.0, np.nan]])
    assert first_beyond(values, 3) == (1, 1)
    assert told(values, (1, 1)) == "-1 (negative)"
    assert first_beyond(values[:1], 3) == (0, 1)
    assert told(values, (0, 1)) == "9"
    assert first_beyond(values[:1], 9) is None
    assert first_beyond(values[:1], np.array([1, 9, 1])) == (0, 2)
    assert first_beyond(np.zeros((0, 3)), 1) is None
    assert first_beyond(np.array([[True]]), 1) is None
