"""What a compiler for a device measured stays known after another one verified."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from models import saved, tiny_model

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.io.size_file import SIZE_FILE, kept_size
from snnc.report.off_chip import memory
from snnc.verification.verify import verify

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc was not found")
CROSS = """#!/bin/sh
case "$*" in
  *-dumpmachine*) echo thumb-none-eabi ;;
  *SNN_SCORES*) echo "no math.h" >&2; exit 1 ;;
  *-print-prog-name=size*) exec gcc "$@" ;;
  *" -c "*) exec gcc -DCROSS -O0 "$@" -O0 ;;
  *) exit 1 ;;
esac
"""
"""A compiler for a device without the C library, whose programs are larger and do not run here."""


@pytest.fixture
def cross(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = tmp_path / "cross"
    path.write_text(CROSS)
    path.chmod(0o755)
    monkeypatch.setenv("CC", str(path))
    return f"compiled by {path} -Os for thumb-none-eabi"


@pytest.fixture
def folder(cross: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    model = saved(tiny_model(), tmp_path)
    assert main(["export", str(model), "-t", "c", "--no-budget", "-o", str(tmp_path / "net.c")]) == 0
    assert f"({cross})" in capsys.readouterr().out
    return tmp_path / "net.c"


def used(folder: Path) -> dict[str, str]:
    report = verify(read_artifact(folder), [], executors=["oracle"])
    assert report.notes == ()
    return {row["resource"]: row["use"] for row in report.resources}


def test_both_measurements_are_in_the_report(
    folder: Path, cross: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "gcc")
    found = used(folder)
    assert found["measured"] == f"by the export: {cross}, without the C library"
    assert found["flash with -DSNN_SCORES"].startswith("not measured: the C compiler")
    assert found["measured, by verify"].startswith("compiled by gcc -Os for ")
    assert int(found["flash"].split()[0]) > int(found["flash, by verify"].split()[0])
    assert "flash with -DSNN_SCORES, by verify" in found
    report = verify(read_artifact(folder), [], executors=["oracle"])
    assert memory(report).endswith(f"of state; by the export: {cross}, without the C library")


def test_one_compiler_is_named_once(folder: Path, cross: str) -> None:
    assert used(folder)["measured"] == f"{cross}, without the C library"
    assert not any("by verify" in name for name in used(folder))


def test_it_stays_where_nothing_can_be_measured(
    folder: Path, cross: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And with another compiler the folder is that of an equal export, so its reports stay, too."""
    monkeypatch.setenv("CC", "nowhere")
    assert used(folder)["measured"].endswith(f"{cross}, without the C library")
    (folder / "report.json").write_text("of this one")
    again = ["export", str(folder.parent / "model.pt"), "-t", "c", "--no-budget", "-o", str(folder)]
    assert main(again) == 0
    assert used(folder)["measured"].endswith(f"{cross}, without the C library")
    monkeypatch.setenv("CC", "gcc")
    assert main(again) == 0
    assert used(folder)["measured"].startswith("compiled by gcc")
    assert (folder / "report.json").read_text() == "of this one"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is no JSON"),
        ("[" * 50_000, "is no JSON"),
        ("[]", "is not what an export writes"),
        ('{"rows": {"measured": "a"}}', "is not what an export writes"),
        ('{"graph_hash": "0", "rows": {}}', "does not say how it was measured"),
        ('{"graph_hash": "0", "rows": {"measured": 1}}', "has a row that is no printable text"),
        ('{"graph_hash": "0", "rows": {"measured": "a\\u001b[2J"}}', "has a row that is no printable"),
        ('{"graph_hash": "0", "rows": {"measured": "a"}}', "is of another network"),
        (" " * (1 << 17), "at most 65536 are read"),
    ],
)
def test_a_damaged_file_is_a_note(content: str, says: str, folder: Path) -> None:
    (folder / SIZE_FILE).write_text(content)
    rows, (note,) = kept_size(read_artifact(folder))
    assert rows == {}
    assert says in note
    assert note.endswith("so the report lacks what the export measured; export it again")


def test_a_folder_in_its_place_is_a_note(folder: Path) -> None:
    (folder / SIZE_FILE).unlink()
    artifact = read_artifact(folder)
    assert kept_size(artifact) == ({}, ())
    (folder / SIZE_FILE).mkdir()
    assert "cannot be read (Is a directory)" in kept_size(artifact)[1][0]


def test_python_keeps_it_too(folder: Path, cross: str, tmp_path: Path) -> None:
    import snnc

    exported = snnc.load(tmp_path / "model.pt").export("c", tmp_path / "other.c", budget=False)
    rows = json.loads((tmp_path / "other.c" / SIZE_FILE).read_text())["rows"]
    assert rows == kept_size(replace(read_artifact(folder), path=exported.path))[0]
    assert rows["measured"] == f"{cross}, without the C library"


def test_inspect_tells_it(folder: Path, cross: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(folder / SIZE_FILE)]) == 0
    assert f"measured: {cross}, without the C library" in capsys.readouterr().out
    (folder / SIZE_FILE).write_text('{"graph_hash": "0", "rows": {"measured": 1}}')
    assert main(["inspect", str(folder / SIZE_FILE)]) == 2
    assert "size.json: has a row that is no printable text; export again" in capsys.readouterr().err
