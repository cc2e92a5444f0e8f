"""Synapses that DCLS places in time, as works evaluate them: whole positions, kernels of one tap."""

from __future__ import annotations

from typing import Any

import numpy as np

from snnc.conversion.checkpoints.state import FloatArray, State
from snnc.errors import InputError
from snnc.exporter.nir.lines import IntArray, Lines

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
    later = _delays(state, name, weight.shape, kernel, left)
    line, source, number = np.nonzero(weight)
    delay = later[line, source, number]
    _check_causal(name, delay, kernel, left)
    return _added_up(neurons, sources, line, source, weight[line, source, number] * TAP, delay)


def no_width(state: State, name: str) -> None:
    """Take `name`.SIG, of the shape of the positions, for the 0 that works set it to in evaluation."""
    state.tensor(f"{name}.SIG", *state.array(f"{name}.P", 1, None, None, None).shape)


def dcls_lines(
    state: State, name: str, lines: int | None, kernel: int, left: int
) -> tuple[FloatArray, IntArray]:
    """Factor and delay [lines] of a `Dcls1d` with as many groups as lines, and one kernel.

    It has `name`.weight [lines, 1, 1] and `name`.P [1, lines, 1, 1]; errors are those of `dcls_synapses`.
    """
    weight = state.tensor(f"{name}.weight", lines, 1, 1)
    delay = _delays(state, name, weight.shape, kernel, left)[:, 0, 0]
    _check_causal(name, delay, kernel, left)
    return (weight[:, 0, 0] * TAP).astype(np.float64), delay


def _delays(state: State, name: str, shape: tuple[int, ...], kernel: int, left: int) -> IntArray:
    """Of each weight, in steps; below 0 is a source that is heard before it spikes."""
    position = np.rint(state.array(f"{name}.P", 1, *shape)[0])
    half = kernel // 2
    if (far := np.abs(position).max()) > half:
        state.refuse(
            f"{name}.P holds {far:g}, positions of a kernel of {kernel} steps are {-half} .. {half}; is "
            "kernel_size right?"
        )
    delay: IntArray = (left - half - position).astype(np.int64)
    return delay


def _check_causal(name: str, delay: IntArray, kernel: int, left: int) -> None:
    if delay.size and delay.min() < 0:
        raise InputError(
            f"{name}: with left_padding {left} a synapse hears its source {-delay.min()} steps before it "
            f"spikes; a kernel of {kernel} steps needs a left_padding of {kernel - 1}"
        )


def _added_up(lines: int, sources: int, line: Any, source: Any, weight: Any, delay: Any) -> Lines:
    """Synapses of one pair and one delay, which several kernels can place there, as one."""
    order = np.lexsort((delay, source, line))
    line, source, weight, delay = line[order], source[order], weight[order], delay[order]
    new = np.ones(len(line), np.bool_)
    new[1:] = (np.diff(line) != 0) | (np.diff(source) != 0) | (np.diff(delay) != 0)
    first = np.flatnonzero(new)
    total = np.add.reduceat(weight, first) if len(first) else weight
    return Lines(lines, sources, line[first], source[first], total.astype(np.float64), delay[first]).present
