"""The event store: validation, selection, frames."""

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnc.errors import InputError
from snnc.trainer.data.durations import with_last_event_duration
from snnc.trainer.data.events import EventDataset


def tiny(**changes: Any) -> EventDataset:
    """Three recordings of 4 units at 1 ms; the second is empty."""
    fields: dict[str, Any] = {
        "times": np.array([0, 9, 10, 10, 25, 3], np.uint16),
        "units": np.array([0, 0, 1, 3, 2, 3]),
        "offsets": np.array([0, 5, 5, 6]),
        "labels": np.array([1, 0, 1]),
        "speaker": np.array([7, 8, 9]),
        "trial": np.array([0, 1, 2]),
        "duration": np.array([0.03, 0.01, 0.01], np.float32),
        "tick_s": 1e-3,
        "unit_count": 4,
        "class_names": ("no", "yes"),
        "name": "tiny",
    }
    return EventDataset(**(fields | changes))


def test_frames_by_hand() -> None:
    ds = tiny()
    expected = np.zeros((3, 3, 4), np.uint8)
    expected[0, 0, 0] = 1  # 0 and 9 ms share a bin
    expected[0, 1, 1] = expected[0, 1, 3] = 1  # 10 ms opens the next one
    expected[0, 2, 2] = 1
    expected[2, 0, 3] = 1
    frames = ds.frames([0, 1, 2], 0.01, 3)
    assert frames.dtype == np.uint8
    np.testing.assert_array_equal(frames, expected)


def test_frames_of_stretched_recordings() -> None:
    """0, 9, 10, 10, 25 ms twice as slow are 0, 18, 20, 20, 50; the last one is beyond four steps of 10 ms."""
    frames = tiny().frames([0, 2], 0.01, 4, stretch=np.array([2.0, 0.5]))
    expected = np.zeros((2, 4, 4), np.uint8)
    expected[0, 0, 0] = expected[0, 1, 0] = expected[0, 2, 1] = expected[0, 2, 3] = 1
    expected[1, 0, 3] = 1
    np.testing.assert_array_equal(frames, expected)


def test_frames_pool_units() -> None:
    # units 0, 1 -> channel 0 and 2, 3 -> channel 1; recording 2 first, then recording 0
    frames = tiny().frames([2, 0], 0.01, 3, unit_pool=2)
    np.testing.assert_array_equal(frames, [[[0, 1], [0, 0], [0, 0]], [[1, 0], [1, 1], [0, 1]]])


def test_frames_refuse_to_drop_events_unless_allowed() -> None:
    ds = tiny()
    assert ds.needed_steps(0.01) == 3
    with pytest.raises(
        InputError,
        match=r"recording 0 needs 3 steps of 0\.01 s, time_steps is 2: raise time_steps, or padding",
    ):
        ds.frames([0], 0.01, 2)
    kept = ds.frames([0], 0.01, 2, allow_truncation=True)
    np.testing.assert_array_equal(kept, ds.frames([0], 0.01, 3)[:, :2])


def test_edges_of_bins_are_exact_where_a_bin_is_whole_ticks() -> None:
    # 0.29 / 0.01 is 28.999999999999996 in float64
    ds = tiny(times=np.array([290, 290, 290, 290, 290, 290], np.uint16))
    assert ds.needed_steps(0.01) == 30
    assert ds.frames([2], 0.01, 30)[0, 29, 3] == 1


def test_bins_of_fractional_ticks_and_of_seconds() -> None:
    assert tiny().needed_steps(0.0025) == 11  # floor(25 / 2.5) = 10
    seconds = tiny(times=np.array([0, 0.25, 0.5, 0.5, 0.75, 0.1], np.float32), tick_s=1.0)
    assert seconds.needed_steps(0.01) == 76  # floor(0.75 / 0.01) = 75


@st.composite
def datasets(draw: st.DrawFn) -> EventDataset:
    lengths = draw(st.lists(st.integers(0, 6), min_size=1, max_size=5))
    total, n = sum(lengths), len(lengths)
    times = draw(st.lists(st.integers(0, 200), min_size=total, max_size=total))
    units = draw(st.lists(st.integers(0, 11), min_size=total, max_size=total))
    return tiny(
        times=np.array(times, np.uint16),
        units=np.array(units, np.int64),
        offsets=np.cumsum([0, *lengths]),
        labels=np.zeros(n, np.int64),
        speaker=np.arange(n),
        trial=np.arange(n),
        duration=np.ones(n, np.float32),
        unit_count=12,
    )


