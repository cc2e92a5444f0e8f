"""Writing of trace files, batch by batch; `docs/traces.md` describes the format."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import numpy.typing as npt

from snnc import __version__
from snnc.errors import InputError
from snnc.intervals import read_range
from snnc.io import files, signals
from snnc.io.traces.base import VARIABLES, payload_max, variables_of
from snnc.io.traces.file import (
    CHUNK_LIMIT,
    FORMAT,
    SAMPLE_LIMIT,
    Stored,
    input_bytes,
    pack,
    packed_bytes,
    sample_bytes,
)
from snnc.io.traces.head import written
from snnc.provenance import graph_hash, semantics_version
from snnc.stages import QuantizedGraph, Trace

if TYPE_CHECKING:
    from typing_extensions import Buffer

CHUNK_BYTES = 1 << 16
"""Small samples share a chunk up to this size, so that HDF5's own index stays small beside them."""

# Of int32 states, gzip at level 1 after the shuffle leaves three quarters of what lzf leaves, at 60 % of its
# speed; level 4 saves 5 to 8 % more and takes half again as long. Every HDF5 build reads gzip.
_FILTERS: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}


@dataclass(frozen=True, slots=True)
class Selection:
    """What is recorded: numbers of layers, variables, and the steps first .. stop - 1."""

    layers: tuple[int, ...]
    variables: tuple[str, ...]
    first: int
    stop: int

    def of_layer(self, graph: QuantizedGraph, layer: int) -> tuple[str, ...]:
        """The variables recorded of `layer`; the readout has no spikes (clause 7)."""
        has = variables_of(graph.stateful[layer].model)
        return tuple(name for name in self.variables if name in has)


def select(
    graph: QuantizedGraph,
    layers: Sequence[str] | None = None,
    variables: Sequence[str] | None = None,
    steps: str | None = None,
) -> Selection:
    """A selection by names, None for all; `steps` as "10:50" (10 to 49), "10:" or ":50".

    Raises
    ------
    InputError
        A name is unknown, the steps are no window of 0 .. T - 1, or nothing would be recorded.
    """
    names = [each.name for each in graph.stateful]
    has = {name for each in graph.stateful for name in variables_of(each.model)} | {"spikes"}
    _known("--layers", layers, names)
    _known("--variables", variables, [name for name in VARIABLES if name in has])
    chosen = Selection(
        tuple(index for index, name in enumerate(names) if layers is None or name in layers),
        tuple(name for name in VARIABLES if variables is None or name in variables),
        *_window(steps, graph.time_steps),
    )
    if not any(chosen.of_layer(graph, index) for index in chosen.layers):
        raise InputError("--layers, --variables: select nothing; the readout has u and v, but no spikes")
    return chosen


class _Sink(io.FileIO):
    """The file `part` that HDF5 writes to, which is to become `path`.

    HDF5 writes late, also while it frees a data set or closes the file, where h5py can only print what fails.
    So the first error is kept here, for `checked`, and what comes after it is dropped. For the same reason
    whoever lets HDF5 write holds signals back: in a method of this class their `Ended` would be lost.
    """

    def __init__(self, part: Path, path: Path, option: str) -> None:
        super().__init__(part, "r+")
        self._path, self._option = path, option
        self._error: OSError | None = None

    def write(self, data: Buffer, /) -> int:
        """Write all of `data`: what the system takes at once may be less."""
        left = memoryview(data).cast("B")
        size = len(left)
        try:
            while left and self._error is None:
                left = left[super().write(left) :]
        except OSError as error:
            self._error = error
        return size

    def truncate(self, size: int | None = None, /) -> int:
        """Change the size of the file to `size` bytes."""
        try:
            if self._error is None:
                return super().truncate(size)
        except OSError as error:
            self._error = error
        return size or 0

    @contextmanager
    def checked(self) -> Iterator[None]:
        """`InputError` at the end of the block if anything could not be written so far."""
        try:
            yield
        finally:
            if self._error is not None:
                raise files.cannot_write(self._path, self._error, self._option) from self._error


class TraceWriter:
    """An open trace file, made by `write_trace`."""

    def __init__(self, file: h5py.File, sink: _Sink, graph: QuantizedGraph, chosen: Selection) -> None:
        self._file, self._sink, self._graph, self._chosen = file, sink, graph, chosen
        self._written = 0

    def append(self, inputs: npt.NDArray[np.uint8], trace: Trace) -> None:
        """Write the next samples: their input uint8 [samples, T, inputs] and what was computed from it."""
        rows = slice(self._written, self._written + len(inputs))
        steps = slice(self._chosen.first, self._chosen.stop)
        with self._sink.checked():
            if self._graph.inputs:
                self._put("input", rows, inputs if payload_max(self._graph) > 1 else pack(inputs))
            for index in self._chosen.layers:
                for name in self._chosen.of_layer(self._graph, index):
                    values = getattr(trace.layers[index], name)[:, steps]
                    self._put(f"layer_{index}/{name}", rows, pack(values) if name == "spikes" else values)
        self._written = rows.stop

    def _put(self, name: str, rows: slice, values: npt.NDArray[Any]) -> None:
        with signals.defer_signals():
            self._file[name][rows] = values


