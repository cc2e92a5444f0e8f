"""Which of folders and names of files are taken for classes, and which for sources, where nothing is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from snnc.errors import InputError, UnencodedError
from snnc.trainer.data.encode_options import encode_options, folder_advice, is_told
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
    "days", [("2026-10-03",), ("2026-10-01", "2026-10-02"), ("20261001_a", "20261001_b")]
)
def test_days_are_no_classes(tmp_path: Path, days: tuple[str, ...]) -> None:
    names = [
        f"{day}/M{m}_{state}_{n}.wav"
        for day in days
        for m in (1, 3)
        for state in ("open", "stuck")
        for n in "12"
    ]
    root = folder(tmp_path, *names)
    layout = "{}/{speaker}_{class}_{}"
    with pytest.raises(InputError) as refusal:
        find_recordings(root)
    said = f'say --layout "{layout}" if open, stuck are the classes and M1, M3 sources (field `speaker`)'
    assert f"its folders {', '.join(days)} are days" in str(refusal.value)
    assert said in str(refusal.value)
    assert encode_options(root)[:2] == ["--layout", layout]
    found = find_recordings(root, layout)
    assert {(each.label, each.speaker) for each in found.recordings} == {
        (state, machine) for state in ("open", "stuck") for machine in ("M1", "M3")
    }


def test_days_whose_files_tell_nothing_leave_the_choice(tmp_path: Path) -> None:
    root = folder(tmp_path, "2026-10-01/a.wav", "2026-10-02/b.wav")
    with pytest.raises(InputError, match=r'are days, .* or --layout "{class}/{}" if days are the classes$'):
        find_recordings(root)
    assert not is_told(root)


def test_counted_machines_are_the_sources_of_loose_files(tmp_path: Path) -> None:
    root = folder(
        tmp_path, *(f"M{m}_{state}_{n}.wav" for m in (1, 3) for state in ("open", "stuck") for n in "12")
    )
    said = r'say --layout "{speaker}_{class}_{}" if open, stuck are the classes and M1, M3 sources'
    with pytest.raises(InputError, match=said):
        find_recordings(root)


def test_one_folder_that_is_called_as_a_source_is_one(tmp_path: Path) -> None:
    root = folder(tmp_path, "house_3/knock_11.wav", "house_3/bell_11.wav", "house_3/kick_11.wav")
    with pytest.raises(UnencodedError) as refusal:
        find_recordings(root)
    said = (
        'numbered (house_3), and names of files tell bell, kick, knock. --layout "{speaker}/{class}_{}" takes'
    )
    assert said in str(refusal.value)
    assert encode_options(root)[:2] == ["--layout", "{speaker}/{class}_{}"]


@pytest.mark.parametrize(
    "names", [["knock/11.wav"], ["house_3/11.wav", "house_3/12.wav"], ["knock_3/a_1.wav"]]
)
def test_one_folder_is_a_class_else(tmp_path: Path, names: list[str]) -> None:
    root = folder(tmp_path, *names)
    assert encode_options(root) == []
    (top,) = {name.partition("/")[0] for name in names}
    assert {each.label for each in find_recordings(root).recordings} == {top}


@pytest.mark.parametrize(
    "names",
    [
        [f"digit_{n}/{who}_{take}.wav" for n in (0, 1) for who in ("ann", "bo", "cy") for take in (1, 2)],
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
        ("S{n}/S{n}-{label}-{take}.wav", "{speaker}/{}-{class}-{}"),
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


@pytest.mark.parametrize(
    ("called", "classes", "sources"),
    [
        ("door_{n}/{name}_{take}.wav", "{class}/{speaker}_{}", "{speaker}/{class}_{}"),
        ("kunde{n}/{name}-{take}.wav", "{class}/{speaker}-{}", "{speaker}/{class}-{}"),
        ("Tür 0{n}/Tür 0{n} {name} {take}.wav", "{class}/{} {} {speaker} {}", "{speaker}/{} {} {class} {}"),
        ("{n}/{name}_{take}.wav", "{class}/{speaker}_{}", "{speaker}/{class}_{}"),
        ("horse {n} b/{name}-{take}.wav", "{class}/{speaker}-{}", "{speaker}/{class}-{}"),
    ],
)
def test_what_folders_are_is_asked_where_their_name_does_not_tell(
    called: str, classes: str, sources: str, tmp_path: Path
) -> None:
    """No reading is proposed alone: all three fit."""
    people = ("ann", "bob", "cid")
    names = [called.format(n=n, name=name, take=take) for n in (1, 2) for name in people for take in (1, 2)]
    root = folder(tmp_path, *names)
    with pytest.raises(InputError) as refusal:
        find_recordings(root)
    told = str(refusal.value).partition("; which of both are the classes is not known. ")[2]
    assert not isinstance(refusal.value, UnencodedError)  # no one command is the right one
    assert re.findall('--layout "(.+?)"', told) == [classes, sources, "{class}/{}"]
    folders = {each.partition("/")[0] for each in names}
    for layout, labels in ((classes, folders), (sources, set(people)), ("{class}/{}", folders)):
        assert {each.label for each in find_recordings(root, layout).recordings} == labels
    assert not is_told(root)
    assert f"snnc encode {root} -o " in folder_advice(root)


@pytest.mark.parametrize(
    ("names", "proposed"),
    [
        (["door/ann/1", "door/bo/1"], ["door/{class}/{}", "{class}/{speaker}/{}"]),
        (["x/up/ann/1", "x/down/ann/1"], ["x/{class}/{speaker}/{}", "{class}/{speaker}/{}"]),
        (["x/y/up/1", "x/y/down/1"], ["x/y/{class}/{}", "x/{class}/{speaker}/{}"]),
        (["train/up/ann/1", "test/down/ann/1"], ["{}/{class}/{speaker}/{}", "{}/{class}/{speaker}/{}"]),
        (["train/1", "test/1"], ["", "{}/{class}/{}"]),
        (["x/1", "x/y/1"], ["{class}/{}"]),
        (["x/y/1", "x/y/up/1"], [""]),
    ],
)
def test_one_folder_alone(names: list[str], proposed: list[str], tmp_path: Path) -> None:
    root = folder(tmp_path / "own", *(f"{name}.wav" for name in names))
    own, *others = proposed
    options = encode_options(root)
    assert is_told(root) == bool(own)
    if own:
        assert (options or ["--layout", "{class}/{}"])[1] == own
        labels = {each.label for each in find_recordings(root, own).recordings}
        assert len(labels) == (1 if own == "{class}/{}" else 2)
    if others:
        with pytest.raises(InputError) as refusal:
            find_recordings(root)
        assert f'--layout "{others[0]}"' in str(refusal.value)
        if "CLASS/NAME.wav" not in str(refusal.value):
            assert find_recordings(root, others[0])


def test_numbers_in_files_are_no_classes(tmp_path: Path) -> None:
    names = [f"Site {n}/{take}_fault.wav" for n in (1, 2, 3) for take in range(4)]
    assert encode_options(folder(tmp_path, *names))[:2] != ["--layout", "{speaker}/{class}_{}"]
