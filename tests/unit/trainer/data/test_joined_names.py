"""Names of classes and sources of a folder that hardly differ: one name, or several, as the user says."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.errors import UnencodedError
from snnc.trainer.data.joined_names import join_options, joined
from snnc.trainer.data.recording import Recording

PATHS = ["Worn/hall 1/a", "worn/hall_1/b", "worn/hall_01/c", "WORN/hall_1/d", "ok/hall 2/e"]
LAYOUT = "{class}/{speaker}/{}"


def recordings(paths: list[str]) -> list[Recording]:
    return [Recording(Path(path), f"{path}.wav", *path.split("/")[:2]) for path in paths]


def told(found: list[Recording]) -> list[tuple[str, str | None]]:
    return [(each.label, each.speaker) for each in found]


def test_classes_that_hardly_differ_are_asked_about() -> None:
    with pytest.raises(UnencodedError) as error:
        joined(Path("r"), recordings(PATHS), None)
    assert str(error.value) == (
        "r: classes that differ in case, blanks, marks, zeros in front of numbers or the code of their "
        "letters alone: 'WORN', 'Worn', 'worn': if they are the same, --join-names gives them the name of "
        "most recordings (of equally many, the first in order), --keep-names keeps them apart"
    )


def test_joined_are_classes_and_sources_alike() -> None:
    found, notes = joined(Path("r"), recordings(PATHS), True)
    assert told(found) == [("worn", "hall_1")] * 4 + [("ok", "hall 2")]
    assert [each.name for each in found] == [f"{path}.wav" for path in PATHS]
    assert [note.split(" that differ")[0] for note in notes] == [
        "joined: classes",
        "joined: sources (field `speaker`)",
    ]
    assert notes[0].endswith(
        "'WORN', 'Worn', 'worn': each has the name of most recordings (of equally many, the first in order)"
    )


def test_kept_apart_they_are_noted() -> None:
    found, notes = joined(Path("r"), recordings(PATHS), False)
    assert told(found) == told(recordings(PATHS))
    assert len(notes) == 2
    assert all(note.endswith(": give what is the same one name") for note in notes)


def test_sources_alone_are_noted_with_what_joins_them() -> None:
    """They are told apart by no network, but one may train and the other test."""
    found, (note,) = joined(Path("r"), recordings(["a/Ann/1", "a/ann/2", "b/Bo/3"]), None)
    assert [each.speaker for each in found] == ["Ann", "ann", "Bo"]
    assert note.endswith(
        "'Ann', 'ann': if they are the same, --join-names gives them the name of most recordings "
        "(of equally many, the first in order)"
    )


def test_of_as_many_recordings_the_first_name_in_order_is_taken() -> None:
    found, _ = joined(Path("r"), recordings(["b/x/1", "B/x/2", "c/x/3"]), True)
    assert [each.label for each in found] == ["B", "B", "c"]


def test_recordings_of_no_source_stay_so() -> None:
    found, notes = joined(Path("r"), [Recording(Path("a"), "a.wav", "on", None)], True)
    assert (told(found), notes) == ([("on", None)], [])


@pytest.mark.parametrize(
    ("layout", "join", "options"),
    [
        (LAYOUT, None, ["--join-names"]),
        (LAYOUT, True, ["--join-names"]),
        (LAYOUT, False, ["--keep-names"]),
        ("{}/{class}/{}", None, ["--join-names"]),
        ("{}/{}/{class}", None, []),
        (None, None, []),
        (None, False, ["--keep-names"]),
    ],
)
def test_options_of_a_command(layout: str | None, join: bool | None, options: list[str]) -> None:
    assert join_options([f"{path}.wav" for path in PATHS], layout, join) == options
