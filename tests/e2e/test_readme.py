"""The commands of README.md, from top to bottom in an empty folder, on files that are there by then."""

from __future__ import annotations

import shutil
from pathlib import Path

import nir
import numpy as np
import pytest
from doc_pages import arguments, blocks, lines
from lava_dl_files import as_file as lava_dl_file
from lava_dl_files import cuba, dense
from places import ROOT
from wav_files import write

from snnc.cli import main
from snnc.exporter.artifact import read_artifact

COMMANDS = [line for line in lines(b for b in blocks() if b.page == "README.md") if line.startswith("snnc ")]
SHORTER = {
    "train": ["--epochs", "1", "--set", "hidden=[4]"],
    "verify": ["--executors", "oracle,hwsim", "--samples", "2", "--generated", "0"],
}
"""What makes a command take seconds: of two values the last counts."""


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what a user would bring: recordings, networks; and with examples/ of the repository."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for label, hertz in (("low", 300), ("high", 3000)):
        for number, name in enumerate(("ann", "bob", "cy")):
            for take in range(2):
                write(tmp_path / "recordings" / label / name / f"{take}.wav", hertz + 7 * take + number)
    ones = np.ones(4)
    neurons = nir.LIF(tau=2e-3 * ones, r=ones, v_leak=0 * ones, v_threshold=ones, v_reset=0 * ones)
    readout = nir.LI(tau=2e-3 * ones[:2], r=ones[:2], v_leak=0 * ones[:2])
    rng = np.random.default_rng(0)
    chain = [nir.Linear(rng.normal(0, 5, (4, 3))), neurons, nir.Linear(rng.normal(0, 1, (2, 4))), readout]
    nir.write(tmp_path / "net.nir", nir.NIRGraph.from_list(*chain))
    layers = [{"type": b"input", "shape": [3]}, dense(rng.integers(-9, 9, (2, 3)), cuba())]
    (tmp_path / "net.net").write_bytes(lava_dl_file(layers))
    return tmp_path


def demo() -> None:
    """What `snnc demo` leaves, but smaller; test_road.py runs it as it is, with Lava."""
    assert main(["train", "digits", *SHORTER["train"], "-o", "demo/model.pt"]) == 0
    assert main(["export", "demo/model.pt", "-o", "demo/model.loihi", "--no-budget"]) == 0


def test_every_command_does_what_it_says(empty: Path) -> None:
    assert len(COMMANDS) > 15
    for line in COMMANDS:
        name, *words = arguments(line.replace("FILE", "model.pt"))
        if name == "demo":
            (empty / "demo").mkdir()
            demo()
            continue
        if "spikes.npz" in words:
            graph = read_artifact(empty / "model.loihi").graph
            spikes = np.random.default_rng(1).random((3, graph.time_steps, graph.inputs)) < 0.1
            np.savez(empty / "spikes.npz", spikes=spikes.astype(np.uint8))
        if name == "compare":
            shutil.copy("a.h5", "b.h5")  # a trace from elsewhere
        code = main([name, *words, *SHORTER.get(name, [])])
        assert code == 0 or (name == "check" and code == 1), line
