"""`--target onnx` on the command line: export, verify, run, refusals; and the snippet of docs/onnx.md."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
from models import ON_GOLDEN, saved, tamper, tiny_model
from onnx import numpy_helper
from places import DOCS

from snnc.cli import main
from snnc.decoding import softmax
from snnc.exporter.artifact import read_artifact
from snnc.report.json_report import from_json
from snnc.stages import Divergence
from snnc.targets.onnx.emitter import MODEL, PROBE
from snnc.trainer.integer_model import run_graph

DOCS = DOCS / "onnx.md"
SNIPPET_NEEDS = ("onnxruntime", "numpy", "flatbuffers", "google", "packaging")
"""onnxruntime, numpy, and what onnxruntime depends on."""


@pytest.fixture(scope="session")
def _exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("onnx")
    assert main(["export", str(saved(tiny_model(), folder)), "--target", "onnx"]) == 0
    return folder / "model.onnx"


@pytest.fixture
def artifact(_exported: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model's artifact that a test may change."""
    return Path(shutil.copytree(_exported, tmp_path / "model.onnx"))


def test_export_says_nothing_of_cores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(saved(tiny_model(), tmp_path)), "--target", "onnx"]) == 0
    text = capsys.readouterr().out
    assert " for onnx, proved free of overflow" in text
    assert "network   2 layers, 5 input lines, 12 steps of 20 ms\n" in text
    assert "delays    up to 4 steps\n" in text
    assert not re.search(r"\bcores?\b|slots|2147483647", text)


def test_targets_leaves_out_what_a_processor_has_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets", "onnx"]) == 0
    table = capsys.readouterr().out
    assert "payload max" in table
    assert not re.search(r"cores|chips|mesh|slots|2147483647", table)


