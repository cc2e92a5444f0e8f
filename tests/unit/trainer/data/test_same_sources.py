"""Sources of one name in several folders, or behind several texts, are told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from snnc.trainer.data.layout import Layout
from snnc.trainer.data.same_sources import of_several_places, of_unread_folders

LIFTS = ["a/lift1/ok_1.wav", "b/lift1/ok_1.wav", "b/lift2/ok_1.wav"]
ORCHARDS = ["north", "south"]


def _paths(form: str, orchards: Sequence[str] = ORCHARDS) -> list[str]:
    """Of each orchard, pump, state and take."""
    every = product(orchards, ("pump-1", "pump-2"), ("dry", "wet"), (1, 2))
    return [form.format(o=o, p=p, c=c, i=i) + ".wav" for o, p, c, i in every]


def test_the_note_names_the_sources_their_folders_and_the_other_layout() -> None:
    assert of_several_places("{}/{speaker}/{class}_{}", LIFTS) == [
        "source lift1 (field `speaker`) lies in several folders (a, b), and is taken for one; if it is "
        'another one in each: --layout "{speaker}/{speaker}/{class}_{}"'
    ]
    (several,) = of_several_places("{}/{speaker}/{class}_{}", [*LIFTS, "c/lift2/ok_1.wav"])
    assert several == (
        "sources lift1, lift2 (field `speaker`) each lie in several folders (a, b, c), and each is taken for "
        'one; if they are other ones in each: --layout "{speaker}/{speaker}/{class}_{}"'
    )


@pytest.mark.parametrize(
    ("layout", "paths", "mended"),
    [
        ("{}/{speaker}/{class}/{}", "orchard_{o}/{p}/{c}/take_{i}", "{speaker}/{speaker}/{class}/{}"),
        ("{}_{speaker}_{class}_{}", "{o}_{p}_{c}_{i:02}", "{speaker}_{speaker}_{class}_{}"),
        ("{class}/{}/{speaker}/{}", "{c}/{o}/{p}/{i}", "{class}/{speaker}/{speaker}/{}"),
        ("{class}/{}_{speaker}_{}", "{c}/{o}_{p}_{i}", "{class}/{speaker}_{speaker}_{}"),
        ("{}/{}/{speaker}/{class}_{}", "x/{o}/{p}/{c}_{i}", "{}/{speaker}/{speaker}/{class}_{}"),
        ("{}/{speaker}/{class}_{}", "{o}/hall/{p}/{c}_{i}", "{speaker}/{speaker}/{speaker}/{class}_{}"),
    ],
)
def test_the_layout_that_it_names_tells_them_apart(layout: str, paths: str, mended: str) -> None:
    found = _paths(paths)
    (note,) = of_several_places(layout, found)
    assert note.endswith(f'in each: --layout "{mended}"')
    read = {Layout(mended).parts(path.removesuffix(".wav")) for path in found}
    assert len({each and each[1] for each in read}) == 4
    assert of_several_places(mended, found) == []


def test_texts_in_names_are_told_as_such() -> None:
    (note,) = of_several_places("{}_{speaker}_{class}_{}", _paths("{o}_{p}_{c}_{i}"))
    assert note.startswith(
        "sources pump-1, pump-2 (field `speaker`) each stand behind several texts (north, south), and each is"
    )


@pytest.mark.parametrize(
    ("layout", "paths"),
    [
        ("{}/{speaker}/{class}_{}", LIFTS[1:]),  # each in one folder
        ("{class}/{speaker}/{}", LIFTS),  # a speaker of several classes
        ("{speaker}/{}/{class}_{}", ["a/1/ok_1.wav", "b/1/ok_1.wav"]),
        ("{speaker}/{speaker}/{class}_{}", LIFTS),
        ("{}/{class}_{}", LIFTS),
        ("{}/{speaker}/{class}_{}", _paths("{o}/{p}/{c}_{i}", ["train", "test"])),
        ("{}/{speaker}/{class}_{}", _paths("{o}/{p}/{c}_{i}", ["2026-10-01", "2026-10-02"])),
        ("{}_{speaker}_{class}_{}", _paths("{o}_{p}_{c}_{i}", ["20261001", "20261002"])),
        ("{}_{speaker}_{class}_{}", _paths("{o}_{p}_{c}_{i}", ["01", "02"])),  # takes
        ("{}_{speaker}_{class}", [f"x{n}_ann_ok.wav" for n in range(4)]),  # another in each
        ("{}{speaker}/{class}", _paths("{o}{p}/{c}{i}")),  # nothing would end it
    ],
)
def test_there_is_none_where_nothing_is_odd(layout: str, paths: list[str]) -> None:
    assert of_several_places(layout, paths) == []


def test_folders_below_sources_that_are_not_read_are_told() -> None:
    paths = [
        f"{state}/{hall}/pump-{n}/{take}.wav"
        for state in ("dry", "ok")
        for hall in ("north", "south")
        for n in (1, 2)
        for take in (1, 2)
    ]
    assert of_unread_folders("{class}/{speaker}/{}", paths) == [
        "folders below the sources (field `speaker`) are not read (pump-1, pump-2); if each is a "
        'source of its own: --layout "{class}/{speaker}/{speaker}/{}"'
    ]
    below_classes = ["/".join(np.array(each.split("/"))[[1, 0, 2, 3]]) for each in paths]
    assert of_unread_folders("{speaker}/{class}/{}", below_classes) == [
        "folders below the sources (field `speaker`) are not read (pump-1, pump-2); if each is a "
        'source of its own: --layout "{speaker}/{class}/{speaker}/{}"'
    ]


@pytest.mark.parametrize(
    ("layout", "path"),
    [
        ("{class}/{speaker}/{}", "{state}/{who}/{take}"),  # none
        ("{class}/{speaker}/{}", "{state}/{who}/raw/{take}"),  # one in each
        ("{class}/{speaker}/{}", "{state}/{who}/{state}_{n}/{take}"),  # of one class alone
        ("{class}/{speaker}/{}", "{state}/{who}/2026-10-0{n}/{take}"),
        ("{class}/{speaker}/{speaker}/{}", "{state}/{who}/pump-{n}/{take}"),
        ("{speaker}/{class}/{}", "{who}/{state}/{state}_{n}/{take}"),
    ],
)
def test_folders_that_are_no_part_of_a_source_are_not(layout: str, path: str) -> None:
    found = [
        f"{path.format(state=state, who=who, n=n, take=take)}.wav"
        for state in ("dry", "ok")
        for who in ("north", "south")
        for n in (1, 2)
        for take in (1, 2)
    ]
    assert of_unread_folders(layout, found) == []
