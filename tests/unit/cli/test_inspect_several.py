"""`snnc inspect A B`: what files of several networks tell, side by side."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from models import ON_GOLDEN, saved, tiny_model
from trained_graphs import trained

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.targets.c.emitter import table_and_state_bytes
from snnc.trainer.model_file import save_model

pytestmark = pytest.mark.slow


def test_a_program_in_c_shows_its_own_bytes_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, program = saved(tiny_model(), tmp_path), tmp_path / "tiny.c"
    assert main(["export", str(model), "--target", "c", "--no-budget", "-o", str(program), "-q"]) == 0
    tables, state = table_and_state_bytes(read_artifact(program).graph)
    capsys.readouterr()
    assert main(["inspect", str(model), str(program), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)["files"][1]
    assert (made["synapse_bytes"], made["program_bytes"]) == (None, tables + state)


def test_a_model_and_its_exports(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The model has 6 and 3 neurons; 1, 5 times 5 and 18 weights; kernels of 5; 12 steps of 20 ms."""
    model, verified = saved(tiny_model(), tmp_path), tmp_path / "verified.loihi"
    shutil.copytree(tiny_artifact, verified)
    assert main(["verify", str(verified), *ON_GOLDEN, "--executors", "oracle", "-q"]) == 0
    capsys.readouterr()
    assert main(["inspect", str(model), str(tiny_artifact), str(verified), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["notes"] == [
        f"{tiny_artifact} has no report of its network yet; `snnc verify` writes one, with its accuracy",
        f"{verified}: the program for loihi did not run "
        "(its executors lava-stock and lava-event were not asked for)",
    ]
    first, bare, full = found["files"]
    assert [each["path"] for each in found["files"]] == [str(model), str(tiny_artifact), str(verified)]
    of_model = first["neurons"], first["synapses"], first["max_delay"], first["time_steps"], first["step_s"]
    assert of_model == (9, 44, 4, 12, 0.02)
    assert (bare["target"], bare["verdict"], bare["operations"]) == ("loihi", None, None)
    manifest = json.loads((verified / "manifest.json").read_text())
    assert bare["cores"] == len(manifest["placement"])
    assert bare["weight_bits"] == sorted(set(manifest["provenance"]["weight_bits"].values()))
    report = json.loads((verified / "report.json").read_text())
    chip = report["chip"]
    assert full["verdict"] == "Bit-exact"
    assert full["counted_on"] == f"{chip['samples']} golden inputs"
    assert full["operations"] == pytest.approx(chip["workload"]["effective"] / chip["samples"])
    assert full["energy_j"] == pytest.approx(chip["energy"] / chip["samples"] / 1e15)
    assert full["latency_s"] == pytest.approx(chip["latency"] / chip["samples"] / 1e12)
    used = [int(row["synapse_bytes"].split(" / ")[0]) for row in report["resources"]]
    assert full["synapse_bytes"] == sum(used)  # all on one core


def test_what_cannot_be_read_leaves_the_table_to_the_others(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        shutil.copytree(tiny_artifact, tmp_path / name)
        (tmp_path / name / "x.py").write_text("")
    files = [str(tmp_path / "a"), str(tiny_artifact), str(tmp_path / "b")]
    assert main(["inspect", *files]) == 2
    found = capsys.readouterr()
    said = "holds code that the manifest does not list (x.py)"
    assert re.search(r"target +loihi *\n", found.out)
    assert f"note: left out: {files[2]}: {said}" in found.out
    assert found.err.startswith(f"snnc: {files[0]}: {said}")
    assert main(["inspect", files[0], files[2], "--json", str(tmp_path / "none.json")]) == 2
    assert not (tmp_path / "none.json").exists()


@pytest.mark.parametrize("unfit", ["spikes", "sound", "twice", "unknown"])
@pytest.mark.parametrize("first", [True, False])
def test_an_unfit_file_leaves_the_table_to_the_others(
    unfit: str, first: bool, tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong with it: the others are shown, also as JSON, and the error follows."""
    np.savez(tmp_path / "spikes", spikes=np.zeros((2, 12, 5), np.uint8))
    (tmp_path / "spikes.npz").rename(tmp_path / "spikes")
    (tmp_path / "sound").write_bytes(b"RIFF....WAVE")
    (tmp_path / "unknown").write_bytes(b"?")
    other = tiny_artifact if unfit == "twice" else tmp_path / unfit
    files = [other, tiny_artifact] if first else [tiny_artifact, other]
    table = tmp_path / "table.json"
    assert main(["inspect", *map(str, files), "--json", str(table)]) == 2
    found = capsys.readouterr()
    assert found.err.startswith(f"snnc: {other}: ")
    assert [each["path"] for each in json.loads(table.read_text())["files"]] == [str(tiny_artifact)]
    assert main(["inspect", *map(str, files)]) == 2
    assert re.search(r"target +loihi *\n", capsys.readouterr().out)


def test_of_unfit_files_alone_each_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"?")
    assert main(["inspect", str(tmp_path / "a"), str(tmp_path / "b")]) == 2
    found = capsys.readouterr()
    assert f"note: left out: {tmp_path / 'b'}: of no kind that snnc" in " ".join(found.out.split())
    assert found.err.startswith(f"snnc: {tmp_path / 'a'}: of no kind that snnc")


def test_what_cannot_be_compared(tiny_artifact: Path, tmp_path: Path, refused) -> None:
    np.savez(tmp_path / "in.npz", spikes=np.zeros((2, 12, 5), np.uint8))
    told = refused("inspect", tiny_artifact, tmp_path / "in.npz")
    assert f"{tmp_path / 'in.npz'}: dense input spikes; several files are compared if they are model" in told
    assert "is given twice; give each file once" in refused("inspect", tiny_artifact, tiny_artifact)
    assert "none: no such file or folder" in refused("inspect", tiny_artifact, tmp_path / "none")
    (tmp_path / "b.json").write_text("{}")
    told = refused("inspect", tiny_artifact, tmp_path / "b.json", "--json", tmp_path / "b.json")
    assert "is also read or written by this command" in told


def test_input_lines_are_no_neurons_of_a_graph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in its model, nor in its export."""
    model, folder = tmp_path / "model.pt", tmp_path / "model.c"
    save_model(trained(), model)
    assert main(["export", str(model), "--target", "c", "-o", str(folder), "--no-budget", "-q"]) == 0
    capsys.readouterr()
    assert main(["inspect", str(model), str(folder), "--json"]) == 0
    graph = read_artifact(folder).graph
    neurons = sum(each.neurons for each in graph.stateful)
    found = json.loads(capsys.readouterr().out)["files"]
    assert [each["neurons"] for each in found] == [neurons, neurons]
