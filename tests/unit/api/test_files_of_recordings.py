"""Errors of `from_events` about a recording begin with the file that it was made of."""

from __future__ import annotations

from pathlib import Path

import pytest

import snnc
from snnc.errors import InputError

GIVEN = {
    "times": [[0.0], [0.1, 0.2]],
    "addresses": [[0], [1, 2]],
    "labels": ["left", "right"],
    "speakers": ["ann", "ben"],
    "classes": None,
    "lines": 3,
    "tick_s": 1.0,
}


def refused(files: object, **changes: object) -> str:
    with pytest.raises(InputError) as found:
        snnc.from_events(**GIVEN | changes, files=files)
    return str(found.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"addresses": [[0], [1, 31]]}, "addresses[1][1] is 31; input lines"),
        ({"times": [[0.0], [0.1, -0.2]]}, "times[1][1] is -0.2; give numbers"),
        ({"times": [[0.0], ["soon", "late"]]}, "times[1]: is <U4 of shape"),
        ({"times": [[0.0], [0.1]]}, "recording 1: has 1 times and 2 addresses"),
        ({"addresses": [[0], [0.5, 1.0]]}, "addresses[1]: is float64"),
        ({"labels": [0, None]}, "labels: recording 1 of 2 has no label"),
        ({"labels": ["left", "up"], "classes": ["left", "right"]}, "labels[1]: is 'up'"),
        ({"labels": [0, 9]}, "labels[1] is 9, and there are 2 recordings"),
        ({"labels": [0, 9], "classes": ["left", "right"]}, ""),
        ({"labels": [0, -1]}, ""),
        ({"speakers": ["ann", None]}, "speakers: recording 1 of 2 names nobody"),
    ],
)
def test_the_file_is_named(changes: dict[str, object], said: str) -> None:
    for files in (["a.csv", "b.csv"], (Path("a.csv"), Path("b.csv")), iter(["a.csv", "b.csv"])):
        assert refused(files, **changes).startswith(f"b.csv: {said}")
    assert refused(None, **changes).startswith(said)


def test_several_files_are_named_up_to_two() -> None:
    many = {"times": [[0.0]] * 4, "addresses": [[0]] * 4, "speakers": None, "labels": [0] + [None] * 3}
    told = refused([f"{number}.csv" for number in range(4)], **many)
    assert told.startswith("1.csv, 2.csv, ...: labels: recordings 1, 2, 3 of 4 have no label")


def test_what_is_of_no_recording_names_no_file() -> None:
    for changes in ({"labels": ["left"]}, {"times": [[0.0]]}, {"speakers": ["ann"]}, {"lines": 0}):
        assert ".csv" not in refused(["a.csv", "b.csv"], **changes)
    assert refused(["a.csv"]).startswith("files: are 1; give a text")
    assert refused("a.csv").startswith("files: is 'a.csv'; give")
