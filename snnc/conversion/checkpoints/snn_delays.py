"""Checkpoints of SNN-delays (Hammouamri et al. 2024, github.com/Thvnvtos/SNN-delays), class `SnnDelays`.

`self.model` is a `Sequential` of, for each layer, a `Dcls1d`, batch norm where it is used, neurons, and
dropout behind all but the last layer:

    model.N.weight [neurons, inputs, kernels], model.N.P and .SIG [1, neurons, inputs, kernels], model.N.bias
    model.(N+1).weight, .bias, .running_mean, .running_var      (batch norm; not of the last layer)
    model.(N+2).w []                                            (`ParametricLIFNode` alone)

The work evaluates a network with whole positions: round P, SIG = 0, DCLS version "max".
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from snnc.conversion.checkpoints import parameters as check
from snnc.conversion.checkpoints.dcls import dcls_synapses
from snnc.conversion.checkpoints.state import FloatArray, State
from snnc.errors import InputError
from snnc.exporter.nir.lines import Lines
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection, Readout
from snnc.stages.float_population import AT
from snnc.stages.population import LI, LIF, ZERO
from snnc.stages.trained import MAX_STEPS

LOSSES = {"sum": "softmax", "mean": "sum", "max": "max", "spike_count": "count"}
"""Decoders of the contract for the work's `loss`, which it also evaluates by."""


def snn_delays(
    state: State,
    *,
    dt: float,
    time_steps: int,
    kernel_size: int,
    v_threshold: float,
    loss: str,
    payload_max: int,
    tau: float | None = None,
    decay_input: bool = False,
    output_v_threshold: float | None = None,
    left_padding: int | None = None,
    right_padding: int | None = None,
    class_names: list[str] | None = None,
) -> FloatGraph:
    """The chain of layers, on one axis of time.

    Parameters
    ----------
    dt : seconds a step.
    time_steps : steps of the input; each layer appends `left_padding + right_padding - kernel_size + 1` more.
    kernel_size : the work's `max_delay`, odd.
    v_threshold : of all layers but the last.
    loss : "sum" (of the softmax over time), "mean", "max" (of the membranes) or "spike_count".
    payload_max : the largest input: 1 for spikes, more for counts.
    tau : of `LIFNode`, in steps (the work's `init_tau` after its division by `time_step`).
    decay_input : as in the neurons; the work's have False, `LIFNode` and `ParametricLIFNode`.
    output_v_threshold : of the last layer, for "spike_count".
    left_padding, right_padding : steps; None: `kernel_size - 1` and half of that, as in the work.
    class_names : None: their numbers.
    """
    step = check.above("dt", dt, 0)
    decoder = LOSSES[check.chosen("loss", loss, tuple(LOSSES))]
    kernel = check.whole("kernel_size", kernel_size, 1)
    if kernel % 2 == 0:
        raise InputError(f"kernel_size is {kernel}, expected an odd number")
    left = kernel - 1 if left_padding is None else check.whole("left_padding", left_padding, 0)
    right = (kernel - 1) // 2 if right_padding is None else check.whole("right_padding", right_padding, 0)
    longer = left + right - kernel + 1
    steps = check.whole("time_steps", time_steps, 1)
    spikes = loss == "spike_count"
    if spikes != (output_v_threshold is not None):
        raise InputError(f"output_v_threshold is {output_v_threshold}; the loss spike_count alone has one")
    threshold = output = check.single("v_threshold", v_threshold)
    if spikes:
        output = check.single("output_v_threshold", output_v_threshold)
    layers = _layers(state)
    ends = [steps + longer * (number + 1) for number in range(len(layers))]
    total = max(steps, *ends)
    if min(ends) < 1 or total > MAX_STEPS:
        raise InputError(f"with the padding, layers have {ends} steps, expected 1 .. {MAX_STEPS}")
    populations: list[FloatPopulation] = []
    projections = []
    gain = 1.0
    for layer, end in zip(layers, ends, strict=True):
        last = layer is layers[-1]
        inputs = populations[-1].neurons if populations else None
        lines, bias = _synapses(state, layer, inputs, kernel, left)
        if not populations:
            populations.append(check.source(lines.sources, payload_max))
        name = f"model.{layer.neurons}"
        leak, gain = _leak(state, name, tau, decay_input)
        given: dict[str, Any] = {"keep_u": 0.0, "keep_v": 1 - leak, "bias": bias}
        if spikes or not last:
            level = (output if last else threshold) / gain
            given |= {"threshold": level, "reset": ZERO, "fires": AT}
        model = LIF if spikes or not last else LI
        projections.append(FloatProjection(populations[-1].name, name, lines.synapses()))
        populations.append(
            FloatPopulation(name, model, lines.lines, end=None if end == total else end, **given)
        )
    names = check.names_of(class_names, populations[-1].neurons)
    scale = None if spikes else gain / ends[-1] if loss == "mean" else gain
    readout = Readout(populations[-1].name, decoder, scale, names)
    return FloatGraph(tuple(populations), tuple(projections), (readout,), total, step)


class _Layer:
    """Numbers of the modules of a layer in the `Sequential`."""

    def __init__(self, synapses: int, has_norm: bool) -> None:
        self.synapses = synapses
        self.norm = synapses + 1 if has_norm else None
        self.neurons = synapses + 1 + has_norm


def _layers(state: State) -> list[_Layer]:
    found = state.numbers("model.#.P")
    if not found:
        state.refuse(
            "model.0.P is missing, expected the positions of a layer; is it a state dict of SnnDelays?"
        )
    layers = [_Layer(number, f"model.{number + 1}.running_mean" in state) for number in found]
    expected = 0
    for layer in layers:
        if layer.synapses == expected + 1 and expected:
            state.refuse(
                f"model.{layer.synapses}.P stands one module later than expected: stateful_synapse puts a "
                "synapse filter there, which the contract does not have"
            )
        if layer.synapses != expected:
            state.refuse(
                f"model.{layer.synapses}.P stands where no layer begins, expected model.{expected}.P"
            )
        expected = layer.neurons + 2
    return layers


def _synapses(
    state: State, layer: _Layer, inputs: int | None, kernel: int, left: int
) -> tuple[Lines, FloatArray]:
    """The synapses of a layer, with batch norm in them, and what it adds in each step [neurons]."""
    name = f"model.{layer.synapses}"
    made = dcls_synapses(state, name, inputs, kernel, left)
    state.tensor(f"{name}.SIG", 1, *state.tensor(f"{name}.weight", None, inputs, None).shape)  # taken for 0
    bias = state.array(f"{name}.bias", made.lines) if f"{name}.bias" in state else np.zeros(made.lines)
    if layer.norm is None:
        return made, bias
    factor, offset = state.batch_norm(f"model.{layer.norm}", made.lines)
    return made.scaled(factor).present, bias * factor + offset


def _leak(state: State, name: str, tau: float | None, decay_input: bool) -> tuple[float, float]:
    """What v loses in a step, as a share, and the factor with which a step takes its input up."""
    if not isinstance(decay_input, bool):
        raise InputError(f"decay_input is {decay_input!r}, expected True or False")
    learned = f"{name}.w" in state
    if learned and tau is not None:
        raise InputError(f"tau is {tau}, but the file holds {name}.w, from which it follows; leave tau out")
    if learned:
        leak = float(torch.from_numpy(state.tensor(f"{name}.w")).sigmoid())
    elif tau is None:
        raise InputError(
            f"tau is missing: the file has no {name}.w, so these are neurons of one tau; give it"
        )
    else:
        leak = 1 / check.above("tau", tau, 1)
    return leak, leak if decay_input else 1.0