@settings(deadline=None)
@given(datasets(), st.integers(1, 30), st.sampled_from([1, 2, 3, 4, 6, 12]), st.data())
def test_frames_equal_a_plain_loop(ds: EventDataset, ticks: int, pool: int, data: st.DataObject) -> None:
    indices = data.draw(st.lists(st.integers(0, len(ds) - 1), max_size=6))
    steps = data.draw(st.integers(1, 210))
    expected = np.zeros((len(indices), steps, 12 // pool), np.uint8)
    for b, i in enumerate(indices):
        for e in range(ds.offsets[i], ds.offsets[i + 1]):
            step = int(ds.times[e]) // ticks
            if step < steps:
                expected[b, step, int(ds.units[e]) // pool] = 1
    frames = ds.frames(np.array(indices, int), ticks * 1e-3, steps, pool, allow_truncation=True)
    np.testing.assert_array_equal(frames, expected)


@settings(deadline=None)
@given(datasets(), st.data())
def test_select_commutes_with_frames(ds: EventDataset, data: st.DataObject) -> None:
    indices = data.draw(st.lists(st.integers(0, len(ds) - 1), max_size=6))
    part = ds.select(np.array(indices, int))
    assert part.speaker.tolist() == indices
    every = np.arange(len(part))
    np.testing.assert_array_equal(
        part.frames(every, 0.001, 201), ds.frames(np.array(indices, int), 0.001, 201)
    )


def test_many_recordings_cross_the_chunks() -> None:
    n = 1500
    ds = tiny(
        times=np.arange(n, dtype=np.uint16),
        units=np.arange(n) % 4,
        offsets=np.arange(n + 1),
        labels=np.zeros(n, int),
        speaker=np.arange(n),
        trial=np.arange(n),
        duration=np.ones(n, np.float32),
    )
    recording, step, unit = np.nonzero(ds.frames(np.arange(n), 1e-3, n))
    np.testing.assert_array_equal(recording, np.arange(n))
    np.testing.assert_array_equal(step, np.arange(n))
    np.testing.assert_array_equal(unit, np.arange(n) % 4)


def test_select_by_mask() -> None:
    part = tiny().select([True, False, True])
    assert len(part) == 2
    assert part.speaker.tolist() == [7, 9]
    assert part.offsets.tolist() == [0, 5, 6]
    assert part.times.tolist() == [0, 9, 10, 10, 25, 3]


def test_arrays_cannot_be_changed() -> None:
    times = np.array([0, 9, 10, 10, 25, 3], np.uint16)
    ds = tiny(times=times)
    times[0] = 77
    assert ds.times[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        ds.times[0] = 1
    with pytest.raises(FrozenInstanceError):
        ds.unit_count = 5  # type: ignore[misc]


def test_the_hash_tells_recordings_apart() -> None:
    same = tiny(name="other name", duration=np.ones(3, np.float32))
    assert same.sha256() == tiny().sha256()
    changes: list[dict[str, Any]] = [
        {"times": np.array([0, 9, 10, 10, 25, 4], np.uint16)},
        {"times": np.array([0, 9, 10, 10, 25, 3], np.float32)},
        {"units": np.array([0, 0, 1, 3, 2, 2])},
        {"offsets": np.array([0, 4, 5, 6])},
        {"labels": np.array([1, 0, 0])},
        {"speaker": np.array([7, 8, 8])},
        {"tick_s": 2e-3},
        {"unit_count": 5},
        {"class_names": ("no", "maybe")},
        {"speaker_names": tuple("abcdefghij")},
        {"speaker_names": tuple("abcdefghji")},
    ]
    assert len({tiny(**change).sha256() for change in [{}, *changes]}) == 1 + len(changes)


def test_last_event_as_duration() -> None:
    np.testing.assert_allclose(with_last_event_duration(tiny()).duration, [0.025, 0, 0.003], rtol=1e-6)


def test_no_recordings_at_all() -> None:
    none = tiny().select(np.array([], int))
    assert len(none) == 0
    assert none.needed_steps(0.01) == 0
    assert none.frames([], 0.01, 5).shape == (0, 5, 4)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"times": np.array([0.0, 1, 2, 3, np.nan, 5], np.float32)}, r"times\[4\] = nan"),
        ({"times": np.array([0.0, 1, np.inf, 3, 4, 5], np.float32)}, r"times\[2\] = inf"),
        ({"times": np.array([0.0, -1, 2, 3, 4, 5], np.float32)}, r"times\[1\] = -1"),
        ({"times": np.zeros(6, bool)}, "times are bool"),
        ({"times": np.zeros(6, complex)}, "times are complex128; give integers"),
        ({"times": np.array([0, 1, -5, 2, 3, 4])}, r"times\[2\] = -5; it must be at least 0"),
        ({"times": np.array([0, 1, 2**53, 2, 3, 4])}, r"times\[2\] = 9007199254740992; .* below 2\*\*53"),
        ({"times": np.array([0, 1, 2**63, 2, 3, 4], np.uint64)}, r"times\[2\] = 9223372036854775808"),
        ({"times": np.zeros((6, 1), np.uint16)}, "times has 2 dimensions"),
        ({"units": np.array([0, 0, 4, 3, 2, 3])}, r"units\[2\] = 4 is outside 0\.\.3"),
        ({"units": np.array([0, 0, -1, 3, 2, 3])}, r"units\[2\] = -1"),
        ({"units": np.array([0, 0, 260, 3, 2, 3])}, r"units\[2\] = 260"),  # would wrap to 4 as uint8
        ({"units": np.zeros(6)}, "units are float64"),
        ({"units": np.zeros(5, int)}, "6 times but 5 units"),
        ({"offsets": np.array([0, 5, 4, 6])}, r"offsets\[2\] = 4 is below offsets\[1\] = 5"),
        ({"offsets": np.array([1, 5, 5, 6])}, "from 1 to 6"),
        ({"offsets": np.array([0, 5, 5, 7])}, "from 0 to 7"),
        ({"offsets": np.array([0, 5, 6])}, "offsets has length 3; 3 labels need 4"),
        ({"labels": np.array([0, 2, 1])}, r"labels\[1\] = 2"),
        ({"labels": np.array([0, -1, 1])}, r"labels\[1\] = -1"),
        ({"speaker": np.array([0, 1])}, "speaker has length 2"),
        ({"duration": np.array([1, np.nan, 1], np.float32)}, r"duration\[1\] = nan"),
        ({"tick_s": 0.0}, "tick_s is 0"),
        ({"tick_s": float("nan")}, "tick_s is nan"),
        ({"unit_count": 0}, "unit_count is 0"),
        ({"class_names": ()}, "class_names are"),
        ({"class_names": ("no", "no")}, "two classes have the name 'no'"),
        ({"class_names": ("no", "")}, "class 1 has the name ''"),
    ],
)
def test_bad_values_are_named(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError, match=text):
        tiny(**changes)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda ds: ds.frames([0], 0.0, 3), "bin_s is 0"),
        (lambda ds: ds.frames([0], float("nan"), 3), "bin_s is nan"),
        (lambda ds: ds.frames([0], 0.01, 0), "time_steps is 0"),
        (lambda ds: ds.frames([0], 0.01, 3, unit_pool=3), "unit_pool is 3"),
        (lambda ds: ds.frames([3], 0.01, 3), "indices reach from 3 to 3"),
        (lambda ds: ds.frames([-1], 0.01, 3), "indices reach from -1"),
        (lambda ds: ds.select([3]), "which reach from 3 to 3 of 3 recordings"),
        *(
            (lambda ds, bad=bad: ds.frames([0], bad, 3), "bin_s is .*; give a positive number of seconds")
            for bad in ("", None, True, [1.0], np.array([]), {})
        ),
        *(
            (lambda ds, bad=bad: ds.frames([0], 0.01, bad), "time_steps is .*; give a whole number, at least")
            for bad in ("", None, True, 2.5, [3], np.array([3]))
        ),
        *(
            (lambda ds, bad=bad: ds.frames([0], 0.01, 3, bad), "unit_pool is .*; give a divisor of the 4 un")
            for bad in ("x", None, True, 1.0, [1])
        ),
        *(
            (
                lambda ds, bad=bad: ds.frames([0], 0.01, 3, allow_truncation=bad),
                "allow_truncation is .*; give Tr",
            )
            for bad in ("", None, 1, 0.0, [])
        ),
        *(
            (
                lambda ds, bad=bad: ds.frames([0], 0.01, 3, stretch=bad),
                "stretch is .*; give an array of 1 num",
            )
            for bad in ("", 1.0, True, [1.0], np.ones(2), np.array(["a"]))
        ),
        (lambda ds: ds.needed_steps(""), "bin_s is ''"),
        (lambda ds: ds.needed_steps(True), "bin_s is True"),
        (lambda ds: ds.select(True), "which: the mask has shape"),
        (lambda ds: ds.select(None), "which: shape"),
        (lambda ds: ds.select([0.5]), "give a list of integers"),
        (lambda ds: ds.select([True, False]), r"mask has shape \(2,\)"),
    ],
)
def test_bad_requests_are_named(call: Any, text: str) -> None:
    with pytest.raises(InputError, match=text):
        call(tiny())


def test_replace_checks_again() -> None:
    with pytest.raises(InputError, match=r"units\[3\] = 3"):
        replace(tiny(), unit_count=3)
