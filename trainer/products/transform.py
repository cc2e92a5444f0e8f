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
    """Of a signal [length, ...], the first values of a frame that counts from the step in its middle.

    The frame has c steps on either side of its middle. `cosine` [N / 2 + 1, c + 1] is for its even part, from
    the middle outwards; `sine` [N / 2 - 1, c] for its odd part: the first and the last frequency have no
    imaginary part. `mix`: the planes of the others as sums of their two parts.
    """

    cosine: Tensor
    sine: Tensor
    mix: Mix
    length: int

    @property
    def planes(self) -> int:
        return 2 + 3 * len(self.sine)


@lru_cache(maxsize=256)
def transforms(
    x_steps: int, taps: int, steps: int, device: torch.device, dtype: torch.dtype
) -> tuple[Transform, Transform, Transform]:
    """Of `x_steps` of x, of the kernel, and of `steps` of y (that is, of its gradient, and back of y itself).

    y is the beginning of the whole convolution, x_steps + taps - 1 steps, whose middle is as late as those of
    x and kernel together.
    """
    # Even: then cosines and sines of f and N / 2 - f are alike. Nothing wraps around onto the steps of y.
    length = x_steps + taps - 1
    length += length % 2
    half = length // 2
    frequency = np.arange(half + 1)[:, None]
    share = np.where(frequency % half > 0, 2, 1) / length  # a complex frequency stands for its mirror too

    def transform(middle: int, sign: int, factor: np.ndarray | int, mix: Mix, kept: int) -> Transform:
        angle = 2 * np.pi / length * (frequency * np.arange(middle + 1) % length)
        cosine, sine = factor * np.cos(angle), (sign * factor * np.sin(angle))[1:-1, 1:]
        with torch.inference_mode(False):  # kept for training too
            real, imaginary = (torch.tensor(each, device=device, dtype=dtype) for each in (cosine, sine))
        return Transform(real, imaginary, mix, kept)

    middle = taps // 2
    # At least half of y is before its own middle.
    x_middle = max(x_steps // 2, steps // 2 - (taps - 1 - middle))
    return (
        transform(x_middle, -1, 1, X, x_steps),
        transform(middle, 1, 1, KERNEL, taps),  # the first tap has the longest delay
        transform(x_middle + taps - 1 - middle, -1, share, Y, steps),
    )
