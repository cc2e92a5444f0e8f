"""`snnc export --target c`, and what is done with such an artifact."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from c_programs import built_sooner
from golden import assert_same_trace
from models import ON_GOLDEN, digits_model, saved, tamper, tiny_model

from snnc.cli import main
from snnc.errors import ArtifactError
from snnc.exporter.artifact import check_program, read_artifact
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_file
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import Rung
from snnc.targets.c.executor import CExecutor
from snnc.targets.c.sizes import compiled_sizes

GOLDEN_ONLY = (*ON_GOLDEN, "--executors", "c")


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("c")
    export_file(saved(tiny_model(), folder), "c", folder / "model.c", ExportOptions())
    return folder / "model.c"


@pytest.fixture
def copy(artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy that a test may change; what is verified of it is compiled without optimisation."""
    built_sooner(monkeypatch)
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
    assert "counted; mean of 20 samples of test" in said
    assert "golden" not in said
    assert "cores" not in said
    assert "slots" not in said
    command = ["verify", str(tmp_path / "model.c"), "--samples", "3", "--executors", "c,oracle"]
    assert main(command) == 0
    report = json.loads((tmp_path / "model.c/report.json").read_text())
    rungs = {row["name"]: row["rung"] for row in report["executors"]}
    assert rungs == dict.fromkeys(("torch", "oracle", "c"), rungs["torch"])
    uses = {row["resource"]: row["use"] for row in report["resources"]}
    assert uses["flash"].startswith(f"{flash} bytes, of which ")
    assert uses["RAM"] == f"{ram} bytes of state"
    assert int(uses["flash with -DSNN_SCORES"].split()[0]) > flash
    assert int(uses["RAM with -DSNN_SCORES"].split()[0]) > ram
    assert uses["measured"].startswith("compiled by ")


