"""Augmentation of training recordings, by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from order_task import config as order_config
from order_task import order_task

from snnc.trainer.config import TrainConfig, load_config
from snnc.trainer.epoch import Feed
from snnc.trainer.recipes.augmentation import augment, blended, mixed, stretch
from snnc.trainer.worker import Worker


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


def test_a_warp_is_as_often_faster_as_slower() -> None:
    factors = stretch(config(time_warp=0.25), 4000, np.random.default_rng(0))
    assert factors is not None
    assert factors.min() == pytest.approx(1 / 1.25, rel=1e-3)
    assert factors.max() == pytest.approx(1.25, rel=1e-3)
    assert np.log(factors).mean() == pytest.approx(0, abs=0.01)
    assert np.log(factors).std() == pytest.approx(math.log(1.25) / math.sqrt(3), rel=0.03)  # uniform
    assert stretch(config(), 4000, np.random.default_rng(0)) is None


RUNS = {(first, width) for width in range(1, 4) for first in range(7 - width)}
"""First place and width of each run of 1 to 3 among 6."""


def test_a_time_mask_lies_within_the_recording() -> None:
    frames = np.zeros((2000, 9, 2), np.uint8)
    frames[:, :6] = 1
    masked = augment(frames, config(time_mask=3), np.random.default_rng(0))
    assert masked.dtype == np.uint8
    assert not masked[:, 6:].any()
    assert np.array_equal(masked[..., 0], masked[..., 1])
    assert runs_of_zeros(masked[:, :6, 0]) == RUNS | {None}


def test_a_channel_mask() -> None:
    frames = np.ones((2000, 3, 6), np.uint8)
    masked = augment(frames, config(channel_mask=3), np.random.default_rng(0))
    assert (masked == masked[:, :1]).all()
    assert runs_of_zeros(masked[:, 0]) == RUNS | {None}


def runs_of_zeros(rows: np.ndarray) -> set[tuple[int, int] | None]:
    """First place and width of what is 0 in each row, which is one run; None where nothing is."""
    seen = set[tuple[int, int] | None]()
    for row in rows:
        (places,) = np.nonzero(row == 0)
        assert places.tolist() == list(range(*(places[[0, -1]] + [0, 1]))) if len(places) else True
        seen.add((int(places[0]), len(places)) if len(places) else None)
    return seen


def test_masks_longer_than_a_recording_silence_it() -> None:
    frames = np.zeros((50, 8, 2), np.uint8)
    frames[::2, 1] = 1  # every other one has no event
    left = augment(frames, config(time_mask=7), np.random.default_rng(0)).sum(axis=(1, 2))
    assert set(left[::2].tolist()) == {0, 2}
    assert not left[1::2].any()


def test_a_warp_of_lines_takes_other_lines_in_order() -> None:
    """Step k of the frames tells bit k of each line's number, which counts from 1; 0 is no line."""
    lines = 140
    number = np.arange(1, lines + 1)
    frames = np.tile(number >> np.arange(8)[:, None] & 1, (4000, 1, 1)).astype(np.uint8)
    warped = augment(frames, config(channel_warp=0.25), np.random.default_rng(0))
    assert warped.shape == frames.shape
    assert warped.dtype == np.uint8
    source = (warped.astype(np.int64) << np.arange(8)[:, None]).sum(axis=1)
    factors, fixed = [], []
    for row in source:
        inside = np.flatnonzero(row)
        first, last = inside[0], inside[-1]
        assert (row[first : last + 1] > 0).all()  # what is silent lies at the ends
        steps = np.diff(row[first : last + 1])
        assert set(steps.tolist()) <= ({0, 1} if steps.min() == 0 else {1, 2})
        factors.append((row[last] - row[first]) / (last - first))
        fixed.append(np.abs(row - number)[inside].min())
    assert max(fixed) <= 1  # the place about which lines move
    logs = np.log(factors)
    assert logs.min() == pytest.approx(-math.log(1.25), abs=0.02)
    assert logs.max() == pytest.approx(math.log(1.25), abs=0.02)
    assert logs.mean() == pytest.approx(0, abs=0.02)
    assert logs.std() == pytest.approx(math.log(1.25) / math.sqrt(3), rel=0.05)  # uniform


