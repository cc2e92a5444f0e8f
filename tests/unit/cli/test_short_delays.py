"""Delays of the preset that cover a small part of the recordings are told, with what changes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import snnc
from snnc.cli.train_data import from_data
from snnc.trainer.short_delays import short_delays, two_digits_up


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples of 120 steps, the last event in step 99."""
    monkeypatch.chdir(tmp_path)
    labels = np.arange(30) % 2
    spikes = np.zeros((30, 120, 6), np.uint8)
    spikes[:, 0, 3] = spikes[labels == 0, 50, :3] = spikes[labels == 1, 99, :3] = 1
    np.savez("dense.npz", spikes=spikes, labels=labels)
    np.savez("said.npz", spikes=spikes, labels=labels, dt=0.005)


def told(data: str, **fields: Any) -> list[str]:
    """What is told after the settings, and the augmentation."""
    lines: list[str] = []
    from_data(data, Path("m.pt"), fields, False, lines.append)
    return [line for line in lines[1:] if not line.startswith("augmentation ")]


def test_a_kernel_of_25_covers_a_quarter_of_100_steps() -> None:
    """24 * 5 ms of 100 * 5 ms. Half of it: 24 steps of 10.4 ms or more, or 50 of 5 ms and that of delay 0."""
    (line,) = told("said.npz", bin_s=0.005)
    assert line == (
        "delays reach 120 ms, and events of a recording up to 500 ms, in steps of 5 ms; if what tells "
        "classes apart is further apart than that, give a coarser step (--dt 0.011; with steps of 11 ms "
        "nothing faster than 45.5 Hz is seen, and no two events share a step and line) or longer kernels "
        "(--set kernel_size=51)"
    )


def test_events_that_share_steps_already_get_no_coarser_one() -> None:
    """Two events of a line and step are one: 1 of 10 events of a recording, or 1 of 11, in 100 steps.

    From a tenth on, a training that does not generalise is told that the step may be too long.
    """
    apart = [(step, 3) for step in range(0, 80, 10)]
    for others, told_of in ((apart, False), ([*apart, (85, 0)], True)):
        pairs = [(99, 1), (99, 1), *others]
        units = [[unit for _, unit in sorted(pairs)]] * 30
        times = [[step * 0.005 + 0.001 for step, _ in sorted(pairs)]] * 30
        labels = [each % 2 for each in range(30)]
        events = snnc.from_events(times, units, labels, tick_s=1.0, lines=6)
        said = short_delays("crowded.npz", events, {"bin_s": 0.005}, "--dt ")
        assert ("coarser" in said) == told_of
        assert "longer kernels (--set kernel_size=51)" in said


def test_a_step_in_which_many_events_would_share_is_not_advised() -> None:
    """Steps 97 and 98 of 5 ms are in step 44 of 11 ms (484 to 495 ms): 1 of 10 events, or 1 of 11."""
    pairs = [*[(step, 3) for step in range(0, 80, 10)], (97, 1), (98, 1)]
    for held, told_of in ((pairs, ""), (sorted([*pairs, (85, 0)]), "seen, and 9.1 % of events fall into")):
        times, units = [[step * 0.005 + 0.001 for step, _ in held]] * 30, [[unit for _, unit in held]] * 30
        events = snnc.from_events(times, units, [each % 2 for each in range(30)], tick_s=1.0, lines=6)
        said = short_delays("crowded.npz", events, {"bin_s": 0.005}, "--dt ")
        assert ("coarser" in said) == (told_of != "")
        assert told_of in said
        assert "longer kernels (--set kernel_size=51)" in said


@pytest.mark.parametrize(
    ("seconds", "step"), [(0.03125, 0.032), (0.03, 0.03), (0.0104, 0.011), (0.0991, 0.1), (2.0, 2.0)]
)
def test_the_step_has_two_digits(seconds: float, step: float) -> None:
    assert two_digits_up(seconds) == step


def test_the_step_of_a_file_that_says_none_is_stored_first() -> None:
    (line,) = told("dense.npz", bin_s=0.005)
    assert "a coarser step (dt=0.005 stored in the file, and --dt 0.011; with steps" in line


@pytest.mark.parametrize(
    "fields",
    [
        {},  # steps of 20 ms: 480 of 500 ms
        {"bin_s": 0.02},
        {"bin_s": 0.005, "kernel_size": 51},
        {"bin_s": 0.005, "kernel_size": 35},  # 34 steps are more than a third of 100
        {"bin_s": 0.005, "delays": "none"},
    ],
)
def test_enough_is_no_word(fields: dict[str, Any]) -> None:
    assert told("said.npz", **fields) == []


def test_a_third_less_a_step() -> None:
    assert len(told("said.npz", bin_s=0.005, kernel_size=33)) == 1


def test_recordings_that_begin_late_get_no_advice_on_delays() -> None:
    """Two events each, a second apart: from the start on it is given, from 1.5 to 45 s on a clock it is not.

    Nor is it if but two of the thirty begin when others are over.
    """
    clock, two = 1.5 * np.arange(1, 31), np.where(np.arange(30) < 2, 9.0, 0.0)
    for name, start in (("own.npz", np.zeros(30)), ("clock.npz", clock), ("two.npz", two)):
        times = np.stack([start, start + 1], 1).reshape(-1)
        one = {"tick_s": 1.0, "units": np.arange(60) % 2, "offsets": 2 * np.arange(31)}
        np.savez(name, times=times, labels=np.arange(30) % 2, **one)
    (line,) = told("own.npz", bin_s=0.01)
    assert line.startswith("delays reach 240 ms, and events of a recording up to 1010 ms, in steps of ")
    assert told("clock.npz", bin_s=0.01) == told("two.npz", bin_s=0.01) == []


def test_no_step_is_advised_of_which_recordings_have_few() -> None:
    """With 4 taps it is an eighth of 0.5 s; with 6, a twelfth, 0.042 s."""
    for size, advised in ((5, False), (7, True)):
        (line,) = told("said.npz", bin_s=0.005, kernel_size=size)
        assert ("(--dt 0.042; " in line) == ("a coarser step" in line) == advised
