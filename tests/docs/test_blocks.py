"""Blocks of code in the pages that are run here; `test_docs.py` says who answers for the others."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from doc_blocks import BLOCKS, BYTES, CONFORM, EMBED, EVENTS, FOLDER, SIMULATE, SWEEP, TRACE, C, of
from doc_pages import ROOT, arguments
from models import saved, tiny_model

from snnc.cli import main
from snnc.errors import ExecutorError
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.io.traces.reader import open_trace
from snnc.stages import Artifact, Trace
from snnc.targets.registry import load_target
from snnc.trainer.data import load_events_npz
from snnc.trainer.sweep import load_sweep


def test_the_sweep_file(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(of(*SWEEP))
    runs = load_sweep(tmp_path / "sweep.toml", tmp_path / "out")
    assert [run.name for run in runs] == [
        f"{variant}-seed{seed}" for variant in ("fixed-delays", "learned-delays") for seed in (0, 1, 2)
    ]


def test_the_lines_of_an_embedded_network_are_those_that_run_in_lava() -> None:
    """`tests/unit/targets/loihi/test_embed.py` runs them in Lava, in a program with more around them."""
    program = (ROOT / "tests/unit/targets/loihi/test_embed.py").read_text()
    said = [line.split("#")[0].strip() for line in of(*EMBED).splitlines()]
    compile(of(*EMBED), "docs/artifact.md", "exec")
    calls = [
        line for line in said if line.startswith(("source.s_out", "source.run", "config =", "from lava_"))
    ]
    assert len(calls) == 4
    assert all(line in program for line in calls)


def test_the_loop_in_c(tmp_path: Path) -> None:
    head, state, loop = of(*C).split("\n\n")
    assert main(["export", str(saved(tiny_model(), tmp_path)), "--target", "c"]) == 0
    folder = tmp_path / "model.c"
    program = f"""
#include <stdio.h>
{head}
{state}
static int calls;
static void use(const int32_t *v) {{ calls += v[0] == v[0]; }}
int main(void) {{
    static unsigned char events[SNN_INPUTS];
    int t;
{textwrap.indent(loop, "    ")}
    printf("%d %d", calls, (int)SNN_CLASSES);
    return 0;
}}
"""
    (tmp_path / "loop.c").write_text(program)
    command = [
        "cc",
        "-std=c99",
        "-Wall",
        "-Werror",
        f"-I{folder}",
        "loop.c",
        str(folder / "snn.c"),
        "-o",
        "loop",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    done = subprocess.run(["./loop"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "12 3"  # steps and classes of the tiny model


def test_the_bytes_of_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Steps of the tiny model last 20 ms; a step and line with two events is 1 like one with one event."""
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(saved(tiny_model(), tmp_path)), "--target", "c"]) == 0
    events = {0: [(0.0, 4), (0.0399, 0)], 1: [(0.0201, 1), (0.021, 1)], 2: [(0.2399, 2)]}
    np.savez(
        "events.npz",
        times=np.array([time for one in events.values() for time, _ in one], np.float32),
        units=np.array([line for one in events.values() for _, line in one]),
        offsets=[0, 2, 4, 5],
        labels=[0, 1, 2],
        unit_count=5,
        tick_s=1.0,
    )
    capsys.readouterr()
    exec(of(*BYTES), {})
    assert capsys.readouterr().out == "('a', 'b', 'c')\n"
    written = np.fromfile("INPUT", np.uint8).reshape(3, 12, 5)
    assert np.argwhere(written).tolist() == [[0, 0, 4], [0, 1, 0], [1, 1, 1], [2, 11, 2]]
    assert written.max() == 1


def test_the_simulator(tiny_artifact: Path) -> None:
    artifact = read_artifact(tiny_artifact)
    spikes = (np.random.default_rng(1).random((4, 12, 5)) < 0.4).astype(np.uint8)
    names = {"graph": artifact.graph, "spikes": spikes, "batches": [spikes[:1], spikes[1:]]}
    exec(of(*SIMULATE), names)
    expected = OracleExecutor().run(artifact, spikes)
    assert np.array_equal(names["trace"].layers[-1].v, expected.layers[-1].v)
    assert np.array_equal(names["classes"], expected_classes(expected, artifact)[1:])


def expected_classes(trace: Trace, artifact: Artifact) -> np.ndarray:
    """Clause 7 in floating point, as the contract writes it."""
    x = trace.layers[-1].v * artifact.graph.readout_scale
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return (x / x.sum(axis=-1, keepdims=True)).sum(axis=1).argmax(axis=-1)


def test_a_trace_written_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spikes = np.random.default_rng(0).random((3, 60, 96)) < 0.1
    graph = ModuleType("graph")
    graph.readout_scale = 0.5
    exec(of(*TRACE), {"manifest": {"graph_hash": "0" * 64}, "spikes": spikes, "graph": graph})
    trace = open_trace(tmp_path / "board.h5", None)
    assert trace.executor == "board"
    assert main(["compare", "board.h5", "board.h5"]) == 0


def test_own_events_from_numpy_to_verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's events and the block of commands after them. Counts of spikes alone would give 20."""
    monkeypatch.chdir(tmp_path)
    exec(of(*EVENTS), {})
    (after,) = [block for block in BLOCKS if block.key == ("data.md", "snnc inspect mine.npz")]
    less = {
        "train": ["--epochs", "25", "--set", "hidden=[16]"],
        "verify": ["--executors", "oracle,hwsim"],
        "run": ["-e", "hwsim"],
    }
    for line in after.shell:
        words = arguments(line)
        assert main([*words, *less.get(words[0], [])]) == 0, line
    report = json.loads(Path("mine.loihi/report.json").read_text())
    (quantised,) = [stage for stage in report["accuracy"] if stage["stage"] == "quantised"]
    assert quantised["total"] == 40
    assert quantised["correct"] >= 32


def test_a_folder_of_files_becomes_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two subjects say two words, once each; the event at 3 ms of line 7 is in the file."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(["no/ann", "no/bob", "yes/ann", "yes/bob"]):
        (tmp_path / "own" / name).mkdir(parents=True)
        np.savez(f"own/{name}/1.npz", t=np.array([3000, 5000 + number]), line=np.array([7, number]))
    exec(of(*FOLDER), {})
    found = load_events_npz("own.npz")
    assert (found.class_names, found.speaker_names) == (("no", "yes"), ("ann", "bob"))
    assert (found.labels.tolist(), found.speaker.tolist()) == ([0, 0, 1, 1], [0, 1, 0, 1])
    assert found.unit_count == 32
    assert found.seconds.tolist() == pytest.approx(
        [3e-3, 5e-3, 3e-3, 5.001e-3, 3e-3, 5.002e-3, 3e-3, 5.003e-3]
    )
    assert found.units.tolist() == [7, 0, 7, 1, 7, 2, 7, 3]


class Mine(OracleExecutor):
    """An executor that refuses what the page's list says, which is unlike the reference by name alone."""

    name = "mine"

    def run(self, artifact: Artifact, spikes: np.ndarray) -> Trace:
        if any(layer.decay_u == 0 for layer in artifact.graph.layers):
            raise ExecutorError("decay_u 0: the register cannot hold it")
        return super().run(artifact, spikes)


def test_the_conformance_test_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = ModuleType("snnc_mine")
    mine.TARGET, mine.MyExecutor = load_target("c"), Mine
    monkeypatch.setitem(sys.modules, "snnc_mine", mine)
    names: dict = {}
    exec(of(*CONFORM), names)
    names["test_it_conforms"]()
