"""What is said of an accuracy on recordings that are of few speakers."""

from __future__ import annotations

import numpy as np
import pytest

import snnc
from snnc.report.speakers import few_speakers
from snnc.verification.groups import groups


def recordings(speakers: list[str] | list[int] | None) -> snnc.Recordings:
    """One event each; the speakers are the only thing that is looked at."""
    count = 4 if speakers is None else len(speakers)
    return snnc.from_events([[1]] * count, [[0]] * count, np.arange(count) % 2, tick_s=1.0, speakers=speakers)


def said_of(events: snnc.Recordings) -> str:
    found = groups("float", events.labels, events).speakers
    return few_speakers({each.name: (each.correct, each.total) for each in found})


@pytest.mark.parametrize(
    ("speakers", "told"),
    [
        (
            ["Joerg"] * 4,
            "4 recordings of 1 source (field `speaker`: Joerg); accuracy on other sources may differ",
        ),
        (
            ["Bo", "Al"],
            "2 recordings of 2 sources (field `speaker`: Al, Bo); accuracy on other sources may differ",
        ),
        ([7, 7], "2 recordings of 1 source (field `speaker`: 7); accuracy on other sources may differ"),
        (
            list("abcda"),
            "5 recordings of 4 sources (field `speaker`: a, b, c, d); accuracy on other sources may differ",
        ),
        (list("abcdefghi"), "9 recordings of 9 sources (field `speaker`: "),
        (list("abcdefghij"), ""),
        (None, ""),
    ],
)
def test_few_speakers_are_named(speakers: list[str] | list[int] | None, told: str) -> None:
    said = said_of(recordings(speakers))
    assert said.startswith(told) if told else not said


def test_an_unknown_speaker_may_be_any_number() -> None:
    from dataclasses import replace

    known = recordings([0, 0])
    assert said_of(replace(known, speaker=np.array([0, -1]))) == ""
