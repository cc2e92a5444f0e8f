"""What the module gives against what the graph's readouts do: classes and scores, decoded in real numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.recordings import by_recording
from snnc.conversion.run import Trace
from snnc.conversion.values import Value
from snnc.exporter.expectation.agreement import why
from snnc.exporter.float_reference import FloatTrace
from snnc.stages import FloatGraph, Readout

SAME_V = 1e-4
"""v of a readout, and scores, may differ by this share of the largest: a module computes in 32 bits."""
ROUNDINGS = 16
"""Where a module computes in 16 bits: by as many roundings of the largest."""
IN_CELL = {
    "mean": ("the mean of v over time", "Say decoded=(tensor, 'mean') in gives of the Cell"),
    "sum": ("the sum of v over time", "Say decoded=(tensor, 'sum') in gives of the Cell"),
    "max": ("the largest v over time", "Say decoded=(tensor, 'max') in gives of the Cell"),
    "last": ("v of the last step", "Say last=tensor in gives of the Cell"),
    "softmax": (
        "the softmax of each step, summed over time",
        "Return the membranes of all steps, and compute the softmax and its sum behind the module",
    ),
}
"""What a module of neurons may give that decodes over time itself, and what to do then."""
Scores = npt.NDArray[np.float64]
CausesOfScores = Callable[[str, Scores, float, Callable[[Scores], Scores]], tuple[str, ...]]


def other_classes(
    graph: FloatGraph, runs: Sequence[Mapping[str, FloatTrace]], trace: Trace, outputs: Sequence[int]
) -> dict[int, int]:
    """Of each output, in how many recordings the graph's class does not have the module's largest score.

    `runs` are of the graph on the first recordings; `outputs[k]` is the output that readout k is of.
    """
    found = {}
    for readout, number in zip(graph.readouts, outputs, strict=True):
        value = _value(trace, number)
        theirs = by_recording(trace.tensors[number], value.axes)[: len(runs)]
        if value.axes.has_time:
            theirs = _decoded(theirs, "sum" if value.softmax else readout.decoder)[:, None]
        each = _decoded(_records(graph, runs, readout), readout.decoder).argmax(1)
        scores = theirs[:, 0]
        chosen = np.take_along_axis(scores, each[:, None], 1)[:, 0]
        near = scores.max(1) - SAME_V * np.abs(scores).max(1)
        found[number] = int(np.count_nonzero(~(chosen >= near)))
    return found


def first_difference(
    graph: FloatGraph,
    runs: Sequence[Mapping[str, FloatTrace]],
    trace: Trace,
    outputs: Sequence[int],
    exact: Sequence[bool],
    causes: CausesOfScores = lambda *_: (),
) -> tuple[str, ...] | None:
    """The lines of an error, if an output holds other numbers than the graph's readout gives.

    `runs` are those in which the module's own spikes arrive; `exact[k]` tells of readout k whether its
    neurons agree, without which its numbers cannot. `causes`, in words, of a readout whose scores are so far
    from those that a function makes of its v. Counts and sums of a softmax hold up to a positive
    factor, as their classes do.
    """
    for readout, number, equal in zip(graph.readouts, outputs, exact, strict=True):
        value = _value(trace, number)
        if not equal or value.ranked:
            continue
        tensor = trace.tensors[number]
        theirs = by_recording(tensor, value.axes)[: len(runs)]
        records = _records(graph, runs, readout)
        ours = _as_given(records, readout, value)
        both = min(ours.shape[1], theirs.shape[1])
        ours, theirs = ours[:, :both], theirs[:, :both]
        if readout.scale is None or value.softmax:
            factor = float((ours * theirs).sum()) / (float((ours * ours).sum()) or 1.0)
            ours = ours * factor if factor > 0 else ours
        largest = max(float(np.abs(theirs).max()), float(np.abs(ours).max()))
        wrong = ~(np.abs(ours - theirs) <= same_share(tensor) * largest)
        if wrong.any():
            recording, step, line = (int(each) for each in np.argwhere(wrong)[0])
            when = f", step {step}" if value.axes.has_time else ""
            said = (
                f"output {number}: recording {recording}{when}: the module gives "
                f"{theirs[recording, step, line]:.6g} for class {line}, the network "
                f"{ours[recording, step, line]:.6g}, although what arrives is the same"
            )
            how, decoder = None, readout.decoder
            if own := readout.population in trace.own and readout.scale is not None:
                how = None if value.axes.has_time else _own_decoder(records, theirs[:, 0], tensor)
            if own and how is None and not value.axes.has_time and not value.softmax and decoder != "softmax":
                far = same_share(tensor) * largest
                if found := causes(readout.population, theirs[:, 0], far, partial(_scores, readout)):
                    return (f"{said}: {why(found)}",)
            return f"{said}; {_cause(readout.population, own, how)}", _remedy(own, how)
    return None


def _own_decoder(records: Scores, theirs: Scores, tensor: torch.Tensor) -> str | None:
    """Which of `IN_CELL` makes `theirs` [N, classes], the `tensor`, of `records` [N, T, classes].

    These are v, or v divided by the steps where the Cell says that the module gives the mean.
    """
    steps = records.shape[1]
    for v in (records, records * steps):
        for how in IN_CELL:
            ours = v.mean(1) if how == "mean" else _decoded(v, how)
            largest = max(float(np.abs(theirs).max()), float(np.abs(ours).max()))
            if (np.abs(ours - theirs) <= same_share(tensor) * largest).all():
                return how
    return None


def _cause(population: str, own: bool, how: str | None) -> str:
    """Why scores differ; `own`: the converter of the neurons is the user's, `how`: of `IN_CELL`."""
    if how is not None:
        return f"the module gives {IN_CELL[how][0]}, the Cell of {population} says otherwise"
    other = f"the Cell of {population} says something else than its module computes, or " * own
    return f"{other}a function between neurons and output is not followed"


