"""Trace files: u, w, v and spikes of chosen layers and steps in HDF5, read piece by piece.

`docs/traces.md` describes the format; `snnc.io.traces.writer` writes it. Nothing that a file says is believed
before it is checked, and nothing is read that would not fit the limits below.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np
import numpy.typing as npt

from snnc import SEMANTICS_READ
from snnc.errors import TraceFileError
from snnc.io import hdf5_checks, hdf5_guard
from snnc.io.regular import check_regular
from snnc.io.traces.base import VARIABLES, TraceReader
from snnc.io.traces.head import CHAIN, GRAPH, of_chain, of_graph

FORMAT, VERSIONS = "snnc-trace", (CHAIN, GRAPH)
"""A chain is written in the first, any other graph in the second."""
AGAIN = "copy or record it again"
SAMPLE_LIMIT = 1 << 28
"""Most bytes that one variable of one layer may take for one sample, unpacked."""
CHUNK_LIMIT = 1 << 26
"""Most bytes of one chunk: HDF5 unpacks a chunk as a whole."""
COUNT_LIMIT = 1 << 31
"""Most steps, neurons or samples; int32 is what the executors count in."""

Stored = type[np.uint8] | type[np.int32] | type[np.int64]
"""What a data set holds."""


class TraceFile(TraceReader):
    """An open trace file of ours.

    Raises
    ------
    TraceFileError
        Here if the file is missing, no HDF5, of an unknown version or inconsistent; when an array is read,
        if its bytes are damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            check_regular(path)
        except FileNotFoundError:
            self._refuse("no such file; `snnc run --trace` writes one")
        except OSError as error:
            self._refuse(f"cannot be read: {error.strerror}")
        self._file = open_hdf5(path)
        try:
            with self._damage():
                self._read_head()
                self._check_arrays()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        self._file.close()

    @property
    def steps(self) -> int:
        """Number of recorded steps."""
        return self.stop - self.first

    def holds(self, layer: int, variable: str) -> bool:
        # The readout of a chain may have spikes, all of them False, where another wrote the file.
        return (variable != "w" or "w" in self.computed(layer)) and _name(layer, variable) in self._file

    def read(self, layer: int, variable: str, rows: slice, steps: slice = slice(None)) -> npt.NDArray[Any]:
        with self._damage():
            part = np.asarray(self._file[_name(layer, variable)][rows, steps])
        if variable == "spikes":
            return unpack(part, self.neurons[layer])
        return part.astype(np.int32, copy=False)

    @property
    def has_input(self) -> bool:
        return "input" in self._file

    def read_input(self, rows: slice) -> npt.NDArray[np.bool_ | np.uint8]:
        with self._damage():
            found = np.asarray(self._file["input"][rows])
        return found if self.payload_max > 1 else unpack(found, self.inputs)

    def _read_head(self) -> None:
        if self._attribute("format", str) != FORMAT:
            self._refuse(f"is HDF5 but not a trace: its attribute 'format' is not '{FORMAT}'")
        for name, known in (("version", VERSIONS), ("semantics_version", SEMANTICS_READ)):
            found = self._attribute(name, int)
            if found not in known:
                read = " and ".join(map(str, known))
                self._refuse(f"{name} is {found}, this release reads {read}; record the trace again")
        self.executor: str = self._attribute("executor", str)
        self.graph_hash: str = self._attribute("graph_hash", str)
        self.time_steps: int = self._count("time_steps")
        self.version: int = self._attribute("version", int)
        chain = self.version == CHAIN
        self.inputs: int = self._count("inputs", 1 if chain else 0)
        self.payload_max: int = self._count("payload_max") if "payload_max" in self._file.attrs else 1
        self.first: int = self._attribute("first_step", int)
        self.stop: int = self._attribute("stop_step", int)
        if not 0 <= self.first < self.stop <= self.time_steps:
            self._refuse(f"steps {self.first}:{self.stop} are not a window of 0:{self.time_steps}")
        names, neurons = self._list("layers", "O"), self._list("neurons", "iu")
        if len(names) != len(neurons) or not len(names):
            self._refuse(f"names {len(names)} layers but has sizes for {len(neurons)}")
        for name in names:
            self._check_text("layers", name)
        self.layers = tuple(str(name) for name in names)
        if len(set(self.layers)) != len(self.layers):
            self._refuse("two layers have the same name")
        self.neurons = tuple(int(count) for count in neurons)
        if min(self.neurons) < 1 or max(self.neurons) >= COUNT_LIMIT:
            self._refuse(f"its layers have {self.neurons} neurons; each needs 1 to {COUNT_LIMIT - 1}")
        if chain:
            scale = self._attribute("readout_scale", float)
            network = of_chain(len(self.layers), self.time_steps, scale, self._refuse)
        else:
            attributes = self._file.attrs
            network = of_graph(attributes, self.neurons, self.time_steps, self._list, self._refuse)
        self.models, self.order, self.readouts = network

    def _attribute(self, name: str, kind: type) -> Any:
        if name not in self._file.attrs:
            self._refuse(f"attribute '{name}' is missing; the file is not a trace file, or is incomplete")
        value = self._file.attrs[name]
        kinds = {int: np.integer, float: np.floating, str: str}
        if not isinstance(value, kinds[kind]):
            self._refuse(f"attribute '{name}' is {type(value).__name__}; a {kind.__name__} is expected")
        if kind is str:
            self._check_text(name, value)
        return kind(value)

    def _check_text(self, name: str, text: object) -> None:
        """What is printed must not steer a terminal, or be no text at all."""
        if not (isinstance(text, str) and text.isprintable()):
            self._refuse(f"attribute '{name}' holds {text!a}, which cannot be printed")

    def _count(self, name: str, least: int = 1) -> int:
        value: int = self._attribute(name, int)
        if not least <= value < COUNT_LIMIT:
            self._refuse(f"{name} is {value}; it must be in {least}..{COUNT_LIMIT - 1}")
        return value

    def _list(self, name: str, kinds: str) -> npt.NDArray[Any]:
        value = self._file.attrs.get(name)
        if not isinstance(value, np.ndarray) or value.ndim != 1 or value.dtype.kind not in kinds:
            self._refuse(f"attribute '{name}' is missing or not a list of the expected type")
        return value

    def _check_arrays(self) -> None:
        samples = self._dataset("samples", np.int64)
        count = samples.shape[0] if samples.ndim == 1 else 0
        if samples.ndim != 1 or samples.id.get_storage_size() < samples.nbytes:
            self._refuse(f"'samples' of shape {samples.shape} is not one uncompressed list, stored whole")
        self.samples: npt.NDArray[np.int64] = np.asarray(samples[:])
        if not count or self.samples.min() < 0 or (np.diff(self.samples) <= 0).any():
            self._refuse("'samples' must hold at least one number, in rising order and none negative")
        if self.has_input:
            width = input_bytes(self.inputs, self.payload_max)
            self._check_shape("input", np.uint8, (count, self.time_steps, width))
        found = 0
        for index, width in enumerate(self.neurons):
            for variable in VARIABLES:
                if self.holds(index, variable):
                    packed = variable == "spikes"
                    shape = (count, self.steps, packed_bytes(width) if packed else width)
                    self._check_shape(_name(index, variable), np.uint8 if packed else np.int32, shape)
                    found += 1
        if not found:
            self._refuse("holds neither u, v nor spikes of any layer")

    def _dataset(self, name: str, dtype: Stored) -> h5py.Dataset:
        return hdf5_checks.dataset(self._file, name, (np.dtype(dtype),), self._refuse)

    def _check_shape(self, name: str, dtype: Stored, shape: tuple[int, int, int]) -> None:
        """The shape, the sizes that reading needs, and that every element is stored."""
        data = self._dataset(name, dtype)
        if data.shape != shape:
            self._refuse(f"data set '{name}' has shape {data.shape}; its attributes say {shape}")
        size = sample_bytes(dtype, shape)
        if size > SAMPLE_LIMIT:
            self._refuse(
                f"a sample of '{name}' takes {size} bytes, {SAMPLE_LIMIT} are read; record fewer steps"
            )
        hdf5_checks.check_stored(data, name, CHUNK_LIMIT, self._refuse)

    def _damage(self) -> AbstractContextManager[None]:
        return hdf5_checks.damage(self._refuse)


