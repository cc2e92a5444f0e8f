"""Equal models and options give equal bytes, and `verify` says the same, whatever the process is like."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
import torch
from faults import OnChangedGraph, with_layer
from models import digits_model, saved

from snnc import batches
from snnc.exporter.artifact import REPORTS, read_artifact
from snnc.plugins.executors import load_executor
from snnc.report.json_report import to_json
from snnc.stages import QuantizedGraph
from snnc.verification import comparison
from snnc.verification.comparison import InputGroup
from snnc.verification.verify import verify

pytestmark = pytest.mark.slow

EXPORTS = {
    "loihi": ("--target", "loihi"),
    "onnx": ("--target", "onnx"),
    "c": ("--target", "c"),
    "nir": ("--relays", "--nir-delays", "metadata"),
    "measured": ("--weight-bits", "3", "--max-drop", "100", "--prune", "0.2"),
}
"""Name of the folder -> options of `snnc export`."""

PROCESSES = (
    {"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "2", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"},
)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """A folder a process, with one model exported in every way of `EXPORTS`; and `report.json` of one."""
    folder = tmp_path_factory.mktemp("exports")
    model = saved(digits_model(), folder)
    options = [[str(model), "-o", name, *options] for name, options in EXPORTS.items()]
    verified = ["verify", "loihi", "--samples", "20", "--generated", "4", "--executors", "oracle,hwsim"]
    program = (
        "import json, sys; from snnc.cli import main\n"
        "for arguments in json.loads(sys.argv[1]): assert main(arguments) == 0, arguments"
    )
    commands = json.dumps([*(["export", *each] for each in options), verified])
    places = [folder / f"process {number}" for number in range(len(PROCESSES))]
    for where, environment in zip(places, PROCESSES, strict=True):
        where.mkdir()
        command = [sys.executable, "-c", program, commands]
        # One after the other: together they would both compile what numba keeps for the next process.
        subprocess.run(command, cwd=where, env={**os.environ, **environment}, check=True)
    return tuple(places)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_the_same_bytes_in_every_process(name: str, exports: tuple[Path, ...]) -> None:
    one, two = (contents(folder / name) for folder in exports)
    assert {"manifest.json", "graph.nir", "golden.npz", "ranges.npz"} <= one.keys() == two.keys()
    assert not [file for file in one if one[file] != two[file]]


def test_a_report_is_the_same_in_every_process(exports: tuple[Path, ...]) -> None:
    one, two = (json.loads((folder / "loihi" / "report.json").read_text()) for folder in exports)
    assert without_effort(one) == without_effort(two)
    assert one["inputs"].keys() >= {"golden", "generated"}


def test_a_manifest_says_nothing_of_the_machine(exports: tuple[Path, ...]) -> None:
    """Versions of other packages, times and places would differ from machine to machine."""
    text = (exports[0] / "loihi" / "manifest.json").read_text()
    said = json.loads(text)
    assert said["provenance"].keys() == {
        *("dataset", "model", "model_sha256", "options", "passes", "validation_accuracy_in_training"),
        *("finished_in_training", "overflow_proved", "pruned", "weight_bits", "weight_scale"),
    }
    assert said["provenance"]["model"] == "model.pt"


@pytest.mark.parametrize("faulty", [False, True])
def test_verify_does_not_depend_on_threads_or_batches(
    faulty: bool, digits_artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = read_artifact(digits_artifact)
    spikes = np.random.default_rng(1).random((9, *artifact.golden_input.shape[1:])) < 0.1
    groups = [InputGroup("noise", spikes.astype(np.uint8))]
    if faulty:
        wrong = OnChangedGraph("hwsim", slower_decay)
        known = {"hwsim": wrong, "oracle": load_executor("oracle"), "torch": load_executor("torch")}
        monkeypatch.setattr(comparison, "load_executor", known.__getitem__)
    before, reports = torch.get_num_threads(), []
    try:
        most = numba.config.NUMBA_NUM_THREADS
        for threads, samples in ((1, 1), (1, 128), (most, 128), (most, 4)):
            torch.set_num_threads(threads)
            numba.set_num_threads(threads)
            monkeypatch.setattr(batches, "MOST", samples)
            report = verify(artifact, groups, executors=["torch", "oracle", "hwsim"])
            reports.append(json.loads(to_json(report)))
    finally:
        numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)
        torch.set_num_threads(before)
    assert without_effort(reports[1], "seconds") == without_effort(reports[2], "seconds")
    first, *others = map(without_effort, reports)
    assert all(other == first for other in others)
    assert reports[0]["trusted"] is not faulty


def slower_decay(graph: QuantizedGraph) -> QuantizedGraph:
    return with_layer(graph, 0, decay_v=graph.layers[0].decay_v - 9)


def contents(folder: Path) -> dict[str, bytes]:
    """Relative name -> bytes of all that an export wrote."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in REPORTS
    }


EFFORT = ("seconds", "tried", "tests", "date")


def without_effort(value: object, *effort: str) -> object:
    """A report without its date and what it took: seconds, hypotheses and tests a batch gave rise to."""
    if isinstance(value, dict):
        return {
            key: without_effort(item, *effort) for key, item in value.items() if key not in (effort or EFFORT)
        }
    return [without_effort(item, *effort) for item in value] if isinstance(value, list) else value
