"""What `main.c` of a graph writes in each of its ways, read as states and as an answer for each readout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.stages import Answer, LayerTrace, QuantizedGraph
from snnc.stages.population import ADLIF

SCORES, COUNT, NAMES = "-DSNN_SCORES", "-DSNN_COUNT", "-DSNN_NAMES"
MACROS = (SCORES, COUNT, NAMES)
"""Those of the program for a computer, which decodes, counts and prints names."""
WORDS = "main.c --classes and --names"
_NUMBER = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the program decodes of one readout after each step.

    `scores` float64 [samples, T, classes], `classes` int64 [samples, T].
    """

    scores: npt.NDArray[np.float64]
    classes: npt.NDArray[np.int64]


def read_trace(
    data: bytes, graph: QuantizedGraph, samples: int, macros: Sequence[str] = MACROS
) -> tuple[tuple[LayerTrace, ...], tuple[Decoded, ...]]:
    """What `main.c --trace` writes, built with `macros`: populations, and readouts if it decodes.

    Raises
    ------
    ExecutorError
        If it is not as long as `samples` samples of `graph`.
    """
    step: list[Any] = []
    for number, each in enumerate(graph.stateful):
        step += [(f"u{number}", "<i4", (each.neurons,))]
        step += [(f"w{number}", "<i4", (each.neurons,))] if each.model == ADLIF else []
        step += [(f"v{number}", "<i4", (each.neurons,)), (f"s{number}", "u1", (each.neurons,))]
    readouts = graph.readouts if SCORES in macros else ()
    for number, read in enumerate(readouts):
        step += [(f"scores{number}", "<f8", (len(read.class_names),)), (f"class{number}", "<i4")]
    parts: list[Any] = [("steps", np.dtype(step), (graph.time_steps,))]
    parts += [("counts", "<u4", (len(graph.stateful), 3))] if COUNT in macros else []
    trace = _array(data, np.dtype(parts), (samples,))
    steps: Any = trace["steps"]
    counts: list[Any] = [(None, None, None)] * len(graph.stateful)
    if COUNT in macros:
        counts = trace["counts"].sum(axis=0, dtype=np.int64).tolist()
    layers = []
    for number, (each, (wraps, clips, w_clips)) in enumerate(zip(graph.stateful, counts, strict=True)):
        u, v, spikes = (steps[f"{name}{number}"] for name in "uvs")
        w = {"w": steps[f"w{number}"], "w_clips": w_clips} if each.model == ADLIF else {}
        layers.append(LayerTrace(u, v, spikes, wraps, clips, **w))
    decoded = tuple(
        Decoded(steps[f"scores{number}"], steps[f"class{number}"].astype(np.int64))
        for number in range(len(readouts))
    )
    return tuple(layers), decoded


def of_trace(
    by: str,
    graph: QuantizedGraph,
    decoded: Sequence[Decoded],
    states: tuple[LayerTrace, ...] | None = None,
) -> list[Answer]:
    """The answers of a build called `by`: what it decoded, if anything, and its `states`, in the first."""
    if not decoded:
        return [Answer(by, states=states)]
    return [
        Answer(
            by,
            scores=each.scores[:, -1],
            classes=each.classes[:, -1],
            scores_so_far=each.scores,
            classes_so_far=each.classes,
            states=None if number else states,
            of=readout.population,
        )
        for number, (each, readout) in enumerate(zip(decoded, graph.readouts, strict=True))
    ]


def plain(graph: QuantizedGraph) -> np.dtype[Any]:
    """What `main.c` writes of a step without options."""
    parts = [(f"of{number}", "<i4", (len(each.class_names),)) for number, each in enumerate(graph.readouts)]
    return np.dtype(parts)


def of_plain(by: str, graph: QuantizedGraph, found: npt.NDArray[Any]) -> list[Answer]:
    """The answers in an array of `plain` [samples, T]."""
    return [
        Answer(by, found[f"of{number}"], of=each.population) for number, each in enumerate(graph.readouts)
    ]


def read_plain(data: bytes, graph: QuantizedGraph, samples: int) -> list[Answer]:
    """What `main.c` writes without options. Raises as `read_trace`."""
    return of_plain("main.c", graph, _array(data, plain(graph), (samples, graph.time_steps)))


def read_words(classes: bytes, names: bytes, graph: QuantizedGraph, samples: int) -> list[Answer]:
    """What `main.c --classes` and `main.c --names` write, one beside the other.

    Raises
    ------
    ExecutorError
        If there are not a number and a name for each sample and readout.
    """
    numbers = _table(classes, " ", graph, samples, "--classes")
    said = _table(names, "\t", graph, samples, "--names")
    if wrong := next((each for row in numbers for each in row if not _NUMBER.fullmatch(each)), None):
        raise ExecutorError(f"c: main.c --classes wrote {wrong!r}, expected the number of a class")
    return [
        Answer(
            WORDS,
            classes=np.array([int(row[number]) for row in numbers], np.int64),
            said=tuple(row[number] for row in said),
            of=each.population,
        )
        for number, each in enumerate(graph.readouts)
    ]


def _table(data: bytes, between: str, graph: QuantizedGraph, samples: int, option: str) -> list[list[str]]:
    """[samples][readouts]: the words of each line. Names have no control characters, so none ends one."""
    rows = [line.split(between) for line in data.decode(errors="replace").split("\n")]
    readouts = len(graph.readouts)
    if rows.pop() != [""] or len(rows) != samples or any(len(row) != readouts for row in rows):
        raise ExecutorError(
            f"c: main.c {option} wrote {len(rows)} lines, expected one for each of {samples} samples, of "
            f"{readouts} words each"
        )
    return rows


def _array(data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    expected = int(np.prod(shape)) * dtype.itemsize
    if len(data) != expected:
        raise ExecutorError(f"c: the program wrote {len(data)} bytes of {expected} ({shape[0]} samples)")
    return np.frombuffer(data, dtype).reshape(shape)
