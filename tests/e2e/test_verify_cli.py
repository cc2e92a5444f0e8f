"""`snnc verify` on bad input: one clear message, exit code 2, never a traceback."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from faults import with_layer
from models import ON_GOLDEN, tamper

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.nir.writer import write_nir
from snnc.provenance import graph_hash


def test_verify_of_a_missing_artifact(refused, tmp_path):
    assert "no such artifact" in refused("verify", tmp_path / "none.loihi")
    assert not list(tmp_path.iterdir())


def test_verify_of_some_folder(refused, tmp_path):
    assert "without manifest.json of `snnc export`" in refused("verify", tmp_path)


@pytest.mark.parametrize("name", ["graph.nir", "golden.npz", "program.npz", "run.py", "source.pt"])
@pytest.mark.parametrize("damage", ["truncated", "removed", "one bit"])
def test_a_damaged_artifact(refused, tiny_artifact, name, damage):
    data = bytearray((tiny_artifact / name).read_bytes())
    if damage == "removed":
        (tiny_artifact / name).unlink()
    else:
        data[len(data) // 2] ^= 1
        (tiny_artifact / name).write_bytes(data if damage == "one bit" else data[: len(data) // 2])
    assert name in refused("verify", tiny_artifact, "--dataset", "none")
    assert not (tiny_artifact / "report.json").exists()


def nested(depth: int) -> list:
    return [nested(depth - 1)] if depth else []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda m: {**m, "format_version": 1, "snnc_version": "0.0.9"},
            "('snnc-artifact', 1, 1), this release reads ('snnc-artifact', 2, 1) and ('snnc-artifact', 2, 2)"
            "; export the model again, or use the release that wrote it ('0.0.9')",
        ),
        (lambda m: {**m, "format_version": 3}, "this release reads"),
        (lambda m: {**m, "semantics_version": 2}, "semantics_version is 2, that of graph.nir is 1"),
        (lambda m: {**m, "semantics_version": 3}, "this release reads"),
        (
            lambda m: {**m, "files": {**m["files"], "../x": {"sha256": "", "bytes": 0}}},
            "has no file '../x', which the manifest lists",
        ),
        (lambda m: {**m, "files": [1]}, "damaged"),
        (lambda m: {**m, "target": "abacus"}, "target 'abacus' is unknown"),
        (lambda m: {**m, "graph_hash": "0"}, "is not the graph of the manifest"),
        (lambda m: [m], "damaged"),
        (lambda m: {k: v for k, v in m.items() if k != "snnc_version"}, "damaged"),
        (lambda m: {**m, "provenance": [1]}, "damaged"),
        (lambda m: {**m, "semantics_version": True}, "this release reads"),
        (lambda m: {**m, "provenance": {**m["provenance"], "z": nested(900)}}, "nested more than 32 deep"),
        (lambda m: {**m, "provenance": {**m["provenance"], "z": 1e999}}, "a number that is inf"),
        (lambda m: {**m, "snnc_version": "9" * 3_000_000}, "a text of 3000000 characters"),
        (lambda m: {**m, "q": [{}] * 6_000_000}, "at most 16777216 are read"),
        (lambda m: {**m, "traffic": None}, "damaged"),
        (lambda m: {**m, "placement": m["placement"][1:]}, "is on no core"),
        (
            lambda m: {**m, "range_proof": [{**m["range_proof"][0], "u_max": 1}, *m["range_proof"][1:]]},
            "proof",
        ),
    ],
)
def test_a_changed_manifest(refused, tiny_artifact, change, message):
    manifest = json.loads((tiny_artifact / MANIFEST).read_text())
    (tiny_artifact / MANIFEST).write_text(json.dumps(change(manifest)))
    assert message in refused("verify", tiny_artifact, "--dataset", "none")


def test_an_int8_overflow_forced_into_the_file(refused, tiny_artifact):
    """A graph with a weight of 200, all hashes made to agree."""
    graph = read_artifact(tiny_artifact).graph
    weight = np.array(graph.layers[0].weight)
    weight[3, 1] = 200
    wrong = with_layer(graph, 0, weight=weight)
    tamper(tiny_artifact, "graph.nir", lambda _: write_nir(wrong))
    manifest = json.loads((tiny_artifact / MANIFEST).read_text())
    (tiny_artifact / MANIFEST).write_text(json.dumps({**manifest, "graph_hash": graph_hash(wrong)}))
    message = refused("verify", tiny_artifact, "--dataset", "none")
    assert "hidden1, synapse 1 -> 3: the weight is 200, the limits are -128..127" in message
    assert not (tiny_artifact / "report.json").exists()


@pytest.mark.parametrize("name", ["lava_processes/extra.py", "numpy.so", "lava.pyc"])
def test_code_smuggled_in(refused, tiny_artifact, name):
    (tiny_artifact / name).write_text("print('boo')")
    assert name in refused("verify", tiny_artifact, "--dataset", "none")


@pytest.mark.parametrize("name", ["run.py", "lava_processes/event.py"])
@pytest.mark.parametrize("command", ["verify", "run"])
def test_a_changed_program_is_not_started(refused, tiny_artifact, tmp_path, name, command):
    proof = tmp_path / "executed"
    tamper(tiny_artifact, name, lambda data: data + f"\nopen({str(proof)!r}, 'w')\n".encode())
    np.savez(tmp_path / "spikes.npz", spikes=np.zeros((1, 12, 5), np.uint8))
    options = {
        "verify": ["--dataset", "none", "--executors", "lava-event"],
        "run": ["-i", tmp_path / "spikes.npz", "-e", "lava"],
    }
    message = refused(command, tiny_artifact, *options[command])
    assert f"{name}: is not the program that this release of snnc emits" in message
    assert "--trust-program" in message
    assert not proof.exists()


def test_unknown_executor(refused, tiny_artifact):
    message = refused("verify", tiny_artifact, "--dataset", "none", "--executors", "oracle,abacus")
    assert "executor 'abacus' is unknown" in message


def test_only_the_reference_is_no_verification(tiny_artifact, capsys):
    assert main(["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "torch"]) == 2
    assert "NOT VERIFIED" in capsys.readouterr().out


def test_a_report_that_cannot_be_written_is_noticed_first(refused, tiny_artifact):
    (tiny_artifact / "report.html").mkdir()
    assert "report.html is a folder" in refused("verify", tiny_artifact, "--dataset", "none")


def test_the_report_repeats_the_command(tiny_artifact):
    command = ["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle"]
    assert main(command) == 0
    repeated = json.loads((tiny_artifact / "report.json").read_text())["command"]
    assert "--dataset none --generated 0 --executors oracle" in repeated


def test_verify_on_real_data_without_lava(digits_artifact, tmp_path, capsys):
    """An untrained network on the shipped test split: equal, whatever it is worth."""
    arguments = ["verify", str(digits_artifact), "-o", str(tmp_path), "--samples", "40"]
    assert main([*arguments, "--generated", "0", "--executors", "oracle,hwsim", "-v"]) == 0
    output = capsys.readouterr().out
    inputs = json.loads((tmp_path / "report.json").read_text())["inputs"]
    assert 1 <= inputs.pop("extremes") <= 12
    assert inputs == {"golden": 8, "test": 40}
    assert "Bit-exact: torch = oracle = hwsim over " in output
    assert "of 480 test" in output
    assert (tmp_path / "report.html").stat().st_size < 3_000_000


def test_no_executor_named(refused, tiny_artifact):
    assert "names no executor" in refused("verify", tiny_artifact, "--executors", " , ")


def test_fewer_recordings_than_asked_for_is_said(digits_artifact, tmp_path, capsys):
    arguments = [
        "verify",
        str(digits_artifact),
        "-o",
        str(tmp_path),
        "--executors",
        "hwsim",
        "--generated",
        "0",
    ]
    assert main([*arguments, "--split", "validation", "--samples", "1000"]) == 0
    assert "note: validation holds 240 recordings, fewer than the 1000" in capsys.readouterr().out


def test_a_shift_that_empties_recordings(refused, tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text(
        'dataset = "digits"\nbin_s = 0.02\nhidden = [4]\nkernel_size = 5\ntau = 2.0\n'
        "epochs = 1\nbatch_size = 8\nlr_weights = 0.01\ntime_shift = 1000\n"
    )
    assert "time_shift = 1000" in refused("train", config, "-o", tmp_path / "m.pt")
    assert os.listdir(tmp_path) == ["mine.toml"]
