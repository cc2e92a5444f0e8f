"""How many synapses have each whole delay, before and after learning."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from order_task import config, order_task

from snnc.stages import TrainedGraph, TrainedModel
from snnc.stages.trained import MAX_STEPS
from snnc.trainer import variants
from snnc.trainer.delay_record import Delays, recorded
from snnc.trainer.loop import train
from snnc.trainer.metrics import delays_of, whole_delays


def test_synapses_by_delay_by_hand() -> None:
    """Positions count from the middle of the kernel, so 2, 0 and -1 of 5 steps are delays of 0, 2 and 3."""
    network = variants.build(config(hidden=[1], kernel_size=5), 4, 2)
    hidden = network.connections[0]
    with torch.no_grad():
        hidden.position.copy_(torch.tensor([[2.0, 0.2, -1.1, -2.0]]))
        hidden.weight.copy_(torch.tensor([[1.0, -1.0, 1.0, 0.0]]))  # the last is no synapse
    assert delays_of(network)["hidden1"] == {"taps": 5, "synapses": [1, 0, 1, 1]}
    assert delays_of(network)["readout"]["taps"] == 5


def test_what_moves_to_both_sides_leaves_the_histogram_and_is_told() -> None:
    """Delays of 0, 2, 3 and, of no synapse, 4 become 2, 0, 3 and 1."""
    network = variants.build(config(hidden=[1], kernel_size=5), 4, 2)
    hidden = network.connections[0]
    with torch.no_grad():
        hidden.position.copy_(torch.tensor([[2.0, 0.2, -1.1, -2.0]]))
        hidden.weight.copy_(torch.tensor([[1.0, -1.0, 1.0, 0.0]]))
        first = whole_delays(network)
        hidden.position.copy_(torch.tensor([[0.0, 2.0, -1.4, 1.0]]))
    row = delays_of(network, first)["hidden1"]
    assert row == {"taps": 5, "synapses": [1, 0, 1, 1], "moved": 4 / 3, "changed": 2 / 3}
    found = recorded({"delays": {"learned": {"hidden1": row}}}, "learned")["hidden1"]
    assert (found.moved, found.changed) == (4 / 3, 2 / 3)
    assert delays_of(network, first)["readout"]["moved"] == 0


@pytest.mark.parametrize("value", ["1", None, -1, float("nan"), 10**9, [2]])
def test_a_move_that_is_none_counts_as_unknown(value: Any) -> None:
    table = {"learned": {"a": {"taps": 3, "synapses": [1], "moved": value, "changed": 0.5}}}
    assert recorded({"delays": table}, "learned")["a"] == Delays(3, (1,), None, 0.5)


def test_a_mean_and_a_histogram() -> None:
    found = Delays(5, (1, 0, 1, 2))
    assert found.mean == (0 + 2 + 3 + 3) / 4
    assert found.histogram == {"x": [0, 2, 3], "y": [1, 1, 2]}
    assert Delays(5, ()).mean == 0


def test_a_chain_remembers_how_it_began() -> None:
    chosen = config(epochs=3, grow_delays=2, kernel_size=3, finetune_epochs=0, quantise_epochs=0)
    torch.manual_seed(chosen.seed)
    first = delays_of(variants.build(chosen, 6, 2))
    model = train(chosen, data=order_task(40))
    assert isinstance(model, TrainedModel)
    before, after = recorded(model.metrics, "initial"), recorded(model.metrics, "learned")
    assert {name: each.synapses for name, each in before.items()} == {
        name: tuple(row["synapses"]) for name, row in first.items()
    }
    assert {each.taps for each in before.values()} == {3}
    assert all(each.moved is None for each in before.values())
    assert all(0 < each.changed <= 1 and each.moved > 0 for each in after.values())
    assert [each.taps for each in after.values()] == [layer.kernel_size for layer in model.layers]
    assert [sum(each.synapses) for each in after.values()] == [
        int((x.weight != 0).sum()) for x in model.layers
    ]


def test_projections_have_their_names() -> None:
    model = train(config(epochs=1, recurrence="axon", finetune_epochs=0), data=order_task(40))
    assert isinstance(model, TrainedGraph)
    names = [each.name for each in model.graph.projections]
    assert "hidden1 -> hidden1" in names
    for when in ("initial", "learned"):
        assert sorted(recorded(model.metrics, when)) == sorted(names)
    loop = recorded(model.metrics, "learned")["hidden1 -> hidden1"]
    assert loop.synapses[0] == 0  # delays of recurrence are 1 and more


@pytest.mark.parametrize(
    "table",
    [
        None,
        3,
        {"initial": 3},
        {"initial": {"a": 3}},
        {"initial": {"a": {"taps": 3}}},
        {"initial": {"a": {"taps": "3", "synapses": [1]}}},
        {"initial": {"a": {"taps": 3, "synapses": [-1]}}},
        {"initial": {"a": {"taps": 3, "synapses": [True]}}},
        {"initial": {"a": {"taps": 3, "synapses": [1] * (MAX_STEPS + 3)}}},
        {"learned": {"a": {"taps": 3, "synapses": [1]}}},
    ],
)
def test_what_is_no_record_counts_as_none(table: Any) -> None:
    assert recorded({} if table is None else {"delays": table}, "initial") == {}
