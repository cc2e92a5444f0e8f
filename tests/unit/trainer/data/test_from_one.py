"""Lines that are counted from 1: line 0 never fires, and the last is one too high."""

import numpy as np
import pytest

import snnc
from snnc.errors import UnlikelyWarning
from snnc.trainer.data.from_one import counted_from_one, looks_counted_from_one


@pytest.mark.parametrize(
    ("reach", "lines", "told"),
    [
        ((1, 32), 32, "addresses start at 1: subtract 1"),
        ((3, 32), 32, "line 0 never fires, and line 32 does: if addresses start at 1, subtract 1"),
        ((0, 32), 32, ""),
        ((1, 33), 32, ""),
        ((1, 31), 32, ""),
    ],
)
def test_addresses_of_too_few_lines(reach: tuple[int, int], lines: int, told: str) -> None:
    assert counted_from_one(reach, lines) == told


@pytest.mark.parametrize(
    ("lines", "silent", "told"),
    [
        (33, [0], "line 0 alone never fires"),
        (34, [0], "line 0 alone never fires"),  # whatever their number
        (33, [0, 1, 17], "line 0 never fires, and the last that does is line 32"),
        (64, [0, *range(33, 64)], "line 0 never fires, and the last that does is line 32"),  # lines=64
        (64, [0, 5, *range(33, 64)], ""),  # silent ones beyond, and before: any may be
        (33, [0, *range(8, 32)], ""),  # most are silent, so line 0 says nothing
        (32, [0, 5], ""),  # the last is 31: line 0 is one of several that are silent
        (2313, [0, 5], ""),  # of a sensor, whose corners are
        (4, [0], ""),
        (33, [1, 5], ""),
        (33, [*range(33)], ""),
    ],
)
def test_lines_that_never_fire(lines: int, silent: list[int], told: str) -> None:
    counts = np.ones(lines, int)
    counts[silent] = 0
    found = looks_counted_from_one(counts)
    assert found == (f"{told}: if addresses start at 1, subtract 1" if told else "")


@pytest.mark.parametrize("lines", [None, 33, 64])
def test_recordings_of_channels_1_to_32_of_which_some_are_silent(lines: int | None) -> None:
    """With 64 lines those from 33 on are silent, too, so it is told where all of 1 to 32 fire."""
    channels = [each for each in range(1, 33) if lines == 64 or each not in (7, 20)]
    times = [[0.001 * k for k in range(len(channels))]] * 2
    with pytest.warns(UnlikelyWarning, match="line 0 never fires, and the last that does is line 32: if"):
        snnc.from_events(times, [channels] * 2, ["a", "b"], tick_s=1.0, lines=lines)
