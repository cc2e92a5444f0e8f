"""What is odd about recordings of a file is told, or refused where no training can be meant."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plain_recordings import EVENTS, LINES, RECORDINGS, read, seconds, write

from snnc.errors import InputError
from snnc.trainer.config import load_config
from snnc.trainer.splitting import load_recordings


def test_nothing_is_odd(tmp_path: Path) -> None:
    assert read(tmp_path / "a.npz").notes == ()
    assert read(tmp_path / "a.npz", times=seconds(0.5), tick_s=1.0).notes == ()


def test_milliseconds_taken_for_microseconds(tmp_path: Path) -> None:
    (note,) = read(tmp_path / "a.npz", times=(seconds() * 1000).astype(int)).notes
    assert note == (
        "the last event of all recordings is at 0.001 s (tick_s = 1e-06): if that is too short, set tick_s, "
        "the seconds of a unit of times (1e-3 for milliseconds, 1e-6 for microseconds)"
    )


def test_milliseconds_of_recordings_whose_duration_is_known(tmp_path: Path) -> None:
    notes = read(tmp_path / "a.npz", times=(seconds() * 1000).astype(int), duration=np.ones(RECORDINGS)).notes
    assert [note.split(":")[0] for note in notes] == [
        "the last event of all recordings is at 0.001 s (tick_s = 1e-06), and duration reaches 1 s"
    ]


def test_long_recordings(tmp_path: Path) -> None:
    (note,) = read(tmp_path / "a.npz", times=seconds() * 1000, tick_s=1.0).notes
    assert note.startswith(
        "the last event of all recordings is at 1000 s (tick_s = 1): if that is too long, set"
    )


def test_microseconds_taken_for_seconds(tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"its last event is at 1e\+06 s \(tick_s = 1\), in recording \d+, and a network has at "
        "most 65536 steps",
    ):
        read(tmp_path / "a.npz", times=seconds() * 1e6, tick_s=1.0)


@pytest.mark.parametrize("start", [100.5, 100.5 + 1.2 * np.arange(RECORDINGS)])
def test_times_of_a_running_clock(tmp_path: Path, start: Any) -> None:
    with pytest.raises(InputError, match=r"first event at 10\d\.\d s or later, .*subtract each recording's"):
        read(tmp_path / "a.npz", times=seconds(start), tick_s=1.0)


def test_recordings_that_begin_late(tmp_path: Path) -> None:
    (note,) = read(tmp_path / "a.npz", times=seconds(3.5), tick_s=1.0).notes
    assert note == (
        "all 12 recordings have their first event at 3.5 s or later, and none takes more than 1 s from first "
        "to last, as by a running clock: subtract each recording's start from its times if it tells nothing"
    )
    clock = 3 * np.arange(RECORDINGS)  # it runs from the first recording on
    (note,) = read(tmp_path / "a.npz", times=seconds(clock), tick_s=1.0).notes
    assert note.startswith("11 of 12 recordings have their first event at 3 s or later")


def test_all_that_begin_later_than_any_lasts_are_counted(tmp_path: Path) -> None:
    """A clock that runs from the first of 24 recordings on, of 1 s each: all others begin after 1 s."""
    several = {
        "units": np.arange(24 * EVENTS) % LINES,
        "offsets": EVENTS * np.arange(25),
        "labels": np.arange(24) % 3,
    }
    times = (1.25 * np.arange(24)[:, None] + np.linspace(0, 1, EVENTS)).reshape(-1)
    (note,) = read(tmp_path / "a.npz", times=times, tick_s=1.0, **several).notes
    assert note.startswith("23 of 24 recordings have their first event at 1.25 s or later")


def test_all_of_a_session_that_begin_late_are_counted(tmp_path: Path) -> None:
    """24 of 80 begin at 1, 1.25, ... s, where the others are over at 1.05 s."""
    start = np.concatenate([np.linspace(0, 0.05, 56), 1 + 0.25 * np.arange(24)])
    several = {
        "units": np.arange(80 * EVENTS) % LINES,
        "offsets": EVENTS * np.arange(81),
        "labels": np.arange(80) % 3,
    }
    times = (start[:, None] + np.linspace(0, 1, EVENTS)).reshape(-1)
    (note,) = read(tmp_path / "a.npz", times=times, tick_s=1.0, **several).notes
    assert note.startswith(
        "24 of 80 recordings have their first event at 1 s or later (first: recording 56), the others by "
        "0.05 s: subtract"
    )


def test_recordings_that_each_begin_somewhere_on_a_clock(tmp_path: Path) -> None:
    """Of one second each, from 1.25 to 9.5 s on: all begin later than any lasts."""
    (note,) = read(tmp_path / "a.npz", times=seconds(1.25 + 0.75 * np.arange(RECORDINGS)), tick_s=1.0).notes
    assert note.startswith(
        "all 12 recordings have their first event at 1.25 s or later, and none takes more than 1 s"
    )


def test_single_events_have_no_span(tmp_path: Path) -> None:
    one = {"units": np.arange(RECORDINGS) % 4, "offsets": np.arange(RECORDINGS + 1)}
    assert read(tmp_path / "a.npz", times=np.full(RECORDINGS, 0.5), tick_s=1.0, **one).notes == ()


def test_events_after_their_duration(tmp_path: Path) -> None:
    lasts = np.full(RECORDINGS, 1.5)
    lasts[4] = 0.5
    files = np.array([f"{number}.wav" for number in range(RECORDINGS)])
    for more, called in (({}, "recording 4"), ({"files": files}, "4.wav")):
        (note,) = read(tmp_path / "a.npz", times=seconds(), tick_s=1.0, duration=lasts, **more).notes
        assert note.startswith(
            f"1 of 12 recordings has events after the duration, {called} at 1 s, which lasts 0.5"
        )


def test_an_address_that_is_far_off(tmp_path: Path) -> None:
    units = np.tile(np.arange(48), RECORDINGS * EVENTS // 48 + 1)[: RECORDINGS * EVENTS]
    units[7] = 5000
    ds = read(tmp_path / "a.npz", units=units)
    assert ds.unit_count == 5001
    (note,) = ds.notes
    assert note.startswith("lines 48 to 4999 never fire and line 5000 fires 1 time: an address error?")
    units[7] = 7
    (note,) = read(tmp_path / "a.npz", units=units, unit_count=np.array(200)).notes
    assert note.startswith("152 of 200 lines never fire")


def test_classes_of_no_recording_and_of_one(tmp_path: Path) -> None:
    labels = np.array([1, 2, 3] * 4)
    (note,) = read(tmp_path / "a.npz", labels=labels).notes
    assert note == "class '0' has no recording: labels start at 1: subtract 1"
    labels = np.array([0, 1] * 6)
    labels[0] = 2
    (note,) = read(tmp_path / "a.npz", labels=labels, classes=["up", "down", "left"]).notes
    assert note.startswith("class 'left' has a single recording: add recordings")


def test_texts_are_classes(tmp_path: Path) -> None:
    ds = read(tmp_path / "a.npz", labels=np.array(["up", "left", "down"] * 4))
    assert (ds.class_names, ds.labels[:4].tolist()) == (("down", "left", "up"), [2, 1, 0, 2])
    ds = read(tmp_path / "a.npz", labels=np.array(["up", "left"] * 6), classes=np.array(["up", "left"]))
    assert (ds.class_names, ds.labels[:2].tolist()) == (("up", "left"), [0, 1])


def test_training_tells_what_is_odd(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.npz", times=seconds(3.5 + 0.01 * np.arange(RECORDINGS)), tick_s=1.0)
    said: list[str] = []
    load_recordings(load_config("digits", {"dataset": str(path)}), said.append)
    assert len(said) == 1
    assert said[0].startswith("event data 'mine': all 12 recordings have their first event at 3.5 s")


def test_a_slip_in_the_class_of_one_recording_is_told(tmp_path: Path) -> None:
    labels = np.array(["cavitation", "leak"] * 6)
    labels[3] = "laek"
    files = {"files": np.array([f"{number}.csv" for number in range(RECORDINGS)])}
    for more, which in (({}, ""), (files, " (3.csv)")):
        (note,) = read(tmp_path / "a.npz", labels=labels, **more).notes
        said = "class 'laek' (did you mean 'leak'?) has a single recording"
        assert note.startswith(f"{said}{which}: rename it, or add recordings to train, validate")


def test_a_single_line_fires(tmp_path: Path) -> None:
    (note,) = read(tmp_path / "a.npz", units=np.zeros(RECORDINGS * EVENTS, int), unit_count=10).notes
    assert note == "9 of 10 lines never fire; each line is an input of the network"


def test_recordings_far_shorter_than_the_others(tmp_path: Path) -> None:
    """All last 1 s, but two 0.099 s; 0.101 s is long enough."""
    lasts = np.ones(RECORDINGS)
    lasts[[3, 7, 8]] = 0.099, 0.099, 0.101
    times = (seconds().reshape(RECORDINGS, -1) * lasts[:, None]).reshape(-1)
    files = {"files": np.array([f"{number}.wav" for number in range(RECORDINGS)])}
    rest = "look at them, or leave them out (recordings.select, docs/data.md)"
    for named, told in (({}, "recording 3"), (files, "3.wav")):
        (note,) = read(tmp_path / "a.npz", times=times, tick_s=1.0, duration=lasts, **named).notes
        assert note == (
            f"2 of 12 recordings last less than a tenth of the median, 1 s (first: {told}, 0.099 s): {rest}"
        )


def test_recordings_without_an_event(tmp_path: Path) -> None:
    """They are not called short as well."""
    offsets = EVENTS * np.arange(RECORDINGS + 1)
    offsets[1] = 0
    rest = "look at them, or leave them out (recordings.select, docs/data.md)"
    of_two, note = read(tmp_path / "a.npz", times=seconds(), tick_s=1.0, offsets=offsets).notes
    assert of_two.startswith("1 of 12 recordings has times out of order (first: recording 1)")
    assert note == f"1 of 12 recordings has no event (first: recording 0): {rest}"
    offsets[4:7] = offsets[3]
    files = np.array([f"{number}.csv" for number in range(RECORDINGS)])
    (note,) = read(tmp_path / "a.npz", times=seconds(), tick_s=1.0, offsets=offsets, files=files).notes
    assert note == f"4 of 12 recordings have no event (first: 0.csv): {rest}"


def test_some_recordings_that_begin_late(tmp_path: Path) -> None:
    """Of one second each, two of twelve, or eight, from 2.6 s on; no recording by itself is late enough."""
    rest = "subtract each recording's start from its times if it tells nothing"
    for late, first in (([4, 9], 4), (range(8), 0)):
        start = np.where(np.isin(np.arange(RECORDINGS), list(late)), 2.6, 0.25)
        (note,) = read(tmp_path / "a.npz", times=seconds(start), tick_s=1.0).notes
        assert note == (
            f"{len(late)} of 12 recordings have their first event at 2.6 s or later (first: recording "
            f"{first}), the others by 0.25 s: {rest}"
        )
    spread = np.linspace(0, 1.5, RECORDINGS)  # as where a window is cut at random
    assert read(tmp_path / "a.npz", times=seconds(spread), tick_s=1.0).notes == ()


def test_a_clock_that_runs_on_makes_no_other_recording_short(tmp_path: Path) -> None:
    """Of one second each, nine of twelve from 2000 s on: the others are no shorter, nor is the unit wrong."""
    start = np.where(np.arange(RECORDINGS) < 3, 0.0, 2000.0 + 30 * np.arange(RECORDINGS))
    (note,) = read(tmp_path / "a.npz", times=seconds(start), tick_s=1.0).notes
    assert note.startswith("9 of 12 recordings have their first event at 2.09e+03 s or later")


def test_one_late_recording_of_many_is_no_note(tmp_path: Path) -> None:
    """One of 20 is 5 %, one of 19 is more."""
    for count, told in ((20, 0), (19, 1)):
        start = np.where(np.arange(count) == 3, 5.0, 0.0)
        several = {
            "times": (start[:, None] + np.linspace(0, 1, 5)).reshape(-1),
            "units": np.tile(np.arange(5), count),
            "offsets": 5 * np.arange(count + 1),
            "labels": np.arange(count) % 2,
        }
        notes = read(tmp_path / "a.npz", tick_s=1.0, **several).notes
        assert sum("has its first event at" in note for note in notes) == told


def test_names_that_people_take_for_the_same(tmp_path: Path) -> None:
    labels = np.array(["tap", "tap ", "twist"] * 4)
    speaker = np.array(["anna", "ben", "ANNA"] * 4)
    said = "that differ in case, blanks, marks, zeros in front of numbers or the code of their letters alone"
    assert read(tmp_path / "a.npz", labels=labels, speaker=speaker).notes == (
        f"classes {said}: 'tap', 'tap ': give what is the same one name",
        f"sources (field `speaker`) {said}: 'ANNA', 'anna': give what is the same one name",
    )


def test_recordings_of_no_known_class_need_no_others(tmp_path: Path) -> None:
    one = {"offsets": np.array([0, RECORDINGS * EVENTS]), "labels": np.array(["?"])}
    assert read(tmp_path / "a.npz", **one).notes == ()


def test_labels_that_became_texts_though_they_are_missing(tmp_path: Path) -> None:
    labels = np.array([0, 1, None] * 4).astype(str)
    (note,) = read(tmp_path / "a.npz", labels=labels).notes
    assert note == (
        "class 'None' has 4 of 12 recordings, and is what a label that is missing becomes as a text: name "
        "their class, or write '?' for no label, if it is that"
    )
    assert read(tmp_path / "a.npz", labels=np.array(["nancy", "nina", "none"] * 4)).notes == ()
    unlabelled = np.array([0.0, 1.0, np.nan] * 4).astype(str)
    assert read(tmp_path / "a.npz", labels=unlabelled).class_names == ("0.0", "1.0", "?")


def test_speakers_that_became_texts_though_they_are_missing(tmp_path: Path) -> None:
    (note,) = read(tmp_path / "a.npz", speaker=np.array(["ann", "nan"] * 6)).notes
    assert note == (
        "a source (field `speaker`) is called 'nan', as a missing one is as a text: if it is that, give "
        "numbers, and -1 there"
    )


def test_rows_that_zeros_fill_up(tmp_path: Path) -> None:
    """Recordings 2 and 5 end in two and three zeros; one alone, and one that is sorted, may be events."""
    times = np.sort(np.random.default_rng(1).integers(1, 1_000_000, (RECORDINGS, EVENTS)), axis=1)
    units = np.tile(np.arange(LINES), (RECORDINGS, EVENTS // LINES))
    for one, count in ((2, 2), (5, 3), (7, 1)):
        times[one, EVENTS - count :] = units[one, EVENTS - count :] = 0
    times[9, :2] = units[9, :2] = 0
    (note,) = read(tmp_path / "a.npz", times=times.reshape(-1), units=units.reshape(-1)).notes
    assert note == (
        "2 of 12 recordings end in events at 0 on line 0 that follow later ones, as rows that zeros fill up "
        "to one length (first: recording 2): leave those out"
    )


def test_addresses_that_start_at_1(tmp_path: Path) -> None:
    units = np.tile(np.arange(LINES), RECORDINGS * EVENTS // LINES)
    assert read(tmp_path / "a.npz", units=units + 1).notes == (
        "line 0 alone never fires: if addresses start at 1, subtract 1",
    )
    assert read(tmp_path / "a.npz", units=units + 1, encoder=np.array("a cochlea")).notes == ()
    assert read(tmp_path / "a.npz", units=np.where(units == 4, 3, units) + 1).notes == ()
    assert read(tmp_path / "a.npz", units=np.where(units == 4, 3, units)).notes == ()


def test_seconds_since_1970_in_float32(tmp_path: Path) -> None:
    """They are 128 s apart there, so that nothing can be subtracted any more."""
    late = seconds(1.7e9).astype(np.float32)
    with pytest.raises(InputError, match=r"all at one time, up to 1\.7e\+09 s, .*start in float64$"):
        read(tmp_path / "a.npz", times=late, tick_s=1.0)
