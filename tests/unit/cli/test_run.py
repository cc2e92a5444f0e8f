"""`snnc run`: classes, traces, and input that it refuses."""

from __future__ import annotations

import io
from dataclasses import replace

import h5py
import numpy as np
import pytest
from graph_cases import dense, graph_of, li, lif, readout, source
from models import Hostile, exported, tiny_model
from wrong_executors import in_memory

from snnc.cli import main, verify
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.plugins import executors
from snnc.trainer.data import load_digits, save_events_npz
from snnc.trainer.integer_model import run_graph


def test_run_prints_classes_and_writes_a_trace(tiny_artifact, tmp_path, capsys):
    graph = read_artifact(tiny_artifact).graph
    spikes = (np.random.default_rng(1).random((2, 12, 5)) < 0.4).astype(np.uint8)
    np.savez(tmp_path / "spikes.npz", spikes=spikes)
    command = ["run", str(tiny_artifact), "-i", str(tmp_path / "spikes.npz"), "-e", "oracle"]
    assert main([*command, "-o", str(tmp_path / "trace.npz")]) == 0
    expected = run_graph(graph, spikes)
    with np.load(tmp_path / "trace.npz") as trace:
        np.testing.assert_array_equal(trace["v_1"], expected.readout)
        np.testing.assert_array_equal(trace["s_0"], expected.layers[0].spikes)
        classes = trace["classes"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"sample {i}: {graph.class_names[c]}" for i, c in enumerate(classes)]


def test_run_of_a_graph_prints_every_readout(tmp_path, monkeypatch, capsys):
    """v of y is 64 times the events of a line, z fires at once where line 1 has an event: classes by hand."""
    graph = graph_of(
        [source("x", 2), li("y", 2), lif("z", 2)],
        [dense("x", "y", [[1, 0], [0, 1]]), dense("x", "z", [[-1, 1], [0, 0]])],
        2,
        [readout("y", "sum", 2, 1.0), readout("z", "count", 2)],
    )
    spikes = np.array([[[1, 0], [1, 1]], [[0, 1], [0, 0]]], np.uint8)
    np.savez(tmp_path / "in.npz", spikes=spikes, labels=np.array([0, 0]))
    monkeypatch.setattr("snnc.exporter.artifact.read_artifact", lambda path: in_memory(graph, spikes))
    monkeypatch.setattr("snnc.exporter.artifact.check_program", lambda artifact: None)
    command = ["run", str(tmp_path), "-i", str(tmp_path / "in.npz"), "-e", "oracle"]
    assert main([*command, "-o", str(tmp_path / "t.npz"), "--trace", str(tmp_path / "t.h5")]) == 0
    assert capsys.readouterr().out.splitlines()[:5] == [
        "sample 0: y class0, z class0 (labelled class0)",
        "sample 1: y class1, z class0 (labelled class0)",
        "class class0: predicted once, 1 of 2 labelled so are right",
        "class class1: predicted once, no sample is labelled so",
        "1 of 2 as labelled by the readout y, which the labels are of: 50.00 %, 95 % interval 9.5 to 90.5 %",
    ]
    with np.load(tmp_path / "t.npz") as found:
        assert (found["classes_0"].tolist(), found["classes_1"].tolist()) == ([0, 1], [0, 0])
        assert "s_0" not in found
    assert main([*command, "--labels-of", "z"]) == 0
    told = "2 of 2 as labelled by the readout z, which the labels are of: 100.00 %, 95 % interval 34.2 to"
    assert told in capsys.readouterr().out
    assert main([*command, "--labels-of", "h"]) == 2
    assert "readout 'h' is unknown; there are y, z" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arrays",
    [{"spikes": np.zeros((1, 3, 5))}, {"spikes": np.full((1, 12, 5), 2)}, {"other": np.zeros(3)}],
)
def test_run_on_wrong_spikes(refused, tiny_artifact, tmp_path, arrays):
    np.savez(tmp_path / "spikes.npz", **arrays)
    refused("run", tiny_artifact, "-i", tmp_path / "spikes.npz")


@pytest.mark.parametrize("content", [b"", b"PK", b"\x93NUMPY\x01\x00"])
def test_run_on_a_broken_file(refused, tiny_artifact, tmp_path, content):
    (tmp_path / "spikes.npz").write_bytes(content)
    assert "spikes.npz" in refused("run", tiny_artifact, "-i", tmp_path / "spikes.npz")


def test_names_are_printed_as_they_are(tmp_path, capsys):
    """Class names in brackets are no markup."""
    artifact = exported(replace(tiny_model(), class_names=("[unk]", "[/a]", "[red]b")), tmp_path)
    np.savez(tmp_path / "spikes.npz", spikes=np.zeros((1, 12, 5), np.uint8), dt=0.02)
    assert main(["run", str(artifact), "-i", str(tmp_path / "spikes.npz")]) == 0
    first, *classes = capsys.readouterr().out.splitlines()[-6:-2]
    assert first.removeprefix("sample 0: ") in ("[unk]", "[/a]", "[red]b")
    assert [line.partition(":")[0] for line in classes] == ["class [unk]", "class [/a]", "class [red]b"]


def test_run_on_a_pickle(refused, tiny_artifact, tmp_path):
    buffer = io.BytesIO()
    np.savez(buffer, spikes=np.array([Hostile(tmp_path / "executed")], dtype=object))
    (tmp_path / "spikes.npz").write_bytes(buffer.getvalue())
    refused("run", tiny_artifact, "-i", tmp_path / "spikes.npz")
    assert not (tmp_path / "executed").exists()


