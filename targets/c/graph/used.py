"""What users do with the C program of a graph beside running samples from a file (of a chain: `../used.py`).

main.c reads standard input, over many samples in one process, and refuses events that are too large; snn.h
tells of the network; and `caller.c` calls the network as a program for a device does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.stages import Answer, QuantizedGraph
from snnc.stages.population import INPUT
from snnc.stages.trace import Fact
from snnc.targets.c.graph.answers import NAMES, SCORES, of_plain, plain
from snnc.targets.c.runs import Runs, largest_event

CALLER = "caller.c"
WORK = 10**10
"""Most updates and synapses, were every source to spike in every step, of many samples in one process."""
STDIN, CALLED = "main.c from standard input", "snn_step, snn_score and snn_class"
LARGEST = "main.c, the largest events that it takes"

COUNTS = ("layers", "populations", "neurons", "adapted", "inputs", "readouts", "time_steps")
LISTS = ("input_lines", "payload_maxes")
"""What `caller.c` prints of snn.h: `bin_s`, `COUNTS`, and `LISTS` with a number for each input."""


def caller(flags: Sequence[str], folder: Path) -> list[str]:
    """Write `caller.c` into `folder`, and how to compile it there."""
    (folder / CALLER).write_bytes(files("snnc.targets.c.graph").joinpath(CALLER).read_bytes())
    return [*flags, SCORES, NAMES, "snn.c", CALLER, "-o", "caller", "-lm"]


def work(graph: QuantizedGraph) -> int:
    """Updates and synapses of a sample, were every source to spike in every step."""
    step = sum(each.synapses.count for each in graph.projections)
    return graph.time_steps * (step + 9 * sum(each.neurons for each in graph.populations))


def time_limit(graph: QuantizedGraph, samples: int) -> float:
    """Seconds allowed: some hundred times what a run takes if every source spikes in every step."""
    return 60.0 + 2e-7 * work(graph) * samples


def used_answers(
    runs: Runs, graph: QuantizedGraph, events: npt.NDArray[np.uint8], given: bytes
) -> Iterator[Answer]:
    """What all of that answers on `events` [samples, T, inputs], at least one, of which main.c reads `given`.

    Raises
    ------
    ExecutorError
        If a program fails, takes too long or writes other than it must.
    """
    yield from read_header(runs.call("caller"), graph)
    if graph.inputs:
        yield Answer(LARGEST, facts={"payload_maxes": tuple(map(str, _largest_events(runs, graph)))})
    shape = len(events), graph.time_steps
    most = WORK // (work(graph) * len(events))
    for by, found in runs.rounds(STDIN, "snn", given, shape, plain(graph), most):
        yield from of_plain(by, graph, found)
    for by, found in runs.rounds(CALLED, "caller", given, shape, _called(graph), most // 2):
        yield from _of_called(by, graph, found)


def _called(graph: QuantizedGraph) -> np.dtype[Any]:
    """What `caller.c` writes of a step, as this machine holds it."""
    parts: list[Any] = []
    for number, each in enumerate(graph.readouts):
        classes = (len(each.class_names),)
        parts += [(f"of{number}", "=i4", classes), (f"scores{number}", "=f8", classes)]
        parts += [(f"class{number}", "=u4")]
    return np.dtype(parts)


def _of_called(by: str, graph: QuantizedGraph, found: npt.NDArray[Any]) -> Iterator[Answer]:
    for number, each in enumerate(graph.readouts):
        classes = found[f"class{number}"].astype(np.int64)
        scores = found[f"scores{number}"]
        yield Answer(
            by, found[f"of{number}"], scores_so_far=scores, classes_so_far=classes, of=each.population
        )


def _largest_events(runs: Runs, graph: QuantizedGraph) -> Iterator[int]:
    """Of each input the largest event that main.c takes, of the few that are tried.

    They stand in the first line of the first step, and in the last line of the last.
    """
    for each in graph.populations:
        if each.model == INPUT:
            lines = graph.lines(each.name)

            def takes(value: int, last: bool, lines: slice = lines) -> bool:
                sample = np.zeros((graph.time_steps, graph.inputs), np.uint8)
                sample[(-1, lines.stop - 1) if last else (0, lines.start)] = value
                return runs.takes(sample.tobytes())

            yield largest_event(each.payload_max or 1, takes)


def read_header(text: str, graph: QuantizedGraph) -> list[Answer]:
    """What `caller.c` says of snn.h: the facts of the network, and of each readout its names.

    Raises
    ------
    ExecutorError
        If it is not all that `caller.c` prints, in numbers, and the names of the readouts that it tells of.
    """
    try:
        lines = {name: words for name, *words in map(str.split, text.splitlines())}
        counts = {name: int(_only(lines.pop(name))) for name in COUNTS}
        step = float.fromhex(_only(lines.pop("bin_s")))
        lists = {name: [int(each) for each in lines.pop(name)] for name in LISTS}
        names = [_names(lines.pop(f"names{number}")) for number in range(counts["readouts"])]
    except (KeyError, TypeError, ValueError) as error:
        raise ExecutorError(f"c: {CALLER} prints something else than what snn.h tells ({error!r})") from error
    if lines:
        raise ExecutorError(f"c: {CALLER} prints {', '.join(lines)}, which snn.h does not tell")
    facts: dict[str, Fact] = {
        **counts,
        "bin_s": step,
        "payload_max": max(lists["payload_maxes"], default=0),
        **{name: tuple(map(str, numbers)) for name, numbers in lists.items()},
    }
    answers = [Answer("snn.h", facts=facts)]
    for each, found in zip(graph.readouts, names, strict=False):  # their number is a fact
        right = found if len(found) == len(each.class_names) else None  # and so is that of its classes
        answers.append(
            Answer(
                "snn.h and snn_class_name",
                names=right,
                facts={"classes": len(found)},
                of=each.population,
            )
        )
    return answers


def _only(words: list[str]) -> str:
    """The only word. Raises `ValueError` if there is another number of them."""
    (word,) = words
    return word


def _names(words: list[str]) -> tuple[str, ...]:
    """Names as `caller.c` prints them: after an `x`, their bytes in hexadecimal."""
    return tuple(bytes.fromhex(each.removeprefix("x")).decode(errors="replace") for each in words)
