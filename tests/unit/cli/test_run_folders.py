"""`snnc run --input FOLDER` of sound: what its folders and names of files tell of labels and speakers."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from models import tiny_model
from sound_network import WHATEVER, export_sound, rows
from wav_files import write

from snnc.cli import main
from snnc.trainer.data import save_events_npz
from snnc.trainer.data.cochlea import Cochlea
from snnc.trainer.data.cochlea_settings import settings_of
from snnc.trainer.data.encoding import encode_folder

NO_SPEAKERS = (
    "no sources are named (field `speaker`): if several samples are of one speaker, machine or session, "
    "accuracy is less certain than their number suggests"
)


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Makes an artifact, `a`, of a network that reads the cochlea's lines, with these data."""
    monkeypatch.chdir(tmp_path)
    return partial(export_sound, tmp_path)


def classes_of_folders(tmp_path, *names):
    """These recordings, in the folder `new`."""
    for number, name in enumerate(names):
        write(tmp_path / "new" / name, 300 + 400 * number, seconds=0.02)


def test_folders_called_as_classes_label_what_they_hold(make, tmp_path, capsys):
    """As a file of the same recordings, which `snnc encode` wrote, does."""
    make({"encoder": settings_of(Cochlea())})
    first, second = tiny_model().class_names[:2]
    classes_of_folders(tmp_path, f"{first}/1.wav", f"{first}/2.wav", f"{second}/1.wav")
    save_events_npz(encode_folder(tmp_path / "new", workers=1).events, "new.npz")
    said = {}
    for given in ("new", "new/", "new.npz"):
        capsys.readouterr()
        assert main(["run", "a", "--input", given, "--predictions", f"{Path(given).name}.csv"]) == 0
        said[given] = capsys.readouterr().out
        assert f"sample 2 ({second}/1.wav): " in said[given]
        assert f"(labelled {second})" in said[given]
    found = rows(tmp_path / "new.csv")
    assert [row["label"] for row in found] == [first, first, second]
    right = sum(row["predicted"] == row["label"] for row in found)
    assert [row["correct"] for row in found] == [
        str(row["predicted"] == row["label"]).lower() for row in found
    ]
    assert f"{right} of 3 as labelled" in said["new"]
    assert f"{right} of 3 as labelled" in said["new.npz"]
    assert f"note: labels are the names of the folders: {first}, {second}\n" in said["new/"]
    assert found == rows(tmp_path / "new.npz.csv")
    assert not any(WHATEVER in each for each in said.values())


def test_other_folders_and_files_beside_those_of_classes(make, tmp_path, capsys):
    make({"encoder": settings_of(Cochlea())})
    first = tiny_model().class_names[0]
    classes_of_folders(tmp_path, f"{first}/1.wav", "noise/1.wav", "loose.wav", f"{first}/ann/2.wav")
    assert main(["run", "a", "--input", "new", "--predictions", "new.csv"]) == 0
    out = capsys.readouterr().out
    labels = {row["file"]: row["label"] for row in rows(tmp_path / "new.csv")}
    assert labels == {
        f"{first}/1.wav": first,
        f"{first}/ann/2.wav": first,
        "noise/1.wav": "noise",
        "loose.wav": "",
    }
    assert " of 2 as labelled" in out
    assert "1 of 3 labels are not compared: the network has no class called noise" in out
    assert "note: 1 recording lies in no folder of a class, so without a label (loose.wav)" in out
    assert out.count(WHATEVER) == 1


def named(text, name):
    """With the `name` of a class in the place of CLASS, and the same in other letter case of CASE."""
    return text.replace("CLASS", name).replace("CASE", name.swapcase())


