"""The lines of a long call: each step once, whatever the batches that it is made of."""

from __future__ import annotations

import pytest

from snnc.api.progress import Lines


def test_a_step_is_told_with_all_of_its_recordings(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(True)
    for first in (0, 50, 100):
        for name in ("float", "rounded"):
            lines(f"loss budget: {name}, recordings {first}..{first + 49} of 150")
    assert capsys.readouterr().out.splitlines() == [
        "loss budget: float, recordings 150",
        "loss budget: rounded",
    ]


def test_nothing_is_printed_where_nothing_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    Lines(False)("c: golden 0..3 of 8")
    assert capsys.readouterr().out == ""
