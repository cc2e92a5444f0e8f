"""A place that cannot be written is refused with the option that named it."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize("option", ["-o", "--trace", "--predictions", "--write-input", "--json"])
def test_run(tiny_artifact, tmp_path, monkeypatch, refused, option):
    from snnc.cli import run_input

    monkeypatch.setattr(run_input, "input_writer", lambda artifact: None)  # loihi's program reads none
    np.savez(tmp_path / "in.npz", spikes=np.ones((1, 12, 5), np.uint8))
    place = tmp_path / "none" / "x.h5"
    said = refused("run", tiny_artifact, "-i", tmp_path / "in.npz", option, place)
    assert said == (
        f"snnc: {place}: cannot be written (No such file or directory); choose another place ({option})\n"
    )
    if option != "--json":  # which takes no folder for its FILE
        said = refused("run", tiny_artifact, "-i", tmp_path / "in.npz", option, tmp_path)
        assert said == f"snnc: {tmp_path} is a folder; give the name of a file to write ({option})\n"


@pytest.mark.parametrize("option", ["--junit", "--json"])
def test_verify(tiny_artifact, tmp_path, refused, option):
    place = tmp_path / "none" / "x.xml"
    said = refused("verify", tiny_artifact, "--executors", "hwsim", option, place)
    assert said.endswith(f"choose another place ({option})\n")
