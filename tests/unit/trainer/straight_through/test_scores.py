"""Scores of clause 7 in torch, by hand, and where their gradients go."""

from __future__ import annotations

import math

import pytest
import torch
from float_nets import graph as net
from float_nets import lif

from snnc.exporter.passes.quantise_graph import quantise_graph
from snnc.stages import FloatPopulation, Readout
from snnc.trainer.straight_through.scores import scores

V = [[1.0, 3.0], [2.0, -1.0], [4.0, 0.0]]
"""Of two neurons in three steps."""


def readout_graph(end=None):
    return quantise_graph(net(FloatPopulation("a", "li", 1, keep_u=0, keep_v=1, end=end), steps=3))


@pytest.mark.parametrize(
    ("decoder", "wanted"),
    [
        ("sum", [3.5, 1.0]),
        ("max", [2.0, 1.5]),
        ("last", [2.0, 0.0]),
        ("softmax", [1 / (1 + math.e) + 1 / (1 + math.exp(-1.5)) + 1 / (1 + math.exp(-2)), None]),
    ],
)
def test_scores_of_v(decoder, wanted):
    found = scores(readout_graph(), Readout("a", decoder, 0.5, ("x", "y")), torch.tensor([V]))[0].tolist()
    wanted[1] = 3 - wanted[0] if wanted[1] is None else wanted[1]
    assert found == pytest.approx(wanted)


def test_steps_from_the_end_on_do_not_count():
    readout = Readout("a", "sum", 1.0, ("x", "y"))
    assert scores(readout_graph(end=2), readout, torch.tensor([V])).tolist() == [[3.0, 2.0]]


def test_scores_of_spikes():
    """Neuron 0 spikes in steps 1 and 2, neuron 1 never."""
    graph = quantise_graph(net(lif(), steps=3))
    spikes = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [1.0, 0.0]]], requires_grad=True)
    assert scores(graph, Readout("a", "count", None, ("x", "y")), spikes).tolist() == [[2.0, 0.0]]
    first = scores(graph, Readout("a", "first", None, ("x", "y")), spikes)
    assert first.tolist() == [[2.0, 0.0]]
    first.sum().backward()
    # A spike in step 0 would be one step earlier; without that of step 1, step 2 has the first; one more
    # in the silent neuron would be worth the steps that are left.
    assert spikes.grad.tolist() == [[[1.0, 3.0], [1.0, 2.0], [0.0, 1.0]]]
