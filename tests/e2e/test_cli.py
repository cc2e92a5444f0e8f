"""The command line on bad input: one clear message, exit code 2, nothing written, never a traceback."""

from __future__ import annotations

import json
import os
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from faults import with_layer
from models import ON_GOLDEN, Hostile, digits_model, exported, saved, tamper, tiny_model

from snnc import __version__
from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.nir.writer import write_nir
from snnc.provenance import graph_hash


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"snnc {__version__}"


@pytest.mark.parametrize("arguments", [["nonsense"], ["export"], ["verify", "x", "--samples", "-1"]])
def test_wrong_usage_is_2(arguments):
    assert main(arguments) == 2


def test_export_of_a_missing_file(refused, tmp_path):
    assert "no such file" in refused("export", tmp_path / "none.pt", "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_export_to_an_unknown_target(refused, tmp_path):
    message = refused("export", saved(tiny_model(), tmp_path), "--target", "abacus", "-o", tmp_path / "out")
    assert "target 'abacus' is unknown; there are " in message


def test_a_delay_of_63(refused, tmp_path):
    # T_d = 65, so half = 32; P = -31 is delay 64 - (32 - 31) = 63.
    model = saved(tiny_model(kernel_size=65, position=-31), tmp_path)
    message = refused("export", model, "-o", tmp_path / "out")
    assert "hidden1, synapse 0 -> 0: the delay is 63 steps, the limit is 62" in message
    assert os.listdir(tmp_path) == ["model.pt"]


def test_a_delay_of_62_passes(tmp_path):
    model = saved(tiny_model(kernel_size=65, position=-30), tmp_path)
    assert main(["export", str(model), "-o", str(tmp_path / "out")]) == 0
    assert read_artifact(tmp_path / "out").graph.layers[0].max_delay == 62


@pytest.mark.parametrize("writer", ["pickle", "torch"])
def test_a_hostile_pickle(refused, tmp_path, writer):
    model, proof = tmp_path / "model.pt", tmp_path / "executed"
    if writer == "pickle":
        model.write_bytes(pickle.dumps(Hostile(proof)))
    else:
        torch.save({"format": "snnc-model", "layers": Hostile(proof)}, model)
    words = {"pickle": "neither writes nor reads", "torch": "not a model file"}
    assert words[writer] in refused("export", model, "-o", tmp_path / "out")
    assert not proof.exists()
    assert os.listdir(tmp_path) == ["model.pt"]


@pytest.mark.parametrize("keep", [0, 10, 1000])
def test_a_truncated_model(refused, tmp_path, keep):
    model = saved(tiny_model(), tmp_path)
    model.write_bytes(model.read_bytes()[:keep])
    refused("export", model, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_export_never_replaces_a_stranger(refused, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("years of work")
    message = refused("export", saved(tiny_model(), tmp_path), "-o", tmp_path / "out")
    assert "was not written by snnc" in message
    assert (tmp_path / "out" / "thesis.tex").read_text() == "years of work"


def test_a_place_that_is_taken_is_named_before_the_work(refused, tmp_path):
    """Nothing is read: there is no model, and the message is about the folder."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").touch()
    assert "was not written by snnc" in refused("export", tmp_path / "none.pt", "-o", tmp_path / "out")


def test_a_file_where_the_passes_would_go(refused, tmp_path):
    (tmp_path / "out.passes").touch()
    said = refused("export", saved(tiny_model(), tmp_path), "-o", tmp_path / "out", "--dump-after", "prune")
    assert "--dump-after: " in said
    assert "out.passes cannot be made (File exists)" in said
    assert not (tmp_path / "out").exists()


def test_a_folder_is_no_model(refused, tiny_artifact, tmp_path):
    said = refused("export", tiny_artifact, "-o", tmp_path / "out")
    assert "tiny.loihi: artifact of snnc" in said
    assert (
        "`snnc export` takes a model file of `snnc train` or a NIR file or a network of lava-dl (.net) here"
        in said
    )


def test_export_never_replaces_another_programs_folder(refused, tmp_path):
    """A web application has a manifest.json too."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text('{"name": "my application"}')
    message = refused("export", saved(tiny_model(), tmp_path), "-o", tmp_path / "out")
    assert "was not written by snnc" in message
    assert (tmp_path / "out" / "manifest.json").exists()


def test_export_never_deletes_what_a_user_put_into_an_artifact(refused, tiny_artifact, tmp_path):
    (tiny_artifact / "my_trace.npz").write_bytes(b"measured")
    message = refused("export", saved(tiny_model(), tmp_path), "-o", tiny_artifact)
    assert "also holds 'my_trace.npz'" in message
    assert (tiny_artifact / "my_trace.npz").read_bytes() == b"measured"


def test_export_replaces_an_artifact_whole(tiny_artifact, tmp_path):
    (tiny_artifact / "report.json").write_text("of the old one")
    model = saved(tiny_model(), tmp_path)
    assert main(["export", str(model), "-o", str(tiny_artifact)]) == 0
    assert not (tiny_artifact / "report.json").exists()
    assert sorted(os.listdir(tmp_path)) == ["model.pt", "tiny.loihi"]


def test_a_failed_export_leaves_the_old_artifact(refused, tiny_artifact, tmp_path):
    before = (tiny_artifact / MANIFEST).read_bytes()
    refused("export", saved(tiny_model(kernel_size=65, position=-31), tmp_path), "-o", tiny_artifact)
    assert (tiny_artifact / MANIFEST).read_bytes() == before


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


def test_range_proof_and_the_flag_that_allows_saturation(refused, tmp_path, capsys):
    # 1100 inputs of the same weight, 127: u can reach 1100 * 127 * 64 = 8940800 > 2^23.
    model = tiny_model()
    wide = np.ones((6, 1100), np.float32)
    hidden = replace(model.layers[0], weight=wide, position=np.zeros_like(wide), batch_norm=None)
    path, out = saved(replace(model, layers=(hidden, model.layers[1])), tmp_path), tmp_path / "out"
    message = refused("export", path, "-o", out)
    assert "hidden1, neuron 0: u can reach 8940800, the limit is 8388608" in message
    # 127 * 240 / 256 is rounded to 119, and 119 * 1100 * 64 = 8377600; with 241, 120 gives 8448000.
    assert "times 0.938 pass, as with --weight-bits 7, or pass --allow-saturation" in message
    assert main(["export", str(path), "-o", str(out), "--weight-bits", "7"]) == 0
    # v reaches 63 * 1100 * 64 and half of the threshold, 63 << 6: log2((2^23 - 1) / 4437216) = 0.9188.
    assert "proved: free of overflow for every input, with 0.91 bits of headroom" in capsys.readouterr().out
    assert main(["export", str(path), "-o", str(out), "--allow-saturation", "--overwrite"]) == 0
    assert "not proved: MAY SATURATE" in capsys.readouterr().out
    assert read_artifact(out).manifest["provenance"]["overflow_proved"] is False
    assert main(["verify", str(out), *ON_GOLDEN, "--executors", "oracle,hwsim"]) == 0
    report = json.loads((out / "report.json").read_text())
    counts = {result["name"]: result["saturations"] for result in report["executors"]}
    assert counts["torch"] == counts["oracle"] == counts["hwsim"] > 0


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
    assert main([*arguments, "--generated", "0", "--executors", "oracle,hwsim"]) == 0
    output = capsys.readouterr().out
    inputs = json.loads((tmp_path / "report.json").read_text())["inputs"]
    assert 1 <= inputs.pop("extremes") <= 12
    assert inputs == {"golden": 8, "test": 40}
    assert "Bit-exact: torch = oracle = hwsim over " in output
    assert "of 480 test" in output
    assert (tmp_path / "report.html").stat().st_size < 6_000_000


def test_test_measures_every_stage(digits_artifact, capsys):
    assert main(["test", str(digits_artifact), "--split", "validation"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["float", "rounded", "finished", "quantised"]
    assert all("of 240, validation" in line for line in lines)


def test_export_is_repeatable(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        exported(digits_model(), tmp_path / name)
    one, two = (tmp_path / name / "model.loihi" for name in ("one", "two"))
    for path in sorted(p for p in one.rglob("*") if p.is_file()):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path


def test_targets_shows_sources(capsys):
    assert main(["targets"]) == 0
    printed = capsys.readouterr().out
    assert "Intel 2021" in printed
    assert "costs sanafe-loihi1: " in printed
    assert "energy.synapse_dense" in printed


def test_export_of_a_folder(refused):
    assert "`snnc export` takes a model file of `snnc train`" in refused("export", ".")


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


@pytest.mark.parametrize(("command", "extra"), [("sweep", "snnc[sweep]"), ("train", "snnc[tensorboard]")])
def test_help_names_the_extra_to_install(
    command: str, extra: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Square brackets are markup to the one that prints it."""
    assert main([command, "--help"]) == 0
    assert extra in capsys.readouterr().out
