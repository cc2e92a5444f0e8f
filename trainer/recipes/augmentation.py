"""Augmentation of training recordings: other recordings that a speaker might have made.

Everything is drawn for a whole batch from the generator of the epoch, so a resumed run repeats an
uninterrupted one, and several processes draw what one would. What is off draws nothing.

- Blending: two recordings of a class become one, after Nowotny, Turner and Knight (2022, arXiv:2212.01232):
  their centres of mass are laid on each other, and each bin comes from either with the probability 1/2.
- Masks: one in time and one over input lines, as SpecAugment (Park et al., Interspeech 2019,
  arXiv:1904.08779).
- A warp of the input lines, after vocal tract length perturbation (Jaitly and Hinton, ICML workshop 2013): a
  line takes the events of the line that lies at a common factor of its distance from a place which is drawn.
- Noise: events in bins that have none, at a rate which is drawn for each recording.
- Mixing: mixup (Zhang et al., ICLR 2018, arXiv:1710.09412) of binary frames. The share s of a recording is
  uniform; each bin comes from it with the probability s, and from the other recording otherwise. So the
  expectation is mixup's sum. EventMix (Shen et al. 2022, arXiv:2205.12054) also chooses the recording by a
  mask, but of large connected parts.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.trainer.config import TrainConfig

Frames = npt.NDArray[np.uint8]
"""[B, T, lines] of 0 and 1."""
_SHARES = 256
"""Values that a random byte has: shares of a mixture are whole numbers of 1 / 256."""


def stretch(config: TrainConfig, count: int, rng: np.random.Generator) -> npt.NDArray[np.float64] | None:
    """Factors [B] of the times of `count` recordings, log-uniform; None without `time_warp`."""
    if not config.time_warp:
        return None
    end = math.log1p(config.time_warp)
    return np.exp(rng.uniform(-end, end, count))


def augment(frames: Frames, config: TrainConfig, rng: np.random.Generator) -> Frames:
    """Shift each recording in time and across lines, warp its lines, add noise, delete events and mask parts.

    Classes stay. What leaves the frame is gone. The result has the same shape.
    """
    batch = len(frames)
    if config.time_shift or config.channel_shift:
        late = rng.integers(0, config.time_shift + 1, (batch, 1))
        up = rng.integers(-config.channel_shift, config.channel_shift + 1, (batch, 1))
        frames = _shifted(frames, late.ravel().tolist(), up.ravel().tolist())
    if config.channel_warp:
        frames = _warped(frames, config.channel_warp, rng)
    if config.event_noise:
        rate = rng.uniform(0, config.event_noise, (batch, 1, 1))
        frames = frames | (rng.random(frames.shape, np.float32) < rate)
    if config.event_dropout:
        frames = frames * (rng.random(frames.shape, np.float32) >= config.event_dropout)
    if config.time_mask:  # within the recording, not in the silence behind it
        kept = _unmasked(_last_steps(frames), frames.shape[1], config.time_mask, rng)
        frames = frames * kept[:, :, None]
    if config.channel_mask:
        lines = frames.shape[2]
        kept = _unmasked(np.full(batch, lines), lines, config.channel_mask, rng)
        frames = frames * kept[:, None, :]
    return frames


def blended(
    frames: Frames, labels: npt.NDArray[np.int64], config: TrainConfig, rng: np.random.Generator
) -> Frames:
    """The share `config.blend` of recordings blended with others of their class [B] in the batch.

    The other one moves in time by whole steps, so that the mean times of their events are equal up to half a
    step. What leaves the frame is gone. A recording without a second of its class, or without an event, or
    with one that has none, stays.
    """
    if not config.blend:
        return frames
    chosen = np.flatnonzero(rng.random(len(frames)) < config.blend)
    other = _same_class(labels, rng)[chosen]
    counts = frames.sum(axis=2, dtype=np.int64)
    total = counts.sum(axis=1)
    centre = (counts @ np.arange(frames.shape[1])) / np.maximum(total, 1)
    heard = (other != chosen) & (total[other] > 0) & (total[chosen] > 0)
    chosen, other = chosen[heard], other[heard]
    late = np.rint(centre[chosen] - centre[other]).astype(np.int64)
    moved = _shifted(frames[other], late.tolist(), [0] * len(other))
    bits = np.frombuffer(rng.bytes(-(-moved.size // 8)), np.uint8)
    own = np.unpackbits(bits)[: moved.size].reshape(moved.shape).astype(bool)
    result = frames.copy()
    result[chosen] = np.where(own, frames[chosen], moved)
    return result


def mixed(
    frames: Frames, labels: npt.NDArray[np.int64], config: TrainConfig, classes: int, rng: np.random.Generator
) -> tuple[Frames, npt.NDArray[np.int64] | npt.NDArray[np.float32]]:
    """The share `config.mix` of recordings mixed with others of the batch.

    Labels [B] become probabilities [B, classes], in which the classes have the shares of their recordings;
    without `mix` nothing changes.
    """
    if not config.mix:
        return frames, labels
    batch = np.arange(len(frames))
    chosen = batch[rng.random(len(frames)) < config.mix]
    other = rng.permutation(len(frames))[chosen]
    own = rng.integers(0, _SHARES, len(chosen), np.uint8)
    drawn = np.frombuffer(rng.bytes(len(chosen) * frames[0].size), np.uint8).reshape(-1, *frames.shape[1:])
    result = frames.copy()
    result[chosen] = np.where(drawn < own[:, None, None], frames[chosen], frames[other])
    share = np.ones(len(frames), np.float32)
    share[chosen] = own / np.float32(_SHARES)
    probability = np.zeros((len(frames), classes), np.float32)
    probability[batch, labels] = share
    probability[chosen, labels[other]] += 1 - share[chosen]
    return result, probability


def _shifted(frames: Frames, late: Sequence[int], up: Sequence[int]) -> Frames:
    """Each of `frames` so many steps later and lines up; its parts are copied whole."""
    _, steps, channels = frames.shape
    shifted = np.zeros_like(frames)
    for to, of, later, higher in zip(shifted, frames, late, up, strict=True):
        first, last = max(higher, 0), channels + min(higher, 0)
        begin, end = max(later, 0), steps + min(later, 0)
        if begin < end and first < last:
            to[begin:end, first:last] = of[begin - later : end - later, first - higher : last - higher]
    return shifted


def _warped(frames: Frames, most: float, rng: np.random.Generator) -> Frames:
    """Each of `frames` with its lines further apart or closer together, by up to 1 + `most`, log-uniform."""
    batch, _, lines = frames.shape
    end = math.log1p(most)
    factor = np.exp(rng.uniform(-end, end, (batch, 1)))
    centre = rng.uniform(0, lines, (batch, 1))
    source = np.rint(centre + (np.arange(lines) - centre) * factor).astype(np.int64)
    inside = (source >= 0) & (source < lines)
    taken = np.take_along_axis(frames, np.where(inside, source, 0)[:, None, :], axis=2)
    return taken * inside[:, None, :]


def _same_class(labels: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """[B]: for each recording another of its class, the next in a ring in random order; itself if alone."""
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    following = np.arange(1, len(labels) + 1)
    following[np.append(starts[1:], len(labels)) - 1] = starts  # the last of a class leads to its first
    other = np.empty_like(order)
    other[order] = order[following]
    return other


def _last_steps(frames: Frames) -> npt.NDArray[np.int64]:
    """[B]: the steps up to the last event; 0 without events."""
    active = frames.max(axis=2) != 0
    last = active.shape[1] - active[:, ::-1].argmax(axis=1)
    return np.where(active.any(axis=1), last, 0)


def _unmasked(
    used: npt.NDArray[Any], size: int, most: int, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """[B, size]: False in 0 .. `most` places in a row, which lie within the first `used` [B] ones."""
    width = np.minimum(rng.integers(0, most + 1, len(used)), used)
    first = np.floor(rng.random(len(used)) * (used - width + 1))[:, None]
    place = np.arange(size)
    return (place < first) | (place >= first + width[:, None])
