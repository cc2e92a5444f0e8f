"""The class that the module's output tells against that of the graph, decoded in real numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.conversion.recordings import by_recording
from snnc.conversion.run import Trace
from snnc.conversion.values import Value
from snnc.exporter.float_reference import FloatTrace
from snnc.stages import FloatGraph, Readout

SAME_SCORE = 1e-4
"""Scores that differ by less than this share of the largest are of equal classes: a module computes in 32
bits.
"""
Scores = npt.NDArray[np.float64]


def other_classes(
    graph: FloatGraph, runs: Sequence[Mapping[str, FloatTrace]], trace: Trace, outputs: Sequence[int]
) -> dict[int, int]:
    """Of each output, in how many recordings the graph's class does not have the module's largest score.

    `runs` are of the graph on the first recordings; `outputs[k]` is the output that readout k is of.
    """
    found = {}
    for readout, number in zip(graph.readouts, outputs, strict=True):
        value = trace.outputs[number]
        assert isinstance(value, Value)
        theirs = by_recording(trace.tensors[number], value.axes)[: len(runs)]
        if value.axes.has_time:
            theirs = _decoded(theirs, "sum" if value.softmax else readout.decoder)[:, None]
        each = np.stack([_ours(run, readout) for run in runs]).argmax(1)
        scores = theirs[:, 0]
        chosen = np.take_along_axis(scores, each[:, None], 1)[:, 0]
        near = scores.max(1) - SAME_SCORE * np.abs(scores).max(1)
        found[number] = int(np.count_nonzero(~(chosen >= near)))
    return found


def _ours(run: Mapping[str, FloatTrace], readout: Readout) -> Scores:
    of = run[readout.population]
    record: Any = of.spikes if readout.scale is None else of.v * readout.scale
    return np.asarray(_decoded(record[None].astype(np.float64), readout.decoder)[0])


def _decoded(record: Scores, decoder: str) -> Scores:
    """Scores [N, classes] of what there is in each step, [N, T, classes]."""
    if decoder == "max":
        return np.asarray(record.max(1))
    if decoder == "last":
        return np.asarray(record[:, -1])
    if decoder == "softmax":
        record = np.exp(record - record.max(2, keepdims=True))
        record /= record.sum(2, keepdims=True)
    return np.asarray(record.sum(1))
