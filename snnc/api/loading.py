"""Files and folders as networks."""

from __future__ import annotations

import io
import os
import zipfile
from numbers import Real
from pathlib import Path

from snnc.api.exported import Exported
from snnc.api.finetuned import recorded
from snnc.api.network import Network
from snnc.api.numbers import step_seconds
from snnc.api.words import python_words
from snnc.errors import InputError, MissingFileError, ModelFileError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.lava_dl.importer import ImportedGraph
from snnc.exporter.network_files import (
    NO_IMPORT_OPTIONS,
    READING,
    AnyNetwork,
    load_network,
    read_network_file,
)
from snnc.exporter.nir.importer import Imported
from snnc.exporter.nir.options import ImportOptions
from snnc.io.near_files import is_missing, near_file
from snnc.io.other_kinds import NUMPY
from snnc.keywords import checked_keywords
from snnc.text import one_line
from snnc.trainer.data.array_files import advice
from snnc.trainer.model_file import WHAT

OF_EVENTS = (".npz", ".h5", ".hdf5")
NPY = ".npy"
RECORDINGS = "snnc.load_data reads recordings"
PREDICTED = "exported.predict({path!r}) gives their classes"
AS_DATA = (
    f"{PREDICTED}. With their labels they are data: exported.verify(data={{path!r}}), and of a network that "
    "snnc trained also snnc.test(network, data={path!r})"
)
SPIKES_OF = "exported.predict({read}) gives the classes of spikes [samples, steps, lines]"
SPIKES, LABELS = "spikes", "labels"
"""Arrays of samples in steps, whose length recordings have to name, and a network knows."""
MODULES = "snnc.from_torch reads a PyTorch module in the program that makes it"


@checked_keywords()
def load(
    path: str | os.PathLike[str],
    *,
    dt: float | None = None,
    time_steps: int | None = None,
    reset: str | None = None,
    fires: str | None = None,
    integration: str | None = None,
    decoder: str | None = None,
    round_delays: bool = False,
    payload_max: int = 1,
    trust_program: bool = False,
) -> Network | Exported:
    """Read a model file of `snnc train`, a NIR file, a network of lava-dl, or a folder of `snnc export`.

    Nothing in it is executed. A folder gives an `Exported`, a file a `Network`.

    Parameters
    ----------
    dt, time_steps : of a file of another framework: seconds a step, and steps of a sample.
    reset, fires, integration, decoder, round_delays : what such a file may leave open, as for `snnc export`.
    payload_max : of a network of lava-dl: the most that an input event may carry.
    trust_program : of a folder: also run a program that this release would not emit.

    Raises
    ------
    SnncError
        If it cannot be read, is damaged, or something else.

    Examples
    --------
    >>> snnc.load("net.c")
    Exported('net.c': c, 20 + 16 + 3 neurons, T = 30; on the example, the integers spike ...)
    """
    place = Path(path)
    if is_missing(place):
        raise MissingFileError(f"{place}: no such file or folder{near_file(place)}; check the path")
    with python_words():
        if isinstance(dt, Real) and not isinstance(dt, bool):
            dt = float(dt)  # fractions, and numbers of numpy
        reading = ImportOptions(dt, time_steps, round_delays, reset, fires, integration, decoder)
        if place.is_dir():
            if reading != NO_IMPORT_OPTIONS:
                raise InputError(f"{place}: is a folder; {READING} are for a NIR file, leave them out")
            if payload_max != 1:
                raise InputError(f"{place}: is a folder; payload_max is for a file, leave it out")
            return Exported(read_artifact(place), trust_program)
        if trust_program:
            raise InputError(f"{place}: is a file, trust_program is for a folder of an export; leave it out")
        content = read_network_file(place)
        found = _network(place, reading, payload_max, content)
        if payload_max != 1 and not isinstance(found, ImportedGraph):
            raise InputError(f"{place}: is no network of lava-dl; give payload_max to export instead")
    if dt is not None:
        step_seconds(dt)
    told = found.notes if isinstance(found, Imported | ImportedGraph) else {}
    if isinstance(found, ImportedGraph):
        found = found.graph
    return Network(
        found.model if isinstance(found, Imported) else found,
        place.name,
        notes=tuple(f"{name}: {note}" for name, note in told.items()),
        content=content,
        path=place,
        reading=reading,
        payload_max=payload_max,
        finetuned=recorded(found, place),
    )


def _network(place: Path, reading: ImportOptions, payload_max: int, content: bytes) -> AnyNetwork:
    try:
        return load_network(place, reading, payload_max, content)
    except ModelFileError as error:
        if arrays := _arrays_of(content):
            told = f"{place}: holds arrays ({one_line(', '.join(arrays))}), and no network"
            hint = RECORDINGS if SPIKES not in arrays else AS_DATA if LABELS in arrays else PREDICTED
            raise ModelFileError(told, hint.format(path=str(place))) from None
        if content.startswith(NUMPY):
            read = SPIKES_OF.format(read=f"numpy.load({str(place)!r})")
            raise ModelFileError(f"{place}: {advice(place)}", read) from None
        if f"not a {WHAT}" in str(error):  # but one of a module, perhaps
            error.args = (*error.args, RECORDINGS if place.suffix in OF_EVENTS else MODULES)
        raise


def _arrays_of(content: bytes) -> list[str]:
    """The names of the arrays of an .npz file; empty for any other."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return []
    arrays = [each.removesuffix(NPY) for each in names if each.endswith(NPY)]
    return arrays if len(arrays) == len(names) else []