def test_two_exports_give_the_same_files(artifact: Path, tmp_path: Path) -> None:
    assert main(["export", str(saved(tiny_model(), tmp_path)), "-t", "onnx", "-o", str(tmp_path / "b")]) == 0
    for name in (MODEL, PROBE):
        assert (artifact / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_verify_is_bit_exact(artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [*ON_GOLDEN, "--executors", "onnx,oracle", "-v"]
    assert main(["verify", str(artifact), *options]) == 0
    assert "Bit-exact: torch = oracle = onnxruntime = onnx-reference over 8" in capsys.readouterr().out
    report = from_json((artifact / "report.json").read_text())
    assert (report.target, report.chip_cores, report.resources, report.traffic) == ("onnx", 0, (), None)
    assert [result.saturations for result in report.executors] == [0, 0, 0, 0]
    assert not [name for name in report.provenance if "place" in name]
    page = (artifact / "report.html").read_text()
    assert "None: onnx is a program for a processor, or for a core that is simulated." in page


def test_verify_runs_the_graph_of_any_target(tiny_artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [*ON_GOLDEN, "--executors", "onnx", "-v"]
    assert main(["verify", str(tiny_artifact), *options]) == 0
    assert "Bit-exact: torch = onnxruntime = onnx-reference over 8 samples" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["onnx", "onnxruntime", "onnx-reference"])
def test_run(name: str, artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph, spikes = read_artifact(artifact).graph, some_spikes(tmp_path / "spikes.npz")
    capsys.readouterr()
    command = ["run", str(artifact), "-i", str(tmp_path / "spikes.npz"), "-e", name]
    assert main([*command, "-o", str(tmp_path / "trace.npz")]) == 0
    lines = capsys.readouterr().out.splitlines()
    expected = run_graph(graph, spikes)
    assert lines[:3] == class_lines(expected.readout, graph.readout_scale)
    with np.load(tmp_path / "trace.npz") as trace:
        for index, layer in enumerate(expected):
            np.testing.assert_array_equal(trace[f"u_{index}"], layer.u)
            np.testing.assert_array_equal(trace[f"v_{index}"], layer.v)
            np.testing.assert_array_equal(trace[f"s_{index}"], layer.spikes)


@pytest.mark.parametrize("name", [MODEL, PROBE])
def test_an_altered_program_is_refused(name: str, artifact: Path, refused: Callable[..., str]) -> None:
    tamper(artifact, name, bumped_weight(0))
    for command in ("verify", "run"):
        inputs = ["--dataset", "none"] if command == "verify" else ["-i", artifact / "golden.npz"]
        text = refused(command, artifact, *inputs)
        assert f"{name}: is not the program that this release of snnc emits" in text


def test_a_foreign_onnx_file_is_refused(tiny_artifact: Path, refused: Callable[..., str]) -> None:
    (tiny_artifact / "more.onnx").write_bytes(b"")
    tamper(tiny_artifact, "more.onnx", lambda data: b"anything")
    assert "more.onnx: is not the program" in refused("verify", tiny_artifact, "--dataset", "none")


@pytest.mark.parametrize(
    ("name", "layer", "where"), [(MODEL, 1, ("readout", "v")), (PROBE, 0, ("hidden1", "u"))]
)
@pytest.mark.parametrize("executor", ["onnxruntime", "onnx-reference"])
def test_what_is_trusted_is_what_runs(
    executor: str, name: str, layer: int, where: tuple[str, str], artifact: Path
) -> None:
    """A weight of one of the files off by one: verify finds it in what that file answers for."""
    tamper(artifact, name, bumped_weight(layer))
    command = [
        "verify",
        str(artifact),
        *ON_GOLDEN,
        "--trust-program",
        "--executors",
        executor,
    ]
    assert main(command) == 1
    found = divergence(artifact)
    assert (found.layer, found.variable) == where
    assert abs(found.expected - found.found) == 64  # one step of a weight, at its first spike


def test_a_program_that_is_not_listed_is_refused(artifact: Path, refused: Callable[..., str]) -> None:
    """It lies there, and nothing has checked it."""
    manifest = json.loads((artifact / "manifest.json").read_text())
    del manifest["files"][MODEL]
    (artifact / "manifest.json").write_text(json.dumps(manifest))
    for name in ("onnxruntime", "onnx-reference"):
        text = refused("run", artifact, "-i", artifact / "golden.npz", "-e", name)
        assert "has no model.onnx, a part of the program; export again" in text


def test_the_snippet_of_the_docs_needs_onnxruntime_and_numpy_only(artifact: Path, tmp_path: Path) -> None:
    """It runs as it stands, in an interpreter that has neither snnc nor any other package."""
    snippet, _ = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(snippet.strip().splitlines()) <= 10
    (tmp_path / "snippet.py").write_text(snippet)
    site = tmp_path / "site"
    site.mkdir()
    for package in SNIPPET_NEEDS:
        spec = find_spec(package)
        assert spec is not None, package
        for place in spec.submodule_search_locations or ():
            (site / package).symlink_to(place)
            libraries = Path(place).with_name(f"{package}.libs")
            if libraries.is_dir():
                (site / libraries.name).symlink_to(libraries)
    spikes = some_spikes(tmp_path / "spikes.npz")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-S", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=tmp_path,
            env={"PYTHONPATH": str(site)},
        )

    for absent in ("snnc", "onnx", "torch"):
        assert run("-c", f"import {absent}").returncode == 1
    done = run("snippet.py")
    assert done.returncode == 0, done.stderr
    graph = read_artifact(artifact).graph
    assert done.stdout.splitlines() == class_lines(run_graph(graph, spikes).readout, graph.readout_scale)


def some_spikes(path: Path) -> np.ndarray:
    """Three samples for the tiny model, also written to `path`."""
    spikes = (np.random.default_rng(1).random((3, 12, 5)) < 0.4).astype(np.uint8)
    np.savez(path, spikes=spikes)
    return spikes


def class_lines(readout: np.ndarray, scale: float) -> list[str]:
    return [f"sample {i}: {'abc'[k]}" for i, k in enumerate(softmax.classes(readout, scale))]


def bumped_weight(layer: int) -> Callable[[bytes], bytes]:
    """A change of a model: the first weight of `layer` is one less."""

    def change(data: bytes) -> bytes:
        model = onnx.load_model_from_string(data)
        step = next(each.g for node in model.graph.node for each in node.attribute if each.name == "body")
        (weight,) = [each for each in step.initializer if each.name == f"weight_{layer}"]
        array = numpy_helper.to_array(weight).copy()
        array[0, 0, 0] -= 1
        weight.CopyFrom(numpy_helper.from_array(array, weight.name))
        return model.SerializeToString()

    return change


def divergence(artifact: Path) -> Divergence:
    report = from_json((artifact / "report.json").read_text())
    (found,) = [result.divergence for result in report.executors if result.divergence is not None]
    return found
