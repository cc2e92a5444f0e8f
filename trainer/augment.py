"""Random changes of training recordings that leave their class alone."""

import numpy as np
from numpy.typing import NDArray

from snnc.trainer.config import TrainConfig


def augment(frames: NDArray[np.uint8], config: TrainConfig, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Shift each recording in time and across channels and delete events, as `config` says.

    Parameters
    ----------
    frames : [B, T, channels] uint8; the result has the same shape. What leaves the frame is gone.
    """
    batch, steps, channels = frames.shape
    if config.time_shift or config.channel_shift:
        late = rng.integers(0, config.time_shift + 1, (batch, 1))
        up = rng.integers(-config.channel_shift, config.channel_shift + 1, (batch, 1))
        step = np.arange(steps) - late
        channel = np.arange(channels) - up
        inside = (step >= 0)[:, :, None] & ((channel >= 0) & (channel < channels))[:, None, :]
        row = np.arange(batch)[:, None, None]
        frames = frames[row, step[:, :, None], (channel % channels)[:, None, :]] * inside
    if config.event_dropout:
        frames = frames * (rng.random(frames.shape, np.float32) >= config.event_dropout)
    return frames
