"""Arrays beside `spikes` that are not read: told, or refused where they are meant for one that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.io.spike_arrays import not_read

PLACE = Path("own.npz")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("y", "labels"),
        ("label", "labels"),
        ("Targets", "labels"),
        ("Dt", "dt"),
        ("bin_s", "dt"),
        ("tick_s", "dt"),
        ("Classes", "classes"),
    ],
)
def test_what_is_meant_for_an_array_that_is_read_is_refused(name: str, meant: str) -> None:
    with pytest.raises(InputError) as found:
        not_read(PLACE, ["spikes", name])
    assert f"own.npz: its array {name!r} is not read (did you mean {meant!r}?);" in str(found.value)
    assert not_read(PLACE, ["spikes", name, meant]) == (f"own.npz: not read is {name}",)


def test_other_arrays_are_told() -> None:
    assert not_read(PLACE, ["spikes", "labels", "dt", "classes", "speaker", "speakers"]) == ()
    assert not_read(PLACE, ["readout_0", "spikes", "tables"]) == ("own.npz: not read are readout_0, tables",)
