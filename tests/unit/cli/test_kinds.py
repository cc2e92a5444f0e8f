"""A file of the wrong kind: the command says in a line what it is, what it takes, and what takes the file."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import saved, tiny_model
from order_task import order_task
from places import ROOT
from report_examples import equal
from wav_files import write

from snnc.cli import main
from snnc.cli.app import command_line
from snnc.cli.inspect import describe
from snnc.cli.kinds import TAKEN, TAKES
from snnc.report.json_report import to_json
from snnc.trainer.data import save_events_npz
from snnc.trainer.data.cochlea import Cochlea
from snnc.trainer.data.cochlea_settings import settings_of

COMMANDS = {
    "model": ("export FILE -o OUT", "check FILE -t loihi", "targets --for FILE", "test FILE"),
    "artifact": ("verify FILE", "run FILE -i spikes.npz", "chip FILE", "compare a.npz a.npz --artifact FILE"),
    "spikes": ("verify a.onnx --dataset none -i FILE", "run a.onnx -i FILE", "chip l.loihi -i FILE"),
    "events": ("train digits --dataset FILE -o OUT", "test m.pt --dataset FILE"),
    "trace": ("compare FILE a.npz", "compare a.npz FILE"),
    "configuration": ("train FILE -o OUT",),
    "sweep": ("sweep FILE -o OUT",),
}
"""What each kind is given to: kind -> commands."""
FILES = {
    "m.pt": ("model", "trained model of snnc", "snnc export m.pt"),
    "a.onnx": ("artifact", "artifact of snnc", "snnc verify a.onnx"),
    "spikes.npz": ("spikes", "dense input spikes", "snnc verify ARTIFACT --input spikes.npz"),
    "events.npz": (
        "events",
        "labelled event recordings",
        "snnc train events.npz -o model.pt",
    ),
    "a.npz": ("trace", "trace: u, v and spikes by layer", "snnc compare a.npz OTHER --artifact ARTIFACT"),
    "report.json": ("", "report of `snnc verify`", "snnc inspect report.json"),
    "sound.wav": ("sound", "sound (WAV)", "snnc run ARTIFACT --input sound.wav"),
    "c.toml": ("configuration", "configuration of a training", "snnc train c.toml"),
    "notes.txt": (None, "of no kind that snnc knows", ""),
    "nothing": (None, "is empty", ""),
    "folder": (None, "a folder that snnc does not know", ""),
    "recordings": ("recordings", "folder of recordings (WAV)", "snnc encode recordings -o recordings.npz"),
    "numbers.npy": (None, "one array of NumPy; of spikes, write np.savez(FILE, spikes=array)", ""),
    "numbers.npz": (None, "an npz file that snnc does not know", ""),
}
"""Name -> its kind (None: none of ours), and what is said of it."""
ALSO = {
    "model": {"artifact"},
    "spikes": {"events"},
    "events": {"spikes"},
    "configuration": {"spikes", "events", "recordings"},
}
"""Kinds that all, or some, of the commands take as well."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    saved(tiny_model(), folder).rename(folder / "m.pt")
    assert main(["export", str(folder / "m.pt"), "-t", "onnx", "-o", str(folder / "a.onnx")]) == 0
    assert main(["export", str(folder / "m.pt"), "-t", "loihi", "-o", str(folder / "l.loihi")]) == 0
    graph = json.loads((folder / "a.onnx" / "manifest.json").read_text())
    assert graph["format"] == "snnc-artifact"
    lines = tiny_model().layers[0].weight.shape[1]
    np.savez(folder / "spikes.npz", spikes=np.ones((2, tiny_model().time_steps, lines), np.uint8))
    run = ["run", str(folder / "a.onnx"), "-i", str(folder / "spikes.npz"), "-o", str(folder / "a.npz")]
    assert main(run) == 0
    save_events_npz(order_task(20), folder / "events.npz")
    (folder / "report.json").write_text(to_json(equal()))
    with wave.open(str(folder / "sound.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(800))
    (folder / "c.toml").write_bytes((ROOT / "trainer" / "presets" / "digits.toml").read_bytes())
    (folder / "notes.txt").write_text("Nothing of ours.\n")
    (folder / "nothing").write_bytes(b"")
    (folder / "folder").mkdir()
    write(folder / "recordings/up/1.wav")
    write(folder / "recordings/down/1.wav")
    np.savez(folder / "numbers.npz", x=np.zeros(3))
    np.save(folder / "numbers.npy", np.zeros(3))
    return folder


def _pairs() -> Iterator[tuple[str, str]]:
    """The first command of each kind with every file that is wrong for it, the others with three."""
    for wanted, lines in COMMANDS.items():
        wrong = [name for name, (kind, *_) in FILES.items() if kind not in (wanted, *ALSO.get(wanted, ()))]
        if wanted == "events":  # a folder may hold data of any kind
            wrong.remove("folder")
        for number, line in enumerate(lines):
            for name in wrong if number == 0 else wrong[number::4]:
                takes_sound = line.startswith(("run a", "chip l"))
                if not (takes_sound and FILES[name][0] in ("sound", "recordings")):
                    yield line, name


@pytest.mark.parametrize(("line", "name"), [*_pairs()])
def test_the_wrong_kind_is_named(line, name, here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    _, what, following = FILES[name]
    if line.startswith("train FILE") and name == "folder":
        what = "holds no WAV file; put recordings there"
    capsys.readouterr()
    assert main([name if word == "FILE" else word for word in line.split()]) == 2
    (said,) = capsys.readouterr().err.splitlines()[-1:]
    assert said.startswith(f"snnc: {name}: {what}")
    assert f"`snnc {line.split()[0]}` takes " in said
    own = [word for word in line.split()[1:2] if word != "FILE" and word in ("a.onnx", "l.loihi")]
    assert following.replace("ARTIFACT", *own) in said if own else following in said
    assert not Path("OUT").exists()


@pytest.mark.parametrize("name", [name for name, (kind, *_) in FILES.items() if kind != "configuration"])
def test_the_base_of_a_sweep_is_a_file_of_settings(name, here, tmp_path, monkeypatch, refused):
    monkeypatch.chdir(here)
    file = tmp_path / "own.toml"
    file.write_text('base = "digits"\nseeds = [1]\n[variants.a]\n[variants.b]\ntau = 3.0\n')
    said = refused("sweep", file, "-o", tmp_path / "out", "--base", name)
    assert said.startswith(f"snnc: {name}: {FILES[name][1]}")
    assert "`snnc sweep` takes a TOML file or preset here" in said
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)  # the preset is meant
    said = refused("sweep", file, "-o", tmp_path / "out", "--base", "digits", "--set", "tua=3")
    assert "variant 'a': preset 'digits': unknown field 'tua'" in said


def test_a_model_goes_to_export_and_an_artifact_to_verify(here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    compared = "; models and exports are compared by `snnc inspect {0} {0}`"
    for wrong, words in {
        "verify m.pt": "takes a folder that `snnc export` wrote here. For this file: snnc export m.pt",
        "export a.onnx": "or a network of lava-dl (.net) here. For this folder: snnc verify a.onnx. With "
        f"other bits or for another target: snnc export {Path('a.onnx', 'source.pt')}",
        "compare a.onnx a.onnx": f"For this folder: snnc verify a.onnx{compared.format('a.onnx')}",
        "compare m.pt m.pt": "For this file: snnc export m.pt --target c  # or loihi, fpga"
        + compared.format("m.pt"),
        "compare report.json report.json": compared.format("report.json"),
    }.items():
        capsys.readouterr()
        assert main(wrong.split()) == 2
        assert words in capsys.readouterr().err


def test_an_error_about_the_right_kind_stands(here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    (here / "own.toml").write_text('dataset = "digits"\nepoch = 3\n')
    np.savez(here / "narrow.npz", spikes=np.ones((2, tiny_model().time_steps, 1), np.uint8))
    for line, words in {
        "export m.pt --scale huge": "--scale huge: unknown",
        "train own.toml": "unknown field 'epoch' (did you mean 'epochs'?)",
        "run a.onnx -i narrow.npz": "narrow.npz",
        "verify gone.onnx": "no such artifact",
    }.items():
        capsys.readouterr()
        assert main(line.split()) == 2
        said = capsys.readouterr().err
        assert words in said
        assert "` takes " not in said


def test_a_damaged_file_is_called_damaged(here, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    content = (here / "m.pt").read_bytes()
    Path("half.pt").write_bytes(content[: len(content) // 2])
    assert main(["export", "half.pt"]) == 2
    assert "truncated" in capsys.readouterr().err


def test_every_parameter_of_the_table_exists():
    commands = command_line().commands
    for name, takes in TAKES.items():
        assert takes.keys() <= {parameter.name for parameter in commands[name].params}
        assert {kind for kinds in takes.values() for kind in kinds} <= TAKEN.keys()


def test_kinds_as_inspect_tells_them(here, monkeypatch):
    monkeypatch.chdir(here)
    for name, (kind, what, _) in FILES.items():
        if kind is not None:
            found = describe(Path(name))
            assert (found.kind, found.what[: len(what)]) == (kind, what)


def test_what_a_folder_of_recordings_lacks_is_said(here, tmp_path, monkeypatch, capsys, refused):
    """Not that it is none of snnc's: no manifest is missed in it."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "README.txt").write_text("Nothing as yet.\n")
    said = f"{own}: holds no WAV file; put recordings there, in a folder for each class: CLASS/NAME.wav"
    assert refused("encode", own).strip() == f"snnc: {said}"
    assert f"{said}; `snnc train` takes a TOML file or preset or a folder of recordings (WAV)" in refused(
        "train", own
    )
    model = replace(tiny_model(), unit_pool=28, metrics={"data": {"encoder": settings_of(Cochlea())}})
    assert main(["export", str(saved(model, tmp_path)), "-o", str(tmp_path / "a"), "--no-budget"]) == 0
    for command in ("run", "chip"):
        told = refused(command, tmp_path / "a", "-i", own)
        assert (
            f"{own}: holds no WAV file; check the path; `snnc {command}` takes an npz with `spikes`" in told
        )
        assert "manifest" not in told


def test_a_folder_is_encoded_by_the_classes_of_the_network_that_it_is_for(here, tmp_path, refused):
    for name in ("anna/knock_1.wav", "anna/bell_1.wav"):
        (tmp_path / "new" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "new" / name).touch()
    model = saved(replace(tiny_model(), class_names=("knock", "bell", "kick")), tmp_path)
    assert main(["export", str(model), "-o", str(tmp_path / "a"), "--no-budget"]) == 0
    for command in ("verify", "test"):
        told = refused(command, tmp_path / "a", "--dataset", tmp_path / "new").strip()
        assert told.endswith("-o new.npz --layout '{}/{class}_{}'"), told
    metrics = {"data": {"layout": "{speaker}/{class}_{}"}}
    model = saved(replace(tiny_model(), class_names=("knock", "bell", "kick"), metrics=metrics), tmp_path)
    assert main(["export", str(model), "-o", str(tmp_path / "b"), "--no-budget"]) == 0
    for command, network in (("verify", tmp_path / "b"), ("test", model)):
        told = refused(command, network, "--dataset", tmp_path / "new").strip()
        assert told.endswith("-o new.npz --layout '{speaker}/{class}_{}'"), told
