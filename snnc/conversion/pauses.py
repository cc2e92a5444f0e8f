"""Neurons that keep silent for some steps after a spike, which those of the contract do not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]


def pause_of(spikes: Bools, wrong: Bools) -> int | None:
    """Silent steps after each spike of a module, if they alone make the first difference of each neuron.

    `spikes` of the module and where the network's are others, [N, T, neurons]. None if that is not so.
    """
    pause = shortest_pause(spikes)
    if pause is None:
        return None
    first = wrong & (np.cumsum(wrong, axis=1) == 1)
    for recording, step, neuron in np.argwhere(first):
        before = spikes[recording, max(0, step - pause) : step, neuron]
        if spikes[recording, step, neuron] or not before.any():
            return None
    return pause


def shortest_pause(spikes: Bools) -> int | None:
    """The fewest silent steps between two spikes of a neuron, [N, T, neurons]; None if there are none."""
    when = [np.flatnonzero(line) for line in spikes.swapaxes(1, 2).reshape(-1, spikes.shape[1])]
    apart = [int(np.diff(each).min()) for each in when if len(each) > 1]
    return min(apart) - 1 if apart and min(apart) > 1 else None
