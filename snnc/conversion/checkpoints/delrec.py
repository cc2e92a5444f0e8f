"""Checkpoints of DelRec (Queant et al. 2025, github.com/alexmaxad/DelRec), of its networks for SHD and SSC.

`self.layers` is a `Sequential` of hidden layers and a last one. Of a layer only synapses, batch norm and
recurrent neurons have tensors:

    layers.N.weight [neurons, inputs], .bias                          (`Linear`)
    layers.N.weight [neurons, inputs, kernels], .P [1, ...], .bias    (`Dcls1d`, of feed-forward delays)
    layers.M.weight, .bias, .running_mean, .running_var               (batch norm)
    layers.M.recurrent_weights [neurons, neurons], .recurrent_delays [neurons] or [neurons, neurons]
    layers.M.p_spread [neurons]

SHD: synapses, batch norm, neurons, two modules without tensors; at the end synapses and neurons that are
read. SSC: synapses, dropout, neurons, a module without tensors; at the end synapses, whose sums are read.

A spike of neuron j arrives with the weight W[i, j] max(s - |k - 1 - d|, 0) / s^2 at neuron i, k >= 1 steps
later. d is the rounded delay, s is 1 + sigma, or 1 + 2 sigma sigmoid(p_spread[j]). So if sigma is 0 there is
one synapse of delay d + 1, else several.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from snnc.conversion.checkpoints import parameters as check
from snnc.conversion.checkpoints.dcls import dcls_synapses
from snnc.conversion.checkpoints.state import FloatArray, State
from snnc.errors import InputError
from snnc.exporter.nir.lines import ENTRY_LIMIT, Lines
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection, Readout
from snnc.stages.float_population import AT
from snnc.stages.population import LI, LIF, SUBTRACT, ZERO
from snnc.stages.trained import MAX_STEPS

SHD, SSC = "SHD", "SSC"


def delrec(
    state: State,
    *,
    dt: float,
    time_steps: int,
    dataset: str,
    tau: float,
    v_threshold: float,
    reset: str,
    payload_max: int,
    sigma: float | None = None,
    kernel_size: int | None = None,
    class_names: list[str] | None = None,
) -> FloatGraph:
    """The layers, each with its recurrence.

    Parameters
    ----------
    dt : seconds a step.
    time_steps : steps of the input.
    dataset : "SHD" or "SSC", which says how the network is built.
    tau, v_threshold : of the neurons; `tau` in steps.
    reset : "zero" (the work's `v_reset` of 0) or "subtract" (None).
    payload_max : the largest input: 1 for spikes, more for counts.
    sigma : of recurrent delays, as training left it; 0 for whole delays. None if there are none.
    kernel_size : the work's `max_feedforward_delay`, odd. None if there are no such delays.
    class_names : None: their numbers.
    """
    step, steps = check.above("dt", dt, 0), check.whole("time_steps", time_steps, 1)
    shd = check.chosen("dataset", dataset, (SHD, SSC)) == SHD
    keep = 1 - 1 / check.above("tau", tau, 1)
    fires: dict[str, Any] = {"threshold": check.single("v_threshold", v_threshold), "fires": AT}
    fires["reset"] = check.chosen("reset", reset, (ZERO, SUBTRACT))
    if reset == SUBTRACT:
        fires["reset_by"] = fires["threshold"]
    kernel = _kernel(state, kernel_size)
    if (sigma is not None) != bool(state.numbers("layers.#.recurrent_weights")):
        raise InputError(f"sigma is {sigma}; networks with recurrent delays have one, and they alone")
    if sigma is not None and sigma != 0:
        sigma = check.above("sigma", sigma, 0)
        if sigma > MAX_STEPS:
            raise InputError(f"sigma is {sigma:g}, expected at most {MAX_STEPS}")
    layers = _layers(state, shd)
    right = (kernel - 1) // 2 if shd else 0
    ends = [steps]
    for layer in layers:
        ends.append(ends[-1] + (right if f"layers.{layer.synapses}.P" in state else 0))
    total = check.whole("the number of steps with the padding of all layers", ends[-1], 1)
    populations: list[FloatPopulation] = []
    projections = []
    for layer, end in zip(layers, ends[1:], strict=True):
        last = layer is layers[-1]
        lines, bias = _synapses(state, layer, populations[-1].neurons if populations else None, kernel)
        if not populations:
            populations.append(check.source(lines.sources, payload_max))
        name = f"layers.{layer.neurons}"
        given: dict[str, Any] = {"keep_u": 0.0, "keep_v": keep, "bias": bias} | ({} if last else fires)
        if last and not shd:
            given["keep_v"] = 0.0
        projections.append(FloatProjection(populations[-1].name, name, lines.synapses()))
        if f"{name}.recurrent_weights" in state:
            loop = _recurrence(state, name, lines.lines, sigma or 0.0)
            projections.append(FloatProjection(name, name, loop.synapses()))
        populations.append(
            FloatPopulation(
                name, LI if last else LIF, lines.lines, end=None if end == total else end, **given
            )
        )
    names = check.names_of(class_names, populations[-1].neurons)
    readout = Readout(populations[-1].name, "softmax" if shd else "sum", 1.0, names)
    return FloatGraph(tuple(populations), tuple(projections), (readout,), total, step)


@dataclass(frozen=True, slots=True)
class _Layer:
    """Numbers of the modules of a layer; `neurons` is that of the synapses where none follow."""

    synapses: int
    norm: int | None
    neurons: int


def _kernel(state: State, kernel_size: int | None) -> int:
    """The kernel of feed-forward delays; 1 if there are none."""
    there = state.numbers("layers.#.P")
    if bool(there) != (kernel_size is not None):
        raise InputError(
            f"kernel_size is {kernel_size}; files with layers.N.P have one, and they alone: "
            f"N is in {there[:9]}"
        )
    kernel = 1 if kernel_size is None else check.whole("kernel_size", kernel_size, 1)
    if kernel % 2 == 0:
        raise InputError(f"kernel_size is {kernel}, expected an odd number")
    return kernel


def _layers(state: State, shd: bool) -> list[_Layer]:
    norms = state.numbers("layers.#.running_mean")
    if norms and not shd:
        state.refuse(
            f"layers.{norms[0]}.running_mean: batch norm of spikes, behind the neurons, is not read; the "
            "work trains SSC without"
        )
    found = [number for number in state.numbers("layers.#.weight") if number not in norms]
    layers, expected = [], 0
    for number in found:
        if number != expected:
            state.refuse(f"layers.{number}.weight begins no layer, expected layers.{expected}.weight")
        last = number == found[-1]
        norm = number + 1 if number + 1 in norms else None
        if shd:
            neurons = number + (1 if norm is None else 2)
            expected = neurons + 3
        else:
            neurons = number if last else number + 2
            expected = number + 4
        layers.append(_Layer(number, norm, neurons))
    if len(layers) < 2:
        state.refuse("layers.N.weight is missing for two N, expected a hidden layer and one that is read")
    return layers


def _synapses(state: State, layer: _Layer, inputs: int | None, kernel: int) -> tuple[Lines, FloatArray]:
    """The synapses of a layer, with batch norm in them, and what it adds in each step [neurons]."""
    name = f"layers.{layer.synapses}"
    if f"{name}.P" in state:
        lines = dcls_synapses(state, name, inputs, kernel, kernel - 1)
    else:
        lines = Lines.of_matrix(state.array(f"{name}.weight", None, inputs))
    bias = state.array(f"{name}.bias", lines.lines) if f"{name}.bias" in state else np.zeros(lines.lines)
    if layer.norm is None:
        return lines, bias
    factor, offset = state.batch_norm(f"layers.{layer.norm}", lines.lines)
    return lines.scaled(factor).present, bias * factor + offset


def _recurrence(state: State, name: str, neurons: int, sigma: float) -> Lines:
    weight = state.array(f"{name}.recurrent_weights", neurons, neurons)
    key = f"{name}.recurrent_delays"
    of_axons = state.dimensions(key) == 1
    delay = np.rint(state.array(key, *((neurons,) if of_axons else (neurons, neurons)))).clip(0)
    delay = np.broadcast_to(delay, weight.shape)
    if delay.max() > MAX_STEPS:
        state.refuse(f"{key} holds {delay.max():g}, expected at most {MAX_STEPS} steps")
    spread = np.full(neurons, sigma)
    if f"{name}.p_spread" in state:
        spread = 2 * sigma / (1 + np.exp(-state.array(f"{name}.p_spread", neurons).clip(-99)))
    size = 1 + spread
    reach = int(np.ceil(size.max())) - 1
    if weight.size * (2 * reach + 1) > ENTRY_LIMIT:
        raise InputError(
            f"{name}: with sigma {sigma} a synapse is spread over {2 * reach + 1} delays, too many; train on"
        )
    line, source = np.nonzero(weight)
    offset = np.arange(-reach, reach + 1)
    share = (size[:, None] - np.abs(offset)).clip(0) / size[:, None] ** 2
    made = weight[line, source][:, None] * share[source]
    lag = delay[line, source].astype(np.int64)[:, None] + 1 + offset
    some = (lag >= 1) & (made != 0)
    row, _ = np.nonzero(some)
    return Lines(neurons, neurons, line[row], source[row], made[some], lag[some])
