"""Files that mostly hold events of sensors, in a layout that no command reads: what makes data of them."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from snnc.trainer.data.other_sound import end_of, listed

EVENT_FILES = (".aedat", ".aedat4", ".bin", ".dat", ".h5", ".hdf5", ".mat", ".npz", ".pickle", ".pkl", ".raw")
"""Ends of their names; of .h5 and .npz, some are read by commands."""
REMEDY = (
    "give the times and the input lines of the events of all recordings, and the classes that are known, "
    'to snnc.from_events (docs/data.md, "A folder of files of your own"), and write an event file with '
    "snnc.trainer.data.save_events_npz"
)
OF_YOUR_OWN = f"of events of your own, {REMEDY}"
PICKLES = (".pickle", ".pkl")
PICKLED = (
    "Python objects (pickle), which snnc never loads, since that runs what the file says; load them in "
    "Python if you trust the file. Of arrays [samples, steps, lines] snnc.from_arrays makes recordings; "
    f"{OF_YOUR_OWN}"
)


def is_event_file(path: Path) -> bool:
    """Whether the name of a file says so."""
    return end_of(path.name) in EVENT_FILES


def advice_of_folder(
    folder: Path, names: Sequence[str], known: Callable[[Path], bool] = lambda file: True
) -> str | None:
    """That recordings below `folder` are such files, if some of `names` are; None if none is.

    Files of an artifact, beside its manifest, are none.
    `known`: whether `snnc inspect` may know a file; it is asked of the first.
    """
    some = [name for name in names if end_of(name) in EVENT_FILES]
    found = sorted(name for name in some if not (folder / name).with_name("manifest.json").exists())
    if not found:
        return None
    ends = Counter(map(end_of, found))
    counts = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    one = "name one that `snnc inspect FILE` knows; " if known(folder / found[0]) else ""
    return f"{folder}: holds no WAV file, but other files ({counts}: {listed(found)}); {one}{OF_YOUR_OWN}"
