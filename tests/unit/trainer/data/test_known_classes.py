"""Recordings of classes that are known: where in their paths these stand."""

from __future__ import annotations

import pytest

from snnc.trainer.data.known_classes import as_in_training, layout_of_known, layout_of_most
from snnc.trainer.data.known_sources import with_known_source
from snnc.trainer.data.layout import Layout

WHO = ("Ann", "Bob", "Cy")
CLASSES = ("knock", "bell", "front door", "1", "2", "a")


@pytest.mark.parametrize(
    ("paths", "layout"),
    [
        (["knock/1.wav", "bell/1.wav"], "{class}/{}"),
        (["ann/knock/1.wav", "bo/bell/1.wav"], "{speaker}/{class}/{}"),
        (["knock/ann/1.wav", "bell/bo/1.wav"], "{class}/{speaker}/{}"),
        (["house_3/knock_11.wav", "house_3/front door_1.wav"], "{speaker}/{class}_{}"),
        (["monday/knock.wav", "monday/bell.wav"], "{}/{class}"),
        (["knock.wav"], "{class}"),
        (["ann-2-knock.wav", "bo-3-bell.wav"], "{}-{}-{class}"),
        (["a/b/c/11 knock 2.wav", "a/b/d/12 bell 2.wav"], "{}/{} {class} {}"),
        # A folder may hold what stands between words of files.
        (["a/b_1/knock_2.wav", "a/b_1/bell_2.wav"], "{}/{}/{class}_{}"),
        (["a/b_1/1/2/3/4/5/6/knock_2.wav", "a/b_1/1/2/3/4/5/6/bell_2.wav"], None),  # more than a layout has
        # The machine is the source, and days are not.
        (["d/M3_knock_1.wav", "d/M3_bell_2.wav", "d/M8_bell_1.wav"], "{}/{speaker}_{class}_{}"),
        (["2026-10-03/M3_knock_1.wav", "2026-10-04/M3_bell_2.wav"], "{}/{speaker}_{class}_{}"),
        (["20261003/knock/1.wav", "20261004/bell/1.wav"], "{}/{class}/{}"),
        (["knock_2026-10-03_1.wav", "bell_2026-10-03_2.wav", "bell_2026-10-04_1.wav"], "{class}_{}"),
        ([f"t/{each}/hive2_2024-06-01.wav" for each in ("knock", "bell")], "{}/{class}/{}"),
        (["M3_knock_1.wav", "M3_bell_2.wav"], "{speaker}_{class}_{}"),
        (["knock_ann_1.wav", "bell_ann_1.wav", "bell_bo_1.wav"], "{class}_{speaker}_{}"),
        (["new_knock_1.wav", "new_bell_2.wav"], "{}_{class}_{}"),
        # A slip in one of three.
        (["knock_1.wav", "knokc_2.wav", "bell_1.wav"], "{class}_{}"),
        # Of half of them nothing tells a class.
        (["knock_1.wav", "other_1.wav"], None),
        (["knock/1.wav", "1.wav"], None),
        (["knocking_1.wav"], None),
        # Numbers and letters count recordings.
        (["1.wav", "2.wav"], None),
        (["new_1.wav", "new_2.wav"], None),
        (["a.wav", "house_3/a.wav"], None),
        (["house_3/a_1.wav"], None),
    ],
)
def test_layout(paths: list[str], layout: str | None) -> None:
    assert layout_of_known(paths, CLASSES) == layout


@pytest.mark.parametrize(
    ("names", "layout"),
    [
        ("{at}/{kind}_{who}_{n}", "{}/{class}_{speaker}_{}"),
        ("2026-03-0{n} {who}/{kind} {at} {n}", "{} {speaker}/{class} {}"),
        ("2026030{n}-{who}-{at}-{kind}-{n}", "{}-{speaker}-{}-{class}-{}"),
        ("{who}/{at}/{kind}/{n}", "{speaker}/{}/{class}/{}"),
        ("mill/{at}/{kind}/T0{n}", "{}/{}/{class}/{}"),
    ],
)
def test_sources_that_the_network_knows_are_found(names: str, layout: str) -> None:
    """Ann and Bob trained it, Cy is new; `at` and running numbers are no sources."""
    paths = [
        names.format(who=who, kind=kind, at=at, n=n) + ".wav"
        for who in ("Ann", "Bob", "Cy")
        for kind in ("knock", "bell")
        for at in ("yard", "hall")
        for n in (1, 2)
    ]
    assert layout_of_known(paths, CLASSES, ["Ann", "Bob"]) == layout
    assert with_known_source("{class}/{}", ["knock/1/Bob_3.wav"], ["Bob"]) == "{class}/{}/{speaker}_{}"
    assert with_known_source("{class}/{}", ["knock/1/Cy_3.wav"], ["Bob"]) is None
    assert with_known_source("{class}/{}", ["knock/1/Bob_3.wav"], []) is None


def test_a_source_that_is_spelt_otherwise_is_the_same() -> None:
    paths = [f"{where}/{kind}/7.wav" for where in ("moor_teich", "tongrube") for kind in ("knock", "bell")]
    assert layout_of_known([f"new/{path}" for path in paths], CLASSES, ["Moor Teich"]) == (
        "{}/{speaker}/{class}/{}"
    )


@pytest.mark.parametrize("name", ["{kind} ({n}).wav", "{n}_{kind}.wav", "{kind}-00{n}.wav"])
def test_numbers_without_letters_are_no_sources(name: str) -> None:
    paths = [name.format(kind=kind, n=n) for kind in ("knock", "bell") for n in (1, 2)]
    assert "{speaker}" not in str(layout_of_known(paths, CLASSES))


