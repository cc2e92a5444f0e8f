"""Blocks of code in the pages that are run here; `test_docs.py` says who answers for the others."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import textwrap
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest
from doc_blocks import (
    BLOCKS,
    BYTES,
    CONFORM,
    EMBED,
    EQUATIONS,
    EVENTS,
    FOLDER,
    FRAMES,
    HDF5_FILES,
    QUIET,
    SIMULATE,
    SPEAKERS,
    SWEEP,
    TRACE,
    C,
    of,
)
from doc_pages import ROOT, arguments
from models import saved, tiny_model

import snnc
from snnc.cli import main
from snnc.errors import ExecutorError
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.io.traces.reader import open_trace
from snnc.stages import Artifact, Trace
from snnc.targets.registry import load_target
from snnc.trainer.data import load_events_npz
from snnc.trainer.data.cochlea import Cochlea, encode, envelopes
from snnc.trainer.sweep import load_sweep


def test_the_sweep_file(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(of(*SWEEP))
    runs = load_sweep(tmp_path / "sweep.toml", tmp_path / "out")
    assert [run.name for run in runs] == [
        f"{variant}-seed{seed}" for variant in ("fixed-delays", "learned-delays") for seed in (0, 1, 2)
    ]


def test_the_sweep_over_speakers_tests_on_each_of_them_and_validates_with_another(tmp_path: Path) -> None:
    (tmp_path / "speakers.toml").write_text(of(*SPEAKERS))
    runs = load_sweep(tmp_path / "speakers.toml", tmp_path / "out")
    held = [(run.fold, run.config.test_speakers, run.config.validation_speakers) for run in runs]
    assert held == [
        ("anna", ("anna",), ("ben",)),
        ("ben", ("ben",), ("carla",)),
        ("carla", ("carla",), ("anna",)),
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


def test_the_line_that_matters_is_found_by_names_of_classes(tmp_path: Path, capsys) -> None:
    """The file numbers its classes otherwise than the network, lacks some, and has one of its own."""
    assert main(["export", str(saved(tiny_model(), tmp_path)), "--target", "c"]) == 0
    exported = snnc.load(tmp_path / "model.c")
    events = (np.random.default_rng(2).random((60, 12, 5)) < 0.4).astype(np.uint8)
    told = np.array(["a", "b", "c"])[exported.predict(events, "oracle")]
    kept = np.flatnonzero(told != min("abc", key=lambda name: (told == name).sum()))
    others = sorted({*told[kept]}, reverse=True)
    labels = np.array([others.index(name) for name in told[kept]])
    labels[:3] = 2
    recordings = snnc.from_arrays(events[kept], labels, dt=0.02, classes=[*others, "unknown"])
    (page,) = (block.text for block in BLOCKS if block.text.startswith("which = np.arange(len(recordings))"))
    names: dict[str, Any] = {"np": np, "recordings": recordings, "exported": exported}
    exec(compile(page, "docs/python.md", "exec"), names)
    assert len(kept) > 20
    assert names["right"] == len(kept) - 3
    for line, lost in enumerate(names["lost"]):
        without = np.where(np.arange(5) == line, 0, events[kept]).astype(np.uint8)
        answers = np.array(["a", "b", "c"])[exported.predict(without, "oracle")]
        assert lost == (answers[3:] != told[kept][3:]).sum()
    assert f"{len(kept) - 3} of {len(kept)} are right" in capsys.readouterr().out


def test_ticks_fall_into_the_steps_of_exact_arithmetic(tmp_path: Path) -> None:
    """Each tick of 0.5 ms of a second, of which a step of 0.02 s has 40; the last step is left out."""
    exact = [Fraction(k, 2000) // Fraction(1, 50) for k in range(2000)]
    assert exact[1160] == 29
    assert 0.58 // 0.02 == math.floor(0.58 / 0.02) == 28  # why the page says ticks
    program = f"""