def _remedy(own: bool, how: str | None) -> str:
    if how is not None:
        return IN_CELL[how][1]
    before = "give the scores before this function"
    if not own:
        return before.capitalize()
    fields = "keep_u, keep_v, gain, lag, weighed, decoded, last"
    return f"Compare the Cell with the code of its module ({fields}), or {before}"


def _value(trace: Trace, number: int) -> Value:
    value = trace.outputs[number]
    assert isinstance(value, Value)
    return value


def same_share(tensor: torch.Tensor) -> float:
    """By which share of the largest number those of `tensor` may differ, as its kind of numbers rounds."""
    rounding = torch.finfo(tensor.dtype).eps if tensor.is_floating_point() else 0.0
    return max(SAME_V, ROUNDINGS * rounding)


def _records(graph: FloatGraph, runs: Sequence[Mapping[str, FloatTrace]], readout: Readout) -> Scores:
    """What is decoded, [N, T, classes]: v times the scale, or spikes."""
    end, scale = graph.population(readout.population).end, readout.scale
    of = [run[readout.population] for run in runs]
    records: Any = [each.spikes if scale is None else each.v * scale for each in of]
    return np.stack(records).astype(np.float64)[:, :end]


def _scores(readout: Any, v: Scores) -> Scores:
    """Scores [N, classes] of v of the graph, [N, T, classes]."""
    return _decoded(v * readout.scale, readout.decoder)


def _as_given(records: Scores, readout: Readout, value: Value) -> Scores:
    """Of `records` what the module gives: each step, or the scores as the only one."""
    if not value.axes.has_time:
        return _decoded(records, readout.decoder)[:, None]
    records = _softmax(records) if value.softmax else records
    late = max(-path.step if path.source.population == readout.population else 0 for path in value.paths)
    return np.pad(records, ((0, 0), (late, 0), (0, 0)))


def _softmax(records: Scores) -> Scores:
    powers = np.exp(records - records.max(2, keepdims=True))
    return np.asarray(powers / powers.sum(2, keepdims=True))


def _decoded(record: Scores, decoder: str) -> Scores:
    """Scores [N, classes] of what there is in each step, [N, T, classes]."""
    if decoder == "max":
        return np.asarray(record.max(1))
    if decoder == "last":
        return np.asarray(record[:, -1])
    return np.asarray((_softmax(record) if decoder == "softmax" else record).sum(1))
