"""Integers while training are those of an export."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from float_nets import dense, graph, lif
from models import tiny_model

from snnc.errors import LimitError
from snnc.exporter.finetune.rounding import starts_of
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.passes.quantise import quantise
from snnc.exporter.passes.quantise_graph import quantise_graph
from snnc.exporter.plan import plan_export
from snnc.targets.registry import load_target


def plan(network, bits, target="c", **options):
    return plan_export(network, ExportOptions(weight_bits=bits, **options), load_target(target))


def two_neurons():
    """Most weights of neuron 0 are small and one is large; those of neuron 1 are of one size."""
    row = [0.11, 0.12, -0.13, 0.1, 0.12, 0.13, -0.11, 0.1, 0.12, 0.11, 0.13, -0.12, 0.1, 0.12, 0.8]
    return graph(lif(2), dense(row, [0.3] * len(row)))


@pytest.mark.parametrize(("target", "per_neuron"), [("c", True), ("loihi", False)])
def test_a_graph_starts_as_it_is_exported_and_clipped(target, per_neuron):
    net = two_neurons()
    full, clipped = starts_of(net, plan(net, 3, target))
    assert full.graph is net
    assert full.integers(net) == quantise_graph(net, 3, per_neuron)
    assert full.finished(net) is net
    largest = np.abs(clipped.graph.projections[0].synapses.weights).max(axis=1)
    assert largest[0] < 0.8
    assert largest[1] == 0.3
    made = clipped.integers(clipped.graph).projections[0].synapses.weight
    assert np.count_nonzero(made[0]) > np.count_nonzero(full.integers(net).projections[0].synapses.weight[0])


def test_options_of_the_export_count():
    net = graph(lif(bias=0.123))
    first = starts_of(net, plan(net, 8, whole_bias=True))[0]
    assert first.integers(net).population("a").bias[0] % 64 == 0
    assert quantise_graph(net).population("a").bias[0] % 64


def test_a_chain_keeps_its_grids():
    chain = Discretise(None).run(tiny_model())
    for number, start in enumerate(starts_of(chain, plan(chain, 4))):
        made = start.integers(start.graph)
        if number == 0:
            assert made == quantise(chain, 4)
        finished = start.finished(start.graph)
        assert quantise(finished, 4) == made
        assert [each.scale for each in finished.layers] != [None] * len(finished.layers)
    assert number == 1


def test_a_finished_chain_goes_on_from_its_grid():
    chain = Discretise(None).run(tiny_model())
    first = starts_of(chain, plan(chain, 4))[0]
    finished = first.finished(first.graph)
    (again,) = starts_of(finished, plan(finished, 4))
    assert again.integers(again.graph) == first.integers(first.graph)


def test_what_has_no_integers_is_refused_as_by_the_export():
    adapting = {"keep_w": 0.5, "ka": 5.0, "kb": 0.0, "order": "new"}
    net = graph(replace(lif(), model="adlif", **adapting))
    with pytest.raises(LimitError, match="a, neuron 0: ka is 5, the contract"):
        starts_of(net, plan(net, 2))


def test_clipped_weights_make_integers_that_the_export_refuses():
    """A weight of two thresholds, and many small ones: in 2 bits, -1 .. 1, no grid holds all."""
    net = graph(lif(), dense([2.0] + [0.5] * 20))
    with pytest.raises(LimitError, match="threshold"):
        quantise_graph(net, 2)
    (start,) = starts_of(net, plan(net, 2))
    assert start.integers(start.graph).population("a").threshold.min() >= 1
    assert start.ends[0].tolist() == [[1.0]]  # a larger weight would take the threshold below one step
