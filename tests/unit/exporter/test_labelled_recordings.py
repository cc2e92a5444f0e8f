"""Whose labels are whose: recordings with class names of their own for a network of named classes."""

from __future__ import annotations

import numpy as np
import pytest

import snnc
from snnc.errors import InputError
from snnc.exporter.graph_recordings import fitted
from snnc.stages import FloatGraph, FloatMatrix, FloatPopulation, FloatProjection, Readout

NETWORK = FloatGraph(
    (
        FloatPopulation("x", "input", 2),
        FloatPopulation("y", "li", 3, keep_u=0.0, keep_v=0.9),
    ),
    (FloatProjection("x", "y", FloatMatrix(np.ones((3, 2)), np.zeros((3, 2), np.int64))),),
    (Readout("y", "sum", 1.0, ("down", "left", "up")),),
    6,
    0.001,
)


def labels(numbers: list[int], classes: list[str]) -> list[int]:
    events = np.ones((len(numbers), 6, 2), np.uint8)
    data = snnc.from_arrays(events, numbers, dt=0.001, classes=classes)
    return fitted(NETWORK, data, np.arange(len(data)))[1].tolist()


def test_classes_of_the_network_go_by_their_names() -> None:
    assert labels([0, 1, 2], ["up", "down", "left"]) == [2, 0, 1]
    assert labels([1, 1, 0], ["up", "left"]) == [1, 1, 2]


def test_other_names_go_by_their_numbers() -> None:
    assert labels([0, 2, 1], ["0", "1", "2"]) == [0, 2, 1]
    with pytest.raises(InputError, match=r"labels\[1\] is 3"):
        labels([0, 3], ["0", "1", "2", "3"])


def test_some_names_of_the_network_beside_others_are_refused() -> None:
    with pytest.raises(InputError, match="has the class 'stop', which the network has not, beside some"):
        labels([0, 1], ["up", "stop"])
    assert labels([0, 0], ["up", "stop"]) == [2, 2]
