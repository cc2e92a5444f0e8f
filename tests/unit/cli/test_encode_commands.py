"""A refusal of `snnc encode` ends with the command that works."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from wav_files import packed, tone, wav, write

from snnc.cli import main
from snnc.trainer.data import load_events_npz


def test_a_refusal_ends_with_the_command_that_takes_the_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    """To be pasted: with the user's own file, layout and --overwrite."""
    monkeypatch.chdir(tmp_path)
    for name in ("up", "down"):
        (tmp_path / "two" / name).mkdir(parents=True)
        for take in (1, 2):
            both = np.stack([tone(hertz=300.0 * take, seconds=0.5)] * 2, axis=1)
            (tmp_path / "two" / name / f"ann_{take}.wav").write_bytes(wav(packed(both, 16), channels=2))
    Path("out.npz").touch()
    for given, command in (
        (("-o", "own.npz"), "snnc encode two -o own.npz --mix"),
        (
            ("-o", "laid.npz", "--layout", "{class}/{}"),
            "snnc encode two -o laid.npz --layout '{class}/{}' --mix",
        ),
        (
            ("-o", "out.npz", "--layout", "{class}/{}", "--overwrite"),
            "snnc encode two -o out.npz --layout '{class}/{}' --mix --overwrite",
        ),
    ):
        said = refused("encode", "two", *given)
        assert said.endswith(f". Here: {command}\n")
        assert main(shlex.split(said.rpartition(". Here: snnc ")[2])) == 0
    assert "Here" not in refused("encode", "two", "-o", "own.npz")  # which exists


def test_a_refusal_names_what_the_command_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    """Of recordings of two channels and others that are no sound, only these; and what no layout reads."""
    monkeypatch.chdir(tmp_path)
    for name in ("up", "down"):
        for who in ("ann", "bob"):
            write(tmp_path / f"own/{name}/{who}_1.wav", 300)
            both = np.stack([tone(hertz=300.0, seconds=0.5)] * 2, axis=1)
            (tmp_path / f"own/{name}/{who}_2.wav").write_bytes(wav(packed(both, 16), channels=2))
    (tmp_path / "own/up/bob_3.wav").write_bytes(b"no sound")
    left = "; --skip leaves out 1 recording (up/bob_3.wav). Here: snnc encode own -o a.npz "
    assert left in refused("encode", "own", "-o", "a.npz", "--layout", "{class}/{}")
    write(tmp_path / "own/up/odd.wav", 300)
    said = refused("encode", "own", "-o", "a.npz", "--layout", "{class}/{speaker}_{}")
    mean = "; --mix takes the mean of a recording's channels, as some have several"
    left = f"{mean}; --skip leaves out 2 recordings (up/odd.wav, up/bob_3.wav). Here: "
    command = "snnc encode own -o a.npz --layout '{class}/{speaker}_{}' --mix --skip"
    assert said.endswith(f"{left}{command}\n")
    assert main(shlex.split(command)[1:]) == 0
    assert len(load_events_npz("a.npz")) == 8
