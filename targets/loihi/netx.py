"""`network.net`: the network in the HDF5 format that lava-dl's netx loads.

netx holds less than a `QuantizedGraph`, and its loader (lava-dl 0.6.0, `lava/lib/dl/netx/hdf5.py` and
`utils.py`) changes some matrices without a word. `unsupported_reason` names what would not come out as it is;
such a network gets no `network.net`.
"""

from __future__ import annotations

import io

import numpy as np

from snnc import formats
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.targets.loihi import netx_graphs
from snnc.targets.loihi.registers import READOUT_VTH

NETWORK = "network.net"
BIAS_EXPONENT = 6
"""netx has no exponent of its own: every bias is shifted by this."""


def unsupported_reason(graph: QuantizedGraph) -> str | None:
    """Why netx cannot hold `graph`, or None."""
    if not graph.is_chain:
        return netx_graphs.unsupported_reason(graph)
    return next((why for layer in graph.layers if (why := _unsupported(layer))), None)


def _unsupported(layer: QuantizedLayer) -> str | None:
    step = 1 << BIAS_EXPONENT
    uneven = np.flatnonzero(layer.bias % step)
    if len(uneven):
        return (
            f"{layer.name}, neuron {uneven[0]}: the bias is {layer.bias[uneven[0]]}, netx holds multiples of "
            f"{step}; export with --whole-bias"
        )
    mantissa = layer.bias // step
    if mantissa.min() < formats.BIAS_MANTISSA_MIN or mantissa.max() > formats.BIAS_MANTISSA_MAX:
        return f"{layer.name}: with the exponent {BIAS_EXPONENT} of netx a bias exceeds its mantissa"
    low, high = int(layer.weight.min()), int(layer.weight.max())
    if low == high == 0:
        return f"{layer.name}: has no synapse, and netx fails on a matrix of zeros"
    if high <= 0 and -low & (-low - 1) == 0:
        # It shifts the matrix until it starts at -256; without a positive weight Lava clips it at -255.
        return f"{layer.name}: no weight is above 0 and the least is {low}, which netx would change"
    return None


def netx_file(graph: QuantizedGraph) -> bytes:
    """`network.net` of a graph that has no `unsupported_reason`; equal graphs give equal bytes."""
    import h5py  # here: it takes long to load, and whoever asks for the limits of the target does without

    buffer = io.BytesIO()
    # Not packed, and in the oldest format whatever libhdf5's default is: these bytes are compared with those
    # of a later export, on another machine.
    with h5py.File(buffer, "w", libver=("earliest", "v110")) as file:
        for index, layer in enumerate(graph.layers):
            group = file.create_group(f"layer/{index}")
            group["type"] = b"dense"
            group["shape"] = np.array([layer.neurons], np.int32)
            delay = np.where(layer.weight != 0, layer.delay, 0)  # as in program.npz
            group["weight"], group["delay"] = layer.weight.astype(np.int16), delay.astype(np.int16)
            group["bias"] = layer.bias // (1 << BIAS_EXPONENT)
            neuron = group.create_group("neuron")
            neuron["type"] = b"CUBA"
            neuron["iDecay"] = np.int32(layer.decay_u)  # the loader takes 1 off for Lava's register
            neuron["vDecay"] = np.int32(layer.decay_v)
            neuron["vThMant"] = np.int32(READOUT_VTH if layer.threshold is None else layer.threshold)
            neuron["refDelay"] = np.int32(1)
    return buffer.getvalue()