def test_noise_adds_events_at_a_rate_of_each_recording() -> None:
    frames = np.zeros((400, 50, 40), np.uint8)
    frames[:, :, ::4] = 1
    noisy = augment(frames, config(event_noise=0.1), np.random.default_rng(0))
    assert noisy.dtype == np.uint8
    assert noisy.max() == 1
    assert noisy[:, :, ::4].all()  # no event is lost
    rates = np.delete(noisy, np.s_[::4], axis=2).mean(axis=(1, 2))
    assert rates.mean() == pytest.approx(0.05, rel=0.1)
    assert rates.std() == pytest.approx(0.1 / math.sqrt(12), rel=0.1)  # uniform from 0
    assert rates.max() < 0.12


def test_each_bin_of_a_mixture_is_of_one_of_two_recordings() -> None:
    """Recording i has events on line i alone, in all steps; its class is i % 3."""
    count, steps = 60, 2000
    frames = np.zeros((count, steps, count), np.uint8)
    frames[np.arange(count), :, np.arange(count)] = 1
    labels = np.arange(count) % 3
    found, weights = mixed(frames, labels, config(mix=1.0), 3, np.random.default_rng(0))
    assert weights.shape == (60, 3)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    shares = []
    for number, (recording, weight) in enumerate(zip(found, weights, strict=True)):
        lines = set(np.flatnonzero(recording.any(axis=0)).tolist())
        others = lines - {number}
        assert len(others) <= 1
        share = recording[:, number].mean()  # of this recording's events
        shares.append(share)
        if others:
            (other,) = others
            assert share + recording[:, other].mean() == pytest.approx(1, abs=0.06)  # both are thinned
            wanted = np.zeros(3)
            wanted[number % 3] += share
            wanted[other % 3] += 1 - share
            np.testing.assert_allclose(weight, wanted, atol=0.05)
    assert 0.35 < np.mean(shares) < 0.65
    assert max(shares) - min(shares) > 0.9
    assert frames.sum() == count * steps  # what was given is left alone


def test_a_share_of_recordings_is_mixed() -> None:
    frames = np.random.default_rng(0).integers(0, 2, (1000, 5, 4), np.uint8)
    labels = np.arange(1000) % 2
    found, weights = mixed(frames, labels, config(mix=0.3), 2, np.random.default_rng(1))
    changed = (found != frames).any(axis=(1, 2))
    assert changed.mean() == pytest.approx(0.3, abs=0.05)
    np.testing.assert_array_equal(weights[~changed].argmax(axis=1), labels[~changed])
    same, whole = mixed(frames, labels, config(), 2, np.random.default_rng(1))
    assert same is frames
    assert whole is labels


ALL = {"time_warp": 0.2, "time_mask": 3, "channel_mask": 2, "mix": 0.5, "time_shift": 1, "channel_shift": 1}
ALL |= {"channel_warp": 0.2, "event_noise": 0.1}


def feed(rank: int = 0, processes: int = 1, **changes: object) -> Feed:
    fabric = SimpleNamespace(global_rank=rank, world_size=processes) if processes > 1 else None
    return Feed(order_task(40), order_config(**(ALL | changes)), 14, Worker(fabric=fabric))


def test_processes_draw_what_one_would() -> None:
    which = np.arange(31)
    x, labels = feed().batch(which, np.random.default_rng(3))
    parts = [feed(rank, 3).batch(which, np.random.default_rng(3)) for rank in range(3)]
    assert torch.equal(x, torch.cat([part for part, _ in parts], dim=1))
    assert torch.equal(labels, torch.cat([part for _, part in parts]))
    assert labels.shape == (31, 2)


