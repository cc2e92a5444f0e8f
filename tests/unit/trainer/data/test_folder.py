"""Which files of a folder are recordings, and what is told of the others."""

import errno
import os
import shlex
from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.trainer.data.folder import Found, find_recordings
from snnc.trainer.data.usual_layout import in_order
from snnc.trainer.data.walk import sounds_below


def folder(root: Path, *names: str) -> Path:
    """Empty files: nothing of them is read here."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def read(found: Found) -> list[tuple[str, str, str | None]]:
    return [(each.name, each.label, each.speaker) for each in found.recordings]


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    found = find_recordings(folder(tmp_path, "up/2.wav", "up/1.WAV", "down/1.wave"))
    assert read(found) == [("down/1.wave", "down", None), ("up/1.WAV", "up", None), ("up/2.wav", "up", None)]
    assert (found.layout, found.notes) == ("{class}/{}", ())


def test_folders_below_the_classes_are_speakers(tmp_path: Path) -> None:
    found = find_recordings(folder(tmp_path, "up/ann/1.wav", "up/bob/1.wav", "down/ann/x/1.wav"))
    assert [each[1:] for each in read(found)] == [("down", "ann"), ("up", "ann"), ("up", "bob")]
    assert found.layout == "{class}/{speaker}/{}"


def test_folders_below_some_classes_alone_are_none(tmp_path: Path) -> None:
    found = find_recordings(folder(tmp_path, "up/ann/1.wav", "down/1.wav"))
    assert [each[2] for each in read(found)] == [None, None]
    assert "1 of 2 recordings lies deeper than the others (up/ann/1.wav), and is read as" in found.notes[0]


def in_classes(*names: str) -> list[str]:
    return [f"{label}/{name}.wav" for label in ("a", "b") for name in names]


HIVES = in_classes(*(f"hive{hive}_2026-05-0{hive}_14-{take}" for hive in (1, 2, 3) for take in (10, 22)))
MICS = in_classes(*(f"mic{mic} {take}" for mic in (1, 2, 3) for take in (1, 2)))


@pytest.mark.parametrize(
    ("names", "layout", "called"),
    [
        (HIVES, "{class}/{speaker}_{}", "hive1, hive2, hive3"),
        (MICS, "{class}/{speaker} {}", "mic1, mic2, mic3"),
    ],
)
def test_files_that_plainly_name_speakers_are_refused(
    tmp_path: Path, names: list[str], layout: str, called: str
) -> None:
    root = folder(tmp_path, *names)
    with pytest.raises(InputError) as refusal:
        find_recordings(root)
    assert str(refusal.value) == (
        f"{root}: names of files tell sources (field `speaker`: {called}); without them the same "
        f'source may train and test. --layout "{layout}" reads them, --layout "{{class}}/{{}}" says that '
        f'they are none; if they are the classes, --layout "{{speaker}}/{{class}}{layout[17:]}"'
    )
    assert {who for _, _, who in read(find_recordings(root, layout))} == set(called.split(", "))
    assert {who for _, _, who in read(find_recordings(root, "{class}/{}"))} == {None}


@pytest.mark.parametrize(
    "names",
    [
        in_classes(*(f"rec_{take:04}" for take in range(9))),
        in_classes(*(f"sample-{take}" for take in range(9))),
        in_classes(*(f"2026-05-0{day}_{hour}" for day in (3, 4, 5) for hour in (14, 15))),
        in_classes(*(f"{number}_{take}" for number in range(17, 26) for take in "a")),  # serial numbers
        in_classes(*(f"{part}_{take}" for part in ("train", "val", "test") for take in (1, 2))),
        [f"{label}/XC12{at}{of} - bird.wav" for of, label in enumerate("ab") for at in range(9)],
        [f"{label}/{label}_{take}.wav" for label in ("up", "down", "left") for take in range(9)],
        in_classes(*(f"take{take}_x" for take in range(9))),  # one of each in a class: a number, no speaker
        in_classes(*(f"{who}_{take}" for who in ("ann", "bo") for take in (1, 2))),  # too few to keep apart
    ],
)
def test_files_whose_names_tell_nobody_are_read(tmp_path: Path, names: list[str]) -> None:
    found = find_recordings(folder(tmp_path, *names))
    assert {who for _, _, who in read(found)} == {None}


def test_a_class_whose_files_name_no_speakers_is_told(tmp_path: Path) -> None:
    """The layout is one for the folder: the remedy that is named makes the others name them."""
    spoken = [f"{label}/{who}_{take}.wav" for label in ("a", "b") for who in ("ann", "bo") for take in (1, 2)]
    root = folder(tmp_path / "all", *spoken, "c/1.wav", "c/2-1.wav")
    (note,) = find_recordings(root).notes
    layout = "{class}/{speaker}_{}"
    assert note == (
        f"names of 8 of 10 files tell sources (field `speaker`), as {layout} reads them, and 2 do not "
        f'(c/1.wav, c/2-1.wav), so none are named: rename or move those, and say --layout "{layout}"'
    )
    (root / "c" / "1.wav").rename(root / "c" / "ann_1.wav")
    (root / "c" / "2-1.wav").rename(root / "c" / "bo_2.wav")
    assert {who for _, _, who in read(find_recordings(root, layout))} == {"ann", "bo"}
    assert find_recordings(root).notes == ()
    few = folder(tmp_path / "few", *spoken, *(f"c/{take}.wav" for take in range(8)))
    assert find_recordings(few).notes == ()  # half of them: names may be anything


def test_a_layout_says_where_speakers_are(tmp_path: Path) -> None:
    found = find_recordings(folder(tmp_path, "up-ann-1.wav", "down-bob-1.wav"), "{class}-{speaker}-{}")
    assert [each[1:] for each in read(found)] == [("down", "bob"), ("up", "ann")]


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    folder(tmp_path, "up-ann-1.wav", "README.wav")
    with pytest.raises(InputError, match=r"1 of 2 recordings do not fit .* \(README.wav\); rename or move"):
        find_recordings(tmp_path, "{class}-{speaker}-{}")


def test_everything_left_out_is_told(tmp_path: Path) -> None:
    folder(
        tmp_path,
        "up/1.wav",
        "down/1.wav",
        ".DS_Store",
        "up/._1.wav",
        "__MACOSX/up/1.wav",
        "down/Thumbs.db",
        "README.txt",
        "up/1.csv",
    )
    (tmp_path / "level").mkdir()
    found = find_recordings(tmp_path)
    assert len(found.recordings) == 2
    assert list(found.notes) == [
        "left out, hidden files and those of systems: 4 (.DS_Store, __MACOSX, down/Thumbs.db, ...)",
        "left out, no WAV files: 2 (README.txt, up/1.csv)",
        "folders without a recording, which make no class: 1 (level)",
    ]


def test_recordings_of_other_kinds_are_refused_until_they_are_converted(tmp_path: Path) -> None:
    folder(tmp_path, "up/1.wav", "down/1.flac", "down/2.FLAC")
    with pytest.raises(InputError, match=r"2 recordings that are no WAV files .*-exec ffmpeg -i '\{\}'"):
        find_recordings(tmp_path)
    found = find_recordings(folder(tmp_path, "down/1.wav", "down/2.FLAC.wav"))
    assert len(found.recordings) == 3
    assert found.notes == ("left out, no WAV files: 2 (down/1.flac, down/2.FLAC)",)


def test_recordings_of_other_kinds_are_skipped_by_name(tmp_path: Path) -> None:
    folder(tmp_path, "up/1.wav", "down/1.wav", "down/song.mp3")
    with pytest.raises(InputError, match=r"1 recording that is no WAV file .* with --skip, or convert it: "):
        find_recordings(tmp_path)
    found = find_recordings(tmp_path, skip=True)
    assert len(found.recordings) == 2
    assert found.notes == ("left out, --skip: down/song.mp3: is no WAV file",)
    assert sounds_below(tmp_path, skip=True)[1] == list(found.notes)
    with pytest.raises(InputError, match=r"1 recording that is no WAV file \(1 .ogg"):
        sounds_below(folder(tmp_path / "none", "a.ogg"), skip=True)


def test_a_folder_whose_recordings_are_left_out_is_not_called_empty(tmp_path: Path) -> None:
    root = folder(tmp_path, "up/a_1.wav", "down/a_1.wav", "QUEENLESS/1.mp3", "odd/1.wav", "notes/a.txt")
    assert find_recordings(root, "{class}/{speaker}_{}", skip=True).notes == (
        "left out, no WAV files: 1 (notes/a.txt)",
        "folders without a recording, which make no class: 1 (notes)",
        "folders of which every recording was left out, which make no class: 2 (QUEENLESS, odd)",
        "left out, --skip: QUEENLESS/1.mp3: is no WAV file",
        'left out: 1 of 3 recordings do not fit the layout "{class}/{speaker}_{}" (odd/1.wav)',
    )


def test_every_kind_is_named_with_one_command_for_all(tmp_path: Path) -> None:
    folder(tmp_path / "data", "up/1.mp3", "down/1.MP3", "down/2.ogg")
    with pytest.raises(InputError) as caught:
        find_recordings(tmp_path / "data")
    said = str(caught.value)
    assert "3 recordings that are no WAV files (2 .mp3, 1 .ogg: " in said
    words = shlex.split(said.partition("convert them: ")[2])
    assert words[:2] == ["find", str(tmp_path / "data")]
    assert words[2:8] == ["(", "-iname", "*.mp3", "-o", "-iname", "*.ogg"]
    assert words[8:] == [")", "-exec", "ffmpeg", "-i", "{}", "{}.wav", ";"]


def test_one_class_names_the_folder_above(tmp_path: Path) -> None:
    folder(tmp_path, "up/1.wav", "down/1.wav")
    with pytest.raises(InputError, match=r"'up' is one of the classes, name the folder above: snnc encode"):
        find_recordings(tmp_path / "up")
    folder(tmp_path / "other", "alone/1.wav")
    with pytest.raises(InputError, match="--layout") as caught:
        find_recordings(tmp_path / "other/alone")
    assert "one of the classes" not in str(caught.value)


def test_all_sound_below_is_found_whatever_its_class(tmp_path: Path) -> None:
    found = sounds_below(folder(tmp_path, "new.wav", "more/2.WAV", "notes.txt"))
    assert found == (["more/2.WAV", "new.wav"], [])
    with pytest.raises(InputError, match="holds no WAV file"):
        sounds_below(folder(tmp_path / "none", "a.txt"))


def test_a_link_that_leads_back_ends(tmp_path: Path) -> None:
    folder(tmp_path, "up/1.wav", "down/1.wav")
    (tmp_path / "up/loop").symlink_to(tmp_path)
    (tmp_path / "upper").symlink_to(tmp_path / "up")
    found = find_recordings(tmp_path)
    assert len(found.recordings) == 2
    assert found.notes == ("left out, links to folders that are read already: 2 (up/loop, upper)",)


def test_links_to_folders_and_files_are_followed(tmp_path: Path) -> None:
    folder(tmp_path / "elsewhere", "1.wav")
    folder(tmp_path / "data", "up/1.wav")
    (tmp_path / "data/down").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data/up/2.wav").symlink_to(tmp_path / "elsewhere/1.wav")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert len(find_recordings(tmp_path / "link").recordings) == 3


def test_a_folder_keeps_its_own_name_beside_a_link_to_it(tmp_path: Path) -> None:
    """The link comes first by its name, and makes no class."""
    root = folder(tmp_path / "all", "b/1.wav", "c/1.wav")
    (root / "a").symlink_to(root / "c", target_is_directory=True)
    found = find_recordings(root)
    assert [label for _, label, _ in read(found)] == ["b", "c"]
    assert found.notes == ("left out, links to folders that are read already: 1 (a)",)


def test_a_link_to_itself_is_no_recording_that_hangs(tmp_path: Path) -> None:
    folder(tmp_path, "up/1.wav")
    (tmp_path / "up/2.wav").symlink_to(tmp_path / "up/2.wav")
    assert len(find_recordings(tmp_path).recordings) == 2  # refused when it is read


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], "holds no WAV file; put recordings there"),
        (["README.txt"], "holds no WAV file; put recordings there"),
        (["a.wav", "b.wav"], r"all recordings lie in the folder itself .* --layout"),
        (["a.wav", "up/1.wav"], r"1 recording lies in the folder itself \(a.wav\)"),
        (
            ["train/up/1.wav", "Test/up/1.wav"],
            r"named as parts of data, not as classes; encode each by itself",
        ),
        (
            ["data/up/1.wav", "data/down/1.wav"],
            r"folder .data., .*if these are the classes: snnc encode \S*/data -o data.npz;",
        ),
    ],
)
def test_classes_that_cannot_be_told_are_asked_for(tmp_path: Path, names: list[str], text: str) -> None:
    with pytest.raises(InputError, match=text):
        find_recordings(folder(tmp_path, *names))


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, text in (("file", "is no folder"), ("none", "no such folder"), ("a\0b", "cannot be read")):
        with pytest.raises(InputError, match=text):
            find_recordings(tmp_path / name)


def test_a_locked_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system refuses it; nothing refuses root, so it is told what the system would tell."""
    folder(tmp_path, "up/1.wav", "down/1.wav")
    scandir = os.scandir

    def locked(path: Path) -> object:
        if Path(path) == tmp_path / "up":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", locked)
    with pytest.raises(InputError, match=r"up: cannot be read \(Permission denied\)"):
        find_recordings(tmp_path)


def test_names_that_look_the_same_are_told(tmp_path: Path) -> None:
    found = find_recordings(
        folder(tmp_path, "\u00e9t\u00e9/Ann/1.wav", "e\u0301te\u0301/ann/1.wav", "up/bob/1.wav"),
        join_names=False,
    )
    assert len({each.label for each in found.recordings}) == 3
    assert [note.partition(":")[0] for note in found.notes] == [
        f"{what} that differ in case, blanks, marks, zeros in front of numbers or the code of their letters "
        "alone"
        for what in ("classes", "sources (field `speaker`)")
    ]


def test_numbers_in_names_are_in_their_order() -> None:
    assert in_order(["s10", "S9", "s9", "b", "10", "9", "9"]) == ["9", "10", "b", "S9", "s9", "s10"]
