"""`snnc inspect`: every kind of file is known by its content, whatever its name; others are refused."""

from __future__ import annotations

import io
import json
import pickle
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds_of_files import (
    KINDS,
    budget,
    checkpoint,
    events,
    foreign,
    model,
    reported,
    sweep,
    table,
    trace,
)
from models import ON_GOLDEN, Hostile, saved, tiny_model
from order_task import order_task
from report_examples import different

from snnc import __version__
from snnc.cli import main
from snnc.cli.inspect import archives, describe
from snnc.errors import InputError, SnncError
from snnc.provenance import sha256
from snnc.report.json_report import to_json
from snnc.trainer.data import save_events_npz


def said(path: Path, capsys) -> str:
    capsys.readouterr()
    assert main(["inspect", str(path)]) == 0
    return capsys.readouterr().out


def test_an_artifact_and_its_report(tiny_artifact, capsys):
    text = said(tiny_artifact, capsys)
    assert f"artifact of snnc {__version__}, format 2, integer contract 1" in text
    assert "layer hidden1: 5 -> 6 neurons" in text
    assert "overflow: excluded by proof" in text
    assert f"graph hash: {json.loads((tiny_artifact / 'manifest.json').read_text())['graph_hash']}" in text
    assert "last report" not in text
    assert text.splitlines()[-1] == f"next: snnc verify {tiny_artifact}"
    assert main(["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle"]) == 0
    assert "last report: Bit-exact: torch = oracle over 8 samples" in said(tiny_artifact, capsys)
    assert "executor oracle: bit-exact, 8 samples" in said(tiny_artifact / "report.json", capsys)
    assert "page for people" in said(tiny_artifact / "report.html", capsys)


def test_a_report_of_what_differs_says_why(tmp_path, capsys):
    (tmp_path / "report.json").write_text(to_json(different()))
    text = said(tmp_path / "report.json", capsys)
    assert "verdict: NOT EQUAL: first divergence in " in text
    assert "\nwhy hwsim differs: one of several causes: The decay of v rounds down" in text
    assert "\nsmallest case, hwsim: 1 input, layers of 2 and 1 neurons, 3 synapses" in text


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("manifest.json", "artifact of snnc"),
        ("graph.nir", "integer network as NIR, written by snnc, version 2"),
        ("golden.npz", "golden inputs"),
        ("golden.nirdata", "NIRData"),
        ("ranges.npz", "range certificate"),
        ("source.pt", "trained model of snnc, version 2"),
        ("program.npz", "network of a Lava program"),
        ("run.py", "part of an artifact for target loihi"),
        ("lava_processes/event.py", "part of an artifact for target loihi"),
    ],
)
def test_every_file_of_an_artifact(tiny_artifact, name, what, capsys):
    assert what in said(tiny_artifact / name, capsys)


def test_what_other_targets_write(tmp_path, capsys):
    model = saved(tiny_model(), tmp_path)
    whole = ["export", str(model), "-o"]
    assert main([*whole, str(tmp_path / "a"), "--target", "onnx", "--dump-after", "prune"]) == 0
    assert main([*whole, str(tmp_path / "b"), "--whole-bias"]) == 0
    text = said(tmp_path / "a" / "model.onnx", capsys)
    assert "ONNX model" in text
    assert "producer: snnc" in text
    assert f"next: snnc verify {tmp_path / 'a'} --executors onnx" in text
    assert "pass: prune" in said(tmp_path / "a.passes" / "prune.npz", capsys)
    assert "stages after passes" in said(tmp_path / "a.passes", capsys)
    text = said(tmp_path / "b" / "network.net", capsys)
    assert "layer 0: dense, 5 -> 6 neurons, with delays, CUBA iDecay 4096 " in text
    assert f"next: snnc verify {tmp_path / 'b'} --executors netx" in text


@pytest.mark.parametrize("write", KINDS, ids=lambda write: write.__name__)
def test_a_kind_is_known_by_its_content(write, tmp_path, capsys):
    path = tmp_path / "some thing"  # a name that says nothing
    write(path)
    text = said(path, capsys)
    for part in KINDS[write]:
        assert part in text, text
    assert "\x1b" not in text