def test_without_a_compiler_sizes_are_estimates(copy, capsys, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("CC", "nowhere")
    assert main(["export", str(copy / "source.pt"), "--target", "c", "-o", str(tmp_path / "again")]) == 0
    said = capsys.readouterr().out
    assert "bytes of state (estimates, no code: CC='nowhere' is not a program" in said
    files = [p.name for p in copy.iterdir() if p.name != MANIFEST]
    for name in files:
        assert (copy / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_the_shipped_program_runs_alone(copy, tmp_path) -> None:
    command = "cc -std=c99 -O2 -DSNN_SCORES -DSNN_COUNT -DSNN_NAMES snn.c main.c -o ../build/snn -lm"
    assert command in (copy / "main.c").read_text()
    built = copy.parent / "build"
    built.mkdir()
    subprocess.run(command.split(), cwd=copy, check=True, timeout=60)
    loaded = read_artifact(copy)
    done = subprocess.run(
        [built / "snn"], input=loaded.golden_input.tobytes(), capture_output=True, check=True
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


@pytest.mark.parametrize("name", ["snn.c", "snn.h", "main.c", "README.md"])
def test_an_altered_program_is_refused(copy, capsys, name) -> None:
    tamper(copy, name, lambda data: data + b"\n")
    assert main(["verify", str(copy), *GOLDEN_ONLY]) == 2
    said = capsys.readouterr().err
    assert f"{name}: is not the program that this release of snnc emits" in said
    assert "--trust-program" in said
    assert main(["verify", str(copy), *GOLDEN_ONLY, "--trust-program"]) == 0


@pytest.mark.parametrize("name", ["snn.c", "snn.h", "main.c", "README.md"])
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


def edited(copy: Path, name: str, old: str, new: str) -> None:
    """Plant a fault into a file of the artifact, and its hash into the manifest."""

    def change(data: bytes) -> bytes:
        assert data.count(old.encode()) == 1
        return data.replace(old.encode(), new.encode())

    tamper(copy, name, change)


def verified(copy: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Exit code, and the executor `c` in the report."""
    code = main(["verify", str(copy), *GOLDEN_ONLY, "--trust-program", *options])
    report = json.loads((copy / "report.json").read_text())
    (row,) = (row for row in report["executors"] if row["name"] == "c")
    return code, row


def test_the_files_of_the_artifact_are_what_runs(copy) -> None:
    assert verified(copy)[0] == 0
    edited(copy, "snn.c", ") > ", ") >= ")
    code, row = verified(copy)
    assert (code, row["divergence"]["layer"]) == (1, "hidden1")


def test_main_c_of_the_artifact_is_what_runs(copy) -> None:
    edited(copy, "main.c", "snn_step(&state, events);", "snn_step(&state, events); state.v[0]++;")
    assert verified(copy)[0] == 1


@pytest.mark.parametrize(
    ("build", "named"),
    [
        ("!defined SNN_SCORES && !defined SNN_COUNT", "snn.c, no macros"),
        ("defined SNN_SCORES && !defined SNN_COUNT", "snn.c, -DSNN_SCORES"),
        ("!defined SNN_SCORES && defined SNN_COUNT", "snn.c, -DSNN_COUNT"),
    ],
)
@pytest.mark.parametrize(
    ("line", "wrong", "variable", "says", "rung"),
    [
        (
            "s->v[neuron] = v;",
            "s->v[neuron] = v + 64 * (layer == 1);",
            "v",
            "v of readout neuron",
            Rung.CLASS,
        ),
        (
            "s->u[neuron] = u;",
            "s->u[neuron] = u + (layer == 0);",
            "u",
            "u of hidden1 neuron",
            Rung.SHIFTED_SPIKES,
        ),
    ],
)
def test_a_fault_in_one_build_for_a_device_shows(
    copy, build, named, line, wrong, variable, says, rung
) -> None:
    """The readout is another; or only a state that nothing else comes of."""
    edited(copy, "snn.c", line, f"{line}\n#if {build}\n{wrong}\n#endif")
    code, row = verified(copy)
    assert (code, row["failed"], row["divergence"]) == (1, None, None)
    assert (row["answer"]["by"], row["answer"]["kind"], row["answer"]["sample"]) == (named, variable, 0)
    assert row["answer"]["what"].startswith(says)
    assert row["rung"]["level"] == rung


def test_a_fault_in_one_build_shows_in_the_layers_that_are_compared(copy) -> None:
    """The readout differs as well, and is not asked for."""
    line = "    s->v[neuron] = v;"
    edited(copy, "snn.c", line, f"#ifndef SNN_COUNT\nv += 64;\n#endif\n{line}")
    code, row = verified(copy, "--layers", "hidden1")
    assert (code, row["failed"], row["divergence"]) == (1, None, None)
    assert (row["answer"]["by"], row["answer"]["kind"]) == ("snn.c, no macros", "v")
    assert row["answer"]["what"].startswith("v of hidden1 neuron 0 in step 0")
    assert int(row["answer"]["found"]) - int(row["answer"]["expected"]) == 64


def test_layers_that_are_not_compared_may_differ(copy) -> None:
    line = "    s->v[neuron] = v;"
    edited(copy, "snn.c", line, f"#ifndef SNN_COUNT\nv += 64 * (layer == 1);\n#endif\n{line}")
    code, row = verified(copy, "--layers", "hidden1")
    assert (code, row["answer"]) == (0, None)
    assert row["answers"] == [
        f"snn.c, {each}: states" for each in ("no macros", "-DSNN_SCORES", "-DSNN_COUNT")
    ]


@pytest.mark.parametrize("options", [(), ("--layers", "hidden1")])
def test_a_fault_in_the_counts_of_a_device_shows(copy, options) -> None:
    line = "    s->v[neuron] = v;"
    edited(copy, "snn.c", line, f"#ifndef SNN_SCORES\nCOUNT(s->v_clips[layer]);\n#endif\n{line}")
    code, row = verified(copy, *options)
    assert (code, row["failed"]) == (1, None)
    assert (row["answer"]["by"], row["answer"]["what"]) == ("snn.c, -DSNN_COUNT", "clips of v in hidden1")


def test_the_c_program_runs_although_the_artifact_is_gone(copy) -> None:
    artifact = read_artifact(copy)
    shutil.rmtree(copy)
    executor = CExecutor()
    for spikes in (artifact.golden_input, artifact.golden_input[:1]):
        assert_same_trace(executor.run(artifact, spikes), OracleExecutor().run(artifact, spikes).layers)
    lacks = replace(artifact, program={"snn.c": artifact.program["snn.c"]})
    with pytest.raises(ArtifactError, match=r"has no snn\.h; export it again"):
        executor.run(lacks, artifact.golden_input)
