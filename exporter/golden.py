"""Golden vectors: spike trains that every artifact carries, whatever it was trained on, and the answer.

They stand in an artifact twice: as npz, and as NIRData beside the NIR graph whose nodes it names. Any program
that reads `graph.nir` can read that with `nir.read_data`, feed `input` and compare the membrane of the
readout. v is in units of one weight step there, as in the graph: the contract's integer divided by 64.
Of a readout that spikes, spikes stand in the place of v.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import h5py
import nir
import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.errors import ArtifactError, StageError
from snnc.exporter.nir.forms import STATE_ONE
from snnc.exporter.nir.structure import observed_nodes
from snnc.io import hdf5_checks, hdf5_guard
from snnc.io.npz import read_npz
from snnc.stages import LayerTrace, QuantizedGraph, check_input
from snnc.stages.population import INPUT, Population
from snnc.stages.readout import OF_SPIKES

Readouts = tuple[npt.NDArray[np.int32], ...]
"""Of each readout int32 [samples, T, classes]: v of an `li` population, or the spikes of a spiking one."""

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
    most = np.concatenate([_NO_LINES, *(_largest(each) for each in graph.populations)])
    spikes[1] = most
    spikes[2, 0] = most
    spikes[3, -1] = most
    spikes[4, np.arange(inputs) % steps, np.arange(inputs)] = most
    bits = np.random.PCG64(SEED)
    for i, rate in enumerate(RATES):
        raw = np.asarray(bits.random_raw(steps * inputs), np.uint64)
        raw = raw.reshape(steps, inputs)
        fires, payload = raw >> np.uint64(40) < int(rate * (1 << 24)), 1 + (raw & np.uint64(0xFFFFF)) % most
        spikes[5 + i] = np.where(fires, payload, 0)
    return spikes


_NO_LINES = np.zeros(0, np.uint64)


def _largest(population: Population) -> npt.NDArray[np.uint64]:
    """The largest event of each line of an input; of another population, nothing."""
    lines = population.neurons if population.model == INPUT else 0
    return np.full(lines, population.payload_max or 0, np.uint64)


def golden_readouts(graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]) -> Readouts:
    """What the integer PyTorch model answers, of each readout int32 [samples, T, classes]."""
    from snnc.trainer.integer_model import run_graph

    with one_thread():
        parts = [
            readouts_of(graph, run_graph(graph, spikes[part]).layers) for part in batches(graph, len(spikes))
        ]
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))


def readouts_of(graph: QuantizedGraph, layers: Sequence[LayerTrace]) -> Readouts:
    """What is decoded of the `layers` of a trace, int32 [samples, T, classes] each: v, or spikes."""
    found = [layers[graph.trace_index(each.population)] for each in graph.readouts]
    return tuple(
        layer.spikes.astype(np.int32) if readout.decoder in OF_SPIKES else layer.v
        for layer, readout in zip(found, graph.readouts, strict=True)
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


def pack_golden(graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], readouts: Readouts) -> bytes:
    """Golden inputs and their readouts as npz; the same bytes for the same arrays."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in (("spikes", spikes), *zip(_names(graph), readouts, strict=True)):
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(entry, "w") as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _names(graph: QuantizedGraph) -> list[str]:
    """Of the arrays of all readouts: a chain has one."""
    return ["readout"] if graph.is_chain else [f"readout_{number}" for number in range(len(graph.readouts))]


def read_golden(data: bytes, graph: QuantizedGraph, name: Path) -> tuple[npt.NDArray[np.uint8], Readouts]:
    """The golden inputs, and of each readout what they gave.

    Raises
    ------
    ArtifactError
        If it is damaged, or not of the graph; `name` is what the error calls it.
    """
    try:
        arrays = read_npz(name, data)
        spikes, readouts = check_input(graph, arrays["spikes"]), [arrays[each] for each in _names(graph)]
        for what, readout, of in zip(_names(graph), readouts, graph.readouts, strict=True):
            expected = (len(spikes), graph.time_steps, len(of.class_names))
            if readout.shape != expected or readout.dtype != np.int32:
                raise StageError(f"{what} is {readout.dtype} {readout.shape}, expected int32 {expected}")
        if not len(spikes):
            raise StageError("it holds no golden input, so nothing could be reproduced")
    except (KeyError, ValueError) as error:
        raise ArtifactError(f"{name}: damaged ({error}); export the model again") from error
    return spikes, tuple(readouts)


def golden_data(graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], readouts: Readouts) -> bytes:
    """HDF5 content; `spikes` uint8 [samples, T, inputs], `readouts` int32 [samples, T, classes] each."""
    nodes = {
        node: nir.NIRNodeData({what: nir.TimeGriddedData(values, graph.bin_s)})
        for node, what, values in _observed(graph, spikes, readouts)
    }
    buffer = io.BytesIO()
    nir.write_data(buffer, nir.NIRGraphData(nodes))
    return hdf5_guard.trust(buffer.getvalue())


def check_golden_data(
    data: bytes,
    graph: QuantizedGraph,
    spikes: npt.NDArray[np.uint8],
    readouts: Readouts,
    name: str,
) -> None:
    """Raise `ArtifactError` unless `data` holds these vectors; `name` is what the error calls it."""

    def refuse(problem: str) -> NoReturn:
        raise ArtifactError(f"{name}: {problem}; export the model again")

    hdf5_guard.check(data, refuse)
    try:
        file = h5py.File(io.BytesIO(data), "r")
        hdf5_checks.check_own(file, refuse)
        for node, what, values in _observed(graph, spikes, readouts):
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
    graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], readouts: Readouts
) -> Iterator[tuple[str, str, npt.NDArray[np.bool_ | np.uint8 | np.float64]]]:
    """(node, observable, values) of all that is written."""
    of_inputs, of_readouts = observed_nodes(graph)
    inputs = [each for each in graph.populations if each.model == INPUT]
    for node, population in zip(of_inputs, inputs, strict=True):
        events = spikes[:, :, graph.lines(population.name)]
        yield node, "spikes", events if (population.payload_max or 1) > 1 else events.astype(np.bool_)
    for node, readout, values in zip(of_readouts, graph.readouts, readouts, strict=True):
        of_spikes = readout.decoder in OF_SPIKES
        yield node, "spikes" if of_spikes else "v", values != 0 if of_spikes else values / STATE_ONE
