"""Loss, schedules of the phases, and augmentation, by hand."""

import math

import numpy as np
import pytest
import torch

from snnc.trainer import phases
from snnc.trainer.config import TrainConfig, load_config
from snnc.trainer.epoch import augment
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


def config(**changes: float) -> TrainConfig:
    quiet = {"time_shift": 0, "channel_shift": 0, "event_dropout": 0.0}
    return load_config("digits", quiet | changes)


def test_no_augmentation_leaves_frames_alone() -> None:
    frames = np.eye(4, dtype=np.uint8)[None]
    assert np.array_equal(augment(frames, config(), np.random.default_rng(0)), frames)


def test_shifts_move_a_recording_as_a_whole() -> None:
    frames = np.zeros((200, 6, 7), np.uint8)
    frames[:, 1, 3] = frames[:, 2, 4] = 1
    shifted = augment(frames, config(time_shift=2, channel_shift=1), np.random.default_rng(0))
    assert shifted.dtype == np.uint8
    seen = set()
    for recording in shifted:
        (t1, c1), (t2, c2) = np.argwhere(recording).tolist()
        assert (t2 - t1, c2 - c1) == (1, 1)
        seen.add((t1 - 1, c1 - 3))
    assert seen == {(late, up) for late in (0, 1, 2) for up in (-1, 0, 1)}


def test_what_leaves_the_frame_does_not_come_back_elsewhere() -> None:
    frames = np.ones((50, 3, 3), np.uint8)
    shifted = augment(frames, config(time_shift=1, channel_shift=1), np.random.default_rng(0))
    assert {int(recording.sum()) for recording in shifted} == {9, 6, 4}  # none, one or both sides cut


def test_a_shift_beyond_the_frame_leaves_nothing() -> None:
    frames = np.ones((100, 3, 2), np.uint8)
    later = augment(frames, config(time_shift=5), np.random.default_rng(0)).sum(axis=(1, 2))
    assert set(later.tolist()) == {6, 4, 2, 0}  # 2 channels of 3, 2, 1 or no steps
    higher = augment(frames, config(channel_shift=3), np.random.default_rng(0)).sum(axis=(1, 2))
    assert set(higher.tolist()) == {6, 3, 0}  # 3 steps of 2, 1 or no channels


def test_event_dropout_only_deletes() -> None:
    frames = (np.random.default_rng(0).random((20, 50, 50)) < 0.5).astype(np.uint8)
    kept = augment(frames, config(event_dropout=0.3), np.random.default_rng(1))
    assert not (kept > frames).any()
    assert kept.sum() / frames.sum() == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize(("first", "last"), [(11.0, 0.4), (7.0, 0.9), (22.0, 0.8), (12.0, 0.5)])
def test_sigma_ends_exactly_at_its_last_value(first: float, last: float) -> None:
    """Epochs are selectable only at the final width; a rounding error would rule all of them out."""
    assert [phases.sigma(epoch, 8, first, last, 0.25) for epoch in range(2, 8)] == [last] * 6
