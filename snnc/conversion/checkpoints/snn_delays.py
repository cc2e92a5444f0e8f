"""Checkpoints of SNN-delays (Hammouamri et al. 2024, github.com/Thvnvtos/SNN-delays), class `SnnDelays`.

`self.model` is a `Sequential` of, for each layer, a `Dcls1d`, batch norm where it is used, neurons, and
dropout behind all but the last layer:

    model.N.weight [neurons, inputs, kernels], model.N.P and .SIG [1, neurons, inputs, kernels], model.N.bias
    model.(N+1).weight, .bias, .running_mean, .running_var      (batch norm; not of the last layer)
    model.(N+2).w []                                            (`ParametricLIFNode` alone)

The work evaluates a network with whole positions: round P, SIG = 0, DCLS version "max".
"""

from __future__ import annotations

import numpy as np

from snnc.conversion.checkpoints.dcls import dcls_synapses, no_width
from snnc.conversion.checkpoints.padded import Padding, chain, padding
from snnc.conversion.checkpoints.state import FloatArray, State
from snnc.exporter.nir.lines import Lines
from snnc.stages import FloatGraph


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
    pads = padding(kernel_size, left_padding, right_padding)
    layers = {f"model.{each.neurons}": each for each in _layers(state)}

    def read(name: str, inputs: int | None) -> tuple[Lines, FloatArray]:
        return _synapses(state, layers[name], inputs, pads)

    return chain(
        state,
        tuple(layers),
        read,
        pads,
        dt=dt,
        time_steps=time_steps,
        v_threshold=v_threshold,
        loss=loss,
        payload_max=payload_max,
        tau=tau,
        decay_input=decay_input,
        output_v_threshold=output_v_threshold,
        class_names=class_names,
    )


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


def _synapses(state: State, layer: _Layer, inputs: int | None, pads: Padding) -> tuple[Lines, FloatArray]:
    """The synapses of a layer, with batch norm in them, and what it adds in each step [neurons]."""
    name = f"model.{layer.synapses}"
    made = dcls_synapses(state, name, inputs, pads.kernel, pads.left)
    no_width(state, name)
    bias = state.array(f"{name}.bias", made.lines) if f"{name}.bias" in state else np.zeros(made.lines)
    if layer.norm is None:
        return made, bias
    factor, offset = state.batch_norm(f"model.{layer.norm}", made.lines)
    return made.scaled(factor).present, bias * factor + offset
