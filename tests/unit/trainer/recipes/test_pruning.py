"""Which synapses go, and when."""

import pytest
import torch
from order_task import config
from torch import nn

from snnc.trainer.convolution import ENGINES
from snnc.trainer.network import DelayedConnection
from snnc.trainer.recipes.pruning import Masks, count_left, drawn_synapses, prune, share_left


def test_the_schedule_is_cubic() -> None:
    """From 1 to 0.2 over epochs 10 to 30 of 40: 0.2 + 0.8 (1 - p)^3."""
    chosen = config(epochs=40, prune_to=0.2)
    for epoch, left in ((0, 1.0), (10, 1.0), (15, 0.5375), (20, 0.3), (25, 0.2125), (30, 0.2), (39, 0.2)):
        assert share_left(chosen, epoch) == pytest.approx(left, abs=1e-12)
    assert all(share_left(config(epochs=40), epoch) == 1 for epoch in range(40))


@pytest.mark.parametrize("epochs", [1, 2, 3, 5])
def test_the_last_epoch_has_no_more_than_it_may(epochs: int) -> None:
    assert share_left(config(epochs=epochs, prune_to=0.3), epochs - 1) == 0.3


def connection(weight: list[list[float]]) -> DelayedConnection:
    tensor = torch.tensor(weight)
    made = DelayedConnection(tensor.shape[1], len(tensor), 3, ENGINES["direct"])
    with torch.no_grad():
        made.weight.copy_(tensor)
    return made


def test_the_weakest_go_by_what_batch_norm_makes_of_them() -> None:
    """Gains are 1 / sqrt(4) and -3 / sqrt(1): strengths 0.5, 2, 1 and 0.6, 0.3, 1.5."""
    norm = nn.BatchNorm1d(2, eps=0.0)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([1.0, -3.0]))
        norm.running_var.copy_(torch.tensor([4.0, 1.0]))
    made = connection([[1.0, -4.0, 2.0], [0.2, 0.1, -0.5]])
    prune(made, norm, 4)
    torch.testing.assert_close(made.weight.detach(), torch.tensor([[0.0, -4.0, 2.0], [0.2, 0.0, -0.5]]))
    prune(made, norm, 2)
    torch.testing.assert_close(made.weight.detach(), torch.tensor([[0.0, -4.0, 0.0], [0.0, 0.0, -0.5]]))
    plain = connection([[1.0, -4.0, 2.0], [0.2, 0.1, -0.5]])
    prune(plain, None, 3)
    torch.testing.assert_close(plain.weight.detach(), torch.tensor([[1.0, -4.0, 2.0], [0.0, 0.0, 0.0]]))


def test_shares_are_of_the_synapses_that_were_drawn() -> None:
    made = connection([[1.0, 2.0, 3.0, 4.0]] * 5)
    assert drawn_synapses(config(), made.weight) == 20
    assert drawn_synapses(config(synapses_per_neuron=3), made.weight) == 15
    assert count_left(config(epochs=4, prune_to=0.25), made, 3) == 5
    assert count_left(config(epochs=4, prune_to=0.25, synapses_per_neuron=3), made, 3) == 4  # of 3.75
    assert count_left(config(epochs=4, prune_to=0.001), made, 3) == 1


def test_masks_outlast_the_momentum_of_adam() -> None:
    weight = torch.tensor([1.0, 2.0, 3.0])
    masks = Masks({"w": torch.tensor([1.0, 0.0, -1.0])})
    masks.apply({"w": weight})
    assert weight.tolist() == [1.0, 0.0, 3.0]
