"""Where several layouts may be meant, all parts of a path are told, in order, with a place for each."""

from __future__ import annotations

import pytest

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
    assert told.startswith(f'of the parts of a path, in order ({parts}), --layout "{layout}" names any')


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
