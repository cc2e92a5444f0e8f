"""Data: labelled spike recordings, where they come from, and how they are split."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from snnc.errors import InputError
from snnc.trainer.data.array_files import advice, is_array
from snnc.trainer.data.digits import load_digits
from snnc.trainer.data.event_files import load_events_npz, save_events_npz
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.order import order_probe, order_task
from snnc.trainer.data.published import PUBLISHED
from snnc.trainer.data.shd import load_shd_hdf5
from snnc.trainer.data.splits import Splits, split_by_default, split_by_speaker, train_on_all

__all__ = [
    "NAMED",
    "PUBLISHED",
    "EventDataset",
    "Splits",
    "load",
    "load_digits",
    "load_events_npz",
    "load_shd_hdf5",
    "order_probe",
    "order_task",
    "save_events_npz",
    "split_by_default",
    "split_by_speaker",
    "train_on_all",
]

NAMED: Mapping[str, Callable[[], EventDataset]] = {
    "digits": load_digits,
    "digits-order-probe": lambda: order_probe(load_digits()),
    "order": order_task,
}
"""Data sets that need no file of the user's."""

_READERS = {".h5": load_shd_hdf5, ".hdf5": load_shd_hdf5}


def load(
    name_or_path: str | os.PathLike[str],
    dt: float | None = None,
    classes: Sequence[str] | None = None,
    layout: str | None = None,
) -> EventDataset:
    """Load a data set that is shipped (`NAMED`), an event `.npz` file, or an SHD/SSC `.h5` or `.hdf5` file.

    `dt`: seconds a step, of an `.npz` file of dense samples that does not say it. `classes`: those of a
    model, which labels of a file count that are numbers without names. `layout`: that of its recordings of
    training, by which the error that a path is a folder says how to encode it.

    Raises
    ------
    InputError
        It is none of these, or the file is missing or damaged.
    """
    named = NAMED.get(str(name_or_path))
    if named is not None:
        return named()
    if name_or_path in PUBLISHED:
        parts = ", ".join(sorted(set(PUBLISHED[str(name_or_path)].parts.values())))
        raise InputError(
            f"data '{name_or_path}': its parts are separate files ({parts}); give the path of one .h5 file, "
            "or, for a model that was trained on it, the folder"
        )
    if not str(name_or_path):
        raise InputError("data '': is no name; give one, or leave it out where a model has data of its own")
    path = Path(name_or_path)
    if path.is_dir():
        from snnc.trainer.data.encode_options import folder_advice  # here: it needs this package

        raise InputError(f"data '{name_or_path}': is a folder{folder_advice(path, classes or (), layout)}")
    if path.suffix.lower() in (".wav", ".wave"):
        raise InputError(
            f"data '{name_or_path}': is sound; put recordings into a folder, CLASS/*.wav, and encode them: "
            "snnc encode FOLDER -o events.npz"
        )
    if is_array(path) and path.exists():
        raise InputError(f"{path}: {advice(path)}")
    if path.suffix.lower() == ".npz":
        return load_events_npz(path, dt, classes)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"data '{name_or_path}': give one of {', '.join(map(repr, NAMED))}, a path to an event file "
            "(.npz) or a path to a file in the SHD/SSC layout (.h5, .hdf5)"
        )
    return reader(name_or_path, classes)
