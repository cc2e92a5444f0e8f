"""From a PyTorch module or a file to an artifact."""

from __future__ import annotations

import inspect
import json
import os
from dataclasses import replace

import nir
import numpy as np
import pytest
import torch
from models import saved, tiny_model
from spike_counters import spike_counter
from torch import nn
from torch_networks import Loop

import snnc
import snnc.conversion.converters  # those of snnc are registered before
from snnc.api import words
from snnc.conversion.neurons import CONVERTERS
from snnc.errors import InputError
from snnc.exporter.manifest import MANIFEST
from snnc.io.tensor_file import load_tensors
from snnc.stages import TrainedModel
from snnc.targets.registry import target_of


class Counter(nn.Module):
    """Spikes where more than half an event arrives; it forgets everything."""

    def forward(self, x):
        return (x > 0.5).float()


@pytest.fixture(autouse=True)
def known():
    """`Counter`, for the tests here alone."""
    before = dict(CONVERTERS)
    snnc.converter(Counter)(counter)
    yield
    CONVERTERS.clear()
    CONVERTERS.update(before)


def counter(module, name):
    from snnc.conversion.neurons import Cell

    return Cell(name, {"keep_u": 0.0, "keep_v": 0.0, "threshold": 0.5, "reset": "zero"})


def module():
    linear = nn.Linear(3, 3, bias=False)
    with torch.no_grad():
        linear.weight.copy_(torch.eye(3))
    return Loop(nn.Sequential(linear, Counter()))


X = np.zeros((4, 3, 3), np.float32)
"""[steps, samples, lines]"""
X[:2, 0, 1] = X[1:, 1, 2] = X[3, 2, 0] = 1
ANSWERS = [1, 2, 0]


def test_a_module_becomes_a_network_and_says_what_was_read(capsys) -> None:
    network = snnc.from_torch(module(), X, dt=0.01)
    assert capsys.readouterr().out == (
        "Network('Loop': 3 + 3 neurons, T = 4, 0.01 s a step)\n"
        "  example [4, 3, 3] read as T = 4 steps, N = 3 samples, C = 3 (layout TNC)\n"
        "  step.1: 6 spikes, equal in all 36 places of all 3 recordings\n"
    )
    assert network.populations == (("input", "input", 3), ("step.1", "lif", 3))
    snnc.from_torch(module(), X, dt=0.01, verbose=False)
    assert capsys.readouterr().out == ""


def test_it_is_exported_and_predicts(tmp_path) -> None:
    network = snnc.from_torch(module(), X, dt=0.01, name="mine", verbose=False)
    exported = network.export("onnx", str(tmp_path / "mine"), weight_bits=4)
    assert exported.predict(X, layout="TNC").tolist() == ANSWERS
    manifest = json.loads((tmp_path / "mine" / MANIFEST).read_text())
    assert manifest["provenance"]["model"] == "mine"
    assert set(manifest["provenance"]["weight_bits"].values()) == {4}


def test_payloads_are_those_of_the_example(tmp_path) -> None:
    network = snnc.from_torch(module(), X * 3, dt=0.01, verbose=False)
    assert "  population input: input, 3 lines, events of 0 to 3" in str(network).splitlines()
    first = network.export("onnx", tmp_path / "three")
    assert first.graph.populations[0].payload_max == 3
    assert first.predict(X * 3, layout="TNC").tolist() == ANSWERS
    with pytest.raises(InputError, match=r"payload_max=2: the inputs of the network carry 1 \.\. 3"):
        network.export("onnx", tmp_path / "two", payload_max=2)