def test_no_path_loses_its_class_for_a_source() -> None:
    """Half of the names tell nobody: then the folders alone are read."""
    paths = [f"{kind}/{name}.wav" for kind in ("knock", "bell") for name in ("Ann_1", "Bob_2", "3", "4")]
    assert with_known_source("{class}/{}", paths, ["Ann", "Bob"]) is None


def test_running_numbers_are_no_sources_that_the_network_knows_by_number() -> None:
    paths = [f"{kind}/{n}.wav" for kind in ("knock", "bell") for n in (1, 2, 3)]
    assert with_known_source("{class}/{}", paths, ["1", "2", "3"]) is None
    assert layout_of_known([f"new/{path}" for path in paths], CLASSES, ["1", "2"]) == "{}/{class}/{}"


def test_a_few_paths_of_another_depth_are_left_out() -> None:
    """`old/a_bell_9.wav` fits the layout, and is not of those that it is for."""
    most = ["1_knock_1.wav", "2_bell_1.wav", "3_bell_2.wav"]
    assert layout_of_most([*most, "old/a_bell_9.wav"], CLASSES) == ("{}_{class}_{}", most)
    deep = [f"M{n}/{n}_knock_{n}.wav" for n in (3, 8)]
    assert layout_of_most([*deep, "1_bell_1.wav"], CLASSES) == ("{speaker}/{}_{class}_{}", deep)
    # Not more than half of all tell a class in one place.
    assert layout_of_most(["1_knock_1.wav", "2_bell_1.wav", "x/3_bell_2.wav", "x/4.wav"], CLASSES) is None
    assert layout_of_most(["1_knock_1.wav", "2_bell_1.wav", "3.wav", "x/3_bell_2.wav"], CLASSES) is None
    assert layout_of_most([], CLASSES) is None


@pytest.mark.parametrize(
    ("layout", "paths", "alike"),
    [
        ("{speaker}/{class}_{}", ["ann/1_x.wav", "bo/b_y.wav"], 2),  # numbers and letters are classes
        ("{}/{class}/{}", ["test/knock/1.wav", "test/bell/2.wav"], 2),
        ("{class}_{}", ["knock_1.wav", "purr_2.wav", "bell_3.wav"], 3),  # most tell a class
        ("{class}_{}", ["knock_1.wav", "purr_2.wav"], None),
        ("{class}_{}", ["knock_1.wav", "bell_2.wav", "bell3.wav"], None),  # one does not fit
        ("{class}_{}", ["knock_1.wav", "bell_2.wav", "old/bell_3.wav"], 2),  # which lies deeper
        ("{class}_{}", ["knock_1.wav", "x/bell_2.wav", "y/bell_3.wav"], None),
        ("{speaker}/{class}/{}", ["a/knock/1.wav", "a/bell/2.wav", "b/bell/old/3.wav"], 3),  # as in training
        ("{speaker}/{class}/{}", ["a/knock/1.wav", "a/bell/2.wav", "b/other/old/3.wav"], 2),
        ("{class}/{speaker}", [f"bell/{'x' * 256}.wav"], 1),
        ("{class}/{speaker}/{speaker}", [f"bell/{'x' * 128}/{'y' * 128}.wav"], None),  # longer than a name
        ("{class}_{}", [], None),
    ],
)
def test_the_layout_of_training_is_that_of_others_if_it_fits_them(
    layout: str, paths: list[str], alike: int | None
) -> None:
    found = as_in_training(layout, paths, [*CLASSES, "1", "b"])
    assert found == (None if alike is None else paths[:alike])


def test_a_source_whose_number_has_zeros_in_front_is_the_same() -> None:
    paths = [f"hive_02/{kind}_{n}.wav" for kind in ("knock", "bell") for n in (1, 2)]
    assert layout_of_known([f"new/{path}" for path in paths], CLASSES, ["hive-2"]) == (
        "{}/{speaker}/{class}_{}"
    )


@pytest.mark.parametrize("folders", range(1, 32, 3))
def test_paths_of_any_number_of_folders_are_read(folders: int) -> None:
    """A layout has nine places at most, and `{}` stands for any number of folders."""
    above = "/".join(f"of{each}" for each in range(folders))
    names = [f"{state}_hive-{hive}_{take}" for state in ("up", "down") for hive in "12" for take in "34"]
    found = layout_of_most([f"{above}/{name}.wav" for name in names], ["up", "down"], ["hive-1", "hive-2"])
    assert found is not None
    read = [Layout(found[0]).parts(f"{above}/{name}") for name in names]
    assert read == [tuple(name.split("_")[:2]) for name in names]


def test_most_layouts_are_held_against_a_few_paths_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each against all took minutes, of some thousand recordings in many folders."""
    read, parts = [0], Layout.parts

    def counted(layout: Layout, path: str) -> tuple[str, str | None] | None:
        read[0] += 1
        return parts(layout, path)

    monkeypatch.setattr(Layout, "parts", counted)
    paths = [
        f"mill/hall/{who}_{kind}_{n}.wav" for who in WHO for kind in ("knock", "bell") for n in range(500)
    ]
    assert layout_of_known(paths, CLASSES) == "{}/{speaker}_{class}_{}"
    assert read[0] < 5 * len(paths)
    # Of every tenth path something else is told: not by it is the layout known.
    odd = [path if at % 10 else path.replace("_", "-") for at, path in enumerate(paths)]
    assert layout_of_known(odd, CLASSES) == "{}/{speaker}_{class}_{}"
    other = [
        path if at % 10 == 0 else path.replace("knock", "k").replace("bell", "b")
        for at, path in enumerate(paths)
    ]
    assert layout_of_known(other, CLASSES) is None