@pytest.mark.parametrize(
    ("names", "given", "said"),
    [
        (["monday/1.wav"], "new", "no labels, as no folder (monday) is called as a class of the network (C"),
        (["CLASSx/1.wav"], "new", "as no folder (CLASSx) is called as a class"),
        (["t/classes/ann/1.wav", "t/CASE/bob/1.wav"], "new", "classes lie deeper: give new/t by itself"),
        (["test/CLASS/1.wav", "train/CLASS/1.wav"], "new", "classes lie deeper: give new/test by itself"),
        (["CLASS/1.wav"], "new/CLASS", "lie in new/CLASS itself: give the folder that holds 'CLASS'"),
        (["1.wav"], "new", None),
    ],
)
def test_why_recordings_of_a_folder_have_no_labels(make, tmp_path, capsys, names, given, said):
    make({"encoder": settings_of(Cochlea())})
    first = tiny_model().class_names[0]
    classes_of_folders(tmp_path, *(named(name, first) for name in names))
    assert main(["run", "a", "--input", given.replace("CLASS", first)]) == 0
    out = capsys.readouterr().out
    assert "labelled" not in out
    if said is None:
        assert "no labels" not in out
    else:
        assert named(said, first).replace("(C", f"({first}") in out


@pytest.mark.parametrize(
    ("names", "layout", "speakers"),
    [
        (["house_3/knock_11.wav", "house_3/bell_2.wav"], "{speaker}/{class}_{}", "house_3"),
        (["ann/knock-a.wav", "bo/bell-b.wav"], "{speaker}/{class}-{}", "ann, bo"),
        (["monday/knock_11.wav", "monday/bell_2.wav"], "{}/{class}_{}", None),
        (["1_knock.wav", "2_bell.wav"], "{}_{class}", None),
        (["ann/knock/1.wav", "bo/bell/1.wav"], "{speaker}/{class}/{}", "ann, bo"),
    ],
)
def test_labels_are_read_where_every_name_tells_a_class_of_the_network(
    make, tmp_path, capsys, names, layout, speakers
):
    make({"encoder": settings_of(Cochlea())}, ("knock", "bell", "kick"))
    classes_of_folders(tmp_path, *names)
    assert main(["run", "a", "--input", "new"]) == 0
    out = capsys.readouterr().out
    assert "of 2 as labelled" in out
    note = f"labels are those that names of folders and files tell, read as {layout}"
    assert note + (f"; sources (field `speaker`): {speakers}" if speakers else "") in " ".join(out.split())