def test_agreement_that_is_not_whole_is_counted() -> None:
    from snnc.api.network import _agreed
    from snnc.conversion.notes import differing
    from snnc.exporter.expectation.agreement import Agreement

    late = Agreement("a", 1000, 1, 10, 1, (0, 3, 2), ("it is late (wait)",), recordings=8, of=400)
    assert _agreed(late) == (
        "a: 1 spike, equal in 99.90 % of 1000 places in 8 of 400 recordings where the same arrives, in "
        "99.00 % where earlier differences arrive, too"
    )
    assert differing([late, replace(late, population="b", different=0, through=0)]) == [
        "a: spikes differ in 1 of 1000 places in 8 of 400 recordings where the same arrives, in 10 where "
        "earlier differences arrive, too: first in recording 0, step 3, neuron 2: it is late (wait)",
        "module and network are compared in the first 8 of 400 recordings; recordings that may differ from "
        "those are to stand first in the example",
    ]
    one = Agreement("out", 8, 0, 0, None, None, recordings=1, of=1)
    assert _agreed(one) == "out: v, equal in all 8 places of 1 recording"
    assert _agreed(Agreement("out", 8, 0, 0, None, None)) == "out: v, equal in all 8 places"


def test_commands_in_errors_stay_commands(tmp_path) -> None:
    said = r"'loihi2': .* the target loihi is for \(limits only\): nothing .*`snnc check MODEL --target"
    with pytest.raises(InputError, match=said):
        snnc.Network(spike_counter(), "counter").export("loihi2", tmp_path / "net")


def test_errors_name_arguments(tmp_path) -> None:
    network = snnc.from_torch(module(), X, dt=0.01, verbose=False)
    network.export("onnx", tmp_path / "made")
    for given, said in (
        ({"weight_bits": 9}, r"weight_bits=9: give 2 \.\. 8"),
        ({"weight_bits": (8, 8)}, r"weight_bits=\[8, 8\]: names 2"),
        ({"payload_max": 0}, "payload_max=0"),
        ({"scale": "task"}, "scale='task': is for chains of layers"),
        ({"power_of_two": True}, "power_of_two=True: is for chains of layers"),
        ({"max_drop": 1.0}, "max_drop: .*give data, which snnc"),
        ({"prune_by": "lines"}, "prune_by='lines': has no effect without prune=SHARE"),
    ):
        with pytest.raises(InputError, match=said) as found:
            network.export("onnx", tmp_path / "new", **given)
        assert "--" not in str(found.value)
    with pytest.raises(InputError, match=r"choose another name, or replace it with overwrite=True"):
        network.export("onnx", tmp_path / "made", weight_bits=4)
    with pytest.raises(InputError, match="layout 'TC' does not fit an example of the shape"):
        snnc.from_torch(module(), X, dt=0.01, layout="TC")


def test_a_model_file_is_loaded_and_exported_as_the_command_does(tmp_path, tiny_artifact) -> None:
    path = saved(tiny_model(), tmp_path)
    network = snnc.load(str(path))
    assert isinstance(network.model, TrainedModel)
    assert repr(network) == "Network('model.pt': 5 + 6 + 3 neurons, T = 12, 0.02 s a step)"
    assert network.populations[1:] == (("hidden1", "lif", 6), ("readout", "li", 3))
    os.remove(path)  # it was read
    exported = network.export("loihi", tmp_path / "tiny.loihi2", budget=False)
    assert exported.graph == snnc.load(tiny_artifact).graph
    in_memory = snnc.Network(tiny_model(), "model.pt").export("loihi", tmp_path / "memory", budget=False)
    assert in_memory.artifact.carried["source.pt"] == exported.artifact.carried["source.pt"]


def test_a_nir_file_is_read_with_what_is_told(tmp_path) -> None:
    nodes = {
        "input": nir.Input(input_type=np.array([3])),
        "w": nir.Linear(np.eye(3) * 0.5),
        "lif": nir.LIF(*(np.full(3, each) for each in (0.01, 1.0, 0.0, 0.3)), v_reset=np.zeros(3)),
        "output": nir.Output(output_type=np.array([3])),
    }
    edges = [("input", "w"), ("w", "lif"), ("lif", "output")]
    nir.write(tmp_path / "net.nir", nir.NIRGraph(nodes, edges))
    with pytest.raises(InputError, match=r"pass dt=SECONDS .* and time_steps=N") as found:
        snnc.load(tmp_path / "net.nir")
    assert "--" not in str(found.value)
    network = snnc.load(tmp_path / "net.nir", dt=0.01, time_steps=4, reset="zero")
    exported = network.export("onnx", tmp_path / "net.onnx")
    assert exported.predict(X, layout="TNC").tolist() == ANSWERS
    assert "source.nir" in exported.artifact.carried


