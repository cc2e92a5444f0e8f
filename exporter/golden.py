"""Golden vectors: spike trains that every artifact carries, whatever it was trained on, and the answer.

They stand in an artifact twice: as npz, and as NIRData beside the NIR graph whose nodes it names. Any program
that reads `graph.nir` can read that with `nir.read_data`, feed `input` and compare the membrane of the
readout. v is in units of one weight step there, as in the graph: the contract's integer divided by 64.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import h5py
import nir
import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.errors import ArtifactError, StageError
from snnc.exporter.nir_forms import STATE_ONE
from snnc.io import hdf5_checks, hdf5_guard
from snnc.stages import QuantizedGraph, check_input

RATES = (0.02, 0.1, 0.5)
SEED = 20240507


def golden_input(graph: QuantizedGraph) -> npt.NDArray[np.uint8]:
    """uint8 [8, T, inputs]: silence, everything always on, every input once at the first and at the
    last step, every input in its own step (a staircase), and noise at 2, 10 and 50 %.

    All with the largest payload, but for the noise, which has all of them. It comes from raw PCG64 bits,
    which numpy guarantees to be the same on every version.
    """
    steps, inputs = graph.time_steps, graph.inputs
    spikes = np.zeros((5 + len(RATES), steps, inputs), np.uint8)
    most = graph.payload_max
    spikes[1] = most
    spikes[2, 0] = most
    spikes[3, -1] = most
    spikes[4, np.arange(inputs) % steps, np.arange(inputs)] = most
    bits = np.random.PCG64(SEED)
    for i, rate in enumerate(RATES):
        raw = np.asarray(bits.random_raw(steps * inputs), np.uint64)
        fires, payload = raw >> np.uint64(40) < int(rate * (1 << 24)), 1 + (raw & np.uint64(0xFFFFF)) % most
        spikes[5 + i] = np.where(fires, payload, 0).reshape(steps, inputs)
    return spikes


def golden_readout(graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """What the integer PyTorch model answers, int32 [samples, T, classes]."""
    from snnc.trainer.integer_model import run_graph

    with one_thread():
        return np.concatenate(
            [run_graph(graph, spikes[part]).readout for part in batches(graph, len(spikes))]
        )


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch on one thread: few samples make products so small that several threads mostly wait for each
    other, for seconds where other programs use the processor.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def pack_golden(spikes: npt.NDArray[np.uint8], readout: npt.NDArray[np.int32]) -> bytes:
    """Golden inputs and their readout as npz; the same bytes for the same arrays."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in (("spikes", spikes), ("readout", readout)):
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(entry, "w") as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def read_golden(
    data: bytes, graph: QuantizedGraph, name: Path
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    from snnc.io.npz import read_npz

    try:
        arrays = read_npz(name, data)
        spikes, readout = arrays["spikes"], arrays["readout"]
        spikes = check_input(graph, spikes)
        expected = (len(spikes), graph.time_steps, graph.layers[-1].neurons)
        if readout.shape != expected or readout.dtype != np.int32:
            raise StageError(f"readout is {readout.dtype} {readout.shape}, expected int32 {expected}")
        if not len(spikes):
            raise StageError("it holds no golden input, so nothing could be reproduced")
    except (KeyError, ValueError) as error:
        raise ArtifactError(f"{name}: damaged ({error}); export the model again") from error
    return spikes, readout


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
                    f"{name}: {what} of {node} differ from the golden vectors; export the model again"
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
