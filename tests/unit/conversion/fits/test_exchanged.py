"""Both numbers that remain exchanged: it explains every spike, or it is not told."""

from __future__ import annotations

import pytest
from driven_neurons import driven_of

from snnc.conversion.fits.exchanged import exchanged

EXCHANGED = {"keep_u": 0.8, "keep_v": 0.5}
"""Of the 0.5 and 0.8 that are told."""


@pytest.mark.parametrize("reset", ["subtract", "zero"])
def test_both_are_told(reset) -> None:
    said = "its keep_u and keep_v are exchanged: keep_u is 0.8 and keep_v is 0.5, not 0.5 and 0.8"
    assert exchanged(*driven_of(EXCHANGED, 12, reset)) == (f"{said} (in the converter's Cell)",)


@pytest.mark.parametrize(
    ("faults", "reset"),
    [
        (EXCHANGED | {"threshold": 1.3}, "subtract"),
        (EXCHANGED | {"bias": 0.1}, "zero"),
        ({"keep_u": 0.8}, "subtract"),
        ({"keep_v": 0.5}, "zero"),
        (EXCHANGED | {"threshold": 1.1}, "none"),
        (EXCHANGED, "none"),  # which is the same network
        ({}, "subtract"),
    ],
)
def test_nothing_is_told_of_another_fault(faults, reset) -> None:
    assert exchanged(*driven_of(faults, 12, reset)) == ()
