"""Compile the C program of a graph that is no chain, run it, and read what it writes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.io import files
from snnc.stages import Answer, LayerTrace, QuantizedGraph, Trace, check_input
from snnc.stages.population import ADLIF, INPUT
from snnc.targets.c import compiler
from snnc.targets.c.graph.emitter import GraphProgram
from snnc.targets.c.states import held_once

FLAGS = ("-std=c99", "-O2")
SCORES, COUNT, NAMES = "-DSNN_SCORES", "-DSNN_COUNT", "-DSNN_NAMES"
MACROS = (SCORES, COUNT, NAMES)
DEVICE_FLAGS = ("-std=c99", "-Os")
DEVICES = ((), (COUNT,))
"""Macros with which a program for a device is built, beside that for a computer."""
PROGRAM = "the C program"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the program decodes of one readout after each step.

    `scores` float64 [samples, T, classes], `classes` int64 [samples, T].
    """

    scores: npt.NDArray[np.float64]
    classes: npt.NDArray[np.int64]


def run_graph(graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], *, flags: Sequence[str] = FLAGS) -> Trace:
    """Run uint8 [samples, T, inputs] in the program of `graph`, compiled with `flags`.

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
        return run_compiled(folder, graph, events)


def run_compiled(
    folder: Path,
    graph: QuantizedGraph,
    events: npt.NDArray[np.uint8],
    seconds: float | None = None,
    devices: Sequence[Sequence[str]] = (),
) -> Trace:
    """Run checked `events` in the programs that `build` compiled in `folder`, for the same `devices`.

    The answers are the states of the builds for devices. `seconds`: the time allowed for a run; default a
    generous bound that grows with the work. Raises `ExecutorError`.
    """
    with files.temporary("snnc-c-") as scratch:
        given, out = scratch / "input", scratch / "trace"
        given.write_bytes(input_bytes(graph, events))
        limit = seconds or time_limit(graph, len(events))

        def states(program: str, macros: Sequence[str]) -> tuple[LayerTrace, ...]:
            words = [str(folder / program), "--trace", str(given), str(out)]
            compiler.call(words, scratch, limit, PROGRAM)
            return read_trace(out.read_bytes(), graph, len(events), macros)[0]

        began = time.perf_counter()
        layers = states("snn", MACROS)
        info = {"seconds": time.perf_counter() - began}
        answers = [
            Answer(
                f"snn.c, {' '.join(macros) or 'no macros'}",
                states=held_once(layers, states(f"device{number}", macros)),
            )
            for number, macros in enumerate(devices)
        ]
    return Trace("c", layers, info, tuple(answers))


def build(
    program: Mapping[str, bytes],
    folder: Path,
    flags: Sequence[str] = FLAGS,
    devices: Sequence[Sequence[str]] = (),
) -> None:
    """Write `program` to `folder` and compile it to `snn`, and for a device with each of `devices`, macros.

    Raises as `compiler.compile_c`.
    """
    try:
        files.fill(folder, program)
    except OSError as error:
        raise files.no_room(folder, error) from error
    builds: list[tuple[str, Sequence[str], Sequence[str]]] = [("snn", flags, MACROS)]
    builds += [(f"device{number}", DEVICE_FLAGS, macros) for number, macros in enumerate(devices)]
    commands = [[*options, *macros, "snn.c", "main.c", "-o", name, "-lm"] for name, options, macros in builds]
    compiler.compile_c(commands, folder)


def input_bytes(graph: QuantizedGraph, events: npt.NDArray[np.uint8]) -> bytes:
    """What `main.c` reads for uint8 [samples, T, inputs]: of no inputs a byte for each sample."""
    return np.ascontiguousarray(events).tobytes() if graph.inputs else bytes(len(events))


def time_limit(graph: QuantizedGraph, samples: int) -> float:
    """Seconds allowed: some hundred times what a run takes if every source spikes in every step."""
    work = sum(each.synapses.count for each in graph.projections)
    work += 9 * sum(each.neurons for each in graph.populations)
    return 60.0 + 2e-7 * work * samples * graph.time_steps


def read_trace(
    data: bytes, graph: QuantizedGraph, samples: int, macros: Sequence[str] = MACROS
) -> tuple[tuple[LayerTrace, ...], tuple[Decoded, ...]]:
    """What `main.c --trace` writes, built with `macros`: populations, and readouts if it decodes.

    Raises
    ------
    ExecutorError
        If it is not as long as `samples` samples of `graph`.
    """
    populations = [each for each in graph.populations if each.model != INPUT]
    step: list[Any] = []
    for number, each in enumerate(populations):
        step += [(f"u{number}", "<i4", (each.neurons,))]
        step += [(f"w{number}", "<i4", (each.neurons,))] if each.model == ADLIF else []
        step += [(f"v{number}", "<i4", (each.neurons,)), (f"s{number}", "u1", (each.neurons,))]
    readouts = graph.readouts if SCORES in macros else ()
    for number, read in enumerate(readouts):
        step += [(f"scores{number}", "<f8", (len(read.class_names),)), (f"class{number}", "<i4")]
    parts: list[Any] = [("steps", np.dtype(step), (graph.time_steps,))]
    parts += [("counts", "<u4", (len(populations), 3))] if COUNT in macros else []
    record = np.dtype(parts)
    expected = samples * record.itemsize
    if len(data) != expected:
        raise ExecutorError(f"c: the program wrote {len(data)} bytes of {expected} ({samples} samples)")
    trace = np.frombuffer(data, record).reshape(samples)
    steps: Any = trace["steps"]
    counts: list[Any] = [(None, None, None)] * len(populations)
    if COUNT in macros:
        counts = trace["counts"].sum(axis=0, dtype=np.int64).tolist()
    layers = []
    for number, (each, (wraps, clips, w_clips)) in enumerate(zip(populations, counts, strict=True)):
        u, v, spikes = (steps[f"{name}{number}"] for name in "uvs")
        w = {"w": steps[f"w{number}"], "w_clips": w_clips} if each.model == ADLIF else {}
        layers.append(LayerTrace(u, v, spikes, wraps, clips, **w))
    decoded = tuple(
        Decoded(steps[f"scores{number}"], steps[f"class{number}"].astype(np.int64))
        for number in range(len(readouts))
    )
    return tuple(layers), decoded