def test_capital_letters_in_a_name_change_nothing(tiny_artifact, tmp_path):
    np.savez(tmp_path / "s.npz", spikes=np.zeros((2, 12, 5), np.uint8))
    (tmp_path / "s.npz").rename(tmp_path / "S.NPZ")
    assert main(["run", str(tiny_artifact), "-i", str(tmp_path / "S.NPZ")]) == 0


@pytest.mark.parametrize("option", ["-o", "--trace", "--predictions", "--json"])
def test_an_output_that_is_a_link_to_itself_is_a_name_as_any_other(tiny_artifact, tmp_path, option):
    """`Path.resolve` fails on one, which was called a fault of snnc."""
    np.savez(tmp_path / "s.npz", spikes=np.zeros((2, 12, 5), np.uint8))
    (tmp_path / "loop.npz").symlink_to("loop.npz")
    command = ["run", str(tiny_artifact), "-i", str(tmp_path / "s.npz"), option, str(tmp_path / "loop.npz")]
    assert main(command) == 0
    assert not (tmp_path / "loop.npz").is_symlink()


def test_run_never_overwrites_its_input(refused, tiny_artifact, tmp_path):
    path = tmp_path / "spikes.npz"
    np.savez(path, spikes=np.zeros((1, 12, 5), np.uint8))
    before = path.read_bytes()
    assert "is the input" in refused("run", tiny_artifact, "-i", path, "-o", path)
    assert path.read_bytes() == before


def test_run_on_nothing(refused, tiny_artifact, tmp_path):
    np.savez(tmp_path / "spikes.npz", spikes=np.zeros((0, 12, 5), np.uint8))
    assert "holds no sample" in refused("run", tiny_artifact, "-i", tmp_path / "spikes.npz")


def test_shipped_recordings_are_named(digits_artifact, capsys):
    assert main(["run", str(digits_artifact), "-i", "digits"]) == 0
    assert f"of {len(load_digits())} as labelled" in capsys.readouterr().out


def test_run_on_labelled_events_counts_what_is_right(digits_artifact, tmp_path, capsys):
    events = load_digits().select(np.arange(40, 46))
    save_events_npz(replace(events, held_out=None), tmp_path / "events.npz")
    assert main(["run", str(digits_artifact), "-i", str(tmp_path / "events.npz")]) == 0
    lines = capsys.readouterr().out.splitlines()
    samples = [line for line in lines if line.startswith("sample ")]
    right = sum(line.split(": ")[1].split()[0] == line.split("labelled ")[1].rstrip(")") for line in samples)
    share, note, by = lines[-3:]
    assert by == "computed by hwsim; --executor lava-stock runs the program itself"
    assert share.startswith(f"{right} of 6 as labelled: {100 * right / 6:.2f} %, 95 % interval ")
    assert note.startswith("note: 6 recordings of 1 source (field `speaker`: ")


def test_run_with_a_mistyped_input_and_an_existing_output(refused, tiny_artifact, tmp_path):
    (tmp_path / "trace.npz").touch()
    message = refused("run", tiny_artifact, "-i", tmp_path / "nope.npz", "-o", tmp_path / "trace.npz")
    assert "nope.npz: no such file" in message


def test_run_never_overwrites_the_artifact(refused, tiny_artifact, tmp_path):
    np.savez(tmp_path / "spikes.npz", spikes=np.zeros((1, 12, 5), np.uint8))
    before = (tiny_artifact / "program.npz").read_bytes()
    output = tiny_artifact / "program.npz"
    assert "is a file of the artifact" in refused(
        "run", tiny_artifact, "-i", tmp_path / "spikes.npz", "-o", output
    )
    assert output.read_bytes() == before


@pytest.mark.parametrize(
    ("group", "unavailable", "runs"),
    [
        ("onnx", (), "onnxruntime"),
        ("onnx", ("onnxruntime",), "onnx-reference"),
        ("lava", ("lava-event",), "lava-stock"),
    ],
)
def test_a_group_is_the_same_set_for_run_and_verify(
    tiny_artifact, tmp_path, capsys, monkeypatch, group, unavailable, runs
):
    """`verify` takes all of it, and `run` the first that can run; the trace names it."""

    class Stand(OracleExecutor):
        def __init__(self, name: str) -> None:
            self.name = name

        def unavailable_reason(self) -> str | None:
            return f"{self.name} is not here" if self.name in unavailable else None

    monkeypatch.setattr(executors, "load_executor", Stand)
    np.savez(tmp_path / "spikes.npz", spikes=np.zeros((1, 12, 5), np.uint8))
    command = ["run", str(tiny_artifact), "-i", str(tmp_path / "spikes.npz"), "-e", group]
    assert main([*command, "--trace", str(tmp_path / "trace.h5")]) == 0
    with h5py.File(tmp_path / "trace.h5") as file:
        assert file.attrs["executor"] == runs
    assert verify.executor_names(group) == executors.GROUPS[group]
    assert runs in executors.GROUPS[group]
    unavailable = executors.GROUPS[group]
    assert main(command) == 2
    said = f"executor {group} cannot run here: {unavailable[0]} is not here"
    assert said in capsys.readouterr().err
