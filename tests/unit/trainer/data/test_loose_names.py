"""What names of files that lie in no folder of a class tell of classes and sources."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.trainer.data.encode_options import is_told
from snnc.trainer.data.folder import find_recordings


def folder(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            [f"{who}_{take}" for who in ("ann", "bo") for take in (1, 2)],
            'say --layout "{class}_{}" if ann, bo are the classes;',
        ),
        (
            [f"up-{who}-{take}" for who in ("ann", "bo") for take in (1, 2)],
            'say --layout "{}-{class}-{}" if ann, bo are the classes;',
        ),
        (
            [f"{digit}_{who}_{take}" for digit in (0, 1) for who in ("ann", "bo") for take in (1, 2)],
            'say --layout "{class}_{speaker}_{}" if 0, 1 are the classes and ann, bo sources (field',
        ),
        (
            [f"{take}.{word}" for word in ("up", "down") for take in (1, 2)],
            'say --layout "{class}.{speaker}" if 1, 2 are the classes and down, up sources (field',
        ),
        (
            [
                f"{who}_2026-03-0{d}_{gait}_{d}"
                for who in ("ann", "bo")
                for gait in ("trot", "walk")
                for d in (1, 2)
            ],
            'say --layout "{class}_{}_{speaker}_{}" if ann, bo are the classes and trot, walk sources (field',
        ),
        (
            [
                f"{who}-2026-0{d}-03-{gait}-{d}"
                for who in ("ann", "bo")
                for gait in ("trot", "walk")
                for d in (1, 2)
            ],
            'say --layout "{class}-{}-{}-{}-{speaker}-{}" if ann, bo are the classes and trot, walk sources',
        ),
        (
            [f"2026030{d}_{gait}_{d}" for gait in ("trot", "walk") for d in (1, 2)],
            'say --layout "{}_{class}_{}" if trot, walk are the classes;',
        ),
        # A number belongs to the word before it, if all have that.
        (
            [f"lift_0{d}_{gait}_{take}" for d in (1, 2) for gait in ("ok", "worn") for take in (0, 1)],
            'say --layout "{speaker}_{speaker}_{class}_{}" if ok, worn are the classes and lift_01, lift_02 '
            "sources",
        ),
        (
            [f"ok-hive {d}_{take}" for d in (1, 2) for take in (0, 1, 2)]
            + [f"bad-hive {d}_{take}" for d in (1, 2) for take in (0, 1, 2)],
            'say --layout "{class}-{speaker}_{}" if bad, ok are the classes and hive 1, hive 2 sources',
        ),
        # Several marks divide names.
        (
            [f"{who}-{gait}_{d}" for who in ("ann", "bo") for gait in ("trot", "walk") for d in (1, 2)],
            'say --layout "{class}-{speaker}_{}" if ann, bo are the classes and trot, walk sources (field',
        ),
        (
            [f"{gait}-{d}" for gait in ("red fox", "red deer", "grey wolf") for d in (1, 2)],
            'say --layout "{class}-{}" if grey wolf, red deer, red fox are the classes;',
        ),
        (
            [f"{gait} ({d})" for gait in ("trot", "walk") for d in (1, 2)],
            'say --layout "{class} {}" if trot, wal',
        ),
        (
            [f"{who}_{digit}_take{take}" for who in ("ann", "bo") for digit in (0, 1) for take in (1, 2)],
            'say --layout "{class}_{speaker}_{}" if ann, bo are the classes and 0, 1 sources (field',
        ),
        (["1", "2"], 'rename them, as up-ann-3.wav, and say --layout "{class}-{speaker}-{}";'),
        (["rec_1", "rec_2"], 'rename them, as up-ann-3.wav, and say --layout "{class}-{speaker}-{}";'),
        (["a_1", "a_2", "b"], 'rename them, as up-ann-3.wav, and say --layout "{class}-{speaker}-{}";'),
    ],
)
@pytest.mark.parametrize("inner", ["", "data/my_wavs/", "all {of} it/wavs/"])
def test_the_layout_of_files_in_one_folder_fits_them(
    names: list[str], told: str, inner: str, tmp_path: Path
) -> None:
    root = folder(tmp_path / "own", *(f"{inner}{name}.wav" for name in names))
    with pytest.raises(
        InputError, match="so their class is not known; make a folder for each class"
    ) as refusal:
        find_recordings(root)
    said = str(refusal.value)
    if "{" in inner:  # which no layout can name
        assert "--layout" not in said.partition("; to classify")[0]
        return
    assert told.replace('"', f'"{inner}', 1) in said
    layout = re.findall('--layout "(.+?)"', said)[0]
    if told.startswith("say"):
        found = find_recordings(root, layout)
        assert len({each.label for each in found.recordings}) == 2 + ("red fox" in told)


@pytest.mark.parametrize(
    ("name", "parts", "layout"),
    [
        ("{a}_lift-{n}_{b}_{take}", "alm, ried; lift-1, lift-2; ok, worn; 0, 1", "{}_{}_{}_{}"),
        ("{a}_hive-{n}.{b}.{take}", "alm, ried; hive-1, hive-2; ok, worn; 0, 1", "{}_{}.{}.{}"),
        ("{a}_{n}_{b}_{take}", "alm, ried; 1, 2; ok, worn; 0, 1", "{}_{}_{}_{}"),
        ("s{n}_{a}-{b}_{take}", "s1, s2; alm, ried; ok, worn; 0, 1", "{}_{}-{}_{}"),
        ("0{n}-1{take}-2{n}-{take}", "01, 02; 10, 11; 21, 22; 0, 1", "{}-{}-{}-{}"),
    ],
)
def test_of_more_than_two_parts_that_may_be_classes_none_is_proposed(
    name: str, parts: str, layout: str, tmp_path: Path
) -> None:
    values = product(("alm", "ried"), ("ok", "worn"), (1, 2), (0, 1))
    root = folder(tmp_path, *(f"{name}.wav".format(a=a, b=b, n=n, take=take) for a, b, n, take in values))
    with pytest.raises(InputError) as refusal:
        find_recordings(root)
    first, second = str(refusal.value).splitlines()
    assert ", or say with --layout which parts of names are classes and sources; to classify" in first
    assert '--layout "' not in first
    assert second.startswith(f"parts of a path, in order ({parts}): write {{class}} and")
    assert second.endswith(f' --layout "{layout}"')
    assert not is_told(root)
