"""What users do with an exported C program beside tracing a few samples from a file, run and put in words.

main.c reads standard input, over many samples in one process; it refuses events above SNN_PAYLOAD_MAX; snn.h
and snn_class_name tell of the network; and `caller.c` calls the network as a program for a device does, and
asks it for its class after every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.stages import Answer, QuantizedGraph
from snnc.stages.trace import Fact
from snnc.targets.c.runs import Runs, largest_event

CALLER = "caller.c"
TOLD = {"layers", "neurons", "inputs", "classes", "time_steps", "payload_max", "bin_s", "readout_scale"}
"""What `caller.c` prints of snn.h."""
NAMED = "names"
"""Begins the line of the names of the classes, the last one."""


def caller(flags: Sequence[str], folder: Path) -> list[str]:
    """Write `caller.c` into `folder`, and how to compile it there."""
    text = files("snnc.targets.c").joinpath(CALLER).read_bytes()
    (folder / CALLER).write_bytes(text)
    return [*flags, "snn.c", CALLER, "-o", "caller", "-lm"]


def time_limit(graph: QuantizedGraph, samples: int) -> float:
    """Seconds allowed: some hundred times what a run takes if every source spikes in every step."""
    work = sum(layer.weight.size + 9 * layer.neurons for layer in graph.layers)
    return 60.0 + 2e-7 * work * samples * graph.time_steps


@dataclass(frozen=True, slots=True)
class Used:
    """The compiled programs `snn` and `caller` in `folder`; `scratch` is for files."""

    folder: Path
    scratch: Path
    seconds: float | None

    def answers(
        self, graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], readout: npt.NDArray[np.int32]
    ) -> Iterator[Answer]:
        """What all of that answers on `spikes` [samples, T, inputs], at least one, whose trace has `readout`.

        Raises
        ------
        ExecutorError
            If a program fails, takes too long or writes other than it must.
        """
        runs = self._runs(graph)
        facts, _, words = runs.call("caller").partition(NAMED)
        yield Answer("snn.h", facts=read_facts(facts))
        names = read_names(words)
        if len(names) == len(graph.class_names):  # else snn.h tells of other classes
            yield Answer("snn_class_name", names=names)
        largest = self._largest_event(graph)
        yield Answer("main.c, the largest event that it takes", facts={"payload_max": largest})
        classes = readout.shape[2]
        plain = np.dtype([("v", "<i4", (classes,))])
        called = np.dtype([("v", "=i4", (classes,)), ("scores", "=f8", (classes,)), ("class", "=i4")])
        for by, program, dtype in (
            ("main.c from standard input", "snn", plain),
            ("snn_step, snn_readout and snn_class", "caller", called),
        ):
            given = np.ascontiguousarray(spikes).tobytes()
            for name, found in runs.rounds(by, program, given, spikes.shape[:2], dtype):
                yield _answer(name, found)

    def _largest_event(self, graph: QuantizedGraph) -> int:
        """The largest event that main.c takes, of the few that are tried."""
        places = 0, graph.time_steps * graph.inputs - 1
        return largest_event(graph.payload_max, lambda value, last: self._takes(graph, value, places[last]))

    def _takes(self, graph: QuantizedGraph, value: int, place: int) -> bool:
        """Whether main.c runs a sample whose only event is `value`."""
        sample = np.zeros(graph.time_steps * graph.inputs, np.uint8)
        sample[place] = value
        return self._runs(graph).takes(sample.tobytes())

    def _runs(self, graph: QuantizedGraph) -> Runs:
        return Runs(self.folder, self.scratch, lambda samples: self.seconds or time_limit(graph, samples))


def _answer(by: str, found: npt.NDArray[Any]) -> Answer:
    if found.dtype.names == ("v",):
        return Answer(by, found["v"])
    return Answer(by, found["v"], scores_so_far=found["scores"], classes_so_far=found["class"])


def read_names(words: str) -> tuple[str, ...]:
    """Names as `caller.c` prints them: behind an `x` each, their bytes in hexadecimal.

    Raises `ExecutorError` for anything else.
    """
    try:
        return tuple(bytes.fromhex(each.removeprefix("x")).decode(errors="replace") for each in words.split())
    except ValueError as error:
        raise ExecutorError(f"c: {CALLER} prints names that are not in hexadecimal ({error})") from error


def read_facts(text: str) -> dict[str, Fact]:
    """What `caller.c` says of snn.h. Raises `ExecutorError` unless it is all of `TOLD`, each a number."""
    real: dict[str, Callable[[str], Fact]] = {"bin_s": float.fromhex, "readout_scale": float.fromhex}
    try:
        told = dict(line.split() for line in text.splitlines())
        found = {name: real.get(name, int)(value) for name, value in told.items()}
    except ValueError as error:
        raise ExecutorError(
            f"c: {CALLER} prints a line that is not a name and a number from snn.h ({error})"
        ) from error
    if found.keys() != TOLD:
        raise ExecutorError(
            f"c: {CALLER} prints {', '.join(found)} from snn.h, expected {', '.join(sorted(TOLD))}"
        )
    return found
