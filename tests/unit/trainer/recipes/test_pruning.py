"""Which synapses go, and when."""

import pytest
import torch
from order_task import config

from snnc.trainer.optimizers import Adam
from snnc.trainer.recipes.pruning import Masks, count_left, drawn_synapses, prune, share_left


def test_the_schedule_is_cubic() -> None:
    """From 1 to 0.2 over epochs 5 to 25 of 40: 0.2 + 0.8 (1 - p)^3."""
    chosen = config(epochs=40, prune_to=0.2)
    for epoch, left in ((0, 1.0), (5, 1.0), (10, 0.5375), (15, 0.3), (20, 0.2125), (25, 0.2), (39, 0.2)):
        assert share_left(chosen, epoch) == pytest.approx(left, abs=1e-12)
    assert all(share_left(config(epochs=40), epoch) == 1 for epoch in range(40))


@pytest.mark.parametrize("epochs", [1, 2, 3, 5])
def test_the_last_epoch_has_no_more_than_it_may(epochs: int) -> None:
    assert share_left(config(epochs=epochs, prune_to=0.3), epochs - 1) == 0.3


def after_a_step(weights: list[torch.Tensor], gradients: list[torch.Tensor]) -> Adam:
    """Adam that has seen these gradients once, so that it keeps 0.001 of their squares; weights stay."""
    optimizer = Adam(weights, lr=0.0)
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient
    optimizer.step()
    return optimizer


def test_what_matters_least_goes_from_all_layers_together() -> None:
    """Weights times gradients are 1, 4, 2 and 0.6, 0.3, 1.5 (of both signs), squared."""
    first, second = torch.tensor([[1.0, -4.0, 2.0]]), torch.tensor([[0.2], [0.1], [-0.5]])
    optimizer = after_a_step([first, second], [torch.ones(1, 3), torch.full((3, 1), -3.0)])
    prune([first, second], optimizer, 4)
    torch.testing.assert_close(first, torch.tensor([[1.0, -4.0, 2.0]]))
    torch.testing.assert_close(second, torch.tensor([[0.0], [0.0], [-0.5]]))
    prune([first, second], optimizer, 2)  # the first layer has both, and the second keeps its last
    torch.testing.assert_close(first, torch.tensor([[0.0, -4.0, 2.0]]))
    torch.testing.assert_close(second, torch.tensor([[0.0], [0.0], [-0.5]]))


def test_without_a_step_the_smallest_weights_go() -> None:
    weight = torch.tensor([[1.0, -4.0, 2.0], [0.2, 0.1, -0.5]])
    prune([weight], Adam([weight]), 3)
    torch.testing.assert_close(weight, torch.tensor([[1.0, -4.0, 2.0], [0.0, 0.0, 0.0]]))


def test_shares_are_of_the_synapses_that_were_drawn() -> None:
    weights = [torch.ones(5, 4), torch.ones(2, 5)]
    assert drawn_synapses(config(), weights[0]) == 20
    assert drawn_synapses(config(synapses_per_neuron=3), weights[0]) == 15
    assert count_left(config(epochs=4, prune_to=0.25), weights, 3) == 8  # of 7.5
    assert count_left(config(epochs=4, prune_to=0.25, synapses_per_neuron=3), weights, 3) == 6  # of 5.25


def test_masks_outlast_the_momentum_of_adam() -> None:
    weight = torch.tensor([1.0, 2.0, 3.0])
    masks = Masks({"w": torch.tensor([1.0, 0.0, -1.0])})
    masks.apply({"w": weight})
    assert weight.tolist() == [1.0, 0.0, 3.0]