def test_a_warped_batch_moves_events() -> None:
    """The recordings of the task have events in steps 0 to 7; with bins of a tick nothing falls together."""
    fine = {"bin_s": 1e-3, "time_warp": 0.5, "mix": 0, "time_mask": 0, "channel_mask": 0, "event_dropout": 0}
    quiet = fine | {"time_shift": 0, "channel_shift": 0}
    warped = Feed(order_task(40), order_config(**quiet), 200)
    x, labels = warped.batch(np.arange(40), np.random.default_rng(0))
    plain, _ = warped.batch(np.arange(40))
    factors = stretch(warped.config, 40, np.random.default_rng(0))
    assert factors is not None
    for number, factor in enumerate(factors):
        times, lines = (t.numpy() for t in torch.nonzero(plain[:, number], as_tuple=True))
        moved = torch.zeros(200, 6)
        moved[np.floor(times * factor + 1e-9).astype(int), lines] = 1
        assert torch.equal(x[:, number], moved)
    assert labels.tolist() == order_task(40).labels.tolist()


def test_what_is_off_draws_nothing() -> None:
    """So a run without augmentation has the numbers of earlier releases."""
    rng = np.random.default_rng(5)
    feed(event_dropout=0, **dict.fromkeys(ALL, 0)).batch(np.arange(4), rng)
    assert rng.integers(1 << 62) == np.random.default_rng(5).integers(1 << 62)


def test_a_blend_is_of_two_recordings_of_a_class_with_equal_centres() -> None:
    """Recording i has events on line i alone, in steps 10 + i % 7 and 14 + i % 7; its class is i % 3."""
    count = 60
    labels = np.arange(count) % 3
    frames = np.zeros((count, 40, count), np.uint8)
    first = 10 + np.arange(count) % 7
    frames[np.arange(count), first, np.arange(count)] = 1
    frames[np.arange(count), first + 4, np.arange(count)] = 1
    found = blended(frames, labels, config(blend=1.0), np.random.default_rng(0))
    assert found.dtype == np.uint8
    own = others = 0
    partners = set[int]()
    for number, recording in enumerate(found):
        steps, lines = np.nonzero(recording)
        assert set(steps.tolist()) <= {first[number], first[number] + 4}  # its own, or moved onto its own
        foreign = set(lines.tolist()) - {number}
        assert len(foreign) <= 1
        assert all(labels[line] == labels[number] for line in foreign)
        partners |= foreign
        own += int((lines == number).sum())
        others += int((lines != number).sum())
    assert own / (2 * count) == pytest.approx(0.5, abs=0.1)
    assert others / (2 * count) == pytest.approx(0.5, abs=0.1)
    assert len(partners) > 30  # each recording is the other one of exactly one; half of 3/4 has an event left


def test_the_share_that_is_blended() -> None:
    frames = np.zeros((2000, 3, 2), np.uint8)
    frames[np.arange(2000), 1, np.arange(2000) % 2] = 1
    found = blended(frames, np.zeros(2000, int), config(blend=0.3), np.random.default_rng(0))
    # Of those blended, half have a partner on the other line; then 3 of 4 draws change what is seen.
    assert (found != frames).any(axis=(1, 2)).mean() == pytest.approx(0.3 * (0.5 * 0.75), abs=0.03)
    assert blended(frames, np.zeros(2000, int), config(), np.random.default_rng(0)) is frames


def test_what_cannot_be_blended_stays() -> None:
    """A class with one recording; one without an event; a partner that would leave the frame is cut."""
    frames = np.zeros((3, 5, 2), np.uint8)
    frames[0, 2, 0] = frames[1, 3, 1] = 1
    found = blended(frames, np.array([0, 1, 1]), config(blend=1.0), np.random.default_rng(0))
    assert np.array_equal(found, frames)
