"""Where the next part of names may belong to the source, both readings are told with their sources."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.trainer.data.layout import Layout
from snnc.trainer.data.longer_sources import of_longer_names
from snnc.trainer.data.questions import asked

BUILDINGS, STATES = ("alm", "bern", "chur"), ("ok", "worn")


def lifts(pattern: str) -> list[str]:
    """Three lifts in each of three buildings, with four takes of each of two states."""
    every = product(STATES, BUILDINGS, (1, 2, 3), (1, 2, 3, 4))
    return [pattern.format(state=s, building=b, lift=n, take=t) for s, b, n, t in every]


@pytest.mark.parametrize(
    ("pattern", "layout"),
    [
        ("{state}/{building}_{lift}_{take}.wav", "{class}/{speaker}_{speaker}_{}"),
        ("{state}/{building}-{lift}-{take}.wav", "{class}/{speaker}-{speaker}-{}"),
        ("{state}/{building}_lift-{lift}_{take}.wav", "{class}/{speaker}_{speaker}_{}"),
        ("{state}/{building}_{lift}-{take}.wav", "{class}/{speaker}_{speaker}-{}"),
        ("{state}/{building}_{lift}_2026-03-04_{take}.wav", "{class}/{speaker}_{speaker}_{}"),
        ("train/{state}/{building}_{lift}_{take}.wav", "{{}}/{class}/{speaker}_{speaker}_{}"),
    ],
)
def test_the_question_says_how_many_sources_each_reading_has(pattern: str, layout: str) -> None:
    sounds, layout = lifts(pattern), layout.replace("{{}}", "{}")
    if pattern.startswith("train"):
        sounds += [f"test{each.removeprefix('train')}" for each in sounds]
    with pytest.raises(InputError) as error:
        asked(Path("lifts"), sounds)
    said = str(error.value)
    assert "; by the first, sources are 3 (alm, bern, chur); if the next part of names belongs to" in said
    assert " to the source, they are 9 (alm/" in said
    assert f'): --layout "{layout}"; choose one of these' in said
    read = {Layout(layout).parts(each.rpartition(".")[0]) for each in sounds}
    assert len({each[1] for each in read if each}) == 9


def test_where_names_plainly_tell_sources_the_longer_ones_are_told_too() -> None:
    sounds = [f"{s}/mic{n}_{side}_{t}.wav" for s, n, side, t in product(STATES, "123", "lr", "1234")]
    with pytest.raises(InputError, match=r"sources are 3 \(mic1, .*they are 6 \(mic1/l, mic1/r, mic2/l"):
        asked(Path("r"), sounds)


def test_each_part_more_is_told() -> None:
    sounds = [f"{s}/{b}_{w}_{n}_{t}.wav" for s, b, w, n, t in product(STATES, BUILDINGS, "ew", "12", "345")]
    assert of_longer_names("{class}/{speaker}_{}", sounds) == (
        "; by the first, sources are 3 (alm, bern, chur); if the next part of names belongs to the source, "
        'they are 6 (alm/e, alm/w, bern/e, ...): --layout "{class}/{speaker}_{speaker}_{}"; if one more part '
        "of names belongs to the source, they are 12 (alm/e/1, alm/e/2, alm/w/1, ...): --layout "
        '"{class}/{speaker}_{speaker}_{speaker}_{}"'
    )


@pytest.mark.parametrize(
    "pattern",
    [
        "{state}/{building}_{take}{lift}.wav",
        "{state}/{building}_nohash_{take}{lift}.wav",
        "{state}/{building}_1_{take}{lift}.wav",
        "{state}/{building}_2026030{lift}_{take}.wav",
        "{state}/{building}_2026-03-0{lift}_{take}.wav",
        "{state}/{building}_{take}{lift}_48k.wav",
        "{state}/{building}_{state}{lift}_{take}.wav",
    ],
)
def test_takes_days_and_words_of_a_class_belong_to_no_source(pattern: str) -> None:
    assert of_longer_names("{class}/{speaker}_{}", lifts(pattern)) == ""
