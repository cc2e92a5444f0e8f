"""Golden vectors as NIRData, beside the NIR graph whose nodes they name.

Any program that reads `graph.nir` can read them with `nir.read_data`, feed `input` and compare the membrane
of the readout. v is in units of one weight step, as in the graph: the contract's integer divided by 64.
"""

from __future__ import annotations

import io
from typing import NoReturn

import h5py
import nir
import numpy as np
import numpy.typing as npt

from snnc.errors import ArtifactError
from snnc.exporter.nir_forms import STATE_ONE
from snnc.io import hdf5_checks, hdf5_guard
from snnc.stages import QuantizedGraph


def golden_data(
    graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], readout: npt.NDArray[np.int32]
) -> bytes:
    """HDF5 content; `spikes` uint8 [samples, T, inputs], `readout` int32 [samples, T, classes]."""
    nodes = {
        node: nir.NIRNodeData({what: nir.TimeGriddedData(values, graph.bin_s)})
        for node, what, values in _observed(graph, spikes, readout)
    }
    buffer = io.BytesIO()
    nir.write_data(buffer, nir.NIRGraphData(nodes))
    return hdf5_guard.trust(buffer.getvalue())


def check_golden_data(
    data: bytes,
    graph: QuantizedGraph,
    spikes: npt.NDArray[np.uint8],
    readout: npt.NDArray[np.int32],
    name: str,
) -> None:
    """Raise `ArtifactError` unless `data` holds these vectors; `name` is what the error calls it."""

    def refuse(problem: str) -> NoReturn:
        raise ArtifactError(f"{name}: {problem}; export the model again")

    hdf5_guard.check(data, refuse)
    try:
        file = h5py.File(io.BytesIO(data), "r")
        hdf5_checks.check_own(file, refuse)
        for node, what, values in _observed(graph, spikes, readout):
            found = file[f"nodes/{node}/observables/{what}"]
            stored = found["data"]
            same = (stored.shape, stored.dtype) == (values.shape, values.dtype)  # before it is unpacked
            if not same or found.attrs["dt"] != graph.bin_s or not np.array_equal(stored[()], values):
                raise ArtifactError(
                    f"{name}: {what} of {node} are not those of the golden vectors; export the model again"
                )
    except ArtifactError:
        raise
    except Exception as error:  # whatever h5py raises on a damaged file means one thing
        raise ArtifactError(
            f"{name}: damaged ({type(error).__name__}: {error}); export the model again"
        ) from error


def _observed(
    graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], readout: npt.NDArray[np.int32]
) -> tuple[tuple[str, str, npt.NDArray[np.bool_ | np.uint8 | np.float64]], ...]:
    """(node, observable, values) of all that is written."""
    return (
        ("input", "spikes", spikes if graph.payload_max > 1 else spikes.astype(np.bool_)),
        (f"{graph.layers[-1].name}_neuron", "v", readout / STATE_ONE),
    )
