"""The paper's network as its code builds it, trained a little: from the module and from its checkpoint.

Both roads give the same integers; in float every spike and every class is the module's.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from published_delays import TAU, Published, patterns, trained
from spikingjelly.activation_based import functional, neuron
from torch_networks import events, same_spikes

import snnc
from snnc.conversion.checkpoints.read import from_checkpoint
from snnc.conversion.convert import from_torch
from snnc.conversion.converters import spikingjelly
from snnc.conversion.neurons import CONVERTERS
from snnc.errors import InputError
from snnc.exporter.float_reference import run_float
from snnc.exporter.pipeline import export_network

SIZES, TAPS, STEPS = (20, 24, 24, 5), 9, 30
TOLD = {"dt": 0.01, "time_steps": STEPS, "kernel_size": TAPS, "v_threshold": 1.0, "payload_max": 1}
HIDDEN = ("model.2", "model.6")


@pytest.fixture(scope="module")
def module():
    torch.manual_seed(3)
    made = trained(Published(SIZES, TAPS, version="gauss"), *patterns(40, STEPS, 20, 5, 2), rounds=20)
    norm, positions = made.layers[0][1], made.layers[0][0].P
    assert norm.running_mean.abs().min() > 0  # training moved them all
    assert (norm.running_var - 1).abs().min() > 0
    assert (positions != positions.round()).any()
    return made


@pytest.fixture(scope="module")
def saved(module, tmp_path_factory):
    """The checkpoint: positions as training left them; then the module is evaluated as the work does."""
    path = tmp_path_factory.mktemp("run") / "Best_ACC.pt"
    torch.save(module.state_dict(), path)
    module.whole()
    return path


@pytest.fixture(scope="module")
def samples():
    return patterns(24, STEPS, 20, 5, 3)[0]


@pytest.fixture(scope="module")
def network(module, saved, samples):
    return snnc.from_torch(module, samples, dt=0.01, verbose=False)


@pytest.fixture(scope="module")
def classes(module, saved, samples):
    functional.reset_net(module)
    with torch.no_grad():
        found = module(samples).argmax(1).numpy()
    assert len(set(found.tolist())) >= 3
    return found


@pytest.mark.parametrize("target", ["c", "loihi", "onnx"])
def test_module_and_checkpoint_give_the_same_integers(target, network, saved, tmp_path):
    read = from_checkpoint("snn-delays", saved, tau=TAU, loss="sum", **TOLD)
    mine = network.export(target, tmp_path / "module").artifact
    theirs = export_network(read, target, tmp_path / "file", name="Best_ACC.pt")
    assert mine.graph == theirs.graph
    assert {"model.2", "model.6", "model.9"} < {each.name for each in mine.graph.populations}
    for mine_of, theirs_of in zip(mine.graph.projections, theirs.graph.projections, strict=True):
        for one, other in zip(_arrays(mine_of), _arrays(theirs_of), strict=True):
            np.testing.assert_array_equal(one, other)
    assert mine.program == theirs.program


def _arrays(projection):
    listed = projection.synapses.as_list()
    return listed.pre, listed.post, listed.weight, listed.delay


def test_every_spike_and_class_is_the_modules(module, network, samples, classes):
    functional.reset_net(module)
    assert all(each.different == each.through == 0 for each in network.agreement)
    assert [(each.population, each.spikes is None) for each in network.agreement] == [
        ("model.2", False),
        ("model.6", False),
        ("model.9", True),
    ]
    same_spikes(module, samples, network.model, (neuron.LIFNode,))
    (readout,) = network.model.readouts
    assert readout.decoder == "softmax"
    for number, one in enumerate(samples.swapaxes(0, 1).numpy()):
        padded = np.zeros((network.model.time_steps, 20), np.int64)
        padded[:STEPS] = one
        v = torch.from_numpy(run_float(network.model, padded)["model.9"].v)
        scores = torch.softmax(v * readout.scale, 1).sum(0)
        assert scores.argmax() == classes[number]


def test_what_eight_bits_add_is_said_by_layer(network, samples, classes, tmp_path):
    exported = network.export("c", tmp_path / "net.c")
    manifest = json.loads((tmp_path / "net.c/manifest.json").read_text())
    rows = manifest["provenance"]["expected"]["populations"]
    assert list(rows) == [*HIDDEN, "model.9"]
    x = np.zeros((samples.shape[1], exported.graph.time_steps, 20), np.uint8)
    x[:, :STEPS] = samples.numpy().swapaxes(0, 1)
    run = exported.run(x, "oracle")
    for name in HIDDEN:
        row = rows[name]
        assert row["different"] == row["through"] == 0
        alone = np.stack([run_float(network.model, one.astype(np.int64))[name].spikes for one in x])
        other = int((run[name].spikes != alone).sum())
        assert 0 < row["different_when_rounded"] == other < 0.1 * row["places"]
    assert (exported.predict(x) == classes).mean() >= 0.9


@pytest.mark.lava
def test_it_is_verified_in_lava(network, samples, tmp_path):
    exported = network.export("loihi", tmp_path / "net.loihi")
    x = np.zeros((4, exported.graph.time_steps, 20), np.uint8)
    x[:, :STEPS] = samples.numpy().swapaxes(0, 1)[:4]
    verified = exported.verify(x, ["oracle", "hwsim", "lava-event"], generated=0)
    assert verified, verified
    assert "lava-event" in repr(verified)


def whole_steps():
    """v is a sum of few powers of 2, so that it often meets the threshold of 1."""
    module = Published((8, 12, 3), TAPS, tau=2.0, norm=False).whole()
    tap = np.float32(1) / (np.float32(1) + np.float32(1e-7))  # what DCLS makes of a weight of 1
    wanted = np.array([0.5, 0.25, -0.25], np.float32)
    near = wanted + np.spacing(wanted) * np.arange(-3, 4)[:, None].astype(np.float32)
    exact = near[(near * tap == wanted).argmax(0), range(3)]
    np.testing.assert_array_equal(exact * tap, wanted)
    draw = torch.Generator().manual_seed(2)
    for synapses, *_ in module.layers:
        chosen = torch.randint(3, synapses.weight.shape, generator=draw)
        synapses.weight.data.copy_(torch.from_numpy(exact)[chosen])
    return module


def test_at_the_threshold_and_above_it_are_told_apart(monkeypatch):
    torch.manual_seed(4)
    module, x = whole_steps(), events(STEPS, 4, 8)
    graph = from_torch(module, x, dt=0.01).graph
    functional.reset_net(module)
    same_spikes(module, x, graph, (neuron.LIFNode,))
    populations = [
        replace(each, fires="above") if each.model == "lif" else each for each in graph.populations
    ]
    above = replace(graph, populations=tuple(populations))
    one = np.zeros((graph.time_steps, 8), np.int64)
    one[:STEPS] = x[:, 0].numpy()
    assert (run_float(above, one)["model.1"].spikes != run_float(graph, one)["model.1"].spikes).any()

    def wrong(module, name):
        cell = spikingjelly.leaky(module, name)
        return replace(cell, parameters={**cell.parameters, "fires": "above"})

    monkeypatch.setitem(CONVERTERS, f"{spikingjelly.HOME}.lif.LIFNode", wrong)
    with pytest.raises(InputError, match=r"model\.1: .*its neurons fire at the threshold already"):
        from_torch(module, x, dt=0.01)
