"""What is told of recordings that were encoded: whether their sampling rate tells the class."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from snnc.trainer.data.encoded import Encoded, remarks
from snnc.trainer.data.recording import Recording


def told(counts: Mapping[str, tuple[int, int]]) -> list[str]:
    """The notes on classes with so many recordings of 8 kHz, of so many in all; the others have 16 kHz."""
    recordings, encoded = [], []
    for label, (low, total) in counts.items():
        for take in range(total):
            name = f"{label}/{take}.wav"
            recordings.append(Recording(Path(name), name, label, None))
            event = np.zeros(1)
            rate = 8000 if take < low else 16_000
            encoded.append(Encoded(event, event, 0.1, rate, 1, name.encode()))
    return remarks(recordings, encoded, recordings, 16_000)


def fact(low: int) -> str:
    return (
        f"{low} recordings have less than 16000 samples a second (from 8000 on), and so nothing above 4000 Hz"
    )


@pytest.mark.parametrize(
    "counts",
    [
        {"a": (36, 108), "b": (36, 108), "c": (36, 108)},
        {"a": (30, 108), "b": (42, 108), "c": (36, 108)},
        {"a": (1, 4), "b": (3, 4)},  # 1 more and 1 less than half: a draw at random gives that as well
        {"a": (12, 12), "b": (3, 3)},
    ],
)
def test_a_rate_that_tells_no_class_is_a_plain_fact(counts: Mapping[str, tuple[int, int]]) -> None:
    assert told(counts) == [fact(sum(low for low, _ in counts.values()))]


@pytest.mark.parametrize(
    ("counts", "which"),
    [
        ({"a": (6, 6), "b": (0, 6)}, "6 of 6 of class 'a' and 6 of 12"),
        ({"a": (36, 108), "b": (36, 108), "c": (100, 108)}, "100 of 108 of class 'c' and 172 of 324"),
        ({"a": (50, 60), "b": (50, 60), "c": (10, 60)}, "10 of 60 of class 'c' and 110 of 180"),
    ],
)
def test_the_class_that_its_rate_tells_is_named(counts: Mapping[str, tuple[int, int]], which: str) -> None:
    low = sum(each for each, _ in counts.values())
    assert told(counts) == [f"{fact(low)}; so have {which} of all: a class may be told by its sampling rate"]