@pytest.mark.parametrize("write", [reported, model, checkpoint, events, trace, foreign, sweep, table, budget])
def test_a_damaged_file_is_refused(write, tmp_path, refused):
    path = tmp_path / "file"
    write(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert str(path) in refused("inspect", path)


def test_a_model_is_named_by_its_hash(tmp_path, capsys):
    path = saved(tiny_model(), tmp_path)
    assert f"SHA-256: {sha256(path.read_bytes())}" in said(path, capsys)


def test_what_takes_events_is_named_and_takes_them(tmp_path, capsys, monkeypatch):
    """Every command that is named, with a small network, the names of a model and an artifact put in."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "my events.npz"
    save_events_npz(order_task(40), path)
    following = [line[6:] for line in said(path, capsys).splitlines() if line.startswith("next: ")]
    quick = ["--epochs", "1", "--set", "channel_shift=0", "--set", "hidden=[4]"]
    more = {"train": quick, "test": [], "verify": ["--executors", "oracle", "--generated", "0"], "run": []}
    assert [line.split()[1] for line in following] == list(more)
    for line in following:
        words = shlex.split(line.replace("MODEL", "model.pt").replace("ARTIFACT", "model.loihi"))[1:]
        assert main([*words, *more[words[0]]]) == 0, line
        if words[0] == "train":
            assert main(["export", "model.pt", "--target", "loihi", "--no-budget"]) == 0


def test_a_sweeps_folder(tmp_path, capsys):
    table(tmp_path / "table.json")
    (tmp_path / "a-seed0.pt").touch()
    assert "models: 1" in said(tmp_path, capsys)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 50,
        b"just text\n",
        b"{}",
        b"[1]",
        b'{"format": "other"}',
        b"a = 1\n",
        b"PK",
        b"\x89HDF\r\n\x1a\n",
        b"\x89PNG\r\n",
        b"{" * 100_000,
    ],
)
def test_what_is_none_of_ours(content, tmp_path, refused):
    (tmp_path / "file").write_bytes(content)
    assert str(tmp_path / "file") in refused("inspect", tmp_path / "file")


def test_a_manifest_in_the_place_of_a_table(tiny_artifact, tmp_path, refused):
    (tmp_path / "table.json").write_bytes((tiny_artifact / "manifest.json").read_bytes())
    assert "table.json: a manifest apart from its artifact" in refused("inspect", tmp_path)


def test_what_is_not_there(tmp_path, refused):
    assert "none: no such file or folder; check the path" in refused("inspect", tmp_path / "none")
    assert "name a file in it" in refused("inspect", tmp_path)


@pytest.mark.parametrize("writer", ["pickle", "torch", "npz"])
def test_nothing_is_executed(writer, tmp_path, refused):
    path, proof = tmp_path / "file", tmp_path / "executed"
    if writer == "pickle":
        path.write_bytes(pickle.dumps(Hostile(proof)))
    elif writer == "torch":
        torch.save({"format": "snnc-model", "layers": Hostile(proof)}, path)
    else:
        with path.open("wb") as file:
            np.savez(file, spikes=np.array([Hostile(proof)], object))
    refused("inspect", path)
    assert not proof.exists()


def test_what_could_steer_a_terminal_is_escaped(tmp_path, capsys, refused):
    row = {"variant": "\x1b[2J", "seeds": [0], "parameters": 9, "accuracy": {"final": {"mean": 0.5}}}
    content = {"format": "snnc-sweep", "version": 1, "rows": [row], "failed": {}}
    (tmp_path / "t").write_text(json.dumps(content))
    assert "variant \\x1b[2J: 1 seed, " in said(tmp_path / "t", capsys)
    with (tmp_path / "u").open("wb") as file:
        np.savez(file, **{"\x1b[2J": np.zeros(1)})
    assert "\\x1b[2J" in refused("inspect", tmp_path / "u")


def answered(path: Path) -> bool:
    """Whether there is a description, or an error of ours that names the file."""
    try:
        return bool(describe(path).lines(path))
    except SnncError as error:
        return str(path) in str(error)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["graph.nir", "golden.npz", "source.pt"]), st.integers(0, 10**6), st.binary(max_size=40)
)
def test_any_damage_is_a_refusal_or_a_description(tiny_artifact, name, at, junk):
    """Whatever the bytes are: an answer, or an error of ours."""
    data = (tiny_artifact / name).read_bytes()
    at %= len(data)
    path = tiny_artifact.parent / "damaged"
    path.write_bytes(data[:at] + junk + data[at + len(junk) :])
    assert answered(path)


@given(st.binary(max_size=200))
def test_any_bytes(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    assert answered(path)


def test_an_onnx_model_of_others(tmp_path, capsys):
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "g",
        [value],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
    )
    buffer = io.BytesIO(helper.make_model(graph, producer_name="other").SerializeToString())
    (tmp_path / "m").write_bytes(buffer.getvalue())
    text = said(tmp_path / "m", capsys)
    assert "inputs: x [n, 3]" in text
    assert "next" not in text


def test_an_archive_that_cannot_be_opened_is_not_called_damaged(tmp_path):
    with pytest.raises(InputError, match=r"gone\.npz: cannot be read \(No such file or directory\)"):
        archives.describe(tmp_path / "gone.npz")


def test_a_model_and_a_checkpoint_are_described_without_torch(tmp_path):
    """It takes longer to load than all the rest of the command; so does what places a network."""
    model(tmp_path / "model")
    checkpoint(tmp_path / "checkpoint")
    for name in ("model", "checkpoint"):
        code = (
            "import sys; from snnc.cli import main; code = main(['inspect', sys.argv[1]]); "
            "print(code, *sorted(sys.modules.keys() & {'torch', 'scipy', 'numba', 'h5py', 'nir', 'onnx'}))"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code, tmp_path / name],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert ran.stdout.splitlines()[-1] == "0", ran.stdout