@contextmanager
def write_trace(
    path: Path,
    graph: QuantizedGraph,
    executor: str,
    chosen: Selection,
    samples: int,
    option: str = files.OUTPUT,
) -> Iterator[TraceWriter]:
    """A writer for `samples` samples; the file appears at `path`, whole, when the block ends well.

    `option` is the one that named `path`, for errors.

    Raises
    ------
    InputError
        The place cannot be written, or fewer or more samples were appended.
    """
    with (
        files.atomic_path(path, option) as part,
        _Sink(part, path, option) as sink,
        sink.checked(),
        _opened(sink) as file,
    ):
        with sink.checked(), signals.defer_signals():
            _lay_out(file, graph, executor, chosen, samples)
        writer = TraceWriter(file, sink, graph, chosen)
        yield writer
        if writer._written != samples:
            raise InputError(f"{path}: {writer._written} samples were recorded, {samples} were announced")


@contextmanager
def _opened(sink: _Sink) -> Iterator[h5py.File]:
    """The HDF5 file that is written to `sink`, closed at the end of the block."""
    file = None
    try:
        with signals.defer_signals():
            file = h5py.File(sink, "w", libver="v110")
        yield file
    finally:
        with signals.defer_signals():
            if file is not None:
                file.close()


def _lay_out(file: h5py.File, graph: QuantizedGraph, executor: str, chosen: Selection, samples: int) -> None:
    """The head, and every data set at its full size: what is not written takes no room."""
    head = written(graph, _texts)
    file.attrs.update(
        {
            "format": FORMAT,
            "version": head.pop("version"),
            "semantics_version": semantics_version(graph),
            "snnc_version": __version__,
            "executor": executor,
            "graph_hash": graph_hash(graph),
            "time_steps": graph.time_steps,
            "first_step": chosen.first,
            "stop_step": chosen.stop,
            "inputs": graph.inputs,
            "payload_max": payload_max(graph),
            **head,
            "layers": _texts([each.name for each in graph.stateful]),
            "neurons": np.array([each.neurons for each in graph.stateful], np.int64),
        }
    )
    file["samples"] = np.arange(samples, dtype=np.int64)
    if graph.inputs:
        width = input_bytes(graph.inputs, payload_max(graph))
        _array(file, "input", np.uint8, (samples, graph.time_steps, width))
    for index in chosen.layers:
        for name in chosen.of_layer(graph, index):
            width = graph.stateful[index].neurons
            packed = name == "spikes"
            shape = (samples, chosen.stop - chosen.first, packed_bytes(width) if packed else width)
            _array(file, f"layer_{index}/{name}", np.uint8 if packed else np.int32, shape)


def _texts(names: Sequence[str]) -> npt.NDArray[Any]:
    return np.array(list(names), h5py.string_dtype())


def _array(file: h5py.File, name: str, dtype: Stored, shape: tuple[int, int, int]) -> None:
    samples, steps, width = shape
    row = width * np.dtype(dtype).itemsize
    size = sample_bytes(dtype, shape)
    if size > SAMPLE_LIMIT:
        raise InputError(
            f"trace: a sample of {name} takes {size} bytes, a trace file holds {SAMPLE_LIMIT}; record fewer "
            "steps (--trace-steps)"
        )
    together = max(1, CHUNK_BYTES // (steps * row))
    chunk = (min(samples, 1 << together.bit_length() - 1), min(steps, max(1, CHUNK_LIMIT // 4 // row)), width)
    file.create_dataset(name, shape, dtype, chunks=chunk, **_FILTERS)


def _known(option: str, names: Sequence[str] | None, known: Sequence[str]) -> None:
    for name in names or ():
        if name not in known:
            raise InputError(f"{option}: {name!r} is unknown; there are {', '.join(known)}")


def _window(text: str | None, time_steps: int) -> tuple[int, int]:
    text = ":" if text is None else text
    try:
        window = read_range(text, time_steps)
    except ValueError:
        window = (-1, -1)
    if ":" not in text or not 0 <= window[0] < window[1] <= time_steps:
        raise InputError(
            f"--trace-steps {text}: is not a window of the {time_steps} steps; "
            f"give FIRST:STOP, for example 0:{time_steps}"
        )
    return window
