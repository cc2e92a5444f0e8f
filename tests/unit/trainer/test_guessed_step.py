"""A step that nobody named is called a guess, with what tries a finer one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import snnc
from snnc.trainer.for_data import for_data
from snnc.trainer.guessed_step import guessed_step

SAID = (
    "the step, 20 ms, is a guess by the length of the recordings; if finer timing tells classes apart, try "
    "--dt 0.005 (4 times the steps to compute; delays, in as many steps, reach 1/4 as far)"
)


def recordings(tick_s: float = 1e-6, last: float = 0.9) -> snnc.Recordings:
    times = [np.linspace(0, last / tick_s, 20).astype(int) for _ in range(40)]
    return snnc.from_events(times, [np.arange(20)] * 40, ["a", "b"] * 20, tick_s=tick_s)


def test_it_is_told_before_training() -> None:
    """0.9 s are 45 steps of the preset, which keeps its own."""
    _, lines = for_data("mine.npz", recordings(), {}, "--dt ")
    assert lines.count(SAID) == 1
    _, lines = for_data("mine", recordings(), {}, "bin_s=")
    assert SAID.replace("--dt ", "bin_s=") in lines


def test_of_a_step_that_suits_the_length() -> None:
    """90 ms are 4.5 steps of 20 ms; 20 steps of 5 ms are taken, and a quarter of that is told."""
    fields, lines = for_data("mine.npz", recordings(last=0.09), {}, "--dt ")
    assert fields["bin_s"] == 0.005
    assert any("the step, 5 ms, is a guess" in line and "try --dt 0.0013 (" in line for line in lines)


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (recordings(), {"bin_s": 0.02}),  # the user named it
        (recordings(tick_s=0.01), {}),  # no time is finer
        (replace(recordings(), encoder="cochlea"), {}),
        (replace(recordings(), step_s=0.001), {}),
        (recordings().select([]), {}),
    ],
)
def test_what_is_no_guess_or_has_no_finer_one(events: snnc.Recordings, told: dict[str, Any]) -> None:
    assert guessed_step(events, 0.02, told, "--dt ") == ""


def test_a_tick_as_fine_as_what_is_told() -> None:
    assert "try --dt 0.005 " in guessed_step(recordings(tick_s=0.005), 0.02, {}, "--dt ")
