"""Files and folders as networks."""

from __future__ import annotations

import os
from pathlib import Path

from snnc.api.exported import Exported
from snnc.api.network import Network
from snnc.api.words import python_words
from snnc.exporter.artifact import read_artifact
from snnc.exporter.network_files import load_network, read_network_file
from snnc.exporter.nir.importer import Imported
from snnc.exporter.nir.options import ImportOptions


def load(
    path: str | os.PathLike[str],
    *,
    dt: float | None = None,
    time_steps: int | None = None,
    reset: str | None = None,
    fires: str | None = None,
    integration: str | None = None,
    round_delays: bool = False,
    trust_program: bool = False,
) -> Network | Exported:
    """Read a model file of `snnc train`, a NIR file, or a folder of `snnc export`.

    Nothing in it is executed. A folder gives an `Exported`, a file a `Network`.

    Parameters
    ----------
    dt, time_steps : of a NIR file of another framework: seconds a step, and steps of a sample.
    reset, fires, integration, round_delays : what such a file may leave open, as for `snnc export`.
    trust_program : of a folder: also run a program that this release would not emit.

    Raises
    ------
    SnncError
        If it cannot be read, is damaged, or something else.
    """
    place = Path(path)
    with python_words():
        if place.is_dir():
            return Exported(read_artifact(place), trust_program)
        options = ImportOptions(dt, time_steps, round_delays, reset, fires, integration)
        content = read_network_file(place)
        found = load_network(place, options, content=content)
    if isinstance(found, Imported):
        notes = tuple(f"{name}: {note}" for name, note in found.notes.items())
        return Network(found.model, place.name, notes=notes, content=content, path=place, reading=options)
    return Network(found, place.name, content=content, path=place)
