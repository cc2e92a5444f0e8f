"""Streams, memory and folders that a process lacks; docs/when_things_break.md."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from outside import VERIFY, content, linux
from places import SNNC


@linux
@pytest.mark.parametrize(
    ("stream", "code", "said"),
    [
        (">/dev/full", 2, "snnc: No space left on device\n"),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        ("<&- >&- 2>&-", 0, ""),
    ],
)
def test_a_stream_that_is_full_or_closed(tmp_path: Path, stream: str, code: int, said: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$@" targets {stream}', "sh", *SNNC],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, said)
    assert os.listdir(tmp_path) == []


def _no_thread() -> None:
    raise RuntimeError("can't start new thread")


def _limited() -> None:
    """As under `ulimit -v`: the system itself refuses 4 GiB, of which this process may have 1 more."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), before[1]))
    try:
        np.ones(4 << 30, np.uint8)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize(
    "starve",
    [
        lambda: bytearray(1 << 62),
        lambda: torch.empty(1 << 50),
        _no_thread,
        pytest.param(_limited, marks=linux),
    ],
)
@pytest.mark.parametrize(
    ("command", "within"),
    [
        ("export other.pt -o tiny.loihi --no-budget --overwrite", "snnc.exporter.pipeline.compile_model"),
        ("train digits -o new.pt", "snnc.trainer.loop._train"),
        (f"verify tiny.loihi {' '.join(VERIFY)}", "snnc.verification.verify.verify"),
    ],
)
def test_no_memory(
    refused, tiny_artifact: Path, models: Path, monkeypatch: pytest.MonkeyPatch, command, within, starve
) -> None:
    """Errors of Python, torch and a thread, and a limit of the system, where it is surely reached."""
    before = content(models)
    monkeypatch.chdir(models)
    monkeypatch.setattr(within, lambda *_, **__: starve())
    assert refused(*command.split()).startswith("snnc: out of memory; use a smaller batch")
    assert content(models) == before


@linux
def test_no_home(models: Path) -> None:
    """Nothing of ours needs one; Lava's environment does, and says so."""
    environment = os.environ | {"HOME": "/dev/null/none", "XDG_CACHE_HOME": "/dev/null/none"}
    commands = [["export", "model.pt", "-o", "out.loihi"], ["verify", "out.loihi", *VERIFY]]
    code = f"import sys; from snnc.cli import main; sys.exit(any(map(main, {commands})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=models, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_no_folder_for_temporary_files(
    refused, tiny_artifact: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = content(tiny_artifact)
    monkeypatch.setattr(
        "snnc.verification.verify.verify",
        lambda *_, **__: tempfile.mkdtemp(dir=tmp_path / "none", prefix="snnc-"),
    )
    assert "none/snnc-" in (said := refused("verify", tiny_artifact, *VERIFY))
    assert "No such file or directory" in said
    assert content(tiny_artifact) == before


def test_the_folder_vanishes_before_the_writing(
    refused, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (models / "sub").mkdir()
    write = Path.write_bytes

    def vanish(path: Path, data: bytes) -> int:
        shutil.rmtree(models / "sub", ignore_errors=True)
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", vanish)
    said = refused("export", models / "model.pt", "-o", models / "sub" / "out.loihi")
    assert "out.loihi: cannot be written (No such file or directory)" in said
    assert sorted(os.listdir(models)) == ["model.pt", "other.pt"]
