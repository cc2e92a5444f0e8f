"""Whose labels are whose: recordings with class names of their own for a network of named classes."""

from __future__ import annotations

from dataclasses import replace

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


def test_numbers_are_those_of_the_network() -> None:
    assert labels([0, 2, 1], ["0", "1", "2"]) == [0, 2, 1]
    with pytest.raises(InputError, match=r"labels\[1\] is 3"):
        labels([0, 3], ["0", "1", "2", "3"])


def test_some_names_of_the_network_beside_others_are_refused() -> None:
    with pytest.raises(InputError, match="the class 'stop', the network has 'down', 'left', 'up'; name"):
        labels([0, 1], ["up", "stop"])
    assert labels([0, 0], ["up", "stop"]) == [2, 2]


def test_names_that_are_all_others_are_refused() -> None:
    """Their order says nothing of that of the network's."""
    with pytest.raises(InputError, match=r"the class 'auf', the network has 'down', .* or by their numbers"):
        labels([0, 1, 2], ["auf", "ab", "links"])


def test_names_of_a_network_whose_classes_are_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    numbered = replace(NETWORK, readouts=(replace(NETWORK.readouts[0], class_names=("0", "1", "2")),))
    monkeypatch.setitem(globals(), "NETWORK", numbered)
    assert labels([0, 2, 1], ["auf", "ab", "links"]) == [0, 2, 1]
