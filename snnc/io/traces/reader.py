"""Opens a trace in any of three forms: HDF5 of ours, npz, NIRData."""

from __future__ import annotations

from pathlib import Path

import h5py

from snnc.errors import InputError, TraceFileError
from snnc.io import hdf5_guard
from snnc.io.regular import open_regular
from snnc.io.traces.base import TraceReader
from snnc.io.traces.file import TraceFile, check_hdf5
from snnc.io.traces.nirdata import NirDataTrace, is_nirdata
from snnc.io.traces.npz import NpzTrace
from snnc.stages import QuantizedGraph


def open_trace(path: Path, graph: QuantizedGraph | None) -> TraceReader:
    """The trace at `path`, whichever form it has; `graph` is what it is said to be of.

    Raises
    ------
    TraceFileError
        As `TraceFile`.
    InputError
        If the form does not say what network it is of, and there is no `graph`.
    """
    npz = path.is_file() and _starts(path) == b"PK"
    if not npz:
        check_hdf5(path)  # before it is asked what it is
    if not npz and not (h5py.is_hdf5(path) and is_nirdata(path)):
        return TraceFile(path)
    if graph is None:
        form = "npz" if npz else "NIRData"
        raise InputError(f"{path}: {form} does not say what the layers are; give --artifact")
    return NpzTrace(path, graph) if npz else NirDataTrace(path, graph)


def look_at(*paths: Path) -> None:
    """What `open_trace` has another process do first, for all of `paths` at once."""
    hdf5_guard.examine(*(path for path in paths if path.is_file() and _starts(path) != b"PK"))


def _starts(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read(2)
    except OSError as error:
        raise TraceFileError(f"{path}: cannot be read ({error.strerror})") from error
