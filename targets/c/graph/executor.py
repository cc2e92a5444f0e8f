"""Compile the C program of a graph that is no chain, run it, and read what it writes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from snnc.io import files
from snnc.stages import LayerTrace, QuantizedGraph, Trace, check_input
from snnc.targets.c import compiler
from snnc.targets.c.graph.answers import (
    COUNT,
    MACROS,
    SCORES,
    Decoded,
    of_trace,
    read_plain,
    read_trace,
    read_words,
)
from snnc.targets.c.graph.emitter import GraphProgram
from snnc.targets.c.graph.used import caller, time_limit, used_answers
from snnc.targets.c.runs import Runs
from snnc.targets.c.states import held_once

FLAGS = ("-std=c99", "-O2")
DEVICE_FLAGS = ("-std=c99", "-Os")
DEVICES = ((), (SCORES,), (COUNT,))
"""Macros with which docs/c.md has users build for a device, a build each."""


def run_graph(graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], *, flags: Sequence[str] = FLAGS) -> Trace:
    """Run uint8 [samples, T, inputs] in the program of `graph`, compiled with `flags`; no answers.

    Raises
    ------
    StageError
        If the input does not fit the graph.
    LimitError
        If the program would be too large.
    ExecutorUnavailableError
        If there is no C compiler.
    ExecutorError
        If compiling or the run fails or takes too long, or the program writes no whole trace.
    """
    events = check_input(graph, spikes)
    program = GraphProgram(graph)
    program.check()
    with files.temporary("snnc-c-") as folder:
        build(program.files(), folder, flags)
        with files.temporary("snnc-c-") as scratch:
            outputs = Outputs(folder, scratch, graph, events, time_limit(graph, len(events)))
            began = time.perf_counter()
            layers, _ = outputs.trace("snn", MACROS)
    return Trace("c", layers, {"seconds": time.perf_counter() - began})


def run_compiled(
    folder: Path,
    graph: QuantizedGraph,
    events: npt.NDArray[np.uint8],
    seconds: float | None = None,
    *,
    used: bool = False,
) -> Trace:
    """Run checked `events` in the programs that `build` compiled in `folder` for `DEVICES`.

    The answers are those of main.c in each of its ways, and of the builds for devices; if `used`, also those
    of `used.py`. `seconds`: the time allowed for a run; default a generous bound that grows with the work.
    Raises `ExecutorError`.
    """
    with files.temporary("snnc-c-") as scratch:
        limit = seconds or time_limit(graph, len(events))
        outputs = Outputs(folder, scratch, graph, events, limit)
        began = time.perf_counter()
        layers, decoded = outputs.trace("snn", MACROS)
        info = {"seconds": time.perf_counter() - began}
        answers = [
            *of_trace("snn.c", graph, decoded),
            *read_plain(outputs.of("snn"), graph, len(events)),
            *read_words(outputs.of("snn", "--classes"), outputs.of("snn", "--names"), graph, len(events)),
        ]
        for number, macros in enumerate(DEVICES):
            found, decoded = outputs.trace(f"device{number}", macros)
            by = f"snn.c, {' '.join(macros) or 'no macros'}"
            answers += of_trace(by, graph, decoded, held_once(layers, found))
        if used and len(events):
            runs = Runs(folder, scratch, lambda samples: seconds or time_limit(graph, samples))
            answers += used_answers(runs, graph, events, input_bytes(graph, events))
    return Trace("c", layers, info, tuple(answers))


class Outputs:
    """What the programs compiled in `folder` write of `events`; `scratch` is for files."""

    def __init__(
        self, folder: Path, scratch: Path, graph: QuantizedGraph, events: npt.NDArray[np.uint8], limit: float
    ) -> None:
        self._folder, self._scratch, self._limit = folder, scratch, limit
        self._graph, self._samples = graph, len(events)
        (scratch / "input").write_bytes(input_bytes(graph, events))

    def of(self, program: str, *options: str) -> bytes:
        """All that `program` writes with `options`. Raises as `compiler.run`."""
        out = self._scratch / "output"
        words = [str(self._folder / program), *options, str(self._scratch / "input"), str(out)]
        compiler.run(words, self._scratch, self._limit)
        return out.read_bytes()

    def trace(
        self, program: str, macros: Sequence[str]
    ) -> tuple[tuple[LayerTrace, ...], tuple[Decoded, ...]]:
        """The states, and what is decoded, of `program`, which is built with `macros`."""
        return read_trace(self.of(program, "--trace"), self._graph, self._samples, macros)


def build(
    program: Mapping[str, bytes],
    folder: Path,
    flags: Sequence[str] = FLAGS,
    devices: Sequence[Sequence[str]] = (),
    *,
    shipped: bool = False,
) -> None:
    """Write `program` to `folder` and compile it to `snn`, and for a device with each of `devices`, macros.

    If it is `shipped`, also to `caller`. Raises as `compiler.build`.
    """
    try:
        files.fill(folder, program)
    except OSError as error:
        raise files.no_room(folder, error) from error
    builds: list[tuple[str, Sequence[str], Sequence[str]]] = [("snn", flags, MACROS)]
    builds += [(f"device{number}", DEVICE_FLAGS, macros) for number, macros in enumerate(devices)]
    commands = [[*options, *macros, "snn.c", "main.c", "-o", name, "-lm"] for name, options, macros in builds]
    if shipped:
        commands.append(caller(DEVICE_FLAGS, folder))
    compiler.build(commands, folder)


def input_bytes(graph: QuantizedGraph, events: npt.NDArray[np.uint8]) -> bytes:
    """What `main.c` reads for uint8 [samples, T, inputs]: of no inputs a byte for each sample."""
    return np.ascontiguousarray(events).tobytes() if graph.inputs else bytes(len(events))
