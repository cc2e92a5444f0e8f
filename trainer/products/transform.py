"""The Fourier transforms of a delayed connection's signals, as matrices."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

Mix = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]

X: Mix = ((1, 1), (1, 0), (0, 1))
KERNEL: Mix = ((1, 0), (-1, 1), (1, 1))
Y: Mix = ((1, 1), (0, 1), (-1, 0))
"""What Gauss's products take of real and imaginary parts; of y, what it takes of the products."""


@dataclass(frozen=True, eq=False)
class Transform:
    """Of a signal [length, ...], the first values of a frame that counts from its middle.

    `cosine` [F, e] is for the even part of the frame, `sine` [F - 1, o] for its odd part: frequency 0 has no
    imaginary part. `mix`: the planes of a frequency as sums of its two parts.
    """

    cosine: Tensor
    sine: Tensor
    mix: Mix
    length: int

    @property
    def frame(self) -> int:
        return self.cosine.shape[1] + self.sine.shape[1]

    @property
    def planes(self) -> int:
        return len(self.cosine) + 2 * len(self.sine)


@lru_cache(maxsize=64)
def transforms(
    steps: int, taps: int, device: torch.device, dtype: torch.dtype
) -> tuple[Transform, Transform, Transform]:
    """Of x, of the kernel, and of y (that is, of its gradient, and back of y itself).

    The middle of a whole convolution is as late as those of x and kernel together; y is its beginning.
    """
    full = steps + taps - 1
    length = full | 1  # odd: about a middle between two steps, half of an even one is not real
    frequency = np.arange(length // 2 + 1)[:, None]
    share = np.where(frequency > 0, 2, 1) / length  # a complex frequency stands for its mirror too

    def transform(n: int, sign: int, factor: np.ndarray, mix: Mix, kept: int) -> Transform:
        angle = 2 * np.pi / length * (frequency * (np.arange(n - n // 2) + (0 if n % 2 else 0.5)) % length)
        cosine, sine = factor * np.cos(angle), (sign * factor * np.sin(angle))[1:, n % 2 :]
        with torch.inference_mode(False):  # kept for training too
            real, imaginary = (torch.tensor(each, device=device, dtype=dtype) for each in (cosine, sine))
        return Transform(real, imaginary, mix, kept)

    one = np.ones_like(share)
    return (
        transform(steps, -1, one, X, steps),
        transform(taps, 1, one, KERNEL, taps),  # the first tap has the longest delay
        transform(full, -1, share, Y, steps),
    )
