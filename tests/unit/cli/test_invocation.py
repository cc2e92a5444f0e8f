"""What the demo tells a user to type next works as it is typed, whether or not PATH leads to `snnc`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sysconfig
from pathlib import Path

import pytest

from snnc.cli import invocation

SCRIPT = Path(sysconfig.get_path("scripts")) / "snnc"
SYSTEM = "/usr/local/bin:/usr/bin:/bin"
"""A PATH on which the snnc of this environment is not."""


def typed(command: str, folder: Path, path: str) -> subprocess.CompletedProcess[str]:
    """As in a fresh shell."""
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )


@pytest.mark.parametrize("path", [SYSTEM, f"{SCRIPT.parent}:{SYSTEM}"])
def test_the_next_commands_work_as_typed(
    path: str, tiny_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a folder; with $signs"
    folder.mkdir()
    tiny_artifact.rename(folder / "it's.loihi")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", path)
    lines = invocation.next_steps(Path("it's.loihi"))
    commands = [line.removeprefix("next:").strip() for line in lines if not line.startswith("`")]
    assert len(commands) == 3
    assert all(command.startswith("snnc ") for command in commands) == (path != SYSTEM)
    for command in commands[1:]:
        done = typed(command, folder, path)
        assert done.returncode == 0, (command, done.stderr)


def test_a_path_below_the_working_folder_is_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `make demo`, where `.venv` lies in the folder of the repository."""
    scripts = tmp_path / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "snnc").touch(mode=0o755)
    (scripts / "activate").touch()
    monkeypatch.setattr(invocation, "_script", lambda: scripts / "snnc")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", SYSTEM)
    assert invocation.next_steps(Path("demo/model.loihi")) == [
        "next: .venv/bin/snnc chip demo/model.loihi",
        "      .venv/bin/snnc inspect demo/model.loihi",
        "      .venv/bin/snnc --help",
        "`source .venv/bin/activate` puts snnc on PATH, so that `snnc` alone starts it",
    ]
    monkeypatch.setenv("PATH", f"{scripts}:{SYSTEM}")
    assert invocation.own_command() == "snnc"


def test_another_snnc_on_path_is_not_taken_for_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "snnc").write_text("#!/bin/sh\nexit 9\n")
    (tmp_path / "snnc").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{SYSTEM}")
    assert invocation.own_command() == shlex.quote(str(SCRIPT))
