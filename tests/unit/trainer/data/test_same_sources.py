"""Sources of one name in several folders are told."""

from __future__ import annotations

import pytest

from snnc.trainer.data.same_sources import of_several_folders

LIFTS = [("a/lift1/ok_1.wav", "lift1"), ("b/lift1/ok_1.wav", "lift1"), ("b/lift2/ok_1.wav", "lift2")]


def test_the_note_names_the_sources_their_folders_and_the_other_layout() -> None:
    assert of_several_folders("{}/{speaker}/{class}_{}", LIFTS) == [
        "source lift1 (field `speaker`) is in several of the folders a, b, and taken for one; if it is "
        'several, --layout "{speaker}/{}/{class}_{}" takes these folders for sources'
    ]
    (several,) = of_several_folders("{}/{speaker}/{class}_{}", [*LIFTS, ("c/lift2/ok_1.wav", "lift2")])
    assert several.startswith(
        "sources lift1, lift2 (field `speaker`) are each in several of the folders a, b, c,"
    )


@pytest.mark.parametrize(
    ("layout", "recordings"),
    [
        ("{}/{speaker}/{class}_{}", LIFTS[1:]),  # each in one folder
        ("{class}/{speaker}/{}", LIFTS),  # a speaker of several classes
        ("{speaker}/{}/{class}_{}", [(path, path[0]) for path, _ in LIFTS]),
        ("{}/{class}_{}", [(path, None) for path, _ in LIFTS]),
        ("{}/{speaker}/{class}_{}", [(f"{part}/ann/ok_1.wav", "ann") for part in ("train", "test")]),
        ("{}/{speaker}/{class}_{}", [(f"2026-10-0{day}/ann/ok_1.wav", "ann") for day in (1, 2)]),
    ],
)
def test_there_is_none_where_nothing_is_odd(layout: str, recordings: list[tuple[str, str | None]]) -> None:
    assert of_several_folders(layout, recordings) == []
