"""Times that were cut to 16 bits and addresses that were computed in 8 are told by what they reach."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plain_recordings import EVENTS, LINES, RECORDINGS, read, seconds


def test_times_that_were_cut_to_16_bits(tmp_path: Path) -> None:
    notes = read(tmp_path / "a.npz", times=(seconds() * 1e6).astype(int).astype(np.uint16), tick_s=1e-4).notes
    # 1 s is 15 times 65.536 ms, and a bit; twelve recordings
    assert [
        note for note in notes if note.startswith("times fall 180 times within recordings, in recording 0")
    ]
    shuffled = np.random.default_rng(0).permutation(RECORDINGS * EVENTS) * 100
    assert not [note for note in read(tmp_path / "a.npz", times=shuffled).notes if "16 bits" in note]


def test_times_that_were_cut_and_sorted(tmp_path: Path) -> None:
    """An event each ms of a second: the latest is at 983,000 - 14 * 65,536 = 65,496. Three may be chance."""
    cut = np.sort((1000 * np.arange(1000)).astype(np.uint16))
    assert cut[-1] >= 64225
    for count in (12, 3):
        several = {
            "times": np.tile(cut, count),
            "units": np.arange(1000 * count) % LINES,
            "offsets": 1000 * np.arange(count + 1),
            "labels": np.arange(count) % 2,
        }
        notes = [note for note in read(tmp_path / "a.npz", **several).notes if "16 bits" in note]
        assert len(notes) == (count > 3)
        for note in notes:
            assert note.startswith(
                "the last event of 12 of 12 recordings is at 64225 to 65535, as where times"
            )
            assert "sorted: if recordings last longer than 0.065536 s, store the whole integers" in note


def of_times(path: Path, times: Any, tick_s: float = 1e-6, **changes: Any) -> tuple[str, ...]:
    """Notes on recordings of as many events each, [recordings, events]."""
    recordings, events = times.shape
    several = {
        "times": times.reshape(-1),
        "units": np.arange(times.size) % LINES,
        "offsets": events * np.arange(recordings + 1),
        "labels": np.arange(recordings) % 2,
    }
    return read(path, tick_s=tick_s, **several | changes).notes


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(("each", "tick_s"), [(1, 1e-6), (1e3, 1e-3), (1e6, 1.0)])
def test_times_that_were_cut_and_then_became_floats(
    tmp_path: Path, kind: type, each: float, tick_s: float
) -> None:
    """An event each ms of a second: 65 ms, the 66th, is followed by 464 us, of 66,000 - 65,536."""
    cut = np.tile((1000 * np.arange(1000)).astype(np.uint16), (RECORDINGS, 1))
    (note,) = of_times(tmp_path / "a.npz", (cut / each).astype(kind), tick_s)
    remedy = "store the" if each == 1 else "divide"
    assert note == (
        f"times fall 180 times within recordings, in recording 0 from {65000 / each:.6g} to {464 / each:.6g},"
        f" as times cut to 16 bits do: {remedy} whole integers, without astype(np.uint16)"
    )
    (note,) = of_times(tmp_path / "a.npz", (np.sort(cut) / each).astype(kind), tick_s)
    assert note.startswith(f"the last event of 12 of 12 recordings is at {64225 / each:.6g} to")
    assert note.endswith(
        f"if recordings last longer than 0.065536 s, {remedy} whole integers, without astype(np.uint16)"
    )


def test_few_events_that_were_cut_are_told(tmp_path: Path) -> None:
    """One each 15 ms: more than a tenth of the falls goes down by less than half of 65,536."""
    rng = np.random.default_rng(2)
    cut = np.sort(rng.integers(0, 900_000, (RECORDINGS, 60))).astype(np.uint16)
    fall = np.diff(cut.astype(int))
    assert 0.6 < (fall[fall < 0] <= -(1 << 15)).mean() < 0.9
    assert [note for note in of_times(tmp_path / "a.npz", cut) if note.startswith("times fall")]


def test_times_that_were_cut_tell_no_other_unit(tmp_path: Path) -> None:
    cut = np.tile((1000 * np.arange(1000)).astype(np.uint16), (RECORDINGS, 1)).astype(np.int64)
    (note,) = of_times(tmp_path / "a.npz", cut, duration=np.ones(RECORDINGS))
    assert note.startswith("times fall 180 times")


@pytest.mark.parametrize("tick_s", [1e-6, 1e-3])
def test_recordings_that_happen_to_end_near_16_bits(tmp_path: Path, tick_s: float) -> None:
    """All times lie in a window that ends before 65,536: nothing was cut there."""
    rng = np.random.default_rng(5)
    inside = np.sort(rng.integers(0, 65_000, (RECORDINGS, 2000)))
    assert of_times(tmp_path / "a.npz", inside, tick_s) == ()
    assert of_times(tmp_path / "a.npz", inside * tick_s, 1.0) == ()
    blocks = np.sort(rng.integers(0, 65_536, (RECORDINGS, 2, 500))).reshape(RECORDINGS, -1)
    assert of_times(tmp_path / "a.npz", blocks, tick_s) == ()  # one polarity after the other
    shuffled = rng.integers(0, 65_536, (RECORDINGS, 500))
    assert of_times(tmp_path / "a.npz", shuffled, tick_s) == ()
    fractions = np.sort(rng.uniform(0, 65_536, (RECORDINGS, 50)))  # no integers were cut
    assert of_times(tmp_path / "a.npz", fractions, tick_s) == ()


def test_a_long_silence_does_not_hide_that_times_were_cut(tmp_path: Path) -> None:
    """An event each ms of a second, in twelve recordings; where none is for 40 ms, 50,000 falls to 24,464."""
    whole = np.delete(1000 * np.arange(1000), np.arange(51, 90))
    several = {
        "times": np.tile(whole, RECORDINGS).astype(np.uint16),
        "units": np.arange(len(whole) * RECORDINGS) % LINES,
        "offsets": len(whole) * np.arange(RECORDINGS + 1),
    }
    (note,) = read(tmp_path / "a.npz", files=np.array(list("abcdefghijkl")), **several).notes
    assert note == (
        "times fall 180 times within recordings, in a from 50000 to 24464, as times cut to 16 bits "
        "do: store the whole integers, without astype(np.uint16)"
    )


def test_events_in_the_order_of_their_lines_were_not_cut(tmp_path: Path) -> None:
    times = np.tile(np.linspace(0, 65_535, EVENTS).astype(int), (RECORDINGS, LINES)).reshape(-1)
    several = {
        "units": np.tile(np.repeat(np.arange(LINES), EVENTS), RECORDINGS),
        "offsets": LINES * EVENTS * np.arange(RECORDINGS + 1),
    }
    assert read(tmp_path / "a.npz", times=times, **several).notes == ()


def test_addresses_that_were_computed_in_8_bits(tmp_path: Path) -> None:
    """16 by 12 pixels of two polarities are 384 lines, of which none after 255 can be told in 8 bits."""

    def notes(lines: Any, count: int) -> tuple[str, ...]:
        units = np.resize(lines, RECORDINGS * EVENTS)
        return read(tmp_path / "a.npz", units=units, unit_count=np.array(count)).notes

    lines = np.arange(384)
    (note,) = notes(lines.astype(np.uint8), 384)
    assert note == (
        "no line from 256 on ever fires, and those just below do, as where addresses are computed in 8 bits "
        "and 256 is 0 again: compute them of x.astype(int), y.astype(int) and p.astype(int)"
    )
    assert notes(lines, 384) == notes(lines[:256], 256) == ()
    assert notes(lines[:240], 384) == notes(lines[:300], 384) == ()  # others are silent, too
    assert notes(lines[:256], 260) == ()  # of few lines beyond it is no wonder
    (note,) = notes(lines.astype(np.uint8), 768)
    assert note.startswith("no line from 256 on")
