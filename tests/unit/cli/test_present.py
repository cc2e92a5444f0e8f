"""A file that is not there is told before anything heavy is loaded, with what was meant."""

from __future__ import annotations

import subprocess
import sys

import pytest
from models import saved, tiny_model

from snnc.cli.commands import WHAT
from snnc.cli.present import NEEDED

HEAVY = ("torch", "numpy", "h5py", "numba", "scipy")
COMMANDS = {
    "export gone.pt": "gone.pt: no such file; `snnc train` writes a model file",
    "export gone.pt --checkpoint delrec": "gone.pt: no such file; give a checkpoint that torch.save wrote",
    "check gone.pt --target c": "gone.pt: no such file; `snnc train` writes a model file",
    "targets --for gone.pt": "gone.pt: no such file; `snnc train` writes a model file",
    "test gone.c": "gone.c: no such file; `snnc train` writes a model file, `snnc export` the folder",
    "verify gone.c": "gone.c: no such artifact; make one with `snnc export`",
    "run gone.c -i x.npz": "gone.c: no such artifact; make one with `snnc export`",
    "chip gone.loihi": "gone.loihi: no such artifact; make one with `snnc export`",
    "place gone.fpga": "gone.fpga: no such artifact; make one with `snnc export`",
    "compare a.h5 b.h5": "a.h5: no such file; `snnc run --trace` writes one",
    "sweep gone.toml -o out": "gone.toml: no such file; docs/ablation.md shows one",
    "train gone.toml": "gone.toml: no such file; give a preset (",
    "train digts": "preset 'digts' does not exist (did you mean 'digits'?); choose one of ",
    "train gone.npz": "gone.npz: no such file; check the path",
    "train gone/": "gone: no such folder; check the path",
    "train sub/gone": "sub/gone: no such file; check the path",
    "encode gone": "gone: no such folder; check the path",
    "train digits --dataset gone.npz": "gone.npz: no such file; check the path",
    "inspect gone": "gone: no such file or folder; check the path",
}
PROGRAM = """
import sys
from snnc.cli import main
for line in sys.stdin.read().splitlines():
    print(main(line.split()), line, file=sys.stderr)
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_every_command_tells_it_and_loads_nothing(tmp_path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *HEAVY],
        input="\n".join(COMMANDS),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    said = ran.stderr.splitlines()
    for (command, text), line, ended in zip(COMMANDS.items(), said[::2], said[1::2], strict=True):
        assert line.startswith(f"snnc: {text}")
        assert ended == f"2 {command}"
    assert ran.stdout.strip() == ""
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_looked_for_before_the_place_of_its_events(tmp_path, monkeypatch, refused) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.npz").write_text("")
    assert refused("encode", "gone") == "snnc: gone: no such folder; check the path\n"


def test_every_table_is_of_a_command() -> None:
    assert set(NEEDED) <= set(WHAT)


@pytest.mark.parametrize("name", ["mdel.pt", "Model.pt", "model.tp"])
def test_the_file_beside_it_that_was_meant(name, tmp_path, refused) -> None:
    saved(tiny_model(), tmp_path)
    said = refused("export", tmp_path / name)
    assert f"{name}: no such file (did you mean 'model.pt'?); `snnc train`" in said


@pytest.mark.parametrize("command", ["verify", "chip", "place", "inspect", "test", "run"])
def test_the_folder_beside_it_that_was_meant(command, tmp_path, refused) -> None:
    (tmp_path / "model.loihi").mkdir()
    more = ["-i", tmp_path / "x.npz"] if command == "run" else []
    said = refused(command, tmp_path / "model.lohi", *more)
    assert "model.lohi: no such " in said
    assert " (did you mean 'model.loihi'?); " in said


def test_what_is_there_is_left_to_the_command(tmp_path, refused) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert "no such file" not in refused("export", tmp_path / "link")
    assert "no such file; `snnc train`" in refused("export", tmp_path / "flat.pt")  # not 'file'
    assert "no such artifact" in refused("verify", tmp_path / "file" / "below")
