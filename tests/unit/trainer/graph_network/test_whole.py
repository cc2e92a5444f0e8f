"""The graph of a network with whole delays, run in float64, does what the network does in evaluation."""

from itertools import product

import numpy as np
import pytest
import torch
from order_task import config

from snnc.exporter.float_reference import run_float
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.graph_network.whole import positions_of, whole_graph
from snnc.trainer.variants import build

STEPS, INPUTS, CLASSES = 40, 10, ("a", "b", "c", "d")


def drawn(**fields):
    """A network whose batch norm has seen events, and amplifies so that many neurons fire."""
    chosen = config(hidden=[12, 9, 8], **fields)
    torch.manual_seed(1)
    network = build(chosen, INPUTS, len(CLASSES))
    assert isinstance(network, GraphNetwork)
    events = (torch.rand(STEPS, 3, INPUTS) < 0.3).float()
    network.train()
    for _ in range(20):
        network(events)
    with torch.no_grad():
        for each in network.members:
            if each.norm is not None:
                each.norm.weight.mul_(1 if fields.get("neuron", "lif") == "lif" else 6)
                each.norm.bias.uniform_(-0.3, 0.8)
            if each.bias is not None:
                each.bias.uniform_(-0.3, 0.5)
    return chosen, network.eval(), events


CASES = [
    {"reset": "subtract"},
    {"recurrence": "axon", "learn_thresholds": True},
    {"recurrence": "synapse", "recurrent_kernel_size": 5, "delays_of": "axon", "skips": True},
    {"readout": "spiking", "learn_time_constants": True, "reset": "subtract"},
    {"delays_of": "none", "recurrence": "axon", "readout_tau": 1.0, "biases": True, "kernel": "triangle"},
    {"convolutions": ["3x4/2", "2x3"], "learn_thresholds": True, "biases": True, "reset": "subtract"},
    {"neuron": "se-adlif", "recurrence": "synapse", "delays": "none", "biases": True, "batch_norm": False},
    *(
        {"neuron": neuron, "recurrence": recurrence, "reset": reset, "skips": True}
        for neuron, (recurrence, reset) in product(
            ("adlif", "silif"), [("none", None), ("axon", "zero"), ("synapse", None)]
        )
    ),
    {"neuron": "silif", "readout": "spiking", "batch_norm": False, "delays": "none", "recurrence": "axon"},
]


@pytest.mark.parametrize("fields", CASES, ids=lambda each: "-".join(map(str, each.values())))
def test_the_graph_computes_what_the_network_does(fields):
    chosen, network, events = drawn(**fields)
    with torch.no_grad():
        signals = network.signals(events, rounded=True)
    graph = whole_graph(network, chosen.decoder, CLASSES, STEPS, 0.01)
    fired = 0
    for sample in range(3):
        trace = run_float(graph, events[:, sample].numpy())
        for name, of in trace.items():
            told = signals[name][:, sample].numpy()
            if name == "readout" and chosen.readout == "integrator":
                np.testing.assert_allclose(of.v, told, atol=2e-4 * max(1, np.abs(told).max()))
            else:
                assert np.array_equal(of.spikes, told)
                fired += int(told.sum()) if name != "input" else 0
    assert fired > 60 or chosen.delays == "none"


def test_positions_are_the_delays_before_they_are_rounded():
    _, network, _ = drawn(recurrence="axon", kernel_size=7, recurrent_kernel_size=5)
    found = positions_of(network)
    graph = whole_graph(network, "softmax", CLASSES, STEPS, 0.01)
    assert set(found["hidden2"]) == {"hidden1", "hidden2"}
    for each in graph.projections:
        learned = found[each.destination][each.source]
        rows = 1 if each.source == each.destination else len(each.synapses.weight)
        assert learned.shape == (rows, each.synapses.pre_neurons)
        assert np.abs(np.where(each.synapses.weight != 0, each.synapses.delay - learned, 0)).max() <= 0.5
        shortest, longest = (1, 5) if each.source == each.destination else (0, 6)
        assert shortest <= each.synapses.delay.min() < each.synapses.max_delay <= longest


@pytest.mark.parametrize(
    ("readout", "loss", "decoder"),
    [("integrator", "sum", "softmax"), ("integrator", "mean", "sum"), ("integrator", "max", "max")],
)
def test_the_loss_says_how_the_graph_is_decoded(readout, loss, decoder):
    assert config(readout=readout, loss=loss, skips=True, hidden=[3, 3]).decoder == decoder


def test_skips_lead_over_a_layer_and_from_the_input_everywhere():
    _, network, _ = drawn(skips=True)
    ways = {each.name: set(each.ways) for each in network.members}
    assert ways == {
        "hidden1": {"input"},
        "hidden2": {"hidden1", "input"},
        "hidden3": {"hidden2", "hidden1", "input"},
        "readout": {"hidden3", "hidden2"},
    }
