"""Golden vectors as NIRData, beside the NIR graph whose nodes they name.

Any program that reads `graph.nir` can read them with `nir.read_data`, feed `input` and compare the membrane
of the readout. v is in units of one weight step, as in the graph: the contract's integer divided by 64.
"""

from __future__ import annotations

import io

import nir
import numpy as np
import numpy.typing as npt

from snnc.exporter.nir_forms import STATE_ONE
from snnc.stages import QuantizedGraph


def golden_data(
    graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], readout: npt.NDArray[np.int32]
) -> bytes:
    """HDF5 content; `spikes` uint8 [samples, T, inputs], `readout` int32 [samples, T, classes]."""
    observed = {
        "input": ("spikes", spikes.astype(np.bool_)),
        f"{graph.layers[-1].name}_neuron": ("v", readout / STATE_ONE),
    }
    nodes = {
        node: nir.NIRNodeData({what: nir.TimeGriddedData(values, graph.bin_s)})
        for node, (what, values) in observed.items()
    }
    buffer = io.BytesIO()
    nir.write_data(buffer, nir.NIRGraphData(nodes))
    return buffer.getvalue()
