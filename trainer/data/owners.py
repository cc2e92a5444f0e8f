"""Of which recording an event is that an error is about, and the file that the recording was made of."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from snnc.text import one_line


def called(recording: int, files: Sequence[str] | None) -> str:
    """As "recording 2 (a.csv)"; by its number alone where `files` do not name it."""
    known = files is not None and recording < len(files)
    return f"recording {recording}" + (f" ({one_line(files[recording])})" if files and known else "")


def of_event(event: int, offsets: Any, files: Sequence[str] | None) -> str:
    """As "event 4 of recording 2 (a.csv): "; empty if `offsets`, not checked yet, do not tell."""
    given = np.asarray(offsets)
    if given.ndim != 1 or given.dtype.kind not in "iu" or not len(given) or given[0] != 0:
        return ""
    starts = given.astype(np.int64)
    if (np.diff(starts) < 0).any() or event >= starts[-1]:
        return ""
    recording = int(np.searchsorted(starts, event, "right")) - 1
    return f"event {event - starts[recording]} of {called(recording, files)}: "
