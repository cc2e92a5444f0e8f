"""What firing costs and how it is counted, by hand."""

import pytest
import torch
from order_task import config

from snnc.quantisation import full_range
from snnc.trainer.network import DelayNetwork, build_network
from snnc.trainer.quantised import quantised_network
from snnc.trainer.recipes.activity import Watch, counted, synapses, watched


def test_the_cost_by_hand() -> None:
    """Three steps, two recordings, neurons with 5 and 1 synapses: at most 3 * 6 = 18 operations each."""
    spikes = torch.tensor([[[1.0, 1], [0, 0]], [[1, 0], [0, 1]], [[0, 1], [0, 0]]], requires_grad=True)
    watch = Watch(received=[(spikes, torch.tensor([5.0, 1.0]))])
    # Recording 0: 2 spikes of 5 and 2 of 1 are 12 operations, 2/3; recording 1: 1 operation, 1/18.
    assert watch.cost(0.0).item() == pytest.approx(((2 / 3) ** 2 + (1 / 18) ** 2) / 2)
    cost = watch.cost(0.1)  # the second recording has less
    assert cost.item() == pytest.approx((2 / 3 - 0.1) ** 2 / 2)
    cost.backward()
    # d/ds of (a - 0.1)^2 / 2 with a = sum s fan-out / 18: (a - 0.1) fan-out / 18.
    wanted = torch.zeros(3, 2, 2)
    wanted[:, 0] = (2 / 3 - 0.1) * torch.tensor([5.0, 1.0]) / 18
    torch.testing.assert_close(spikes.grad, wanted)


def network() -> DelayNetwork:
    """6 lines, layers of 4 and 3 neurons, 2 classes; neuron 0 of the second layer has lost a class."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = build_network(config(hidden=[4, 3], dropout=0.0), 6, 2)
    with torch.no_grad():
        made.readout.connection.weight[0, 0] = 0
    return made.eval()


def test_a_watch_sees_each_forward_pass_alone() -> None:
    made = network()
    with watched(made) as watch:
        for recordings in (5, 2):
            x = torch.ones(7, recordings, 6)
            out = made(x)
            ((events, fan_out),) = watch.events
            assert events is x
            assert fan_out.tolist() == [4.0] * 6
            (first, second) = watch.received
            assert first[0].shape == (7, recordings, 4)
            assert first[1].tolist() == [3.0] * 4
            assert second[0].shape == (7, recordings, 3)
            assert second[1].tolist() == [1.0, 2.0, 2.0]
            told = (second[0], out)
    torch.testing.assert_close(made.readout(told[0]), told[1])
    made(torch.ones(7, 3, 6))
    assert len(watch.received) == 2
    assert watch.received[0][0].shape[1] == 2  # nobody watches any more


@torch.no_grad()
@pytest.mark.parametrize("integers", [False, True])
def test_what_is_counted(integers: bool) -> None:
    made = network()
    x = (torch.rand(9, 8, 6, generator=torch.Generator().manual_seed(3)) < 0.4).float()
    if integers:
        made.round_positions()
    active = quantised_network(made, 8, full_range) if integers else made
    active.eval()
    with counted(active) as count:
        for part in x.split(3, dim=1):
            active(part)
    signals, layers = [x], active.layers[:2] if integers else active.hidden
    for layer in layers:
        signals.append(layer(signals[-1]))
    assert count.recordings == 8
    assert count.places == 9 * 8 * 7
    assert count.spikes == sum(float(signal.sum()) for signal in signals[1:]) > 0
    weights = synapses(active)
    operations = sum(
        int((signal.sum((0, 1)) * (weight != 0).sum(0)).sum())
        for signal, weight in zip(signals, weights, strict=True)
    )
    assert count.operations == operations
    assert (weights[0] == weights[0].round()).all() == integers
