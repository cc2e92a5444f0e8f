"""A disk or a folder that takes no more; docs/when_things_break.md."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from order_task import own_run
from outside import VERIFY, content, largest_file, linux

from snnc.cli import main
from snnc.trainer import sweep_runner


def spoiled(artifact: Path) -> None:
    """So that an export to its place writes it again: an equal artifact would be left there."""
    with (artifact / "graph.nir").open("ab") as file:
        file.write(b" ")


@linux
def test_no_room_for_an_artifact(refused, tiny_artifact: Path, models: Path) -> None:
    sizes = sorted({len(data) for name, data in content(tiny_artifact).items()})
    spoiled(tiny_artifact)
    before = content(tiny_artifact.parent)
    for size in (sizes[0] - 1, sizes[len(sizes) // 2] - 1, sizes[-1] - 1):
        with largest_file(size):
            said = refused("export", models / "model.pt", "-o", tiny_artifact)
        assert "cannot be written (File too large)" in said
        assert content(tiny_artifact.parent) == before
        assert not list(models.rglob("*.part"))


@linux
def test_no_room_for_a_report(refused, tiny_artifact: Path) -> None:
    before = content(tiny_artifact)
    with largest_file(100):
        assert "report.json: cannot be written (File too large)" in refused("verify", tiny_artifact, *VERIFY)
    assert content(tiny_artifact) == before


@pytest.mark.parametrize(
    ("arguments", "nth", "named"),
    [
        ("verify tiny.loihi", 2, "tiny.loihi/report.html"),
        ("verify tiny.loihi --junit junit.xml", 2, "junit.xml"),
        ("verify tiny.loihi --json verdict.json", 2, "verdict.json"),
        ("run tiny.loihi -i spikes.npz -o trace.npz", 1, "trace.npz"),
        ("export model.pt -o new.loihi --dump-after place", 1, "new.loihi.passes/place.npz"),
        ("export model.pt -o new.loihi", 3, "new.loihi"),
        ("train order.toml -o new.pt", 1, "new.pt.checkpoint"),
        ("train order.toml -o new.pt", 6, "new.pt"),  # after the checkpoints of five epochs
        ("sweep sweep.toml -o swept", 1, "swept/table.json"),
        ("sweep sweep.toml -o swept", 3, "swept/table.html"),
    ],
)
def test_a_disk_that_fills_in_the_middle(
    capsys: pytest.CaptureFixture[str],
    tiny_artifact: Path,
    models: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    nth: int,
    named: str,
) -> None:
    """The `nth` file is half written when no more can be; write(2) names no file."""
    np.savez(models / "spikes.npz", spikes=np.ones((2, 12, 5), np.uint8))
    own_run(models, epochs=2).rename(models / "order.toml")
    (models / "sweep.toml").write_text('base = "order.toml"\nseeds = [0]\n[variants.a]\n')
    monkeypatch.setattr(sweep_runner, "run_local", lambda *_: None)  # the table alone
    monkeypatch.chdir(models)
    write, count = Path.write_bytes, []
    code = errno.EDQUOT if nth % 2 else errno.ENOSPC

    def full(path: Path, data: bytes) -> int:
        count.append(path)
        write(path, data if len(count) < nth else data[: len(data) // 2])
        if len(count) >= nth:
            raise OSError(code, os.strerror(code))
        return len(data)

    verify_only = VERIFY if arguments.startswith("verify") else ()
    monkeypatch.setattr(Path, "write_bytes", full)
    assert main([*arguments.split(), *verify_only]) == 2
    *before, said = capsys.readouterr().err.splitlines()
    option = {"junit.xml": "--junit", "verdict.json": "--json"}.get(named, "-o")
    assert said == f"snnc: {named}: cannot be written ({os.strerror(code)}); choose another place ({option})"
    assert not any(line.startswith("snnc:") or "Traceback" in line for line in before)
    assert not Path(named).exists()
    assert [name for name in os.listdir() if name.startswith(".")] == []
    assert not list(models.rglob("*.part"))


@linux
def test_a_disk_that_fills_under_a_trace(refused, tiny_artifact: Path, models: Path) -> None:
    """HDF5 writes late and by itself."""
    np.savez(models / "spikes.npz", spikes=np.ones((400, 12, 5), np.uint8))
    trace = models / "trace.h5"
    for size in (100, 5000):
        with largest_file(size):
            said = refused("run", tiny_artifact, "-i", models / "spikes.npz", "--trace", trace)
        assert said == f"snnc: {trace}: cannot be written (File too large); choose another place (--trace)\n"
        assert not list(models.glob("*trace.h5*"))


@linux
def test_no_room_for_temporary_files(
    refused, tiny_artifact: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (models / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(models / "tmp"))
    np.savez(models / "spikes.npz", spikes=np.ones((2, 12, 5), np.uint8))
    with largest_file(100):
        said = refused("run", tiny_artifact, "-i", models / "spikes.npz", "-e", "c")
    assert said.startswith(f"snnc: {models / 'tmp' / 'snnc-c-'}")
    assert "cannot be written (File too large); make room, or set TMPDIR to another folder" in said


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("command", ["export", "verify", "train"])
def test_a_folder_that_takes_nothing(
    refused, tiny_artifact: Path, models: Path, monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    def refuse(*args: object, **kwargs: object) -> str:
        raise OSError(code, os.strerror(code))

    arguments: tuple[object, ...] = {
        "export": (models / "model.pt", "-o", tiny_artifact),
        "verify": (tiny_artifact, *VERIFY),
        "train": ("digits", "-o", models / "new.pt"),
    }[command]
    if command == "export":
        spoiled(tiny_artifact)
    before = content(models)
    monkeypatch.setattr(tempfile, "mkdtemp", refuse)  # root may write where permissions forbid it
    said = refused(command, *arguments)
    assert f"cannot be written ({os.strerror(code)}); choose another place (-o)" in said
    assert content(models) == before
