"""Which of folders and names of files are taken for classes, and which for sources, where nothing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.trainer.data.encode_options import encode_options
from snnc.trainer.data.folder import find_recordings


def folder(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.mark.parametrize(
    ("folders", "classes"),
    [
        (("patient_01", "patient_02", "patient_10"), ("cough", "breath", "speech")),
        (("S1", "S2"), ("up", "down")),
        (("room 3", "room 4"), ("kettle-on", "kettle-off")),
        (("UNIT1-b", "UNIT2-b"), ("fault", "idle")),
        (("SUBJ1-x", "SUBJ2-x", "SUBJ3-y"), ("fault", "idle", "load")),
    ],
)
def test_numbered_folders_are_taken_for_sources(
    tmp_path: Path, folders: tuple[str, ...], classes: tuple[str, ...]
) -> None:
    names = [f"{each}/{label}_{take:03}.wav" for each in folders for label in classes for take in range(3)]
    root = folder(tmp_path, *names)
    with pytest.raises(InputError) as refusal:
        find_recordings(root)
    said = str(refusal.value)
    assert said.startswith(f"{root}: its folders are numbered ({folders[0]}, {folders[1]}")
    assert '. --layout "{speaker}/{class}_{}" takes folders for sources (field `speaker`)' in said
    assert encode_options(root)[:2] == ["--layout", "{speaker}/{class}_{}"]
    found = find_recordings(root, "{speaker}/{class}_{}")
    assert {each.speaker for each in found.recordings} == set(folders)
    assert {each.label for each in found.recordings} == set(classes)


@pytest.mark.parametrize(
    "names",
    [
        [f"digit_{n}/{who}_{take}.wav" for n in (0, 1) for who in ("ann", "bo", "cy") for take in (1, 2)],
        [f"{n}/{who}_{take}.wav" for n in (0, 1) for who in ("ann", "bo", "cy") for take in (1, 2)],
        [f"w{n}/hive{hive}_{take}.wav" for n in (0, 1) for hive in (1, 2, 3) for take in (1, 2)],
    ],
)
def test_numbered_folders_of_classes_are_classes(tmp_path: Path, names: list[str]) -> None:
    root = folder(tmp_path, *names)
    assert encode_options(root)[:2] == ["--layout", "{class}/{speaker}_{}"]
    with pytest.raises(InputError, match="names of files tell sources"):
        find_recordings(root)


def test_numbered_folders_whose_files_tell_nothing_are_classes_with_a_note(tmp_path: Path) -> None:
    names = [f"sub-0{n}/rec{label}{take}.wav" for n in (1, 2) for label in "ab" for take in (1, 2)]
    found = find_recordings(folder(tmp_path, *names))
    (note,) = (each for each in found.notes if "are taken for classes" in each)
    assert note.startswith("folders sub-01, sub-02 are taken for classes; if they are sources")
    for others in ("digit_{}", "{}"):
        root = tmp_path / others
        found = find_recordings(
            folder(root, *(f"{others.format(n)}/{take}.wav" for n in (1, 2) for take in (1, 2)))
        )
        assert not any("are taken for classes" in each for each in found.notes)


@pytest.mark.parametrize(
    ("called", "layout"),
    [
        ("sub-0{n}/sub-0{n}_{label}_{take}.wav", "{speaker}/{}_{class}_{}"),
        ("house_{n}/house_{n}_{label}_{take}.wav", "{speaker}/{}_{}_{class}_{}"),
        ("H{n}/H{n}-{label}-{take}.wav", "{speaker}/{}-{class}-{}"),
    ],
)
def test_classes_stand_behind_the_name_of_the_folder(called: str, layout: str, tmp_path: Path) -> None:
    names = [
        called.format(n=n, label=label, take=take)
        for n in (1, 2, 3)
        for label in ("creak", "slam")
        for take in (1, 2)
    ]
    root = folder(tmp_path, *names)
    assert encode_options(root)[:2] == ["--layout", layout]
    with pytest.raises(InputError, match="its folders are numbered"):
        find_recordings(root)
    found = find_recordings(root, layout)
    assert {each.label for each in found.recordings} == {"creak", "slam"}
    assert {each.speaker for each in found.recordings} == {
        called.split("/")[0].format(n=n) for n in (1, 2, 3)
    }


def test_numbers_in_files_are_no_classes(tmp_path: Path) -> None:
    names = [f"Site {n}/{take}_fault.wav" for n in (1, 2, 3) for take in range(4)]
    assert encode_options(folder(tmp_path, *names))[:2] != ["--layout", "{speaker}/{class}_{}"]
