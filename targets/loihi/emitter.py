"""Write a placed program as a runnable Lava program.

The files:

    run.py              the script: reads spikes, runs, writes a trace, decodes
    reading.py          program.npz and spikes, checked
    lava_network.py     builds, runs and takes down the network of Lava processes
    lava_embed.py       the same network with ports, for a larger Lava program
    silence.py          keeps neurons silent between the samples of one run
    lifeline.py         ends everything, however the program ends
    lava_processes/     the process models that Lava lacks; Lava executes every file of this folder
    program.npz         the network, as Lava's registers (`registers.py`)
    requirements.txt    the environment that it needs, each package by its version and hashes
    network.net         the network as lava-dl's netx reads it (`netx.py`), if it can hold it
    run_netx.py         as run.py, from network.net through lava-dl's own loader
    check_netx.py       whether network.net and program.npz agree
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from snnc import formats
from snnc.errors import LimitError
from snnc.stages import PlacedProgram, QuantizedGraph, QuantizedLayer
from snnc.target import Limits
from snnc.targets.loihi import netx
from snnc.targets.loihi.environment import LOCK
from snnc.targets.loihi.registers import pack

SCRIPTS = (
    "run.py",
    "reading.py",
    "lava_network.py",
    "lava_embed.py",
    "silence.py",
    "lifeline.py",
    "lava_processes/event.py",
    "lava_processes/readout.py",
    "lava_processes/recorder.py",
)
PROGRAM = "program.npz"
NETX_SCRIPT = "run_netx.py"
NETX_SCRIPTS = (NETX_SCRIPT, "check_netx.py")


def emit(program: PlacedProgram, limits: Limits) -> dict[str, bytes]:
    """Files of the Lava program: name -> content.

    Raises
    ------
    LimitError
        If a delay, weight, threshold, bias or decay does not fit `limits` or Lava's registers.
    """
    check_graph(program.graph, limits)
    folder = files("snnc.targets.loihi").joinpath("program")
    has_netx = netx.unsupported_reason(program.graph) is None
    names = (*SCRIPTS, LOCK, *(NETX_SCRIPTS if has_netx else ()))
    emitted = {name: folder.joinpath(*name.split("/")).read_bytes() for name in names}
    if has_netx:
        emitted[netx.NETWORK] = netx.netx_file(program.graph)
    return {**emitted, PROGRAM: pack(program.graph)}


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
