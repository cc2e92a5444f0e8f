"""A readout of three classes, whose scores and classes were worked out by hand."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
from loihi_artifacts import chain, layer

from snnc.stages import Answer, AnswerDifference, LayerTrace, QuantizedGraph, Trace
from snnc.verification.answers import answer_differences

# With v * scale = 0, log 2 and log 4 the shares of a step are 1/7, 2/7 and 4/7; over two steps, twice that.
SCALE = log(2)
V = [[[0, 1, 2], [0, 1, 2]], [[0, 0, 0], [5, 5, 5]]]
SCORES = np.array([[2 / 7, 4 / 7, 8 / 7], [2 / 3, 2 / 3, 2 / 3]])
CLASSES = [2, 0]
"""Silence gives all classes the same score: the first is taken."""
NAMES = ("class0", "class1", "class2")


def graph() -> QuantizedGraph:
    return chain(layer([[1], [1], [1]]), time_steps=2).changed(readout_scale=SCALE)


def trace(*answers: Answer, v: Any = V) -> Trace:
    states = np.asarray(v, np.int32)
    return Trace("one", (LayerTrace(states, states, np.zeros(states.shape, np.bool_), 0, 0),), {}, answers)


def differences(answer: Answer, v: Any = V) -> list[AnswerDifference]:
    return list(answer_differences(graph(), trace(), trace(answer, v=v), "test").values())


def one(**fields: Any) -> Answer:
    return Answer("it", **fields)
