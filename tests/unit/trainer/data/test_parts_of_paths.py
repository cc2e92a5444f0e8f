"""Where several layouts may be meant, all parts of a path are told, in order, with a place for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.trainer.data.folder import find_recordings
from snnc.trainer.data.layout import Layout
from snnc.trainer.data.parts_of_paths import parts_told


def paths(name: str) -> list[str]:
    return [
        name.format(who=who, what=what, wood=wood, day=day, number=number) + ".wav"
        for number, (who, what, wood, day) in enumerate(
            (who, what, wood, day)
            for who in ("Hansen", "Marta")
            for what in ("Rot", "Sound", "Split")
            for wood in ("birch", "pine")
            for day in ("2026-03-04", "2026-03-05")
        )
    ]


@pytest.mark.parametrize(
    ("name", "parts", "layout"),
    [
        (
            "{who}_{wood}_{what}_{day}_{number}",
            "Hansen, Marta; birch, pine; Rot, Sound, Split; days; another in each",
            "{}_{}_{}_{}_{}",
        ),
        (
            "{day} {who}/{what}-{wood}-{number}",
            "days; Hansen, Marta; Rot, Sound, Split; birch, pine; another in each",
            "{} {}/{}-{}-{}",
        ),
        (
            "{wood}/{day}/{who}/{what} 7",
            "birch, pine; days; Hansen, Marta; Rot, Sound, Split; 7",
            "{}/{}/{}/{} {}",
        ),
    ],
)
def test_all_parts_have_a_place(name: str, parts: str, layout: str) -> None:
    told = parts_told(paths(name))
    assert told is not None
    assert told.startswith(f"parts of a path, in order ({parts}): write ")
    assert told.endswith(f'--layout "{layout}"')


@pytest.mark.parametrize(
    "sounds",
    [
        paths("{who}/{what}_{number}"),  # of two, the other questions name all readings
        paths("{who}/{what}") + paths("{who}_{what}_{wood}"),  # built in two ways
        paths("{who}-{what}-{wood}-{day}-{day}-{day}"),  # more parts than places
    ],
)
def test_what_tells_little(sounds: list[str]) -> None:
    assert parts_told(sounds) is None


def hives(name: str) -> list[str]:
    """Paths of two hives at each of two sites, in two states, on a day each."""
    return [
        name.format(site=site, hive=hive, state=state, day=f"2026-05-0{day}", take=take) + ".wav"
        for site in ("mill", "north")
        for hive in (1, 2)
        for day, state in enumerate(("queenless", "swarm"), 4)
        for take in (1, 2, 3)
    ]


HIVES, STATES = "hive-1, hive-2", "queenless, swarm"


@pytest.mark.parametrize(
    ("name", "parts", "layout"),
    [
        ("{site}_hive-{hive}.{state}.{take}", f"mill, north; {HIVES}; {STATES}; 1, 2, 3", "{}_{}.{}.{}"),
        ("{site}/hive-{hive}.{state}_{take}", f"mill, north; {HIVES}; {STATES}; 1, 2, 3", "{}/{}.{}_{}"),
        (
            "{site}-hive_{hive}-{state}_{take}",
            f"mill, north; hive_1, hive_2; {STATES}; 1, 2, 3",
            "{}-{}-{}_{}",
        ),
        (
            "{site}_hive_{hive}.{state}-{day}.{take}",
            f"mill, north; hive_1, hive_2; {STATES}; days; 1, 2, 3",
            "{}_{}.{}-{}.{}",
        ),
        ("{site}_({day}).{state}", f"mill, north; days; {STATES}", "{}_{}.{}"),
        ("{site} - {state}-{take}", f"mill, north; {STATES}; 1, 2, 3", "{} - {}-{}"),
        # A layout ends a place at the first mark, so what has the mark that follows stays apart.
        (
            "{state}_hive-{hive}-{site}",
            f"{STATES}; hive; 1, 2; mill, north",
            "{}_{}-{}-{}",
        ),
        (
            "{day}-{site}_{state}.{take}",
            f"days; days; days; mill, north; {STATES}; 1, 2, 3",
            "{}-{}-{}-{}_{}.{}",
        ),
    ],
)
def test_names_with_several_marks_are_divided_at_all(name: str, parts: str, layout: str) -> None:
    sounds = hives(name)
    told = parts_told(sounds, mixed=True)
    assert told is not None
    assert told.startswith(f"parts of a path, in order ({parts}): write ")
    assert told.endswith(f'--layout "{layout}"')
    places, states = layout.split("{}"), [each.strip() for each in parts.split(";")].index(STATES)
    reads = Layout("{}".join(places[: states + 1]) + "{class}" + "{}".join(places[states + 1 :]))
    read = [reads.parts(each.removesuffix(".wav")) for each in sounds]
    assert {each and each[0] for each in read} == {"queenless", "swarm"}


@pytest.mark.parametrize(
    "name",
    [
        "{state}/hive{hive}_{day}_14-{take}",  # one mark divides what may be names
        "{state}/hive-{hive}_{take}",
        "{site}_{state}_{day}",
        "{state}/{take}",
    ],
)
def test_several_marks_that_tell_no_more_names(name: str) -> None:
    assert parts_told(hives(name), mixed=True) is None


def test_they_are_told_where_the_classes_seem_plain(tmp_path: Path) -> None:
    for name in hives("{site}/hive-{hive}.{state}_{take}"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(InputError) as caught:
        find_recordings(tmp_path)
    first, second = str(caught.value).splitlines()
    assert '--layout "{class}/{speaker}_{}" reads them' in first  # and hive-1.queenless is no source
    assert second.endswith('--layout "{}/{}.{}_{}"')
    found = find_recordings(tmp_path, "{}/{speaker}.{class}_{}").recordings
    assert {each.label for each in found} == {"queenless", "swarm"}
    assert {each.speaker for each in found} == {"hive-1", "hive-2"}
