"""Write a placed program as a runnable Lava program.

The files:

    run.py              the script: reads spikes, runs, writes a trace, decodes
    lava_network.py     builds, runs and takes down the network of Lava processes
    silence.py          keeps neurons silent between the samples of one run
    lava_processes/     the process models that Lava lacks; Lava executes every file of this folder
    program.npz         the network, as Lava's registers

`program.npz` holds `n_layers`, `T`, `payload_max`, `readout_scale`, `class_names`, and for layer l
`weight_l` int8 and `delay_l` uint8 [neurons, inputs], `bias_mant_l` int16 [neurons], `bias_exp_l`, `du_l`,
`dv_l`, `vth_l`. Lava adds 1 to du, so `du_l` is the contract's `du` less 1.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import LimitError
from snnc.stages import PlacedProgram, QuantizedGraph, QuantizedLayer
from snnc.targets.target import Limits

SCRIPTS = (
    "run.py",
    "lava_network.py",
    "silence.py",
    "lava_processes/event.py",
    "lava_processes/recorder.py",
)
PROGRAM = "program.npz"

READOUT_VTH = 1 << 17
"""Threshold of the readout: `vth << 6` is 2**23, which v never exceeds (clause 5), so it never spikes.

It is one more than 17 bits hold. 131071 would spike at the very top of v's range.
"""


def emit(program: PlacedProgram, limits: Limits) -> dict[str, bytes]:
    """Files of the Lava program: name -> content.

    Raises
    ------
    LimitError
        If a delay, weight, threshold, bias or decay does not fit `limits` or Lava's registers.
    """
    check_graph(program.graph, limits)
    folder = files("snnc.targets.loihi").joinpath("program")
    scripts = {name: folder.joinpath(*name.split("/")).read_bytes() for name in SCRIPTS}
    return {**scripts, PROGRAM: pack(program.graph)}


def check_graph(graph: QuantizedGraph, limits: Limits) -> None:
    """Raise `LimitError` unless input and every layer fit `limits` and Lava's registers."""
    if graph.payload_max > limits.payload_max:
        raise LimitError(
            f"input: payloads of up to {graph.payload_max}, the limit is {limits.payload_max}; "
            f"export with --payload-max {limits.payload_max}"
        )
    for layer in graph.layers:
        check_layer(layer, limits)


def check_layer(layer: QuantizedLayer, limits: Limits) -> None:
    """Raise `LimitError` unless `layer` fits `limits` and Lava's registers."""
    used = layer.weight != 0
    too_long = np.argwhere(used & (layer.delay > limits.delay_max))
    if len(too_long):
        neuron, source = too_long[0]
        raise LimitError(
            f"{layer.name}, synapse {source} -> {neuron}: the delay is {layer.delay[neuron, source]} steps, "
            f"the limit is {limits.delay_max} ({len(too_long)} synapses exceed it); "
            f"train with kernel_size <= {limits.delay_max | 1}, or with coarser time steps"
        )
    weights = formats.SignedFormat(min(limits.weight_bits, 8))  # Lava keeps 8 in mixed sign mode
    outside = np.argwhere((layer.weight < weights.minimum) | (layer.weight > weights.maximum))
    if len(outside):
        neuron, source = outside[0]
        raise LimitError(
            f"{layer.name}, synapse {source} -> {neuron}: the weight is {layer.weight[neuron, source]}, "
            f"the limits are {weights.minimum}..{weights.maximum}; quantise to {weights.bits} bits"
        )
    bias = formats.SignedFormat(limits.bias_mantissa_bits)
    for what, low, high, least, most in (
        ("threshold", layer.threshold or 0, layer.threshold or 0, 0, limits.threshold_max),
        ("bias mantissa", layer.bias_mant.min(), layer.bias_mant.max(), bias.minimum, bias.maximum),
        ("bias exponent", layer.bias_exp, layer.bias_exp, 0, limits.bias_exponent_max),
        # Lava adds 1 (ds_offset) to the 12-bit register of du, which puts 0 out of reach.
        ("decay_u", layer.decay_u, layer.decay_u, 1, 1 << limits.decay_bits),
        ("decay_v", layer.decay_v, layer.decay_v, 0, 1 << limits.decay_bits),
    ):
        if low < least or high > most:
            raise LimitError(
                f"{layer.name}: {what} {low if low < least else high} is outside {least}..{most}"
            )


def pack(graph: QuantizedGraph) -> bytes:
    """`program.npz`."""
    arrays: dict[str, npt.ArrayLike] = {
        "n_layers": np.int32(len(graph.layers)),
        "T": np.int32(graph.time_steps),
        "payload_max": np.int32(graph.payload_max),
        "readout_scale": np.float64(graph.readout_scale),
        "class_names": np.array(graph.class_names, dtype=np.str_),
    }
    for index, layer in enumerate(graph.layers):
        registers: Mapping[str, npt.ArrayLike] = {
            "weight": layer.weight.astype(np.int8),
            # Without a weight there is no synapse; its delay must not lengthen the buffers.
            "delay": np.where(layer.weight != 0, layer.delay, 0).astype(np.uint8),
            "bias_mant": layer.bias_mant.astype(np.int16),
            "bias_exp": np.int32(layer.bias_exp),
            "du": np.int32(layer.decay_u - 1),
            "dv": np.int32(layer.decay_v),
            "vth": np.int32(READOUT_VTH if layer.threshold is None else layer.threshold),
        }
        arrays |= {f"{name}_{index}": value for name, value in registers.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()
