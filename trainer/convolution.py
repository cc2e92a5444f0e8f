"""Engines of the causal delayed connection: `y[t, b, i] = sum_j,n K[i, j, n] x[t - (T_d - 1 - n), b, j]`.

Tap n of a kernel is delay T_d - 1 - n, as DCLS's cross-correlation on an input left-padded by T_d - 1
has it. All layers share one T: nothing is padded on the right.
"""

from collections.abc import Callable, Mapping

import torch.nn.functional as F
from torch import Tensor

from snnc.trainer.dft_engine import dft

Engine = Callable[[Tensor, Tensor], Tensor]
"""(x [T, B, inputs], kernel [neurons, inputs, T_d]) -> [T, B, neurons], all float32."""


def direct(x: Tensor, kernel: Tensor) -> Tensor:
    """The definition: `conv1d` as in the published method."""
    padded = F.pad(x.permute(1, 2, 0), (kernel.shape[2] - 1, 0))
    return F.conv1d(padded, kernel).permute(2, 0, 1)


_FEW_TAPS = 4
"""Measured on a CPU: up to here `direct` is the faster, beyond `dft`, whatever the other sizes."""


def transforms_signals(engine: str, taps: int) -> bool:
    """Whether the engine of this name is `dft` for such kernels."""
    return engine == "fft" or (engine == "auto" and taps > _FEW_TAPS)


def auto(x: Tensor, kernel: Tensor) -> Tensor:
    """The faster of the two for this kernel."""
    return dft(x, kernel) if transforms_signals("auto", kernel.shape[2]) else direct(x, kernel)


ENGINES: Mapping[str, Engine] = {"auto": auto, "fft": dft, "direct": direct}
