"""Files of networks: models of `snnc train`, NIR files, and networks of lava-dl."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NoReturn

import h5py

from snnc.errors import InputError
from snnc.exporter.lava_dl.file import LAYERS
from snnc.exporter.lava_dl.importer import ImportedGraph, import_network
from snnc.exporter.nir.foreign import SIGNATURE
from snnc.exporter.nir.importer import Imported, ImportOptions, import_nir
from snnc.exporter.nir.reader import read_nir
from snnc.io import hdf5_checks, hdf5_guard
from snnc.io.regular import READ_LIMIT
from snnc.io.tensor_file import read_file
from snnc.stages import QuantizedGraph
from snnc.trainer.model_file import WHAT, AnyModel, kept_model

AnyNetwork = AnyModel | Imported | ImportedGraph | QuantizedGraph
NO_IMPORT_OPTIONS = ImportOptions()
READING = "--dt, --time-steps, --reset, --fires, --integration, --decoder and --round-delays"
NODES, OURS = "node", "node/metadata/snnc"
INTEGERS = "was written by snnc and holds integers, which stay as they are"


def load_network(
    path: Path, nir_options: ImportOptions, payload_max: int = 1, content: bytes | None = None
) -> AnyNetwork:
    """The content of a model file, a NIR file or one of lava-dl; of a NIR file that snnc wrote, its integers.

    `payload_max`: the largest input event of a network of lava-dl. `content` is that of the file, if it was
    read before. Raises `SnncError` if it cannot be read.
    """
    data = read_network_file(path) if content is None else content
    if data.startswith(SIGNATURE):
        kind = _kind(path, data)
        if kind == LAYERS:
            return import_network(data, str(path), nir_options, payload_max)
        if kind == OURS:
            if nir_options != NO_IMPORT_OPTIONS:
                raise InputError(f"{path}: {INTEGERS}; leave out {READING}")
            return read_nir(data, str(path))
        return import_nir(data, str(path), nir_options)
    if nir_options != NO_IMPORT_OPTIONS:
        raise InputError(f"{path}: is no network of another framework; {READING} need one")
    return kept_model(path, data)


def read_network_file(path: Path) -> bytes:
    """The content of the file that `load_network` takes. Raises `SnncError` if it cannot be read."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give the file that `snnc train` wrote, or a NIR file")
    return read_file(path, WHAT, READ_LIMIT)  # a NIR file may be larger than a model file


def _kind(path: Path, data: bytes) -> str:
    """The member that tells whose HDF5 file it is. Raises `InputError` if it is damaged, or has none."""

    def refuse(problem: str) -> NoReturn:
        raise InputError(f"{path}: is an HDF5 file that {problem}")

    hdf5_guard.check(data, lambda problem: refuse(f"{problem}; copy or write it again"))
    with hdf5_checks.damage(refuse), h5py.File(io.BytesIO(data), "r") as file:
        for kind in (OURS, NODES, LAYERS):
            if kind in file:
                return kind
    return refuse(f"holds no network: neither {NODES!r}, as of NIR, nor {LAYERS!r}, as of lava-dl")
