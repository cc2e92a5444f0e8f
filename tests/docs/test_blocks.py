"""Blocks of code in the pages that are run here; `test_docs.py` says who answers for the others."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from doc_blocks import (
    BLOCKS,
    CONFORM,
    EMBED,
    SIMULATE,
    SPEAKERS,
    SWEEP,
    TRACE,
    of,
)
from doc_pages import ROOT
from models import saved, tiny_model

import snnc
from snnc.cli import main
from snnc.errors import ExecutorError
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.io.traces.reader import open_trace
from snnc.stages import Artifact, Trace
from snnc.targets.registry import load_target
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
    (page,) = (block.text for block in BLOCKS if "which = np.arange(len(recordings))" in block.text)
    names: dict[str, Any] = {"np": np, "snnc": snnc, "recordings": recordings, "exported": exported}
    exec(compile(page, "docs/python.md", "exec"), names)
    assert len(kept) > 20
    assert names["right"] == len(kept) - 3
    for line, lost in enumerate(names["lost"]):
        without = np.where(np.arange(5) == line, 0, events[kept]).astype(np.uint8)
        answers = np.array(["a", "b", "c"])[exported.predict(without, "oracle")]
        assert lost == (answers[3:] != told[kept][3:]).sum()
    assert f"{len(kept) - 3} of {len(kept)} are right" in capsys.readouterr().out


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
