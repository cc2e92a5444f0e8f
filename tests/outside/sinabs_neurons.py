"""Modules with neurons of sinabs become graphs that give every one of their spikes.

`tests/unit/conversion/test_foreign.py` runs these tests where sinabs can be imported.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sinabs import activation, layers
from torch import nn
from torch_networks import events, recordings_first, same_spikes, settled

from snnc.conversion.convert import from_torch
from snnc.errors import InputError
from snnc.exporter.float_reference import run_float

SINGLE = {"spike_fn": activation.SingleSpike}
ZERO = {"reset_fn": activation.MembraneReset()}


def threshold(value):
    return {"spike_threshold": torch.tensor(value)}


def check(module, x, kinds, order=recordings_first):
    network = from_torch(module, x, dt=1e-3, layout="NTCHW"[: x.ndim])
    for each in module.modules():
        if hasattr(each, "reset_states"):
            each.reset_states()
    steps = x.shape[1]
    of_calls = lambda array: array.reshape(len(x), steps, -1)  # noqa: E731
    same_spikes(module, x, network.graph, kinds, order, of_calls)
    assert all(each.different == each.through == 0 for each in network.agreement)
    return network


NEURONS = {
    "LIF": lambda: layers.LIF(tau_mem=20.0, **SINGLE, **threshold(0.05)),
    "LIF with times of its own": lambda: layers.LIF(
        tau_mem=torch.linspace(5, 40, 16), tau_syn=torch.linspace(2, 9, 16), **SINGLE, **threshold(0.2)
    ),
    "LIF without norm_input": lambda: layers.LIF(tau_mem=10.0, norm_input=False, **SINGLE, **ZERO),
    "LIF that subtracts another": lambda: layers.LIF(
        tau_mem=10.0,
        norm_input=False,
        reset_fn=activation.MembraneSubtract(0.7),
        train_alphas=True,
        tau_syn=4.0,
        **SINGLE,
    ),
    "IAF": lambda: layers.IAF(**SINGLE, **threshold(1.5)),
    "IAF with a current": lambda: layers.IAF(tau_syn=3.0, spike_fn=activation.MaxSpike(1), **ZERO),
}


@pytest.mark.parametrize("neurons", NEURONS)
def test_neurons_before_a_readout(neurons):
    torch.manual_seed(1)
    module = nn.Sequential(
        nn.Linear(10, 16), NEURONS[neurons](), nn.Linear(16, 4), layers.ExpLeak(tau_mem=15.0)
    )
    x = events(3, 30, 10)
    network = check(module, x, (layers.LIF,))
    assert [(each.population, each.decoder) for each in network.graph.readouts] == [("3", "sum")]
    for each in module.modules():
        if hasattr(each, "reset_states"):
            each.reset_states()
    membrane = torch.no_grad()(module)(x)[0].numpy()
    ours = run_float(network.graph, x[0].numpy().astype(np.int64))["3"].v
    np.testing.assert_allclose(ours, membrane, atol=1e-4)


@pytest.mark.parametrize("batch", [1, 3])
def test_recordings_and_steps_in_one_dimension(batch):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = settled(
                nn.Sequential(
                    layers.FlattenTime(),
                    nn.Conv2d(2, 4, 3, padding=1, bias=False),
                    nn.BatchNorm2d(4),
                    layers.IAFSqueeze(batch_size=batch, **SINGLE, **threshold(0.5)),
                    nn.AvgPool2d(2),
                    nn.Conv2d(4, 4, 3, bias=False),
                    layers.LIFSqueeze(tau_mem=20.0, num_timesteps=9, **SINGLE, **ZERO, **threshold(0.005)),
                    nn.Flatten(),
                    nn.Linear(4, 3),
                    layers.IAFSqueeze(batch_size=batch, **SINGLE, **threshold(0.3)),
                    layers.UnflattenTime(batch),
                ),
                4,
            )

        def forward(self, x):
            return self.net(x)

    torch.manual_seed(2)
    network = check(Net(), events(batch, 9, 2, 6, 6, share=0.6), (layers.LIF,))
    assert [(each.population, each.decoder) for each in network.graph.readouts] == [("net.9", "count")]


def test_recurrent_neurons():
    torch.manual_seed(3)
    recurrent = nn.Linear(12, 12, bias=False)
    module = nn.Sequential(
        nn.Linear(6, 12),
        layers.LIFRecurrent(
            tau_mem=10.0, rec_connect=recurrent, norm_input=False, **SINGLE, **threshold(0.6)
        ),
    )
    network = check(module, events(4, 20, 6), (layers.LIF,))
    own = next(each for each in network.graph.projections if each.source == each.destination)
    found = own.synapses.as_list()
    weight = recurrent.weight.detach().numpy()
    assert found.delay.tolist() == [1] * weight.size
    np.testing.assert_array_equal(found.weight, weight[found.post, found.pre])


@pytest.mark.parametrize(
    ("neurons", "said"),
    [
        (lambda: layers.LIF(tau_mem=9.0), r"1 \(LIF\): spike_fn MultiSpike sends several.*\n.*SingleSpike"),
        (lambda: layers.IAF(spike_fn=activation.MaxSpike(3)), "spike_fn MaxSpike"),
        (lambda: layers.IAF(min_v_mem=-1.0, **SINGLE), "min_v_mem -1 cuts v_mem off"),
        (
            lambda: layers.IAF(reset_fn=activation.MembraneReset(0.5), **SINGLE),
            "in every step, to all neurons",
        ),
        (
            lambda: layers.LIFRecurrent(tau_mem=9.0, rec_connect=nn.Linear(5, 5), **SINGLE),
            r"rec_connect is Linear\(",
        ),
        (lambda: layers.ALIF(tau_mem=9.0, tau_adapt=9.0), r"1 \(ALIF\): its equation is not converted"),
    ],
)
def test_neurons_that_the_contract_lacks(neurons, said):
    with pytest.raises(InputError, match=said):
        from_torch(nn.Sequential(nn.Linear(4, 5), neurons()), events(2, 5, 4), dt=1e-3, layout="NTC")


def test_time_stands_behind_the_recordings():
    module = nn.Sequential(nn.Linear(4, 5), layers.IAF(**SINGLE))
    with pytest.raises(InputError, match="takes time along dimension 1"):
        from_torch(module, events(5, 2, 4), dt=1e-3)
