"""Why new recordings have no labels: what their folders and names of files tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.trainer.data.why_unlabelled import why_unlabelled

CLASSES = ("queenless", "queenright", "swarming", "front door", "7")
NETWORK = "a class of the network (queenless, queenright, swarming, ...)"
NONE = f"no labels, as no folder (north) is called as {NETWORK}"
COUNT = ": letter case, spaces, marks and zeros count"


def why(*names: str, folder: str = "new") -> list[str]:
    tops = sorted({name.partition("/")[0] for name in names if "/" in name})
    return why_unlabelled(Path(folder), names, tops, CLASSES)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("north/rec_1.wav", "north/rec_2.wav"), ", and no name of a file (rec_1.wav, rec_2.wav) tells one"),
        (
            ("north/1_queen-less.wav", "north/Front_Door_2.wav"),
            ", and no name of a file (1_queen-less.wav, Front_Door_2.wav) tells one; in names of files, "
            f"write 'queen-less' as 'queenless', 'Front_Door' as 'front door'{COUNT}",
        ),
        # A number may count recordings, and is a class here.
        (
            ("north/7_a.wav", "north/8_a.wav"),
            ", and numbers and single letters in names of files (7_a.wav) are not read",
        ),
    ],
)
def test_names_of_files_are_told_beside_folders(names: tuple[str, ...], said: str) -> None:
    assert why(*names) == [NONE + said]


def test_files_that_tell_classes_in_several_places_are_told() -> None:
    assert why("north/queenless_1.wav", "north/2_front door.wav", "north/3.wav") == [
        NONE,
        "no labels, as 2 of 3 names of files tell a class of the network (north/queenless_1.wav, "
        "north/2_front door.wav), and not most in one place; `snnc encode` has --layout",
    ]


def test_files_without_folders_are_new_ones_unless_they_nearly_tell_a_class() -> None:
    assert why("rec_1.wav", "rec_2.wav") == []
    assert why("SWARMING 1.wav", "Queenright-2.wav", "3.wav", "4.wav") == [
        "no labels, as no name of a file (SWARMING 1.wav, Queenright-2.wav, 3.wav, ...) tells "
        f"{NETWORK}; in names of files, write 'SWARMING' as 'swarming', 'Queenright' as 'queenright'{COUNT}"
    ]
    some = "no labels, as 1 of 3 names of files tell a class of the network (1_swarming.wav), "
    (note,) = why("1_swarming.wav", "Queenright-2.wav", "3.wav")
    assert note.startswith(some)
    assert note.endswith(f"; in names of files, write 'Queenright' as 'queenright'{COUNT}")


def test_parts_of_data_are_given_one_by_one() -> None:
    """Below `train` nothing tells a class, below `test` files do; folders of classes may lie there, too."""
    names = ("train/1.wav", "test/queenless_1.wav", "test/swarming_2.wav")
    assert why(*names) == [
        "no labels, as folders (test, train) are called as parts of data: give one by itself, as new/test"
    ]
    assert why("3.wav", "north/queenless/1.wav") == [
        "no labels, as folders of classes lie deeper: give new/north by itself"
    ]


def test_a_folder_of_one_class_is_given_by_the_one_above() -> None:
    assert why("1.wav", folder="new/queenless") == [
        "no labels, as the recordings lie in new/queenless itself: give the folder that holds 'queenless'"
    ]
