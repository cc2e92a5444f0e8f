"""Events that fill up rows of one length, and are none."""

from collections.abc import Iterator

import numpy as np

from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.short_recordings import named


def of_padding(ds: EventDataset) -> Iterator[str]:
    """How many recordings end in several events at 0 on line 0 that follow later ones, as filled rows do."""
    starts, ends = ds.offsets[:-1], ds.offsets[1:]
    long = np.flatnonzero(ends - starts > 2)
    last = ends[long] - 1
    zero = [(ds.times[last - each] == 0) & (ds.units[last - each] == 0) for each in (0, 1)]
    padded = long[zero[0] & zero[1]]
    padded = np.array([each for each in padded if ds.times[starts[each] : ends[each]].any()], np.int64)
    if padded.size:
        verb = "ends" if padded.size == 1 else "end"
        yield (
            f"{padded.size} of {len(ds)} recordings {verb} in events at 0 on line 0 that follow later ones, "
            f"as rows that zeros fill up to one length (first: {named(ds, int(padded[0]))}): leave those out"
        )
