"""The `next:` lines of `snnc inspect`: what they suggest exists, and works on the file."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import nir
import numpy as np
import pytest
import torch
from kinds_of_files import KINDS
from models import saved, tiny_model
from real_data import real_data

from snnc.cli import main
from snnc.cli.app import command_line
from snnc.exporter.artifact import read_artifact

PLACES = {
    "SECONDS": "0.001",
    "N": "9",
    "ARTIFACT": "a.loihi",
    "MODEL": "m.pt",
    "OTHER": "b.h5",
    "FOLDER": "folder",
    "FILE": "f.npz",
}
"""What a user puts in for a word in capitals, to be parsed."""


def said(path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert main(["inspect", str(path)]) == 0
    return capsys.readouterr().out.splitlines()


def suggested(lines: list[str]) -> list[str]:
    return [line.removeprefix("next: ") for line in lines if line.startswith("next: ")]


def check_exists(line: str) -> None:
    """A command of snnc with its options and files; a script or page that is there."""
    words = shlex.split(line, comments=True)
    if words[0] == "snnc":
        commands = command_line().commands
        told = [PLACES.get(word, word) for word in words[2:]]
        commands[words[1]].make_context(words[1], list(told))  # options that do not exist are refused
    for word in words[1:]:
        if "/" in word or word.endswith((".py", ".html", ".nir", ".pt")):
            assert Path(word).exists() or word == "model.pt", line


@pytest.mark.parametrize("write", KINDS, ids=lambda write: write.__name__)
def test_what_is_suggested_for_a_file_exists(write, tmp_path, capsys):
    write(tmp_path / "a file")
    for line in suggested(said(tmp_path / "a file", capsys)):
        if line.startswith("snnc"):
            check_exists(line)


@pytest.mark.parametrize("options", [(), ("--whole-bias",), ("--target", "onnx"), ("--target", "c")])
def test_what_is_suggested_for_an_artifact_and_its_files_exists(options, tmp_path, capsys):
    model, folder = saved(tiny_model(), tmp_path), tmp_path / "artifact"
    assert main(["export", str(model), "-o", str(folder), *options]) == 0
    for path in (folder, *(file for file in folder.rglob("*") if file.is_file())):
        for line in suggested(said(path, capsys)):
            check_exists(line)


def test_of_a_verified_artifact_it_is_what_verify_suggested(tmp_path, capsys):
    model, folder = saved(tiny_model(), tmp_path), tmp_path / "a.c"
    assert main(["export", str(model), "--target", "c", "-o", str(folder)]) == 0
    assert suggested(said(folder, capsys))[0].startswith("snnc verify ")
    assert main(["verify", str(folder), "--dataset", "none"]) == 0
    printed = capsys.readouterr()
    told = suggested((printed.out + printed.err).splitlines())
    assert told == [f"snnc run {folder} --input FILE"]
    assert suggested(said(folder, capsys)) == told


def test_a_page_that_is_missing_is_not_suggested(tmp_path, capsys):
    next(write for write in KINDS if write.__name__ == "table")(tmp_path / "table.json")
    assert suggested(said(tmp_path, capsys)) == []
    (tmp_path / "table.html").touch()
    assert suggested(said(tmp_path, capsys)) == [f"open {tmp_path / 'table.html'}"]


def graph(*nodes: nir.NIRNode) -> nir.NIRGraph:
    return nir.NIRGraph.from_list(*nodes)


def lif(threshold: float = 1.0, reset: float = 0.0, tau: float = 0.02) -> nir.LIF:
    ones = np.ones(1)
    return nir.LIF(tau * ones, ones, v_leak=0 * ones, v_threshold=threshold * ones, v_reset=reset * ones)


LINEAR = nir.Linear(np.array([[2.0]]))
LOOP = nir.NIRGraph(
    {"in": nir.Input(np.array([1])), "a": lif(), "w": LINEAR, "out": nir.Output(np.array([1]))},
    [("in", "a"), ("a", "w"), ("w", "a"), ("a", "out")],
    type_check=False,
)
STRANGE = nir.NIRGraph(
    {
        "in": nir.Input(np.array([1])),
        "a": nir.Conv1d(1, np.ones((1, 1, 1)), np.array([1]), np.array([0]), np.array([1]), 1, np.zeros(1)),
        "out": nir.Output(np.array([1])),
    },
    [("in", "a"), ("a", "out")],
    type_check=False,
)
FILES = {
    "resets to another voltage": (graph(LINEAR, lif(reset=-0.5)), True),
    "does not tell the reset": (graph(LINEAR, lif()), True),
    "no neurons": (graph(LINEAR), True),
    "a readout of threshold 1e9": (graph(LINEAR, lif(1e9)), True),
    "a loop": (LOOP, True),
    "a convolution that a chain can express": (
        graph(
            nir.Conv2d((2, 2), np.ones((1, 1, 2, 2)), 1, 0, 1, 1, np.zeros(1)),
            nir.LIF(*[np.full((1, 1, 1), value) for value in (0.02, 1.0, 0.0, 1.0, 0.0)]),
            nir.Flatten({"input": np.array([1, 1, 1])}, 0),
            LINEAR,
            lif(1e9),
        ),
        True,
    ),
    "weights of zero": (graph(nir.Linear(np.zeros((1, 1))), lif()), False),
    "neurons that never fire": (graph(LINEAR, lif(1e9), LINEAR, lif()), False),
    "a node that is not read": (STRANGE, False),
}


@pytest.mark.parametrize("name", FILES)
def test_export_is_suggested_for_nir_files_that_it_takes(name, tmp_path, capsys, refused):
    content, works = FILES[name]
    path = tmp_path / "net.nir"
    nir.write(path, content)
    check_nir(path, works, capsys, refused)


@pytest.mark.parametrize(
    ("name", "works"),
    [
        ("lif_norse.nir", True),
        ("lif_rockpool.nir", True),
        ("two_lif_neurons.nir", True),
        ("braille.nir", False),
        ("braille_flattened.nir", True),
        ("cnn_sinabs.nir", True),
    ],
)
def test_export_is_suggested_for_published_files_that_it_takes(name, works, tmp_path, capsys, refused):
    path = tmp_path / name
    path.write_bytes((real_data("foreign") / "nir" / name).read_bytes())
    check_nir(path, works, capsys, refused)


def test_of_two_published_cnns_the_same_is_told(tmp_path, capsys):
    """So one of them is exported above, which takes several seconds."""
    told = []
    for name in ("cnn_sinabs.nir", "scnn_mnist.nir"):
        (tmp_path / name).write_bytes((real_data("foreign") / "nir" / name).read_bytes())
        told.append([line.replace(name, "FILE") for line in said(tmp_path / name, capsys)])
    assert told[0] == told[1]


def check_nir(path: Path, works: bool, capsys, refused) -> None:
    lines = said(path, capsys)
    following = suggested(lines)
    assert len(following) == works
    leaky = any(line.startswith("shortest time constant: ") for line in lines)
    assert leaky == any(
        line.startswith("steps: Euler steps, unless --integration exact or") for line in lines
    )
    for line in following:
        assert main([PLACES.get(word, word) for word in shlex.split(line)[1:]]) == 0
    if not works:
        (why,) = [line for line in lines if line.startswith("export: refused: ")]
        told = ("--dt", PLACES["SECONDS"], "--time-steps", PLACES["N"], "--reset", "zero")
        told += ("--fires", "above")
        assert why.removeprefix("export: refused: ")[:20] in " ".join(refused("export", path, *told).split())


DELAYED = nir.NIRGraph(
    {
        "in": nir.Input(np.array([1])),
        "b": nir.Delay(np.full(1, 0.3)),
        "w": LINEAR,
        "a": lif(),
        "out": nir.Output(np.array([1])),
    },
    [("in", "b"), ("b", "w"), ("in", "w"), ("w", "a"), ("a", "w"), ("a", "out")],
    type_check=False,
)
"""Delays of 0 and of 300 steps of 1 ms lead to the same neuron."""


@pytest.mark.parametrize(("content", "refusals", "target"), [(LOOP, 0, ""), (DELAYED, 1, "--target c")])
def test_export_to_another_target_is_suggested_only_where_loihi_refuses(
    content, refusals, target, tmp_path, capsys, refused
):
    path = tmp_path / "net.nir"
    nir.write(path, content)
    lines = said(path, capsys)
    assert sum(line.startswith("export to loihi: refused: ") for line in lines) == refusals
    (line,) = suggested(lines)
    assert ("--target" in line) == bool(target)
    assert target in line
    words = [PLACES.get(word, word) for word in shlex.split(line)[1:]]
    if refusals:
        refused(*[word for word in words if word not in ("--target", "c")])
    assert main([*words, "-o", str(tmp_path / "net")]) == 0


def test_a_large_network_is_checked_first(monkeypatch, tmp_path, capsys):
    path = tmp_path / "net.nir"
    nir.write(path, LOOP)
    monkeypatch.setattr("snnc.cli.inspect.exports.TRIED_OF_GRAPH", 1)
    lines = said(path, capsys)
    assert "export to loihi: not tried, of 2 synapses" in lines
    (line,) = suggested(lines)
    assert line.startswith(f"snnc check {path} --target loihi --dt SECONDS --time-steps N")
    assert main([PLACES.get(word, word) for word in shlex.split(line)[1:]]) == 0


def test_export_is_not_suggested_for_a_model_that_it_refuses(tmp_path, capsys, refused):
    path = saved(tiny_model(kernel_size=201, position=-100.0, time_steps=250), tmp_path)
    lines = said(path, capsys)
    assert any(line.startswith("export to loihi: refused: ") for line in lines)
    refused("export", path)
    assert suggested(lines) == [f"snnc targets --for {path}"]
    assert main(["targets", "--for", str(path)]) == 0


def test_nothing_is_suggested_for_a_model_that_has_no_integers(tmp_path, capsys, refused):
    model = tiny_model()
    dead = replace(model.layers[1], weight=np.zeros((3, 6)))
    path = saved(replace(model, layers=(model.layers[0], dead)), tmp_path)
    assert suggested(said(path, capsys)) == []
    refused("export", path)


@pytest.mark.parametrize(("dataset", "more"), [("mine.npz", "--dataset none"), ("shd", "--dataset FOLDER")])
def test_verify_is_suggested_as_it_works_without_the_data(dataset, more, tmp_path, capsys):
    path = saved(replace(tiny_model(), dataset=dataset), tmp_path)
    folder = tmp_path / "model.loihi"
    assert main(["export", str(path), "-o", str(folder), "--no-budget"]) == 0
    assert suggested(said(folder, capsys)) == [f"snnc verify {folder} {more}"]
    graph, mine = read_artifact(folder).graph, tmp_path / "in.npz"
    np.savez(mine, spikes=np.zeros((1, graph.time_steps, graph.inputs), np.uint8), labels=[0], dt=graph.bin_s)
    assert main(["run", str(folder), "-i", str(mine), "-e", "oracle"]) == 0
    assert suggested(capsys.readouterr().err.splitlines()) == [f"snnc verify {folder} --input {mine}"]
    (tmp_path / "mine.npz").touch()
    if dataset == "mine.npz":
        assert suggested(said(folder, capsys)) == [f"snnc verify {folder} --dataset none"]  # it is empty


def test_train_is_suggested_with_what_is_missing(tmp_path, capsys):
    text = 'dataset = "gone.npz"\nbin_s = 0.01\nhidden = [4]\nkernel_size = 5\ntau = 2.0\nepochs = 1\n'
    path = tmp_path / "a.toml"
    path.write_text(text + "batch_size = 4\nlr_weights = 0.01\n")
    assert suggested(said(path, capsys)) == [f"snnc train {path} -o model.pt --dataset FILE"]


def test_parameters_of_a_foreign_network_are_named_as_such(tmp_path, capsys):
    torch.save(torch.nn.Linear(3, 2).state_dict(), tmp_path / "net.pth")
    lines = said(tmp_path / "net.pth", capsys)
    assert "parameters of a PyTorch network (a state dict)" in lines[0]
    assert lines[1] == "tensors: 2: weight 2x3, bias 2"
    assert "load it into its module in Python and give that to snnc.from_torch" in " ".join(lines)
    assert suggested(lines) == []


@pytest.mark.parametrize(("name", "layers"), [("oxford.net", 2), ("pilotnet_lif.net", 11), ("tiny.net", 3)])
def test_published_networks_of_lava_dl(name, layers, capsys):
    path = real_data("foreign") / "netx" / name
    lines = said(path, capsys)
    assert sum(line.startswith("layer ") for line in lines) == layers
    (line,) = suggested(lines)
    assert line.startswith(f"snnc export {path} ")
    assert " --time-steps N" in line
    assert ("--payload-max 255" in line) == (name != "oxford.net")
    check_exists(line)
