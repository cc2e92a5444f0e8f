"""Loss and schedules of the phases, by hand."""

import math

import numpy as np
import pytest
import torch

from snnc.trainer import phases
from snnc.trainer.loss import class_scores, cross_entropy


def test_scores_and_loss_by_hand() -> None:
    # Two steps, one sample, two classes. Softmax of (0, ln 3) is (1/4, 3/4); of (0, 0) is (1/2, 1/2).
    potential = torch.tensor([[[0.0, math.log(3.0)]], [[0.0, 0.0]]])
    np.testing.assert_allclose(class_scores(potential), [[0.75, 1.25]], rtol=1e-6)
    # Then softmax of the sums (0.75, 1.25): p(class 0) = 1 / (1 + e^0.5).
    np.testing.assert_allclose(
        cross_entropy(potential, torch.tensor([0])), math.log(1 + math.exp(0.5)), rtol=1e-6
    )
    np.testing.assert_allclose(
        cross_entropy(potential, torch.tensor([1])), math.log(1 + math.exp(-0.5)), rtol=1e-6
    )


def test_loss_of_mixed_and_smoothed_labels() -> None:
    """p(class 0) = 1 / (1 + e^0.5), as above; the loss of probabilities q is -sum q log p."""
    potential = torch.tensor([[[0.0, math.log(3.0)]], [[0.0, 0.0]]])
    losses = math.log(1 + math.exp(0.5)), math.log(1 + math.exp(-0.5))
    for loss, share, smoothing in ((0.25, 0.25, 0.0), (0.3, 0.25, 0.2), (0.5, 0.0, 1.0)):
        q = torch.tensor([[share, 1 - share]])
        wanted = loss * losses[0] + (1 - loss) * losses[1]
        np.testing.assert_allclose(
            cross_entropy(potential, q, smoothing=smoothing), wanted, rtol=1e-6
        )  # a label has (1 - smoothing) q + smoothing / 2
    hard = cross_entropy(potential, torch.tensor([0]), smoothing=0.2)
    np.testing.assert_allclose(hard, 0.9 * losses[0] + 0.1 * losses[1], rtol=1e-6)
    for over_time, potentials in (("mean", [0, math.log(3) / 2]), ("max", [0, math.log(3)])):
        logs = -np.log(np.exp(potentials) / np.exp(potentials).sum())
        found = cross_entropy(potential, torch.tensor([0]), over_time, smoothing=0.2)
        np.testing.assert_allclose(found, 0.9 * logs[0] + 0.1 * logs[1], rtol=1e-6)


def test_one_cycle_is_torchs() -> None:
    for epochs in (3, 4, 10, 50):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-3)
        reference = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=epochs)
        for epoch in range(epochs):
            assert phases.one_cycle(epoch, epochs, 5e-3) == pytest.approx(
                reference.get_last_lr()[0], rel=1e-6
            )
            optimizer.step()
            if epoch < epochs - 1:
                reference.step()


def test_very_short_runs_learn_at_the_peak() -> None:
    rates = [phases.one_cycle(epoch, epochs, 5e-3) for epochs in (1, 2) for epoch in range(epochs)]
    assert rates == [5e-3] * 3


def test_cosine_by_hand() -> None:
    values = [phases.cosine(epoch, 4, 0.1) for epoch in range(4)]
    expected = [0.1, 0.05 * (1 + math.sqrt(0.5)), 0.05, 0.05 * (1 - math.sqrt(0.5))]
    assert values == pytest.approx(expected)


def test_sigma_falls_exponentially_over_a_quarter() -> None:
    # 8 to 0.5 is 16-fold; over 40 * 0.25 = 10 epochs: 5 epochs give a factor 4.
    values = [phases.sigma(epoch, 40, 8.0, 0.5, 0.25) for epoch in (0, 5, 10, 11, 39)]
    assert values == pytest.approx([8.0, 2.0, 0.5, 0.5, 0.5])


@pytest.mark.parametrize(("first", "last"), [(11.0, 0.4), (7.0, 0.9), (22.0, 0.8), (12.0, 0.5)])
def test_sigma_ends_exactly_at_its_last_value(first: float, last: float) -> None:
    """Epochs are selectable only at the final width; a rounding error would rule all of them out."""
    assert [phases.sigma(epoch, 8, first, last, 0.25) for epoch in range(2, 8)] == [last] * 6
