"""Folders that are named as parts of data, in which persons and words may both be the classes."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.trainer.data.folder import find_recordings

PERSONS, WORDS = ("ann", "bob", "eve"), ("grind", "ok", "slam")


def made(root: Path, name: str) -> Path:
    for part, person, word, take in itertools.product(("train", "test"), PERSONS, WORDS, "12"):
        file = root / part / person / name.format(word=word, take=take)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return root


def test_both_readings_are_named_below_the_parts(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        find_recordings(made(tmp_path, "{word}_{take}.wav"))
    said = str(told.value)
    assert "named as parts of data, not as classes; their folders are called ann, bob, eve, and " in said
    assert "names of files tell grind, ok, slam; which of both are the classes is not known" in said
    layouts = ("{}/{class}/{speaker}_{}", "{}/{speaker}/{class}_{}", "{}/{class}/{}")
    assert [said.index(f'--layout "{each}"') for each in layouts] == sorted(
        said.index(f'--layout "{each}"') for each in layouts
    )
    for each, classes in zip(layouts, (PERSONS, WORDS, PERSONS), strict=True):
        found = find_recordings(tmp_path, each).recordings
        assert {recording.label for recording in found} == set(classes)


def test_words_behind_a_day_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        find_recordings(made(tmp_path, "2026-03-04_{word}_{take}.wav"))
    said = str(told.value)
    assert "names below tell grind, ok, slam in several of its folders (ann, bob, eve)" in said
    assert '--layout "{}/{speaker}/{}_{class}_{}" takes those names for classes' in said
    found = find_recordings(tmp_path, "{}/{speaker}/{}_{class}_{}").recordings
    assert {recording.label for recording in found} == set(WORDS)
