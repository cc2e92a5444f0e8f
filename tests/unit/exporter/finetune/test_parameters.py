"""What moves, and in which units."""

from __future__ import annotations

import numpy as np
import torch
from float_nets import dense, graph, lif

from snnc.exporter.finetune.parameters import Parameters
from snnc.trainer.straight_through.back import Gradients


def net(**of_neurons):
    """Neuron 0 hears line 0 with 0.5 and line 1 with -2; neuron 1 hears line 1 with 4."""
    return graph(lif(2, **of_neurons), dense([0.5, -2.0], [0.0, 4.0], delay=1))


def weights(of) -> list[list[float]]:
    return of.projections[0].synapses.weights.tolist()


def test_nothing_moves_before_the_first_step():
    start = net(bias=[0.1, 0.2])
    assert Parameters(start).graph() == start


def test_a_move_is_a_share_of_the_largest_weight_into_the_neuron():
    parameters = Parameters(net(bias=[0.1, 0.2], input_bias=[0.0, 0.0]))
    assert len(parameters.tensors) == 2  # no input bias, as there is none
    for each in parameters.tensors:
        each += 0.25
    moved = parameters.graph()
    assert weights(moved) == [[1.0, -1.5], [0.0, 5.0]]
    assert moved.population("a").bias.tolist() == [0.1 + 0.5, 0.2 + 1.0]
    assert moved.population("a").threshold.tolist() == [1.0, 1.0]
    assert moved.projections[0].synapses.delay.tolist() == [[1, 1], [0, 1]]


def test_weights_stay_within_their_ends():
    parameters = Parameters(net(), [np.array([[0.25], [2.5]])])
    parameters.keep_within_ends()
    assert weights(parameters.graph()) == [[0.25, -0.25], [0.0, 2.5]]


def test_gradients_are_those_of_synapses_and_biases():
    parameters = Parameters(net(bias=[0.1, 0.2]))
    sent = torch.zeros(6, 1, 2)
    arriving, charged = torch.zeros(2, 6, 1, 2)
    sent[2, 0, 1] = 1.0  # arrives in step 3
    arriving[3, 0] = torch.tensor([5.0, 7.0])
    charged[:2, 0, 1] = 3.0
    parameters.clear()
    for _ in range(2):
        parameters.add(Gradients({"in": sent}, {"a": arriving / 2}, {"a": charged / 2}))
    of_weights, of_bias = (each.grad.numpy() for each in parameters.tensors)
    np.testing.assert_array_equal(of_weights, [[0, 5], [0, 7]])
    np.testing.assert_array_equal(of_bias, [0, 6])
