"""Recordings of sound and event files are predicted by their path, as `snnc run --input` takes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sound_network import export_sound, rows
from wav_files import packed, tone, wav, write

import snnc
from snnc.cli import main
from snnc.trainer.data.cochlea import Cochlea
from snnc.trainer.data.cochlea_settings import settings_of


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> snnc.Exported:
    monkeypatch.chdir(tmp_path)
    export_sound(tmp_path, {"encoder": settings_of(Cochlea())})
    for number in range(3):
        write(tmp_path / f"new/calf13_pen5_{number}.wav", 300 * (number + 1), seconds=0.1)
    return snnc.load("a")


def test_a_folder_a_file_and_events_have_the_classes_of_the_command(exported, tmp_path) -> None:
    assert main(["run", "a", "--input", "new", "--predictions", "out.csv"]) == 0
    names = exported.graph.readouts[0].class_names
    found = exported.predict("new")
    assert [names[each] for each in found] == [row["predicted"] for row in rows(tmp_path / "out.csv")]
    assert exported.predict(Path("new/calf13_pen5_0.wav")).tolist() == found[:1].tolist()
    assert len(exported.run("new")["readout"].v) == 3
    for number in range(2):
        write(tmp_path / f"told/a/{number}.wav", 300, seconds=0.1)
        write(tmp_path / f"told/b/{number}.wav", 600, seconds=0.1)
    assert main(["encode", "told", "-o", "told.npz"]) == 0
    assert np.array_equal(exported.predict("told.npz"), exported.predict(snnc.load_data("told.npz")))


def test_what_does_not_fit_is_told(exported, tmp_path) -> None:
    with pytest.raises(snnc.SnncError, match=r"layout 'TNC': is for arrays, and x is a path; leave it out"):
        exported.predict("new", layout="TNC")
    with pytest.raises(snnc.SnncError, match=r"^none.npz: no such file"):
        exported.predict("none.npz")
    (tmp_path / "new/broken.wav").write_bytes(b"RIFF")
    command = r"--skip\. Python has no --skip; `snnc run a --input new --skip` has$"
    with pytest.raises(snnc.SnncError, match=command):
        exported.predict("new")


def test_channels_that_were_mixed_are_told(exported, tmp_path) -> None:
    stereo = np.stack([tone(), tone()], axis=1)
    (tmp_path / "new/two.wav").write_bytes(wav(packed(stereo, 16), channels=2))
    with pytest.raises(snnc.SnncError, match=r"--mix.* `snnc run a --input new/two.wav --mix` has$"):
        exported.predict("new/two.wav")


def test_data_of_a_flat_folder_name_what_works(exported, capsys) -> None:
    with pytest.raises(snnc.SnncError) as raised:
        snnc.load_data("new")
    said = str(raised.value)
    assert "snnc run ARTIFACT --input new classifies them without labels" in said
    assert "make a folder for each" in said
    assert "--layout TEXT" not in said
    assert main(["encode", "new", "-o", "x.npz"]) == 2
    assert "to classify recordings without labels: snnc run ARTIFACT --input new" in capsys.readouterr().err


def test_data_of_a_folder_of_classes_are_encoded(exported, tmp_path) -> None:
    for name in ("told/a/0.wav", "told/b/0.wav"):
        write(tmp_path / name, 300, seconds=0.1)
    with pytest.raises(snnc.SnncError, match=r"make events of it: snnc encode told -o told.npz$"):
        snnc.load_data("told")


def test_a_missing_path_is_told_and_skip_is_named_only_where_it_helps(exported, tmp_path) -> None:
    with pytest.raises(snnc.SnncError, match=r"^absent: no such file or folder.*check the path$"):
        exported.predict("absent")
    (tmp_path / "stereo").mkdir()
    (tmp_path / "stereo/broken.wav").write_bytes(b"RIFF")
    with pytest.raises(snnc.SnncError) as caught:
        exported.predict("stereo")
    assert "--skip" not in str(caught.value)  # which would leave none