def check_hdf5(path: Path) -> None:
    """Raise `TraceFileError` if libhdf5 cannot read the file at `path`."""

    def refuse(problem: str) -> NoReturn:
        raise TraceFileError(f"{path}: {problem}; {AGAIN}")

    hdf5_guard.check(path, refuse)


def open_hdf5(path: Path) -> h5py.File:
    """The file at `path`. Raises `TraceFileError` if libhdf5 cannot read it."""
    check_hdf5(path)
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise TraceFileError(
            f"{path}: not a readable HDF5 file ({error}); it may be truncated: {AGAIN}"
        ) from error


def packed_bytes(neurons: int) -> int:
    """Bytes that hold a bit for each neuron."""
    return -(-neurons // 8)


def input_bytes(inputs: int, payload_max: int) -> int:
    """Bytes that hold one step of the input: bits, or a payload a byte."""
    return inputs if payload_max > 1 else packed_bytes(inputs)


def sample_bytes(dtype: Stored, shape: tuple[int, int, int]) -> int:
    """Bytes of one sample of a data set [samples, steps, width] in memory, where packed bits are unpacked."""
    bits = np.dtype(dtype) == np.uint8
    return shape[1] * shape[2] * (8 if bits else np.dtype(dtype).itemsize)


def pack(spikes: npt.NDArray[np.bool_ | np.uint8]) -> npt.NDArray[np.uint8]:
    """Eight neurons a byte along the last axis, neuron 8k + b in bit b (value 2**b) of byte k."""
    return np.packbits(spikes, axis=-1, bitorder="little")


def unpack(packed: npt.NDArray[np.uint8], neurons: int) -> npt.NDArray[np.bool_]:
    """What `pack` made, bool [..., neurons]."""
    return np.unpackbits(packed, axis=-1, count=neurons, bitorder="little").view(np.bool_)


def _name(layer: int, variable: str) -> str:
    return f"layer_{layer}/{variable}"
