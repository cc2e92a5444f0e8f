"""Lists of events that commands would refuse, or warn of, in a file: `from_events` does so at once."""

from pathlib import Path
from warnings import catch_warnings

import numpy as np
import pytest

import snnc
from snnc.errors import InputError, UnlikelyWarning
from snnc.trainer.data import load_events_npz

LABELS = ["no", "yes"] * 10
LINES = [[0, 1]] * 20
TOO_LONG = (
    r"its last event is at 5e\+06 s \(tick_s = 1\), in recording 7, and a network has at most \d+ steps of "
    r"at most 1 s; set tick_s, the seconds of a unit of times"
)


def test_times_of_microseconds_as_seconds_are_refused() -> None:
    times = [[1_000, 5_000_000 if number == 7 else 400_000] for number in range(20)]
    with pytest.raises(InputError, match=TOO_LONG):
        snnc.from_events(times, LINES, LABELS, tick_s=1.0, lines=2)


def test_as_a_command_refuses_their_file(tmp_path: Path) -> None:
    """A clock that runs on from 1970, in seconds."""
    times = [[1.7e9 + 10 * number, 1.7e9 + 10 * number + 0.5] for number in range(20)]
    with pytest.raises(InputError) as given:
        snnc.from_events(times, LINES, LABELS, tick_s=1, lines=2, name="clock")
    assert "subtract each recording's start from its times" in str(given.value)
    np.savez(
        tmp_path / "clock.npz",
        times=np.concatenate(times),
        units=np.concatenate(LINES),
        offsets=np.arange(0, 41, 2),
        labels=np.array(LABELS),
        tick_s=1.0,
    )
    with pytest.raises(InputError) as read:
        load_events_npz(tmp_path / "clock.npz")
    assert str(read.value).endswith(str(given.value))


@pytest.mark.parametrize("tick_s", [0, -1e-3])
def test_a_tick_that_is_no_time_is_refused(tick_s: float) -> None:
    with pytest.raises(InputError, match="tick_s"):
        snnc.from_events([[1]], [[0]], ["no"], tick_s=tick_s)


def test_a_recording_far_longer_than_the_others_is_told() -> None:
    times = [[10, 900 if number == 3 else 100] for number in range(20)]
    with pytest.warns(UnlikelyWarning, match=r"1 of 20 recordings ends at 0\.9 s or later"):
        snnc.from_events(times, LINES, LABELS, tick_s=1e-3, lines=2)


def test_durations_in_milliseconds_are_told() -> None:
    said = r"duration reaches 100 s: if durations are not in seconds, mend them; else set tick_s"
    with pytest.warns(UnlikelyWarning, match=said):
        snnc.from_events([[10, 100]] * 20, LINES, LABELS, tick_s=1e-3, lines=2, durations=[100] * 20)


def test_labels_that_are_missing_are_told() -> None:
    with pytest.warns(UnlikelyWarning, match="2 of 20 recordings have no label"):
        snnc.from_events([[10, 100]] * 20, LINES, ["?", "?", *LABELS[2:]], tick_s=1e-3, lines=2)


def test_recordings_of_which_no_class_is_known_are_meant() -> None:
    with catch_warnings(record=True) as told:
        snnc.from_events([[10, 100]] * 20, LINES, None, tick_s=1e-3, lines=2)
    assert told == []
