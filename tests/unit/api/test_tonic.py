"""Data sets in the shape of tonic's, by a stand-in: tonic is no dependency."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import snnc
from snnc.errors import InputError

DVS = np.dtype([("x", np.int16), ("y", np.int16), ("t", np.int64), ("p", bool)])
AUDIO = np.dtype([("t", np.int64), ("x", np.int64), ("p", np.int64)])


class StandIn:
    """As tonic's: a length, items, `sensor_size` and `classes`."""

    sensor_size = (4, 3, 2)
    classes = ("wave", "clap")

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, number: int) -> Any:
        return self.items[number]


def events(*rows: tuple[int, ...], dtype: np.dtype[Any] = DVS) -> Any:
    return np.array(list(rows), dtype)


def test_places_polarities_and_times() -> None:
    data = StandIn([(events((3, 2, 1500, 1), (0, 0, 20, 0)), 1), (events(), 0), (events((1, 0, 7, 0)), 0)])
    found = snnc.from_tonic(data)
    assert found.units.tolist() == [(1 * 3 + 2) * 4 + 3, 0, 1]
    np.testing.assert_allclose(found.seconds, [1.5e-3, 2e-5, 7e-6], rtol=1e-6)
    assert (found.labels.tolist(), found.class_names) == ([1, 0, 0], ("wave", "clap"))
    assert (found.unit_count, found.name, found.offsets.tolist()) == (24, "StandIn", [0, 2, 2, 3])
    np.testing.assert_array_equal(found.frames([0], 1e-3, 2).nonzero(), [[0, 0], [0, 1], [0, 23]])


def test_an_event_at_the_edge_of_a_step_is_in_the_step_that_begins() -> None:
    """In seconds of 32 bits, 0.7 is below 0.7."""
    found = snnc.from_tonic(
        [(events((0, 0, 700_000, 0)), 0), (events((0, 0, 699_999, 0)), 1)], sensor_size=(1, 1, 2)
    )
    assert np.argwhere(found.frames([0, 1], 0.01, 71)).tolist() == [[0, 70, 0], [1, 69, 0]]


def test_sound_has_one_row_and_texts_are_classes() -> None:
    items = [(events((5, 699, 1), dtype=AUDIO), "b"), (events((5, 0, 1), dtype=AUDIO), "a")]
    found = snnc.from_tonic(items, sensor_size=(700, 1, 2), time_unit=1e-3)
    assert (found.units.tolist(), found.class_names, found.labels.tolist()) == (
        [1399, 700],
        ("a", "b"),
        [1, 0],
    )
    np.testing.assert_allclose(found.seconds, 5e-3)


def test_labels_number_classes_where_none_are_named() -> None:
    assert snnc.from_tonic([(events((0, 0, 1, 0)), 2)], sensor_size=(1, 1, 2)).class_names == ("0", "1", "2")


ONE = (events((0, 0, 1, 0)), 0)


@pytest.mark.parametrize(
    ("items", "options", "said"),
    [
        ([], {}, "holds no recording"),
        ([ONE[0]], {}, r"dataset\[0\]: is .*; give pairs"),
        ([ONE, (np.zeros((5, 2, 3, 4)), 0)], {}, r"dataset\[1\]: is .*frames are for snnc.from_arrays"),
        ([(events((4, 0, 1, 0)), 0)], {}, r"event 0 has x = 4, the sensor 0 .. 3; give its sensor_size"),
        ([(events((0, -1, 1, 0)), 0)], {}, "event 0 has y = -1"),
        ([(events((0, 0, -1, 0)), 0)], {}, r"times\[0\] = -"),
        ([(ONE[0], 2)], {}, "its label is 2"),
        ([(ONE[0], -1)], {}, "its label is -1"),
        ([(ONE[0], 0.5)], {}, "its label is 0.5"),
        ([(ONE[0], "jump")], {}, "its label is 'jump', which classes do not name"),
        ([ONE], {"sensor_size": (4, 3)}, r"sensor_size: is \(4, 3\)"),
        ([ONE], {"sensor_size": (640, 480, 2)}, "makes more than 65536 lines; make it smaller"),
        ([ONE], {"time_unit": 0}, "time_unit: is 0"),
    ],
)
def test_what_is_no_such_data_set_is_said(items: list[Any], options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        snnc.from_tonic(StandIn(items), **options)


def test_without_a_size_it_is_asked_for() -> None:
    with pytest.raises(InputError, match="sensor_size: the data set names none"):
        snnc.from_tonic([ONE])