@pytest.mark.parametrize(
    ("layout", "names", "read", "speakers"),
    [
        # Numbers are classes, as they were in training.
        ("{speaker}_{class}_{}", ["ann_1_7.wav", "bo_1_8.wav"], {"ann": "1", "bo": "1"}, "ann, bo"),
        # The first folder is called as a class, and so is another part: the layout tells which is meant.
        (
            "{}/{speaker}/{class}_{}",
            ["knock/ann/bell_1.wav", "knock/bo/knock_2.wav"],
            {"ann": "bell", "bo": "knock"},
            "ann, bo",
        ),
        # Parts of data, and a source of two parts.
        (
            "{}/{speaker}/{speaker}/{class}/{}",
            ["test/north/pump-1/knock/1.wav", "test/south/pump-1/bell/1.wav"],
            {"north/pump-1": "knock", "south/pump-1": "bell"},
            "north/pump-1, south/pump-1",
        ),
    ],
)
def test_labels_are_read_by_the_layout_of_training(make, tmp_path, capsys, layout, names, read, speakers):
    make({"encoder": settings_of(Cochlea()), "layout": layout}, ("knock", "bell", "1"))
    classes_of_folders(tmp_path, *names)
    assert main(["run", "a", "--input", "new", "--predictions", "new.csv"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    note = f"labels are those that names of folders and files tell, read as {layout}, as those of training"
    assert f"note: {note} were; sources (field `speaker`): {speakers}" in out
    assert {row["speaker"]: row["label"] for row in rows(tmp_path / "new.csv")} == read


@pytest.mark.parametrize(
    "layout",
    ["{class}_{}", "{speaker}/{class}/{}", "{class", 7, ["{class}_{}"], "x" * 5000 + "{class}", None],
)
def test_where_the_layout_of_training_does_not_fit_names_are_read_as_without(make, tmp_path, capsys, layout):
    """Also where the model's file holds no layout there, which a note says."""
    make({"encoder": settings_of(Cochlea()), "layout": layout}, ("knock", "bell", "kick"))
    classes_of_folders(tmp_path, "ann/1_knock.wav", "bo/2_bell.wav")
    assert main(["run", "a", "--input", "new"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    note = "names of folders and files tell, read as {speaker}/{}_{class}; sources (field `speaker`): ann, bo"
    assert note in out
    unread = layout is not None and layout not in ("{class}_{}", "{speaker}/{class}/{}")
    assert out.count("as the layout of the recordings of training, which `snnc encode --layout`") == unread
    assert main(["run", "a", "--input", "new/ann/1_knock.wav"]) == 0  # no name is read
    assert "as the layout of the recordings" not in capsys.readouterr().out


def test_names_of_which_few_tell_a_class_say_why_there_are_no_labels(make, tmp_path, capsys):
    make({"encoder": settings_of(Cochlea())}, ("knock", "bell", "kick"))
    classes_of_folders(tmp_path, "1_knock.wav", "2_bel.wav", "kick.wav", "4.wav")
    assert main(["run", "a", "--input", "new"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "as labelled" not in out
    said = "no labels, as 2 of 4 names of files tell a class of the network (1_knock.wav, kick.wav), and not"
    assert f"{said} most in one place; `snnc encode` has --layout" in out


def test_a_slip_in_one_name_leaves_the_others_their_labels(make, tmp_path, capsys):
    make({"encoder": settings_of(Cochlea())}, ("knock", "bell", "kick"))
    classes_of_folders(tmp_path, "M3_knock_1.wav", "M3_bell_2.wav", "M8_knokc_1.wav")
    assert main(["run", "a", "--input", "new"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "of 2 as labelled" in out
    assert "1 of 3 labels are not compared: the network has no class called knokc" in out
    assert "read as {speaker}_{class}_{}; sources (field `speaker`): M3, M8" in out


def test_a_stray_leaves_the_others_their_labels_and_is_named(make, tmp_path, capsys):
    """It tells a class, too, but in another place than most, where nobody knows what its words are."""
    make({"encoder": settings_of(Cochlea())}, ("knock", "bell", "kick"))
    most = {"M3_knock_1.wav": "knock", "M3_bell_2.wav": "bell", "M8_bell_2.wav": "bell"}
    classes_of_folders(tmp_path, *most, "old kick/M9_bell_1.wav")
    assert main(["run", "a", "--input", "new", "--predictions", "new.csv"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "of 3 as labelled" in out
    assert "; sources (field `speaker`): M3, M8 " in out
    note = "note: 1 recording lies or is called otherwise, so without a label (old kick/M9_bell_1.wav)"
    assert note in out
    labels = {row["file"]: row["label"] for row in rows(tmp_path / "new.csv")}
    assert labels == {**most, "old kick/M9_bell_1.wav": ""}


def test_a_source_that_trained_is_known_by_the_value_of_its_number(make, tmp_path, capsys):
    make({"encoder": settings_of(Cochlea()), "sources": ["hive-1", "hive-2"]}, ("knock", "bell", "kick"))
    classes_of_folders(tmp_path, "hive_02/knock_1.wav", "hive_02/bell_2.wav", "hive_12/bell_1.wav")
    assert main(["run", "a", "--input", "new"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "; but 2 are of sources that did, by name (field `speaker`: hive_02), so accuracy says" in out


def test_folders_name_speakers_and_recordings_that_trained_are_told(make, tmp_path, capsys):
    """As `snnc encode` reads them: where each recording lies in a folder below its class."""
    make({"encoder": settings_of(Cochlea())})
    first, second = tiny_model().class_names[:2]
    classes_of_folders(tmp_path, f"{first}/ann/1.wav", f"{second}/bo/1.wav")
    assert main(["run", "a", "--input", "new", "--predictions", "new.csv"]) == 0
    assert [row["speaker"] for row in rows(tmp_path / "new.csv")] == ["ann", "bo"]
    assert "whether its recordings trained the network is not known" in capsys.readouterr().out


def test_speakers_that_names_of_files_tell_have_their_caveats(make, tmp_path, capsys):
    """As `snnc test` tells them: few speakers say little of others. A class's own name is no speaker's."""
    make({"encoder": settings_of(Cochlea())})
    first, second = tiny_model().class_names[:2]
    names = [
        f"{label}/{speaker} {take}.wav"
        for label in (first, second)
        for speaker in ("ann", "bo")
        for take in (1,)
    ]
    classes_of_folders(tmp_path, *names)
    assert main(["run", "a", "--input", "new", "--predictions", "new.csv"]) == 0
    out = capsys.readouterr().out
    assert [row["speaker"] for row in rows(tmp_path / "new.csv")] == ["ann", "bo"] * 2
    assert (
        "note: 4 recordings of 2 sources (field `speaker`: ann, bo); accuracy on other "
        "sources may differ\n" in out
    )
    told = (
        "note: sources (field `speaker`) are those that names of folders and files tell, read as "
        "{class}/{speaker} {}: ann, bo\n"
    )
    assert told in out
    for name in names:
        label = name.partition("/")[0]
        (tmp_path / "new" / name).rename(tmp_path / "new" / name.replace("/", f"/{label}_"))
    assert main(["run", "a", "--input", "new"]) == 0
    out = capsys.readouterr().out
    assert "are those that names of folders and files tell" not in out
    assert f"note: {NO_SPEAKERS}\n" in out


def test_why_names_of_files_are_no_speakers_is_told(make, tmp_path, capsys):
    """One class shows no speakers, and one file that names none leaves all without; a plain word is none."""
    make({"encoder": settings_of(Cochlea())})
    first, second = tiny_model().class_names[:2]
    classes_of_folders(tmp_path, *(f"{first}/{who}_{take}.wav" for who in ("ann", "bo") for take in (1, 2)))
    assert main(["run", "a", "--input", "new"]) == 0
    out = capsys.readouterr().out
    assert (
        "note: names of files may tell sources (field `speaker`), as {class}/{speaker}_{} reads them "
        "(ann, bo), which one class alone does not show, so none are named; an event file names them, which "
        'snnc encode makes with --layout "{class}/{speaker}_{}"\n' in out
    )
    classes_of_folders(tmp_path, *(f"{second}/{who}_{take}.wav" for who in ("ann", "bo") for take in (1, 2)))
    classes_of_folders(tmp_path, f"{second}/3.wav")
    assert main(["run", "a", "--input", "new"]) == 0
    out = capsys.readouterr().out
    assert (
        "note: names of 8 of 9 files tell sources (field `speaker`), as {class}/{speaker}_{} reads them, "
        f"and 1 does not ({second}/3.wav), so none are named: rename or move those\n" in out
    )
    (tmp_path / "new" / second / "3.wav").unlink()
    assert main(["run", "a", "--input", "new"]) == 0
    assert "{class}/{speaker}_{}: ann, bo\n" in capsys.readouterr().out


def test_folders_that_cannot_name_a_class_hinder_nothing(make, tmp_path, capsys):
    make({"encoder": settings_of(Cochlea())})
    first = tiny_model().class_names[0]
    classes_of_folders(tmp_path, f"{first}/1.wav", "a\nb/1.wav", f"{'c' * 240}/1.wav")
    assert main(["run", "a", "--input", "new"]) == 0
    out = capsys.readouterr().out
    assert " of 1 as labelled" in out
    assert "2 of 3 labels are not compared: the network has no class called a\\nb, ccc" in out
