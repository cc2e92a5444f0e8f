"""`snnc export --target c`, and what is done with such an artifact."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from models import digits_model, saved, tamper, tiny_model

from snnc.cli import main
from snnc.errors import ArtifactError
from snnc.exporter.artifact import MANIFEST, check_program, read_artifact
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_file
from snnc.hwsim.oracle import OracleExecutor
from snnc.targets.c.sizes import compiled_sizes, synaptic_events


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("c")
    export_file(saved(tiny_model(), folder), "c", folder / "model.c", ExportOptions())
    return folder / "model.c"


@pytest.fixture
def copy(artifact: Path, tmp_path: Path) -> Path:
    for file in artifact.iterdir():
        (tmp_path / "model.c").mkdir(exist_ok=True)
        (tmp_path / "model.c" / file.name).write_bytes(file.read_bytes())
    return tmp_path / "model.c"


def test_export_says_how_large_it_is_and_verify_agrees(tmp_path, capsys) -> None:
    model = saved(digits_model(), tmp_path)
    assert main(["export", str(model), "--target", "c", "--no-budget"]) == 0
    said = capsys.readouterr().out
    flash, ram = compiled_sizes(read_artifact(tmp_path / "model.c").graph)
    assert f"flash: {flash} bytes, of which" in said
    assert f"RAM: {ram} bytes of state (compiled by " in said
    assert "counted; mean of the 8 golden inputs" in said
    assert "cores" not in said
    assert "slots" not in said
    command = ["verify", str(tmp_path / "model.c"), "--samples", "3", "--executors", "c,oracle"]
    assert main(command) == 0
    report = json.loads((tmp_path / "model.c/report.json").read_text())
    rungs = {row["name"]: row["rung"] for row in report["executors"]}
    assert rungs == dict.fromkeys(("torch", "oracle", "c"), rungs["torch"])


def test_without_a_compiler_sizes_are_estimates(copy, capsys, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("CC", "nowhere")
    assert main(["export", str(copy / "source.pt"), "--target", "c", "-o", str(tmp_path / "again")]) == 0
    said = capsys.readouterr().out
    assert "bytes of state (estimates, no code: CC='nowhere' is no program" in said
    files = [p.name for p in copy.iterdir() if p.name != MANIFEST]
    for name in files:
        assert (copy / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_the_shipped_program_runs_alone(copy, tmp_path) -> None:
    command = "cc -std=c99 -O2 -DSNN_SCORES -DSNN_COUNT snn.c main.c -o snn -lm"
    assert command in (copy / "main.c").read_text()
    subprocess.run(command.split(), cwd=copy, check=True, timeout=60)
    loaded = read_artifact(copy)
    done = subprocess.run(
        [copy / "snn"], input=loaded.golden_input.tobytes(), capture_output=True, check=True
    )
    assert done.stdout == loaded.golden_readout.astype("<i4").tobytes()


def test_an_artifact_of_loihi_runs_in_c(copy, tmp_path, capsys) -> None:
    assert main(["export", str(copy / "source.pt"), "-o", str(tmp_path / "model.loihi")]) == 0
    loaded = read_artifact(tmp_path / "model.loihi")
    np.savez(tmp_path / "spikes.npz", spikes=loaded.golden_input)
    out = tmp_path / "trace.npz"
    command = [
        "run",
        str(tmp_path / "model.loihi"),
        "-e",
        "c",
        "-i",
        str(tmp_path / "spikes.npz"),
        "-o",
        str(out),
    ]
    assert main(command) == 0
    trace = OracleExecutor().run(loaded, loaded.golden_input)
    with np.load(out) as found:
        for index, layer in enumerate(trace):
            np.testing.assert_array_equal(found[f"v_{index}"], layer.v)


@pytest.mark.parametrize("name", ["snn.c", "snn.h", "main.c"])
def test_an_altered_program_is_refused(copy, capsys, name) -> None:
    tamper(copy, name, lambda data: data + b"\n")
    assert main(["verify", str(copy), "--dataset", "none", "--executors", "c"]) == 2
    said = capsys.readouterr().err
    assert f"{name}: is not the program that this release of snnc emits" in said
    assert "--trust-program" in said
    # What is run is what this release emits for the graph, never the altered text.
    assert main(["verify", str(copy), "--dataset", "none", "--executors", "c", "--trust-program"]) == 0


@pytest.mark.parametrize("name", ["snn.c", "snn.h", "main.c"])
def test_a_program_without_a_part_is_refused(copy, name) -> None:
    manifest = json.loads((copy / MANIFEST).read_text())
    del manifest["files"][name]
    (copy / name).unlink()
    (copy / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match=f"has no {name}"):
        check_program(read_artifact(copy))


@pytest.mark.parametrize("name", ["extra.c", "math.h"])
def test_code_that_the_manifest_does_not_list_is_refused(copy, name) -> None:
    (copy / name).write_text("int main(void) { return 0; }\n")
    with pytest.raises(ArtifactError, match=name):
        read_artifact(copy)


def test_synaptic_events_by_hand(artifact) -> None:
    graph = read_artifact(artifact).graph
    events = np.zeros((2, graph.time_steps, graph.inputs), np.uint8)
    events[0, 3, 1] = events[1, 4, 1] = 1
    spikes = np.zeros((2, graph.time_steps, 6), bool)
    spikes[1, 7, 2] = True
    expected = 2 * int((graph.layers[0].weight[:, 1] != 0).sum()) + int(
        (graph.layers[1].weight[:, 2] != 0).sum()
    )
    assert synaptic_events(graph, [events, spikes]) == expected
