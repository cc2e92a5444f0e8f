"""`snnc encode` tells what names say before it encodes, and doubts no layout that was given."""

from __future__ import annotations

from pathlib import Path

import pytest
from wav_files import write

from snnc.cli import main

LAYOUT = "{class}/{speaker}/{}"
BELOW = (
    "note: folders below the sources (field `speaker`) are not read (pump1, pump2); if each is a source of "
    'its own: --layout "{class}/{speaker}/{speaker}/{}"'
)
REVERSE = (
    "note: air, hum are taken for classes; if dairy1, dairy2, mill are the classes, "
    "give `snnc encode` --layout "
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for kind in ("air", "hum"):
        for dairy in ("dairy1", "dairy2", "mill"):
            for pump in ("pump1", "pump2"):
                hertz = 300 + 10 * sum(map(ord, kind + dairy + pump))
                write(tmp_path / "data" / kind / dairy / pump / "x1.wav", hertz)
    return tmp_path / "data"


def test_folders_below_the_sources_are_told_before_the_encoding(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where nothing is written then, as a recording cannot be encoded."""
    assert main(["encode", "data"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines.count(BELOW) == 1
    at = next(at for at, line in enumerate(lines) if line.startswith("recordings "))
    assert lines.index(BELOW) < at
    (data / "air" / "mill" / "pump1" / "x1.wav").write_bytes(b"no sound")
    assert main(["encode", "data", "-o", "other.npz"]) == 2
    assert BELOW in capsys.readouterr().out.splitlines()
    assert not Path("other.npz").exists()


def test_training_on_a_folder_tells_them_before_too(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "air" / "mill" / "pump1" / "x1.wav").write_bytes(b"no sound")
    assert main(["train", "data", "-o", "m.pt"]) == 2
    assert BELOW in capsys.readouterr().err.splitlines()


def test_a_layout_that_was_given_is_not_doubted(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["encode", "data"]) == 0
    out = capsys.readouterr().out
    assert f"(layout {LAYOUT})" in out
    assert REVERSE in out
    assert main(["encode", "data", "-o", "given.npz", "--layout", LAYOUT]) == 0
    out = capsys.readouterr().out
    assert f"(layout {LAYOUT})" in out
    assert REVERSE not in out
