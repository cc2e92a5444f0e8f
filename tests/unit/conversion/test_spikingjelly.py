"""Modules with neurons of SpikingJelly, beyond those of `test_convert.py`, give every one of their spikes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spikingjelly.activation_based import functional, layer, neuron
from torch import nn
from torch_networks import Loop, events, same_spikes, settled

from snnc.conversion.convert import from_torch
from snnc.errors import InputError
from snnc.exporter.float_reference import run_float


def check(module, x, layout="TNC"):
    functional.reset_net(module)
    network = from_torch(module, x, dt=0.01, layout=layout)
    functional.reset_net(module)
    same_spikes(module, x, network.graph, (neuron.BaseNode,))
    functional.reset_net(module)
    assert all(each.different == each.through == 0 for each in network.agreement)
    return network


@pytest.mark.parametrize("decode", [None, "mean-mem", "max-mem", "last_mem"])
@pytest.mark.parametrize("leaky", [False, True])
def test_readouts_without_spikes(decode, leaky):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(
                layer.Linear(6, 16, step_mode="m"),
                neuron.IFNode(step_mode="m"),
                layer.Linear(16, 3, step_mode="m"),
            )
            self.out = (
                neuron.NonSpikingLIFNode(4.0, decode=decode) if leaky else neuron.NonSpikingIFNode(decode)
            )

        def forward(self, x):
            found = self.out(self.net(x))
            return torch.stack(found) if isinstance(found, list) else found

    torch.manual_seed(1)
    module, x = Net(), events(15, 4, 6, share=0.6)
    network = check(module, x)
    (readout,) = network.graph.readouts
    decoder = {None: "sum", "mean-mem": "sum", "max-mem": "max", "last_mem": "last"}[decode]
    assert (readout.population, readout.decoder) == ("out", decoder)
    assert network.agreement[-1].population == "out"
    theirs = torch.no_grad()(module)(x)
    theirs = (theirs.sum(0) if decode is None else theirs).numpy()
    for number in range(4):
        v = run_float(network.graph, x[:, number].numpy().astype(np.int64))["out"].v * readout.scale
        scores = {"sum": v.sum(0), "max": v.max(0), "last": v[-1]}[decoder]
        np.testing.assert_allclose(scores, theirs[number], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("v_reset", [None, 0.0])
def test_neurons_with_a_current(v_reset):
    torch.manual_seed(2)
    fc = nn.Linear(6, 16)
    lif = neuron.CUBALIFNode(c_decay=0.6, v_decay=0.8, v_threshold=0.7, v_reset=v_reset)
    graph = check(Loop(nn.Sequential(fc, lif)), events(20, 3, 6)).graph
    assert (graph.population("step.1").keep_u == 0.6).all()


def test_containers_for_all_steps():
    torch.manual_seed(3)
    module = settled(
        nn.Sequential(
            layer.SeqToANNContainer(nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)),
            layer.MultiStepContainer(neuron.LIFNode(2.0, decay_input=False)),
            layer.SeqToANNContainer(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(16, 5)),
            layer.StepModeContainer(True, "m", neuron.IFNode(v_threshold=0.3)),
        ),
        4,
    )
    graph = check(module, events(9, 2, 2, 4, 4), "TNCHW").graph
    assert [each.name for each in graph.populations] == ["input", "1.0", "3.0"]


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (neuron.QIFNode(), r"1 \(QIFNode\): its equation is none of the contract's\nUse IFNode"),
        (neuron.EIFNode(), r"1 \(EIFNode\)"),
        (neuron.PSN(5), r"1 \(PSN\)"),
        (neuron.LIAFNode(torch.relu, True), r"1 \(LIAFNode\)"),
        (neuron.CUBALIFNode(v_reset=0.1), r"v_reset is 0\.1, and v decays to 0"),
        (
            neuron.SimpleIFNode(v_reset=-0.3),
            r"1 \(SimpleIFNode\): v starts at 0\.0, and a spike resets it to -0\.3.*\nTrain with v_reset=0",
        ),
        (neuron.NonSpikingIFNode("max-abs-mem"), "'max-abs-mem' is no decoder"),
        (
            layer.SynapseFilter(),
            r"SynapseFilter\): it decays only where.*\nLeave it out",
        ),
    ],
)
def test_what_the_contract_lacks(module, said):
    with pytest.raises(InputError, match=said):
        from_torch(Loop(nn.Sequential(nn.Linear(4, 3), module)), events(5, 2, 4), dt=0.01)


def test_all_steps_of_simple_neurons():
    torch.manual_seed(2)
    module = nn.Sequential(nn.Linear(6, 16), neuron.SimpleIFNode(v_threshold=0.5, step_mode="m"))
    (found,) = from_torch(module, events(9, 3, 6), dt=0.01).agreement
    assert found.spikes
    assert found.different == found.through == 0


class Chunks(nn.Module):
    """Time in chunks, in one loop or by hand, after whose first one neurons go on."""

    def __init__(self, call):
        super().__init__()
        torch.manual_seed(3)
        self.call, self.fc, self.lif = call, nn.Linear(8, 12), neuron.IFNode(step_mode="m")
        with torch.no_grad():
            self.fc.weight.mul_(3)

    def forward(self, x):
        return self.call(self.lif, self.fc, x)


def in_chunks(lif, fc, x, of=5):
    return torch.cat([lif(fc(part)) for part in x.split(of)])


@pytest.mark.parametrize(
    ("call", "steps"),
    [
        (in_chunks, "5 .. 9"),
        (lambda lif, fc, x: in_chunks(lif, lambda part: part, fc(x)), "5 .. 9"),
        (lambda lif, fc, x: torch.cat([lif(fc(x[:7])), lif(fc(x[7:]))]), "7 .. 14"),
    ],
)
def test_time_in_chunks(call, steps):
    """The neurons go on where the chunk before has ended; trained so, they are called once in evaluation."""
    module, x = Chunks(call), events(15, 3, 8)
    with pytest.raises(InputError) as told:
        from_torch(module, x, dt=1e-3)
    assert told.value.args == (
        f"lif: a call is given steps {steps} of input alone; neurons of the contract begin in the first step",
        "Call it once, with all steps: time in chunks, as for truncated backpropagation, is for training (if "
        "self.training)",
    )

    def trained(lif, fc, x):
        return call(lif, fc, x) if lif.training else lif(fc(x))

    for instead in (trained, lambda lif, fc, x: in_chunks(lif, fc, x, len(x))):
        network = from_torch(Chunks(instead), x, dt=1e-3)
        assert all(each.different == each.through == 0 and each.spikes for each in network.agreement)


def test_neurons_of_two_layers_are_no_chunks():
    module = Chunks(lambda lif, fc, x: lif(lif(fc(x))))
    with pytest.raises(
        InputError, match=r"lif: is called twice, each time with all steps; use neurons of its"
    ):
        from_torch(module, events(15, 3, 8), dt=1e-3)
