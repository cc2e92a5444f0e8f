"""Names of a new folder that are a class of the network but for their spelling are that class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from snnc.trainer.data.class_spellings import class_spellings
from snnc.trainer.data.events import UNKNOWN, EventDataset
from snnc.trainer.data.folder_classes import with_classes

CLASSES = ("Normal", "Worn 2")


def read(
    names: list[str],
    classes: tuple[str, ...] = CLASSES,
    layout: str | None = None,
    sources: tuple[str, ...] = (),
) -> tuple[list[str], list[str | None], list[str]]:
    """Labels and sources of recordings with these names, and the notes."""
    n = len(names)
    events = EventDataset(
        times=np.zeros(0, np.int64),
        units=np.zeros(0, np.int64),
        offsets=np.zeros(n + 1, np.int64),
        labels=np.zeros(n, np.int64),
        speaker=np.full(n, UNKNOWN),
        trial=np.full(n, UNKNOWN),
        duration=np.ones(n, np.float32),
        tick_s=0.5e-3,
        unit_count=140,
        class_names=("?",),
        name="new",
    )
    found, notes = with_classes(events, Path("new"), names, classes, sources, layout)
    speakers = found.speaker_names or ()
    return (
        [found.class_names[each] for each in found.labels.tolist()],
        [speakers[each] if each >= 0 else None for each in found.speaker.tolist()],
        notes,
    )


@pytest.mark.parametrize(
    ("first", "second", "third", "layout"),
    [
        ("Normal/a.wav", "normal/b.wav", "worn-02/c.wav", None),
        ("NORMAL /a.wav", "normal/b.wav", "WORN_2/c.wav", None),
        ("ann/normal_1.wav", "bo/NORMAL_2.wav", "ann/worn 02_3.wav", None),
        ("s1/x.normal.wav", "s2/x.NORMAL.wav", "s1/x.worn2.wav", None),
        ("ann_normal-1.wav", "bo_NORMAL-2.wav", "ann_worn 02-3.wav", "{speaker}_{class}-{}"),
        ("t/normalQ/1.wav", "t/NORMALQ/2.wav", "t/worn2Q/3.wav", "{}/{class}Q/{}"),
    ],
)
def test_spellings_of_one_class_are_that_class(
    first: str, second: str, third: str, layout: str | None
) -> None:
    labels, _, notes = read([first, second, third], layout=layout)
    assert labels == ["Normal", "Normal", "Worn 2"]
    (note,) = [each for each in notes if "spelt otherwise" in each]
    assert note.startswith("names that are spelt otherwise than the network's classes are read as these: ")
    assert note.count(" as 'Normal'") + note.count(" as 'Worn 2'") == 3 - first.startswith("Normal/")


def test_layout_and_sources_of_training_are_kept() -> None:
    names = [
        f"{who}_{what}_{n}.wav" for who in ("ann", "bo") for what in ("normal", "WORN-2") for n in (1, 2)
    ]
    labels, sources, notes = read(names, layout="{speaker}_{class}_{}")
    assert labels == ["Normal", "Normal", "Worn 2", "Worn 2"] * 2
    assert sources == ["ann"] * 4 + ["bo"] * 4
    assert notes == [
        "labels are those that names of folders and files tell, read as {speaker}_{class}_{}, as those of "
        "training were; sources (field `speaker`): ann, bo",
        "names that are spelt otherwise than the network's classes are read as these: 'WORN-2' as 'Worn 2', "
        "'normal' as 'Normal'",
    ]


def test_of_several_classes_of_that_form_none_is_guessed() -> None:
    """`--keep-names` keeps such classes apart; a name that is one of them is it."""
    labels, _, notes = read(["on/a.wav", "ON/b.wav", "On/c.wav"], ("on", "ON"))
    assert labels == ["on", "ON", "On"]
    assert not any("spelt otherwise" in each for each in notes)
    assert class_spellings(["On/x.wav", "off/y.wav"], ("on", "ON", "Off")) == {"off": "Off"}


def test_names_as_the_network_has_them_are_told_nothing_of() -> None:
    labels, _, notes = read(["Normal/a.wav", "other/b.wav"])
    assert (labels, notes) == (["Normal", "other"], ["labels are the names of the folders: Normal"])


def test_zeros_in_front_of_numbers_of_folders() -> None:
    assert read(["01/a.wav", "10/b.wav"], ("1", "10"))[0] == ["1", "10"]
