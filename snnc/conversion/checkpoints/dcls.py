"""Synapses that DCLS places in time, as works evaluate them: whole positions, kernels of one tap."""

from __future__ import annotations

from typing import Any

import numpy as np

from snnc.conversion.checkpoints.state import State
from snnc.errors import InputError
from snnc.exporter.nir.lines import Lines

TAP = np.float32(1) / (np.float32(1) + np.float32(1e-7))
"""What DCLS makes of the one tap of a kernel, whose sum it divides by."""


def dcls_synapses(state: State, name: str, inputs: int | None, kernel: int, left: int) -> Lines:
    """The synapses of the `Dcls1d` called `name`; `left`: steps of padding before its input.

    It has `name`.weight [neurons, inputs, kernels] and `name`.P [1, neurons, inputs, kernels]; a position p
    is the delay left - kernel // 2 - round(p).

    Raises
    ------
    ModelFileError
        A position lies outside the kernel.
    InputError
        A delay is less than 0.
    """
    weight = state.tensor(f"{name}.weight", None, inputs, None)
    neurons, sources, _ = weight.shape
    position = np.rint(state.array(f"{name}.P", 1, *weight.shape)[0])
    half = kernel // 2
    if (far := np.abs(position).max()) > half:
        state.refuse(
            f"{name}.P holds {far:g}, positions of a kernel of {kernel} steps are {-half} .. {half}; is "
            "kernel_size right?"
        )
    line, source, number = np.nonzero(weight)
    delay = (left - half - position).astype(np.int64)[line, source, number]
    if delay.size and delay.min() < 0:
        raise InputError(
            f"{name}: with left_padding {left} a synapse hears its source {-delay.min()} steps before it "
            f"spikes; a kernel of {kernel} steps needs a left_padding of {kernel - 1}"
        )
    return _added_up(neurons, sources, line, source, weight[line, source, number] * TAP, delay)


def _added_up(lines: int, sources: int, line: Any, source: Any, weight: Any, delay: Any) -> Lines:
    """Synapses of one pair and one delay, which several kernels can place there, as one."""
    order = np.lexsort((delay, source, line))
    line, source, weight, delay = line[order], source[order], weight[order], delay[order]
    new = np.ones(len(line), np.bool_)
    new[1:] = (np.diff(line) != 0) | (np.diff(source) != 0) | (np.diff(delay) != 0)
    first = np.flatnonzero(new)
    total = np.add.reduceat(weight, first) if len(first) else weight
    return Lines(lines, sources, line[first], source[first], total.astype(np.float64), delay[first]).present
