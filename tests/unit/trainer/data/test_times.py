"""Times of any type: kept exactly, and refused where they cannot be those of the recordings."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snnc import from_events
from snnc.errors import InputError
from snnc.trainer.data import load_events_npz, save_events_npz


def write(path: Path, times: Any, **changes: Any) -> Path:
    """Two recordings of two events each."""
    arrays = {
        "times": times,
        "tick_s": 1e-6,
        "units": np.array([0, 1, 1, 0]),
        "offsets": np.array([0, 2, 4]),
        "labels": np.array([0, 1]),
    } | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


CUT = np.array([0, 32_500, 33_500, 20_000]).astype(np.int16)
MICROSECONDS = [0, 65_535, 65_536, 1_499_000]


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.uint32, np.uint64, np.float32, np.float64, ">i4"])
def test_microseconds_stay_what_they_are(tmp_path: Path, kind: Any) -> None:
    ds = load_events_npz(write(tmp_path / "a.npz", np.array(MICROSECONDS, kind)))
    assert ds.times.tolist() == MICROSECONDS
    assert ds.times.dtype == (np.uint32 if np.dtype(kind).kind in "iu" else np.float32)
    np.testing.assert_allclose(ds.duration, [0.065535, 1.499], rtol=1e-6)
    frames = ds.frames([0, 1], 0.001, 1500)
    # 65535 us are in step 65, 65536 too, 1499000 open step 1499
    assert np.argwhere(frames).tolist() == [[0, 0, 0], [0, 65, 1], [1, 65, 1], [1, 1499, 0]]


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.int64, np.uint64])
def test_equal_times_are_equal_data(tmp_path: Path, kind: type) -> None:
    times = [3, 7, 9, 120]
    plain = load_events_npz(write(tmp_path / "a.npz", np.array(times, np.uint16)))
    other = load_events_npz(write(tmp_path / "a.npz", np.array(times, kind)))
    assert other.times.dtype == np.uint16
    assert other.sha256() == plain.sha256()


def test_part_of_long_recordings_has_the_hash_of_its_file(tmp_path: Path) -> None:
    part = load_events_npz(write(tmp_path / "a.npz", np.array([5, 9, 7, 80_000]))).select([0])
    save_events_npz(part, tmp_path / "b.npz")
    assert load_events_npz(tmp_path / "b.npz").sha256() == part.sha256()


def test_float64_is_not_rounded(tmp_path: Path) -> None:
    times = [0.1, 0.2, 0.30000000000000004, 1.0]
    ds = load_events_npz(write(tmp_path / "a.npz", np.array(times), tick_s=1.0))
    assert ds.times.dtype == np.float64
    assert ds.times.tolist() == times
    save_events_npz(ds, tmp_path / "b.npz")
    assert load_events_npz(tmp_path / "b.npz").sha256() == ds.sha256()
    exact = load_events_npz(write(tmp_path / "a.npz", np.array([0.5, 0.25, 1, 2]), tick_s=1.0))
    assert exact.times.dtype == np.float32


def test_wrapped_times_contradict_their_duration(tmp_path: Path) -> None:
    cut = np.array([0, 1_200_000, 5, 1_499_000]).astype(np.uint16)
    path = write(tmp_path / "a.npz", cut, duration=np.array([0.05, 1.499]))
    with pytest.raises(
        InputError, match=r"recording 1 lasts 1\.499 s, and times that are uint16 .* end at 0\.065536 s"
    ):
        load_events_npz(path)
    whole = np.array([0, 1_200_000, 5, 1_499_000])
    assert load_events_npz(write(path, whole, duration=np.array([1.3, 1.499]))).times[3] == 1_499_000


def test_tenths_of_milliseconds_wrap_too(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.npz", None, tick_s=None, times_1e4=np.zeros(4, np.uint16), duration=np.array([1.0, 6.6])
    )
    with pytest.raises(InputError, match=r"recording 1 lasts 6\.6 s, .* end at 6\.5536 s .* as int64"):
        load_events_npz(path)


def test_a_silent_end_is_written_so_that_it_is_read_again(tmp_path: Path) -> None:
    ds = load_events_npz(write(tmp_path / "a.npz", np.array([0, 1, 2, 3]), duration=np.array([1.0, 1.0])))
    assert ds.times.dtype == np.uint16
    save_events_npz(ds, tmp_path / "b.npz")
    assert load_events_npz(tmp_path / "b.npz").sha256() == ds.sha256()


@pytest.mark.parametrize(
    ("times", "tick_s", "text"),
    [
        (CUT, 1e-6, r"= -32036; .* from -32036 to 32500, .* 16 bits do: store the whole .*\(np.int16\)$"),
        (CUT.astype(np.int64), 1e-6, r"from -32036 to 32500, .* 16 bits"),
        (CUT.astype(np.float32), 1e-6, r"from -32036 to 32500, .* 16 bits"),
        (CUT / 1e6, 1.0, r"from -0.032036 to 0.0325, .* 16 bits do: divide whole integers"),
        (CUT / 1e3, 1e-3, r"from -32.036 to 32.5, .* 16 bits do: divide whole integers"),
        (CUT.astype(np.int64) << 16, 1e-6, r"from -2099511296 to 2129920000, .* 32 bits .*\(np.int32\)$"),
    ],
)
def test_times_that_overflow_a_signed_type(tmp_path: Path, times: Any, tick_s: float, text: str) -> None:
    """33,500 is 65,536 more than -32,036; the remedy is no start to subtract."""
    with pytest.raises(InputError, match=text) as raised:
        load_events_npz(write(tmp_path / "a.npz", times, tick_s=tick_s))
    assert "start" not in str(raised.value)
    halves = [times[:2], times[2:]]
    with pytest.raises(InputError, match=text.partition("; .* ")[2] or text):
        from_events(halves, [[0, 1], [1, 0]], [0, 1], tick_s=tick_s)


def test_times_before_a_trigger_overflow_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"= -200; .*: repair it, or subtract each recording's start$"):
        load_events_npz(write(tmp_path / "a.npz", np.array([-200, 0, 100, 32_767], np.int16)))


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (np.array([0, 1, -7, 3]), r"times\[2\] = -7; it must be at least 0.*subtract each recording's start"),
        (np.array([0, 1, 2, 2**53]), r"times\[3\] = 9007199254740992; it must be below 2\*\*53"),
        (np.array([True] * 4), "times are bool; give integers"),
        (np.zeros(4, np.longdouble), "times are float128; .* at most 64 bits"),
    ],
)
def test_times_that_are_none(tmp_path: Path, times: Any, text: str) -> None:
    with pytest.raises(InputError, match=text):
        load_events_npz(write(tmp_path / "a.npz", times))
