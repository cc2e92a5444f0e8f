"""Blocks of lava-dl's slayer, by stand-ins, and by lava-dl itself where it can be imported."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from slayer_blocks import Block, MeanOnlyBatchNorm, Neuron, Recurrent, SigmaDelta
from torch import nn
from torch_networks import events, recorded

from snnc.conversion.convert import from_torch
from snnc.errors import InputError
from snnc.exporter.float_reference import run_float

X = events(3, 10, 60)
PLACES = events(2, 2, 6, 7, 40)


class Flatten(nn.Module):
    def forward(self, x):
        return x.reshape(x.shape[0], -1, x.shape[-1])


def dense(delay=True, shift=True, **neuron):
    return [
        Block(10, 24, delay=delay, shift=shift, neuron=Neuron(**neuron)),
        Block(24, 16, delay=delay, shift=shift),
        Block(16, 5, shift=shift),
    ]


def own_decays():
    return dense(current_decay=torch.linspace(0.1, 0.4, 24), voltage_decay=torch.linspace(0.05, 0.3, 24))


def places():
    return [
        Block(2, 4, (3, 3), padding=(1, 1, 0), delay=True),
        Block(4, 4, (2, 2), stride=(2, 2, 1), groups=4, neuron=Neuron(norm=MeanOnlyBatchNorm(4))),
        Flatten(),
        Block(36, 5),
    ]


CASES = {
    "axonal delays": (dense, X),
    "no delays": (lambda: dense(delay=False), X),
    "no step between blocks": (lambda: dense(delay=False, shift=False), X),
    "delays of the last block": (lambda: dense()[:2], X),
    "decays of their own": (own_decays, X),
    "a mean that is subtracted": (lambda: dense(norm=MeanOnlyBatchNorm(24)), X),
    "places": (places, PLACES),
}


def check(module, x):
    """As many spikes as can be are equal: the module cuts fractions of 1 / 4096 off, the graph does not."""
    network = from_torch(module, x, dt=1e-3, layout="NCT" if x.ndim == 3 else "NCHWT", least_agreement=0.995)
    assert all(each.spikes for each in network.agreement)
    assert any("its states are whole numbers of 1 / 4096" in note for note in network.notes)
    return network


@pytest.mark.parametrize("case", CASES)
def test_blocks_give_their_spikes(case):
    torch.manual_seed(4)
    blocks, x = CASES[case]
    module = nn.Sequential(*blocks())
    module(x)  # the neurons learn their shape
    network = check(module, x)
    names = {each.name for each in network.graph.populations if each.model == "lif"}
    theirs = recorded(module, x, (Neuron,))
    assert names == set(theirs)
    with torch.no_grad():
        counts = module(x).sum(-1).numpy()
    (readout,) = network.graph.readouts
    for number, one in enumerate(x.reshape(len(x), -1, x.shape[-1]).numpy()):
        run = run_float(network.graph, one.T.astype(np.int64))
        for name in names:
            spikes = theirs[name][number].reshape(-1, x.shape[-1]).T
            assert (run[name].spikes != spikes).mean() < 0.01
        of = run[readout.population]
        ours = of.spikes.sum(0) if readout.decoder == "count" else of.v.sum(0)
        assert np.abs(ours - counts[number].reshape(-1)).max() <= 2


def test_delays_are_those_of_the_channels():
    torch.manual_seed(4)
    module = nn.Sequential(*dense())
    graph = check(module, X).graph
    (into,) = graph.into("1.neuron")
    found = into.synapses.as_list()
    steps = module[0].delay.delay.floor().long() + 1  # one between blocks
    assert found.delay.tolist() == steps[found.pre].tolist()
    assert len(set(found.delay.tolist())) > 4


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (Block(10, 5, neuron=Neuron(persistent=True)), "persistent_state is set, so its states stay"),
        (Block(10, 5, neuron=Neuron(graded=True)), "graded_spike is set, so its spikes carry v"),
        (Block(10, 5, neuron=Neuron(norm=nn.BatchNorm1d(5))), "its norm is a BatchNorm1d"),
        (Block(10, 5, neuron=SigmaDelta()), r"sigma-delta neurons \(SDNN\) send changes of a value"),
        (Recurrent(), r"0 \(Recurrent\): computes neurons by parts of a step"),
    ],
)
def test_what_the_contract_lacks(block, said):
    with pytest.raises(InputError, match=said):
        from_torch(nn.Sequential(block), X, dt=1e-3, layout="NCT")


@pytest.mark.parametrize("places", [False, True])
def test_lava_dl_itself(places):
    """Run by hand, with lava-dl's sources on the path."""
    slayer = pytest.importorskip("lava.lib.dl.slayer", reason="lava-dl is not installed")
    cuba, means = slayer.block.cuba, slayer.neuron.norm.MeanOnlyBatchNorm
    torch.manual_seed(4)
    kind = {"threshold": 1.0, "current_decay": 0.25, "voltage_decay": 0.1, "norm": means}
    made, x = [cuba.Dense(kind, 10, 24, weight_scale=3, delay=True)], X
    if places:
        made, x = [cuba.Conv(kind, 2, 4, 3, padding=1, weight_scale=3, delay=True)], PLACES
        made += [cuba.Pool(kind, 2), cuba.Flatten()]
    module = nn.Sequential(*made, cuba.Dense(kind, 48 if places else 24, 5, weight_scale=3))
    module(x)  # it draws its delays, and learns its means
    module[0].delay.delay.data = 9 * torch.rand_like(module[0].delay.delay)
    check(module, x)
