"""Checkpoints of AxDenSynDelaySNN (Bouhadjar & Neftci 2026, github.com/YounesBouhadjar/AxDenSynDelaySNN).

Its class `SnnDelays` has a list `snn` of layers. Where delays are synaptic, layer N has

    snn.N.delay_layer.weight [neurons, inputs, kernels], .P and .SIG [1, ...], .bias

Axonal delays stand before the weights `W`, dendritic ones behind them; both have one kernel a line:

    snn.N.W.weight [neurons, inputs], .bias
    snn.N.delay_layer.weight [lines, 1, 1], .P and .SIG [1, lines, 1, 1], .bias

and all layers, of which the last has no batch norm,

    snn.N.norm.weight, .bias, .running_mean, .running_var      (batch norm)
    snn.N.neuron.w []                                          (`ParametricLIFNode` alone)

As in SNN-delays, it pads what each layer hears, and evaluates with whole positions and SIG = 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from snnc.conversion.checkpoints import parameters as check
from snnc.conversion.checkpoints.dcls import dcls_lines, dcls_synapses, no_width
from snnc.conversion.checkpoints.padded import Padding, chain, padding
from snnc.conversion.checkpoints.state import FloatArray, State
from snnc.errors import InputError
from snnc.exporter.nir.lines import Lines
from snnc.stages import FloatGraph

AXONAL, DENDRITIC, SYNAPTIC = "axonal", "dendritic", "synaptic"
LEARNED_MASK = "a learned mask (learned_mask) cuts off late arrivals on some lines only"
REFUSED = {
    "delay_layer.delay_scores": LEARNED_MASK,
    "delay_layer.m": LEARNED_MASK,
    "norm_output.weight": "layer norm (use_batchnorm_output) divides by what arrives in a step",
    "neuron.alpha_param": "its SiLIFNode is of no released SpikingJelly",
    "synapse_filter.w": "a synapse filter (stateful_synapse) is not linear",
}
"""Keys of layers that are refused, and why each is."""
MARGIN = 1e-3
"""What the work subtracts from each bias if `conv_bn_penalty` is set; of one above 0, the bias, too."""


def axden(
    state: State,
    *,
    dt: float,
    time_steps: int,
    delay_type: str,
    kernel_size: int,
    v_threshold: float,
    loss: str,
    payload_max: int,
    tau: float | None = None,
    decay_input: bool = False,
    output_v_threshold: float | None = None,
    left_padding: int | None = None,
    right_padding: int | None = None,
    sparsity_p_delay: float = 0.0,
    conv_bn_penalty: bool = False,
    class_names: list[str] | None = None,
) -> FloatGraph:
    """The chain of layers, on one axis of time.

    Parameters
    ----------
    delay_type : "axonal", "dendritic" or "synaptic".
    kernel_size : the work's `max_delay` in steps, odd.
    sparsity_p_delay : the same; only 0 is read: the mask of another is not in the file.
    conv_bn_penalty : the same; whether evaluation moves biases of batch norm below 0.
    dt, time_steps, v_threshold, loss, payload_max, tau, decay_input, output_v_threshold, left_padding,
        right_padding, class_names : as in `snn_delays`.
    """
    kind = check.chosen("delay_type", delay_type, (AXONAL, DENDRITIC, SYNAPTIC))
    if isinstance(sparsity_p_delay, bool) or sparsity_p_delay != 0:
        raise InputError(
            f"sparsity_p_delay is {sparsity_p_delay!r}, expected 0: lines without a delay are drawn at "
            "random, and the file does not say which"
        )
    if not isinstance(conv_bn_penalty, bool):
        raise InputError(f"conv_bn_penalty is {conv_bn_penalty!r}, expected True or False")
    if conv_bn_penalty and kind == SYNAPTIC:
        raise InputError(
            "conv_bn_penalty is set, but the work has it for axonal and dendritic delays alone; leave it out"
        )
    pads = padding(kernel_size, left_padding, right_padding)
    layers = state.numbers("snn.#.delay_layer.P")
    if layers != list(range(len(layers))) or len(layers) < 2:
        state.refuse(
            f"there are snn.N.delay_layer.P for N in {layers[:9]}, expected 0, 1 and on; is it a state dict "
            "of SnnDelays?"
        )
    for number in layers:
        for key, why in REFUSED.items():
            if f"snn.{number}.{key}" in state:
                state.refuse(f"snn.{number}.{key} is refused: {why}")

    def read(neurons: str, inputs: int | None) -> tuple[Lines, FloatArray]:
        name = neurons.removesuffix(".neuron")
        lines, bias, of_weights = _READ[kind](state, name, inputs, pads)
        if name == f"snn.{layers[-1]}":
            return lines, bias
        if f"{name}.norm.weight" not in state:
            return lines, bias
        factor, offset = state.batch_norm(f"{name}.norm", lines.lines)
        if conv_bn_penalty:
            offset = offset - (np.maximum(offset + of_weights * factor, 0) + MARGIN)
        return lines.scaled(factor).present, bias * factor + offset

    return chain(
        state,
        [f"snn.{number}.neuron" for number in layers],
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


Read = tuple[Lines, FloatArray, FloatArray]
"""Synapses, what is added in each step [neurons], and which part of it the bias of `W` is."""


def _synaptic(state: State, name: str, inputs: int | None, pads: Padding) -> Read:
    made = dcls_synapses(state, f"{name}.delay_layer", inputs, pads.kernel, pads.left)
    no_width(state, f"{name}.delay_layer")
    return made, _bias(state, f"{name}.delay_layer", made.lines), np.zeros(made.lines)


def _axonal(state: State, name: str, inputs: int | None, pads: Padding) -> Read:
    weight = state.array(f"{name}.W.weight", None, inputs)
    own = _bias(state, f"{name}.W", len(weight))
    factor, delay, added = _of_lines(state, name, weight.shape[1], pads)
    lines = Lines.of_matrix(weight * factor)
    return replace(lines, delay=delay[lines.source]), weight @ added + own, own


def _dendritic(state: State, name: str, inputs: int | None, pads: Padding) -> Read:
    weight = state.array(f"{name}.W.weight", None, inputs)
    own = _bias(state, f"{name}.W", len(weight))
    factor, delay, added = _of_lines(state, name, len(weight), pads)
    lines = Lines.of_matrix(weight * factor[:, None])
    return replace(lines, delay=delay[lines.line]), factor * own + added, own


def _of_lines(
    state: State, name: str, lines: int, pads: Padding
) -> tuple[FloatArray, npt.NDArray[np.int64], FloatArray]:
    """Factor, delay and what is added, [lines], of the delays of `name`."""
    delays = f"{name}.delay_layer"
    factor, delay = dcls_lines(state, delays, lines, pads.kernel, pads.left)
    no_width(state, delays)
    return factor, delay, _bias(state, delays, lines)


def _bias(state: State, name: str, lines: int) -> FloatArray:
    return state.array(f"{name}.bias", lines) if f"{name}.bias" in state else np.zeros(lines)


_READ = {AXONAL: _axonal, DENDRITIC: _dendritic, SYNAPTIC: _synaptic}
