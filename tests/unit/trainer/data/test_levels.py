"""Folders in folders of which either may be the classes: the first, unless something speaks against."""

from __future__ import annotations

import pytest

from snnc.trainer.data.encode_options import told_layout
from snnc.trainer.data.levels import crossed, which_level

STATES = ("queenless", "queenright", "swarming")


def tree(firsts, seconds, name="{a}_{n}", takes=4):
    """Paths of FIRST/SECOND/NAME.wav, four of each; `name` may tell the number of the first folder, too."""
    return [
        f"{first}/{second}/{name.format(a='abc'[at % 3], at=at, n=n)}.wav"
        for at, first in enumerate(firsts)
        for second in seconds
        for n in range(takes)
    ]


OWN = {"anna": "hive{}_{}", "bert": "Volk {} ({})", "carl": "mill-H{}-{}"}
"""How each of three names the files."""


def named_in_own_ways(first_is_person: bool) -> list[str]:
    return [
        f"{who}/{state}/{OWN[who].format(n, n + 7)}.wav"
        if first_is_person
        else f"{state}/{who}/{OWN[who].format(n, n + 7)}.wav"
        for who in OWN
        for state in STATES
        for n in range(4)
    ]


@pytest.mark.parametrize(
    "sounds",
    [
        named_in_own_ways(first_is_person=True),
        tree(["patient_01", "patient_02", "patient_03"], STATES),
        tree(["lift 1", "lift 2"], STATES),
        tree(["p1", "p2"], ["ja", "nein"]),
        tree(["north_pump-1", "north_pump-2", "south_pump-1"], ["dry", "normal"]),
    ],
    ids=["names of files", "sources", "numbered", "letters with numbers", "numbered in several words"],
)
def test_the_first_are_not_taken_where_something_speaks_against(sounds):
    said = which_level(sounds)
    assert said is not None
    assert '--layout "{class}/{speaker}/{}" takes ' in said
    assert '--layout "{speaker}/{class}/{}" the reverse' in said
    assert told_layout(sounds) is None
    assert '"{}/{speaker}/{class}/{}" the reverse' in str(which_level(sounds, above="{}"))


@pytest.mark.parametrize(
    "sounds",
    [
        named_in_own_ways(first_is_person=False),
        tree(["up", "down"], ["ann", "bob", "cy"]),
        tree(["digit_1", "digit_2"], ["ann", "bob"]),
        tree(["up", "down"], ["s1", "s2", "s3"]),
        tree(["up", "down"], ["2026-10-03", "2026-10-04"]),
        [*tree(["up"], ["ann", "bob"]), *tree(["down"], ["cy", "dee"])],
        [*tree(["up"], ["ann", "bob"]), "down/3.wav"],
    ],
    ids=["names of files", "plain", "classes", "sources", "days", "not shared", "not all deep"],
)
def test_else_they_are(sounds):
    assert which_level(sounds) is None


def test_names_that_tell_words_are_a_third_reading():
    """And case does not make two folders of one."""
    sounds = [
        f"{who}/{state.title() if who == 'bert' else state}/{place}_hive02_{n}.wav"
        for who in ("anna", "bert", "carl")
        for state in STATES
        for place in ("mill", "wood")
        for n in range(3)
    ]
    said = str(which_level(sounds))
    assert said.startswith("folders anna, bert, carl hold folders of the same names (")
    assert said.endswith(', --layout "{}/{speaker}/{class}_{}" names below: mill, wood')


def test_what_is_crossed():
    assert crossed(tree(["up", "down"], ["ann", "bob"])) == ["ann", "bob"]
    assert crossed(tree(["up", "down"], ["ann"])) == []
    assert crossed([*tree(["up"], ["ann", "bob", "cy"]), *tree(["down"], ["ann", "dee", "eve"])]) == []
    assert crossed(["up/1.wav", "down/1.wav"]) == []


@pytest.mark.parametrize(
    "spellings",
    [("hyla", "Hyla"), ("Hyla arborea", "hyla-arborea", "Hyla_arborea")],
    ids=["case", "marks"],
)
def test_folders_that_each_of_the_first_spells_in_its_own_way_may_be_the_classes(spellings):
    sounds = [
        f"{'ABC'[at]}/{kind}/REC{n}.wav"
        for at, spelling in enumerate(spellings)
        for kind in (spelling, spelling[::-1])
        for n in range(3)
    ]
    assert which_level(sounds) is not None