#include <stdio.h>
#define SNN_STEPS 49
#define SNN_INPUTS 2000
static unsigned char frames[SNN_STEPS * SNN_INPUTS];
int main(void) {{
    int k, n = 40;
    for (k = 0; k < 2000; k++) {{
        int i = k;
{textwrap.indent(of(*FRAMES), " " * 8)}
    }}
    fwrite(frames, 1, sizeof frames, stdout);
    return 0;
}}
"""
    (tmp_path / "frames.c").write_text(program)
    command = ["cc", "-std=c99", "-Wall", "-Werror", "frames.c", "-o", "frames"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    written = subprocess.run(["./frames"], cwd=tmp_path, capture_output=True, check=True, timeout=60).stdout
    found = np.frombuffer(written, np.uint8).reshape(49, 2000)
    expected = np.array([[step == each for each in exact] for step in range(49)], np.uint8)
    assert np.array_equal(found, expected)
    one_each = snnc.from_events([np.arange(1960)], [np.arange(1960)], ["a"], tick_s=0.0005, lines=2000)
    assert np.array_equal(one_each.frames([0], 0.02, 49)[0], expected)


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
    written = np.fromfile("FRAMES", np.uint8).reshape(3, 12, 5)
    assert np.argwhere(written).tolist() == [[0, 0, 4], [0, 1, 0], [1, 1, 1], [2, 11, 2]]
    assert written.max() == 1


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("sound", ["tone", "noise"])
def test_the_equations_of_the_encoder(sound: str, rate: int) -> None:
    """From the samples on: who has only the page gets every event of the encoder."""
    count = 4321
    rng = np.random.default_rng(0)
    samples = np.sin(2 * np.pi * 440 * np.arange(count) / rate) if sound == "tone" else rng.random(count)
    names: dict[str, Any] = {}
    exec(of(*EQUATIONS), names)
    found = names["envelopes"](samples, rate)
    expected = envelopes(samples, rate, Cochlea())
    assert found.shape == expected.shape
    assert np.allclose(found, expected, rtol=1e-9, atol=0)
    ticks, lines = encode(samples, rate, 0, Cochlea(noise=0.0))
    assert len(ticks) > 100
    assert names["events"](found) == list(zip(ticks.tolist(), lines.tolist(), strict=True))


def test_one_sound_with_other_noise_and_without() -> None:
    names: dict[str, Any] = {}
    exec(of(*QUIET), names)
    recordings = names["recordings"]
    assert (len(recordings), recordings.unit_count, recordings.tick_s) == (6, 140, 0.0005)
    all_times = [recordings.times[a:b].tolist() for a, b in pairwise(recordings.offsets)]
    assert len({tuple(each) for each in all_times}) == 6


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


def test_hdf5_files_of_taxels_become_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two fingers on two textures, in files of a clock that runs on: the first event is at 0, its line is
    3 + 12 * 2 + 144 * 1 = 171, and the last one of line 11 + 12 * 11 = 143."""
    monkeypatch.chdir(tmp_path)
    Path("recordings").mkdir()
    for number, (texture, finger) in enumerate([("mesh", "ann"), ("silk", "bob"), ("mesh", "bob")]):
        with h5py.File(f"recordings/rec_{number:04}.h5", "w") as file:
            file.attrs.update(texture=texture, finger=finger, time_unit="us")
            start = 10**6 * number
            columns = {"t": [start + 70, start + 200_070], "x": [3, 11], "y": [2, 11], "p": [1, 0]}
            for name, column in columns.items():
                file[f"events/{name}"] = np.array(column, np.int64 if name == "t" else np.uint8)
    exec(of(*HDF5_FILES), {})
    found = load_events_npz("skin.npz")
    assert (found.class_names, found.speaker_names) == (("mesh", "silk"), ("ann", "bob"))
    assert (found.labels.tolist(), found.speaker.tolist()) == ([0, 1, 0], [0, 1, 1])
    assert found.unit_count == 288
    assert found.seconds.tolist() == pytest.approx([0, 0.2] * 3)
    assert found.units.tolist() == [171, 143] * 3


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
