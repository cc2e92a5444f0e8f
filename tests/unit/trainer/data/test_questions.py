"""A few recordings that lie at another depth hide no question that the others raise."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.trainer.data.encode_options import told_layout
from snnc.trainer.data.folder import find_recordings
from snnc.trainer.data.usual_depth import of_usual_depth

SITES, HIVES, STATES, WHO = (
    ("north", "south"),
    ("hive-1", "hive-2"),
    ("queenless", "swarm"),
    ("ann", "bo", "cy"),
)
BEES = [
    f"{site}/{hive}/2026-05-04_{state}_{n}.wav"
    for site, hive, state, n in product(SITES, HIVES, STATES, "12345")
]
CROSSED = [f"{first}/{second}/{n}.wav" for first, second, n in product(("a1", "a2"), STATES, "12345")]
DAYS = [f"2026-10-0{day}/{what}_{n}.wav" for day, what, n in product("123", STATES, "1234")]
EITHER = [f"{what}/{who}_{n}.wav" for what, who, n in product(("up", "down"), WHO, "1234")]
INVERSE = [f"patient_0{who}/{what}_{n}.wav" for who, what, n in product("123", STATES, "1234")]
PLAIN = [f"{what}/mic{who}_{n}.wav" for what, who, n in product(("up", "down"), "123", "1234")]
PARTS = [f"{part}/{what}/{n}.wav" for part, what, n in product(("train", "test"), STATES, "12345")]
LOOSE = [f"{what}_{who}_{n}.wav" for what, who, n in product(STATES, WHO, "1234")]


def made(root: Path, names: list[str]) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def said(root: Path, names: list[str]) -> list[str]:
    with pytest.raises(InputError) as caught:
        find_recordings(made(root, names))
    return str(caught.value).splitlines()


OF_BEES = [
    "QUEENLESS/x.wav",
    "north/2026-05-09_swarm_9.wav",
    "north/hive-1/old/2026-05-09_swarm_9.wav",
    "9.wav",
]


@pytest.mark.parametrize(
    ("names", "stray"),
    [
        *((BEES, stray) for stray in OF_BEES),
        *((CROSSED, stray) for stray in ("owl.wav", "unsorted/owl.wav", "a1/owl.wav", "a1/x/y/z.wav")),
        *((DAYS, stray) for stray in ("misc/x/1.wav", "2026-10-01/old/swarm_9.wav", "9.wav")),
        *((EITHER, stray) for stray in ("up/old/ann_9.wav", "misc/x/1.wav", "9.wav")),
        *((INVERSE, stray) for stray in ("patient_01/old/swarm_9.wav", "9.wav")),
        *((PLAIN, stray) for stray in ("up/old/mic1_9.wav", "9.wav")),
        *((PARTS, stray) for stray in ("misc/1.wav", "train/1.wav", "train/swarm/old/1.wav", "9.wav")),
    ],
)
def test_one_stray_recording_hides_no_question(tmp_path: Path, names: list[str], stray: str) -> None:
    alone, *more = said(tmp_path, names)
    suffix = f"; 1 recording lies at another depth ({stray}): --skip leaves out what does not fit the layout"
    if stray.count("/") > names[0].count("/"):
        suffix += ', and "{}" takes text over several folders, so a layout may read what lies deeper'
    assert said(tmp_path, [*names, stray]) == [alone + suffix, *more]
    assert told_layout([*names, stray]) is None


@pytest.mark.parametrize("stray", OF_BEES)
def test_the_layout_that_is_named_reads_the_others(tmp_path: Path, stray: str) -> None:
    layout = "{}/{speaker}/{}_{class}_{}"
    root = made(tmp_path, [*BEES, stray])
    assert f'--layout "{layout}" takes those names for classes' in said(root, [])[0]
    found = find_recordings(root, layout, skip=True)
    count = Counter(each.label for each in found.recordings)
    fits = stray == "north/hive-1/old/2026-05-09_swarm_9.wav"
    assert count == {"queenless": 20, "swarm": 20 + fits}
    assert any("left out: 1 of 41 recordings do not fit the layout" in each for each in found.notes) != fits
    told = f"1 of 41 recordings lies deeper than the others ({stray}), and is read as class swarm, "
    assert any(each.startswith(told) for each in found.notes) == fits


def test_classes_with_a_few_recordings_in_folders_below_are_no_question(tmp_path: Path) -> None:
    names = [f"{what}/{n}.wav" for what in ("up", "down") for n in range(20)]
    found = find_recordings(made(tmp_path, [*names, "up/ann/1.wav", "up/bo/1.wav"]))
    assert Counter(each.label for each in found.recordings) == {"up": 22, "down": 20}
    assert found.notes == (
        "2 of 42 recordings lie deeper than the others (up/ann/1.wav, up/bo/1.wav), and are read as class up"
        "; with all of them in folders below the class, "
        '--layout "{class}/{speaker}/{}" reads these as sources',
    )
    text = said(tmp_path, ["1.wav"])[0]
    remedy = 'move it into the folder of its class, or leave it out: --layout "{class}/{}" --skip'
    assert text.endswith(f"so its class is not known; {remedy}")
    assert len(find_recordings(tmp_path, "{class}/{}", skip=True).recordings) == 42


def in_folders(firsts: str, seconds: str, takes: int, name: str = "{}/{}/{}.wav") -> list[str]:
    return [name.format(*each) for each in product(firsts.split(), seconds.split(), range(takes))]


FLAT = [f"{what}/{n}.wav" for what in ("up", "down") for n in range(20)]
SITES_ABOVE = [*FLAT, *in_folders("hall", "up down", 5)]
SPOKEN = in_folders("up down", "ann bo", 8)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            [*SPOKEN, "up/ann/old/3.wav"],
            "lies deeper than the others (up/ann/old/3.wav), and is read as class up, sou",
        ),
        (
            [*SPOKEN, "up/3.wav"],
            "lies less deep than the others (up/3.wav), and is read as class up; with all of the",
        ),
        ([*FLAT, *in_folders("up down", "t1 t2", 4)], "and are read as classes down, up; with all"),
        ([*FLAT, *in_folders("hall", "left right", 9)], "and are read as class hall; with all of them in"),
        (
            [*SPOKEN, *in_folders("up down", "s1 s2", 5, "{}/cy/{}/{}.wav")],
            "as classes down, up, source cy (field",
        ),
    ],
    ids=["one", "one above", "takes", "sites of other classes", "days of one source"],
)
def test_what_lies_at_another_depth_is_named_with_its_class(
    tmp_path: Path, names: list[str], told: str
) -> None:
    root = made(tmp_path, names)
    (note,) = (each for each in find_recordings(root).notes if "than the others" in each)
    assert told in note


def test_by_a_layout_that_is_given_a_few_are_named(tmp_path: Path) -> None:
    root = made(tmp_path, [*in_folders("ann bo", "up down", 8), "bo/old/up/3.wav"])
    assert find_recordings(root, "{speaker}/{class}/{}").notes == (
        "1 of 33 recordings lies deeper than the others (bo/old/up/3.wav), and is read as class old, source "
        "bo (field `speaker`)",
    )
    made(root, in_folders("cy dee", "up down", 3, "{}/old/{}/{}.wav"))  # then they are meant
    assert find_recordings(root, "{speaker}/{class}/{}").notes == ()


@pytest.mark.parametrize(
    ("names", "pair", "layouts"),
    [
        ([*FLAT, "hall/up/3.wav"], "up/0.wav and hall/up/3.wav", ["{class}/{}"]),
        (SITES_ABOVE, "down/0.wav and hall/down/0.wav", ["{class}/{}"]),
        ([*FLAT, *in_folders("hall yard", "Up Down", 9)], "down/0.wav and hall/Down/0.wav", ["{class}/{}"]),
        (
            [*in_folders("hall", "up down", 9), *in_folders("yard", "up down", 9, "{}/{}_{}.wav")],
            "yard/down_0.wav and hall/down/0.wav",
            ["{class}/{}"],
        ),
        (
            [*in_folders("hall", "up down", 9), *in_folders("h1 h2", "up down", 4, "yard/{}/{}/{}.wav")],
            "hall/down/0.wav and yard/h1/down/0.wav",
            ["{class}/{speaker}/{}", "{speaker}/{class}/{}"],
        ),
        (
            [f"{part}/{each}" for part in ("test", "train") for each in SITES_ABOVE],
            "down/0.wav and hall/down/0.wav",
            ["{}/{class}/{}"],
        ),
    ],
    ids=["one", "sites above", "half", "names of files", "sites with more folders", "parts"],
)
def test_one_word_at_several_levels_is_asked_about(
    tmp_path: Path, names: list[str], pair: str, layouts: list[str]
) -> None:
    """However many they are: `hall` would be a class, and `up` another."""
    first, *_ = said(tmp_path, names)
    assert (
        f"have the same words at other levels ({pair}), so which folders are the classes is not known"
        in first
    )
    assert re.findall('--layout "(.+?)"', first) == layouts
    assert told_layout(names) is None
    assert all(find_recordings(tmp_path, each).recordings for each in layouts)


@pytest.mark.parametrize(
    "more",
    [
        ["up/up/1.wav"],  # a folder that was unpacked into itself
        ["up/1/1/1.wav", "down/1/1.wav"],  # numbers
        ["up/rec/1.wav", "down/rec_1.wav"],  # one word
    ],
)
def test_words_that_do_not_tell_another_level(tmp_path: Path, more: list[str]) -> None:
    assert {each.label for each in find_recordings(made(tmp_path, [*FLAT, *more])).recordings} == {
        "up",
        "down",
    }


def test_one_folder_that_holds_most_is_asked_about(tmp_path: Path) -> None:
    names = [f"data/{what}/{n}.wav" for what in ("up", "down") for n in range(6)]
    (text,) = said(tmp_path / "other", [*names, "misc/1.wav"])
    assert (
        ": 12 recordings lie in its folder 'data', in folders; if these are the classes: snnc encode " in text
    )
    assert (
        "if 'data' is a class: --layout \"{class}/{}\"; 1 recording lies at another depth (misc/1.w" in text
    )
    read = find_recordings(tmp_path / "other", "{class}/{}").recordings
    assert {each.label for each in read} == {"data", "misc"}
    (text,) = said(tmp_path / "root", [*names, "1.wav"])
    assert "if 'data' is a class: --layout \"{class}/{speaker}/{}\", but one class alone trains no" in text


def test_names_of_files_without_folders_are_asked_about_beside_a_folder(tmp_path: Path) -> None:
    root = tmp_path / "alone" / "data"  # beside which no other folder holds recordings
    alone, text = said(root, LOOSE)[0], said(root, ["misc/1.wav"])[0]
    assert text == alone.replace("all recordings lie", "24 recordings lie") + (
        "; 1 recording lies at another depth (misc/1.wav): --skip leaves out what does not fit the layout, "
        'and "{}" takes text over several folders, so a layout may read what lies deeper'
    )


def test_the_usual_depth() -> None:
    assert list(of_usual_depth(CROSSED)) == []
    assert list(of_usual_depth([*CROSSED, "a/1.wav", "a/2.wav", "a/3.wav"])) == []  # not few
    loose = [f"{n}.wav" for n in range(19)]
    assert all(most == CROSSED for most in of_usual_depth([*CROSSED, *loose]))
    assert list(of_usual_depth([*CROSSED, *loose, "19.wav"])) == []  # as many as the others
    mixed = [*CROSSED[:10], *(f"{name[:-4]}/1.wav" for name in CROSSED[10:])]
    assert list(of_usual_depth([*mixed, "up/1.wav"])) == [mixed]