def test_integers_take_no_options(tmp_path) -> None:
    network = snnc.Network(spike_counter(), "counter")
    with pytest.raises(InputError, match="counter: holds integers, which stay as they are; leave out"):
        network.export("onnx", tmp_path / "x", weight_bits=4)
    network.export("onnx", tmp_path / "x")
    with pytest.raises(InputError, match="holds integers, which stay as they are; leave out"):
        snnc.load(tmp_path / "x/graph.nir").export("onnx", tmp_path / "y", weight_bits=4)
    assert snnc.load(tmp_path / "x/graph.nir").export("onnx", tmp_path / "y").graph == spike_counter()


def test_what_has_no_effect_on_a_file_or_folder_is_refused(tmp_path) -> None:
    snnc.Network(spike_counter(), "counter").export("onnx", tmp_path / "x")
    with pytest.raises(InputError, match=r"x: is a folder; dt, time_steps, .* are for a NIR file"):
        snnc.load(tmp_path / "x", dt=0.01)
    with pytest.raises(InputError, match=r"x: is a folder; payload_max is for a file"):
        snnc.load(tmp_path / "x", payload_max=2)
    with pytest.raises(InputError, match=r"graph\.nir: is no network of lava-dl; give payload_max to export"):
        snnc.load(tmp_path / "x/graph.nir", payload_max=2)
    with pytest.raises(InputError, match=r"counter: holds integers.*; give prune a share"):
        snnc.Network(spike_counter(), "counter").export("onnx", tmp_path / "y", prune=None)
    with pytest.raises(InputError, match=r"graph\.nir: is a file, trust_program is for a folder"):
        snnc.load(tmp_path / "x/graph.nir", trust_program=True)


def test_a_file_of_weights_is_told_what_reads_a_module(tmp_path) -> None:
    torch.save(module().state_dict(), tmp_path / "weights.pt")
    with pytest.raises(InputError, match=r"weights\.pt: not a model file(?s:.)*snnc\.from_torch"):
        snnc.load(tmp_path / "weights.pt")
    torch.save({**load_tensors(saved(tiny_model(), tmp_path), "file"), "version": 99}, tmp_path / "new.pt")
    with pytest.raises(InputError, match=r"new\.pt: model file of version 99") as found:
        snnc.load(tmp_path / "new.pt")
    assert "from_torch" not in str(found.value)


def test_words_of_options_are_arguments_of_python() -> None:
    """Each that is renamed is one; an option of another command stays."""
    functions = (
        snnc.Network.export,
        snnc.Exported.verify,
        snnc.Exported.run,
        snnc.load,
        snnc.train,
        snnc.test,
    )
    known = {name for each in functions for name in inspect.signature(each).parameters}
    assert set(target_of("fpga").settings) == words.SETTINGS
    known |= words.SETTINGS
    assert known >= words.FLAGS | words.VALUES | {name for name, _ in words.RENAMED.values()}
    for said, expected in (
        ("--max-drop 3: give --weight-bits BITS", "max_drop=3: give weight_bits=BITS"),
        ("run it with --no-budget or --dataset FILE (-o)", "run it with budget=False or data=FILE"),
        ("`snnc verify` takes --input FILE", "`snnc verify` takes --input FILE"),
        ("a--scale is none, --overwrite", "a--scale is none, overwrite=True"),
        ("use --scale mse; --scale msee: unknown", "use scale='mse'; scale msee: unknown"),
    ):
        with pytest.raises(InputError) as found, words.python_words():
            raise InputError(said)
        assert str(found.value) == expected
