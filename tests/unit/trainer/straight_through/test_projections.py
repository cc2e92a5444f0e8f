"""Gradients of weights, and of spikes that were sent, against sums over single synapses."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from snnc.stages import FloatMatrix, Projection
from snnc.stages.float_synapses import FloatConvolution, FloatList
from snnc.trainer.integer_projection import IntegerProjection
from snnc.trainer.straight_through import projections
from snnc.trainer.straight_through.projections import ProjectionBack, Weights

STEPS, SAMPLES = 6, 3


def matrix():
    weight = np.array([[0.5, 0.0, -1.0], [2.0, 1.0, 0.25]])
    return FloatMatrix(weight, np.array([[0, 0, 2], [5, 6, 1]]))


def synapse_list():
    """Two synapses lead from line 0 to neuron 1."""
    return FloatList(
        np.array([0, 0, 2]), np.array([1, 1, 0]), np.array([1.0, -2.0, 3.0]), np.array([1, 3, 0]), 3, 2
    )


def convolution():
    """From one channel of 1 x 3 to two of 1 x 2; one element of the kernel is none."""
    kernel = np.array([[[[1.0, 2.0]]], [[[0.0, -3.0]]]])
    return FloatConvolution(kernel, np.array([[[[0, 1]]], [[[0, 4]]]]), (1, 1, 3))


CASES = {
    # for each stored weight: its index, and the (line, neuron, delay) of its synapses
    matrix: {
        (0, 0): [(0, 0, 0)],
        (0, 2): [(2, 0, 2)],
        (1, 0): [(0, 1, 5)],
        (1, 1): [(1, 1, 6)],
        (1, 2): [(2, 1, 1)],
    },
    synapse_list: {(0,): [(0, 1, 1)], (1,): [(0, 1, 3)], (2,): [(2, 0, 0)]},
    convolution: {
        (0, 0, 0, 0): [(0, 0, 0), (1, 1, 0)],
        (0, 0, 0, 1): [(1, 0, 1), (2, 1, 1)],
        (1, 0, 0, 1): [(1, 2, 4), (2, 3, 4)],
    },
}


def signals(lines: int, neurons: int):
    rng = np.random.default_rng(3)
    sent = rng.integers(0, 2, (STEPS, SAMPLES, lines)).astype(np.float32)
    return sent, rng.normal(size=(STEPS, SAMPLES, neurons)).astype(np.float32)


@pytest.mark.parametrize("pairs", [0, 1000])
@pytest.mark.parametrize("make", CASES)
def test_each_weight_has_the_sum_over_its_synapses(make, pairs, monkeypatch):
    """By pairs of neurons and by single synapses."""
    monkeypatch.setattr(projections, "DENSE", pairs)
    monkeypatch.setattr(projections, "PART", 20)
    synapses = make()
    sent, arriving = signals(synapses.pre_neurons, synapses.post_neurons)
    wanted = np.zeros(synapses.weights.shape)
    for index, places in CASES[make].items():
        for line, neuron, delay in places:
            for t in range(delay, STEPS):
                wanted[index] += (sent[t - delay, :, line] * arriving[t, :, neuron]).sum()
    found = Weights(synapses, STEPS).gradient(torch.tensor(sent), torch.tensor(arriving))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize(("first", "last"), [(0, STEPS), (0, 2), (2, 5), (5, 6)])
@pytest.mark.parametrize("make", CASES)
def test_spikes_get_what_their_synapses_deliver(make, first, last):
    synapses = make()
    whole = Projection("a", "b", synapses.rounded((synapses.weights * 4).astype(np.int32)), weight_exp=1)
    sent, arriving = signals(synapses.pre_neurons, synapses.post_neurons)
    wanted = np.zeros(sent.shape)
    for index, places in CASES[make].items():
        for line, neuron, delay in places:
            for t in range(max(first, delay), last):
                wanted[t - delay, :, line] += 8 * synapses.weights[index] * arriving[t, :, neuron]
    found = torch.zeros(sent.shape)
    back = ProjectionBack(IntegerProjection(whole, STEPS, torch.device("cpu")))
    back.deliver(torch.tensor(arriving[first:last]), first, found)
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-4)
