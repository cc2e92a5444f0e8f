"""What changes from epoch to epoch, as pure functions of the epoch's number (0 is the first).

Pure functions rather than torch's stateful schedulers: a resumed run needs nothing but the epoch.
"""

import math

_DIVISOR, _FINAL_DIVISOR, _RISE = (
    25.0,
    1e4,
    0.3,
)  # of torch's OneCycleLR, which the published code uses as it is


def one_cycle(epoch: int, epochs: int, peak: float) -> float:
    """Learning rate of weights: peak / 25, up over 30 % of the epochs, down to peak / 250,000; cosines.

    Equals `torch.optim.lr_scheduler.OneCycleLR(max_lr=peak, total_steps=epochs)` stepped once an epoch,
    as in the published code, where it overrides the 1e-3 that the paper's table names. Its cycling of
    Adam's first moment is left out. One or two epochs are no cycle (torch's would end with hardly any
    learning): they have the peak.
    """
    if epochs < 3:
        return peak
    low, last = peak / _DIVISOR, peak / _DIVISOR / _FINAL_DIVISOR
    top = _RISE * epochs - 1
    if epoch <= top:
        return _cosine(low, peak, epoch / top if top > 0 else 1.0)
    return _cosine(peak, last, (epoch - top) / (epochs - 1 - top))


def cosine(epoch: int, epochs: int, start: float) -> float:
    """Learning rate of positions and of the fine-tune: from `start` to 0, the value of epoch `epochs`."""
    return _cosine(start, 0.0, epoch / epochs)


def sigma(epoch: int, epochs: int, first: float, last: float, fraction: float) -> float:
    """Width of the delay kernels: falls exponentially from `first` to `last` over `fraction` of the epochs.

    This is the paper's decay, of sigma. The published code decays DCLS's SIG = sigma - 0.27 instead, so
    its sigma starts 0.23 lower and takes other values in between.
    """
    if epoch >= fraction * epochs:
        return last  # exactly: the formula may miss it by a rounding error
    return first * (last / first) ** (epoch / (fraction * epochs))


def _cosine(start: float, end: float, progress: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2
