"""Whether all sources that test are of one place, of which nothing trains."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from order_task import order_task

from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.one_place import one_place


def of(*names: str) -> EventDataset:
    """Two recordings of each source."""
    speaker = np.repeat(np.arange(len(names)), 2) if names else np.full(4, -1)
    return replace(order_task(len(speaker)), speaker=speaker, speaker_names=names or None)


@pytest.mark.parametrize(
    ("trains", "tests", "place"),
    [
        (("Graz/1", "Krems/1"), ("Wels/1", "Wels/2"), "'Wels'"),
        (("a/Graz/1", "a/Krems/1"), ("a/Wels/1", "a/Wels/2"), "'a/Wels'"),
        (("Graz/1", "Wels/3"), ("Wels/1", "Wels/2"), ""),  # one of its place trains
        (("Graz/1", "Krems/1"), ("Wels/1", "Enns/2"), ""),  # of two places
        (("Graz/1", "Krems/1"), ("Wels/1",), ""),  # one source is one source
        (("ann", "bob"), ("cyd", "dan"), ""),  # of no place
        (("ann", "bob"), ("Wels/1", "Wels/2"), ""),
        ((), (), ""),
    ],
)
def test_which_are_told(trains: tuple[str, ...], tests: tuple[str, ...], place: str) -> None:
    said = one_place(of(*trains), of(*tests))
    assert bool(said) is bool(place)
    if place:
        assert said == (
            f"all 2 sources that test are of {place}, and none that trains is: accuracy on test is that of "
            f"one new place, {place}, and says little of new sources of other places"
        )
