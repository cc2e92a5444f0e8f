"""That all sources which test, as lifts of one building, share a place of which nothing trains."""

from __future__ import annotations

import numpy as np

from snnc.text import quoted
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.speakers import sources


def one_place(train: EventDataset, test: EventDataset) -> str:
    """A note if all sources of `test`, two at least, are of one place, and none of `train` is; else empty.

    A source of several parts has "/" between them (`Layout`); all but the last are its place.
    """
    there = _places(test)
    if len(there) < 2 or len({*there.values()}) != 1 or "" in there.values():
        return ""
    (place,) = {*there.values()}
    trained = _places(train)
    if not trained or place in trained.values() or "" in trained.values():
        return ""
    return (
        f"all {sources(len(there))} that test are of {quoted(place)}, and none that trains is: accuracy on "
        f"test is that of one new place, {quoted(place)}, and says little of new sources of other places"
    )


def _places(events: EventDataset) -> dict[str, str]:
    """By the name of each source, its place; empty without names."""
    names = events.speaker_names or ()
    known = (names[number] for number in np.unique(events.speaker).tolist() if names and number >= 0)
    return {name: name.rpartition("/")[0] for name in known}
