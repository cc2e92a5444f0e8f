"""All golden vectors of decoders as one graph of many readouts, and what each of these answers.

A step does not depend on those behind it. So each vector runs over the most steps that one has, and every
population without an end gets the number of its own steps: what is decoded is that of these steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from graph_cases import Decoded, GraphCase
from graph_golden import GRAPH_GOLDEN

from snnc.stages import Answer, QuantizedGraph, Readout
from snnc.stages.readout import OF_SPIKES

ANSWERED = [case for case in GRAPH_GOLDEN if case.answers]


@dataclass(frozen=True)
class Expected:
    """What the vector of `readout` says of its samples and steps.

    `record` [samples, T, classes] is what is decoded, v or spikes.
    """

    readout: Readout
    record: npt.NDArray[np.int64]
    decoded: Decoded


def joined(cases: Sequence[GraphCase] = ANSWERED) -> tuple[QuantizedGraph, npt.NDArray[np.uint8]]:
    """The graph, with populations called `NUMBER_NAME`, and uint8 [samples, T, inputs] of all vectors."""
    steps = max(each.graph.time_steps for each in cases)
    samples = max(len(each.input) for each in cases)
    populations, projections, events = [], [], []
    for number, each in enumerate(cases):
        graph, name = each.graph, f"{number}_{{}}".format
        populations += [
            replace(one, name=name(one.name), end=one.end or graph.time_steps) for one in graph.populations
        ]
        projections += [
            replace(one, source=name(one.source), destination=name(one.destination))
            for one in graph.projections
        ]
        padded = np.zeros((samples, steps, graph.inputs), np.uint8)
        padded[: len(each.input), : graph.time_steps] = each.input
        events.append(padded)
    readouts = tuple(each.readout for each in expected(cases))
    together = QuantizedGraph(tuple(populations), tuple(projections), readouts, steps, 0.001)
    return together, np.concatenate(events, axis=2)


def expected(cases: Sequence[GraphCase] = ANSWERED) -> list[Expected]:
    """Of each readout of `joined`, in their order; no two have a name of a class in common."""
    found = []
    for number, each in enumerate(cases):
        for read, answer in zip(each.graph.readouts, each.answers, strict=True):
            population = f"{number}_{read.population}"
            names = tuple(f"{population} é{index}" for index in range(len(read.class_names)))
            state = each.layers[each.graph.trace_index(read.population)]
            record = state.spikes if read.decoder in OF_SPIKES else state.v
            own = replace(read, population=population, class_names=names)
            found.append(Expected(own, record.astype(np.int64), answer))
    return found


def assert_right(answer: Answer, right: Expected) -> None:
    """Everything that `answer` gives of its readout is what the vector says."""
    scores, classes = right.decoded.scores, right.decoded.classes
    samples, steps = classes.shape
    here, known = (slice(samples), slice(steps)), classes >= 0
    near = {"rtol": 0 if right.readout.decoder in OF_SPIKES else 1e-13, "atol": 0}
    if answer.readout is not None:
        np.testing.assert_array_equal(answer.readout[here], right.record)
    if answer.scores is not None:
        np.testing.assert_allclose(answer.scores[:samples], scores[:, -1], **near)
    if answer.scores_so_far is not None:
        np.testing.assert_allclose(answer.scores_so_far[here], scores, **near)
    if answer.classes_so_far is not None:
        assert (answer.classes_so_far[here] == classes)[known].all()
    if answer.classes is not None:
        assert (answer.classes[:samples] == classes[:, -1])[known[:, -1]].all()
    if answer.names is not None:
        assert answer.names == right.readout.class_names
    if answer.said is not None:
        for said, index in zip(answer.said, classes[:, -1], strict=False):
            assert index < 0 or said == right.readout.class_names[index]
