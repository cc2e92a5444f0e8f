"""Files of one array of NumPy (.npy), or of tensors, which are no data: what makes data of them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from numpy.lib import format as npy

from snnc.io.other_kinds import TORCH, read_in_python
from snnc.io.regular import open_regular
from snnc.text import one_line, shortened
from snnc.trainer.data import own_files, table_files
from snnc.trainer.data.other_sound import end_of, listed

ARRAY = ".npy"
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_TIMES = ("t", "ts", "time", "times", "timestamp", "timestamps")
_POLARITIES = ("p", "pol", "polarity", "on")
_LINES = ("address", "addr", "unit", "units", "line", "channel", "neuron")
_SHOWN = 80
"""Characters of the names of fields."""


def is_array(path: Path) -> bool:
    """Whether the name of a file says so."""
    return end_of(path.name) in (ARRAY, *TORCH)


def advice(path: Path) -> str:
    """What the file at `path` is, and what to do with it."""
    if end_of(path.name) in TORCH:
        return (
            "a file of torch, which is not read as data; of a tensor of spikes, write np.savez(FILE, spikes="
            f"{read_in_python(path)}.numpy()), [samples, steps, lines]"
        )
    fields = _fields(path)
    if not fields:
        return (
            "one array of NumPy; of spikes, write np.savez(FILE, spikes=array), [samples, steps, lines]; of "
            "weights, have the framework write NIR, or build a graph of it (docs/graphs.md)"
        )
    told = shortened(one_line(", ".join(fields)), _SHOWN)
    return (
        f"one array of NumPy with the fields {told}, as of events; give arrays of all recordings to "
        f'snnc.from_events, {_times(fields)}, {_addresses(fields)} (docs/data.md, "A folder of files of your '
        'own"), and write an event file with snnc.trainer.data.save_events_npz'
    )


def advice_of_folder(
    folder: Path, names: Sequence[str], known: Callable[[Path], bool] = lambda file: True
) -> str | None:
    """That recordings below `folder` are such files, tables or files of events, if some of `names` are.

    None if none is. `known`: whether `snnc inspect` may know a file of events.
    """
    arrays = [name for name in names if end_of(name) == ARRAY]
    if not arrays:
        tables = table_files.advice_of_folder(folder, names)
        return tables or own_files.advice_of_folder(folder, names, known)
    count = "1 file" if len(arrays) == 1 else f"{len(arrays)} files"
    what = advice(folder / arrays[0])
    return f"{folder}: holds no WAV file, but {count} .npy ({listed(arrays)}), the first of them {what}"


def _fields(path: Path) -> tuple[str, ...]:
    """Names of the fields of its elements; empty if they have none, or the file cannot be read."""
    try:
        with open_regular(path) as file:
            read = _HEADERS.get(npy.read_magic(file))
            return () if read is None else tuple(read(file)[2].names or ())
    except Exception:  # whatever a damaged header raises: then nothing is known of it
        return ()


def _times(fields: Sequence[str]) -> str:
    found = _first(fields, _TIMES)
    return f"times from {found!r}" if found else "times from its field of times"


def _addresses(fields: Sequence[str]) -> str:
    x, y = _first(fields, ("x",)), _first(fields, ("y",))
    if not (x and y):
        found = _first(fields, _LINES) or x
        return f"addresses from {found!r}" if found else "addresses from its field of input lines"
    polarity = _first(fields, _POLARITIES)
    plane = f" + WIDTH * HEIGHT * {polarity!r}" if polarity else ""
    return f"addresses {x!r} + WIDTH * {y!r}{plane}, each with .astype(int)"


def _first(fields: Sequence[str], known: Sequence[str]) -> str | None:
    return next((each for each in fields if each.lower() in known), None)
