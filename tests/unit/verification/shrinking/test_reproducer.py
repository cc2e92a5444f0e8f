"""The minimal reproducer as an artifact: saved, read back, verified again; and why there is none."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from faults import CHANGES, OnChangedGraph, bumped, with_layer
from golden import artifact_of
from hypothesis import assume, given, settings
from models import ON_GOLDEN
from planting import copy_of
from seeded_executors import FLOOR, GREATER_OR_EQUAL
from strategies import graphs_with_input

from snnc.cli import main
from snnc.errors import LimitError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.reproducer import write_reproducer
from snnc.hwsim.oracle import OracleExecutor, run_graph
from snnc.plugins.executors import EXECUTORS, load_executor
from snnc.report.json_report import from_json
from snnc.verification.compare import first_divergence
from snnc.verification.shrinking.reproducer import reproduce

pytestmark = pytest.mark.slow

NO_END = 1e9
"""Seconds: these tests are bounded by runs."""


def reproduced(artifact, executor, folder, inputs=None, **bounds):
    inputs = np.asarray(artifact.golden_input) if inputs is None else inputs
    reference = load_executor("torch")
    expected = reference.run(artifact, inputs)
    found = first_divergence(artifact.graph, expected, executor.run(artifact, inputs), inputs, "golden")
    bounds = {"seconds": NO_END} | bounds
    return reproduce(artifact, executor, reference, found, inputs, expected, folder, **bounds)


@pytest.mark.parametrize("edits", [GREATER_OR_EQUAL, FLOOR], ids=["greater-or-equal", "decay rounds down"])
def test_a_saved_reproducer_is_verified_and_differs_again(
    edits, tiny_artifact, tmp_path, monkeypatch, capsys
):
    name = "oracle"
    monkeypatch.setitem(EXECUTORS, name, copy_of(name, edits[name], tmp_path, monkeypatch))
    original, folder = read_artifact(tiny_artifact), tmp_path / "small.loihi"
    found = reproduced(original, load_executor(name), folder)
    assert (found.folder, found.absent, found.inputs, found.layers) == (str(folder), None, 1, (1, 1))
    assert found.steps <= 2
    assert found.events <= 1
    small = read_artifact(folder)
    assert small.graph.time_steps == found.steps
    assert small.manifest["provenance"]["reproducer_of"] == original.manifest["graph_hash"]
    assert "nothing more could be left out" in small.manifest["provenance"]["search"]
    assert main(["verify", str(folder), *ON_GOLDEN, "--executors", "oracle,hwsim"]) == 1
    report = from_json((folder / "report.json").read_text())
    assert report.golden_reproduced
    divergence = {result.name: result.divergence for result in report.executors}
    assert divergence["hwsim"] is None
    assert (divergence["oracle"].layer, divergence["oracle"].variable) == ("hidden1", "v")
    # An equal one stays, with its reports.
    assert reproduced(original, load_executor(name), folder).folder == str(folder)
    assert (folder / "report.json").exists()
    # Another is put in its place, and the reports go: both are ours.
    before = (folder / "manifest.json").read_bytes()
    other = OnChangedGraph("hwsim", CHANGES["leak"])
    assert reproduced(original, other, folder).folder == str(folder)
    assert (folder / "manifest.json").read_bytes() != before
    assert not (folder / "report.json").exists()


def test_what_is_no_reproducer_is_not_replaced(tiny_artifact, tmp_path):
    original = read_artifact(tiny_artifact)
    wrong = OnChangedGraph("hwsim", CHANGES["leak"])
    before = (tiny_artifact / "manifest.json").read_bytes()
    found = reproduced(original, wrong, tiny_artifact)
    assert (found.folder, found.runs) == (None, 0)
    assert found.absent == f"{tiny_artifact} exists and is not a reproducer; move it away"
    assert (tiny_artifact / "manifest.json").read_bytes() == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("keep")
    assert "was not written by snnc" in reproduced(original, wrong, tmp_path / "mine").absent
    assert (tmp_path / "mine/notes.txt").read_text() == "keep"


class OfFiles(OracleExecutor):
    """Runs the weight matrix that lies in a file of the artifact."""

    name = "of-files"
    wrong = 0

    def run(self, artifact, spikes):
        with np.load(io.BytesIO(artifact.program["program.npz"])) as program:
            weight = program["weight_0"] + self.wrong
        graph = artifact.graph
        changed = with_layer(graph, 0, weight=weight.reshape(graph.layers[0].weight.shape))
        return super().run(replace(artifact, graph=changed), spikes)


def test_an_executor_of_files_runs_newly_emitted_ones(tiny_artifact, tmp_path):
    executor = OfFiles()
    executor.wrong = 1
    found = reproduced(read_artifact(tiny_artifact), executor, tmp_path / "small")
    assert (found.folder, found.absent, found.layers) == (str(tmp_path / "small"), None, (1, 1))
    assert found.synapses <= 1


def test_a_fault_in_the_files_is_told_from_one_of_the_executor(tiny_artifact, tmp_path):
    original = read_artifact(tiny_artifact)
    with np.load(io.BytesIO(original.program["program.npz"])) as program:
        arrays = {name: program[name] for name in program.files}
    np.savez(changed := io.BytesIO(), **arrays | {"weight_0": bumped(arrays["weight_0"], (3, 1))})
    original = replace(original, program={"program.npz": changed.getvalue()})
    found = reproduced(original, OfFiles(), tmp_path / "small")
    assert found.folder is None
    assert "the fault is in the files of the artifact, not in the executor" in found.absent
    assert not (tmp_path / "small").exists()


def test_a_divergence_that_does_not_come_again(tiny_artifact, tmp_path):
    class Once(OracleExecutor):
        name, ran = "once", False

        def run(self, artifact, spikes):
            wrong = len(spikes) > 0 and not self.ran
            self.ran |= wrong
            graph = CHANGES["leak"](artifact.graph) if wrong else artifact.graph
            return super().run(replace(artifact, graph=graph), spikes)

    found = reproduced(read_artifact(tiny_artifact), Once(), tmp_path / "small")
    assert found.folder is None
    assert found.absent.startswith("once agrees on this sample alone, and after the one before it")


def test_files_are_not_blamed_for_what_does_not_come_again(tiny_artifact, tmp_path):
    class OnceOfFiles(OfFiles):
        name = "once-of-files"

        def run(self, artifact, spikes):
            trace = super().run(artifact, spikes)
            self.wrong = 0
            return trace

    executor = OnceOfFiles()
    executor.wrong = 1
    found = reproduced(read_artifact(tiny_artifact), executor, tmp_path / "small")
    assert found.folder is None
    assert found.absent.startswith("once-of-files agrees on this sample alone")


def test_a_search_without_runs_says_so(tiny_artifact, tmp_path):
    wrong = OnChangedGraph("hwsim", CHANGES["leak"])
    found = reproduced(read_artifact(tiny_artifact), wrong, tmp_path / "small", runs=0)
    assert found.absent == "hwsim differed on none of the networks that were tried before 0 runs were made"


@settings(max_examples=15)
@given(graphs_with_input(max_delay=20))
def test_any_graph_is_saved_as_a_reproducer(tmp_path_factory, case):
    """Saturating ones included. The readout is the oracle's."""
    graph, inputs = case
    folder = tmp_path_factory.mktemp("any") / "small"
    original = replace(artifact_of(graph), target="c", manifest={"graph_hash": "ab"})
    readout = run_graph(graph, inputs).readout
    try:
        saved = write_reproducer(folder, graph, inputs, (readout,), original, {"executor": "x"})
    except LimitError:  # decays that no NIR neuron has
        assume(False)
    np.testing.assert_array_equal(saved.golden_input, inputs)
    np.testing.assert_array_equal(saved.golden_readout, readout)
    for ours, theirs in zip(saved.graph.layers, graph.layers, strict=True):
        np.testing.assert_array_equal(ours.weight, theirs.weight)
        np.testing.assert_array_equal(ours.delay, theirs.delay)


def test_an_executor_that_breaks_down_on_all_smaller_networks_does_not_agree(tiny_artifact, tmp_path):
    original = read_artifact(tiny_artifact)

    class Fragile(OracleExecutor):
        name, ran = "fragile", False

        def run(self, artifact, spikes):
            if self.ran:
                raise RuntimeError("no such\nnetwork")
            self.ran = True
            return super().run(replace(artifact, graph=CHANGES["leak"](artifact.graph)), spikes)

    found = reproduced(original, Fragile(), tmp_path / "small")
    assert found.folder is None
    assert "broke down, the last by RuntimeError: no such network" in found.absent
    assert "agrees" not in found.absent
