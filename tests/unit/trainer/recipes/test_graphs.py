"""Recipes of networks that are no chains."""

from pathlib import Path

import numpy as np
import pytest
import torch
from order_task import config, order_task

from snnc.stages import TrainedGraph
from snnc.trainer.graph_network.build import build_graph
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.loop import train
from snnc.trainer.metrics import EpochMetrics
from snnc.trainer.optimizers import weight_optimizer
from snnc.trainer.recipes.activity import counted
from snnc.trainer.recipes.course import Course
from snnc.trainer.recipes.growing import change_of_size

ALL = {
    "epochs": 4,
    "sigma_fraction": 0.3,
    "kernel_size": 3,
    "finetune_epochs": 1,
    "weight_averaging": 0.8,
    "activity_cost": 2.0,
    "prune_to": 0.5,
    "grow_delays": 2,
    "mix": 0.3,
    "label_smoothing": 0.1,
}
KINDS = [
    {"neuron": "adlif", "recurrence": "synapse", "readout": "spiking"},
    {"recurrence": "axon", "delays_of": "axon", "hidden": [6, 5], "skips": True},
    {"convolutions": ["4x3"], "hidden": [5]},
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_with_all_recipes_resumes(tmp_path: Path, kind: dict[str, object]) -> None:
    chosen, data = config(**ALL, **kind), order_task(80)
    whole = train(chosen, data=data)
    assert isinstance(whole, TrainedGraph)
    history = whole.metrics["history"]
    assert [row["synapses"] for row in history[-2:]] == pytest.approx([0.5, 0.5], abs=0.02)
    assert all(row["operations"] > 0 and "kernels" in row for row in history)
    sizes: list[tuple[int, int]] = []
    for each in whole.graph.projections:
        weights = each.synapses.weights
        sizes.append((np.count_nonzero(weights), weights.size))
    left, drawn = (sum(column) for column in zip(*sizes, strict=True))
    assert left == -(-drawn // 2)
    for stop in (3, 5):
        file = tmp_path / f"{stop}.checkpoint"

        def interrupt(metrics: EpochMetrics, stop: int = stop) -> None:
            if metrics.epoch + 1 == stop:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(chosen, data=data, checkpoint=file, progress=interrupt)
        resumed = train(chosen, data=data, checkpoint=file, resume=True)
        assert isinstance(resumed, TrainedGraph)
        assert dict(resumed.metrics) == dict(whole.metrics)
        for found, wanted in zip(resumed.graph.projections, whole.graph.projections, strict=True):
            np.testing.assert_array_equal(found.synapses.weights, wanted.synapses.weights)


def network(**fields: object) -> GraphNetwork:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_graph(config(**fields), 6, 2).eval()


@torch.no_grad()
def test_loops_are_counted() -> None:
    """Each spike of the 10 neurons goes to 2 classes and, but for one lost synapse, back to all 10."""
    made = network(neuron="adlif", recurrence="synapse", dropout=0.0)
    loop = made.members[0].loop
    assert loop is not None
    made.connections[0].weight.abs_()
    loop.weight[3, 4] = 0
    x = (torch.rand(12, 5, 6, generator=torch.Generator().manual_seed(1)) < 0.5).float()
    with counted(made) as count:
        signals = made(x)
    assert signals.shape == (12, 5, 2)
    spikes = made.signals(x)[made.members[0].name]
    assert count.spikes == float(spikes.sum()) > 0
    assert count.places == 12 * 5 * 10
    lost = float(spikes[:, :, 4].sum())
    assert count.operations == float(x.sum()) * 10 + count.spikes * 12 - lost


def test_axons_grow_by_the_weight_behind_them() -> None:
    """Two of six lines have the longest delay, 4: a third of the weight, or nearly none of it."""
    made = network(delays_of="axon", kernel_size=5)
    way = made.connections[0]
    with torch.no_grad():
        way.position.copy_(2 - torch.tensor([[4.0, 4.0, 0.0, 1.0, 2.0, 3.0]]))
        way.weight.fill_(1.0)
        assert change_of_size(way, 2, 99) == 2
        way.weight[:, :2] = 0.01
        assert change_of_size(way, 2, 99) == 0


def test_connections_without_delays_do_not_grow() -> None:
    chosen = config(recurrence="axon", delays_of="none", grow_delays=2, sigma_schedule="constant")
    network = build_graph(chosen, 6, 2)
    loop = network.members[0].loop
    assert loop is not None
    with torch.no_grad():
        loop.position.fill_(-3)  # the longest delay
    Course(chosen, network, 40).begin(network, 0, 1, weight_optimizer(network, chosen))
    sizes = {name: way.kernel_size for name, way in network.named_connections()}
    assert sizes == {"hidden1.input": 1, "hidden1.hidden1": 9, "readout.hidden1": 1}
