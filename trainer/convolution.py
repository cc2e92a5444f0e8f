"""Engines of the causal delayed connection: `y[t, b, i] = sum_j,n K[i, j, n] x[t - (T_d - 1 - n), b, j]`.

Tap n of a kernel is delay T_d - 1 - n, as DCLS's cross-correlation on an input left-padded by T_d - 1
has it. All layers share one T: nothing is padded on the right.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from scipy.fft import next_fast_len
from torch import Tensor

Engine = Callable[[Tensor, Tensor], Tensor]
"""(x [T, B, inputs], kernel [neurons, inputs, T_d]) -> [T, B, neurons], all float32."""


def direct(x: Tensor, kernel: Tensor) -> Tensor:
    """The definition: `conv1d` as in the published method."""
    padded = F.pad(x.permute(1, 2, 0), (kernel.shape[2] - 1, 0))
    return F.conv1d(padded, kernel).permute(2, 0, 1)


def fft(x: Tensor, kernel: Tensor) -> Tensor:
    """By the convolution theorem: one small matrix product a frequency instead of one a tap."""
    steps = x.shape[0]
    length = next_fast_len(steps + kernel.shape[2] - 1, real=True)
    impulse_response = kernel.flip(2).permute(2, 1, 0)  # [delay, inputs, neurons]
    spectrum = torch.bmm(
        torch.fft.rfft(x, n=length, dim=0), torch.fft.rfft(impulse_response, n=length, dim=0)
    )
    return torch.fft.irfft(spectrum, n=length, dim=0)[:steps]


ENGINES: Mapping[str, Engine] = {"fft": fft, "direct": direct}
