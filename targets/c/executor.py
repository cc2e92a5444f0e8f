"""Executor that compiles the C program of an artifact, in each way that its users do, and runs it."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ArtifactError, ExecutorError
from snnc.io import files
from snnc.io.scratch import Scratch
from snnc.provenance import sha256
from snnc.stages import Answer, Artifact, LayerTrace, QuantizedGraph, Trace, check_input
from snnc.targets.c import compiler
from snnc.targets.c.emitter import sources
from snnc.targets.c.graph import executor as graph_executor
from snnc.targets.c.graph.executor import DEVICES
from snnc.targets.c.states import held_once
from snnc.targets.c.used import Used, caller, time_limit
from snnc.text import shell

FLAGS = ("-std=c99", "-O2")
DEVICE_FLAGS = ("-std=c99", "-Os")
SCORES, COUNT, NAMES = "-DSNN_SCORES", "-DSNN_COUNT", "-DSNN_NAMES"
MACROS = (SCORES, COUNT, NAMES)
"""Those of the program for a computer, which decodes, counts and prints names."""
DEVICE_MACROS = ((), (SCORES,), (COUNT,))
"""Those with which docs/c.md has users build for a device, a build each."""
FILES = ("snn.h", "snn.c", "main.c")
_NUMBER = re.compile(r"-?[0-9]{1,10}")


class CExecutor:
    """Runs the C program of an artifact: its own files, or what this release emits for its graph.

    It computes nothing itself. A program is compiled once for as long as its files are the same: as for a
    computer, whose trace is the result, and in each way that docs/c.md names for a device. What those give,
    all states, counts, scores and classes, is among the answers. So is, once for each program of an artifact
    of the target `c`, what its other uses give (`used.py`). A graph that is no chain
    is run in the same ways (`graph/executor.py`, `graph/used.py`).

    Parameters
    ----------
    time_limit
        Seconds for a run; default a generous bound that grows with the work.
    """

    name = "c"

    def __init__(self, *, time_limit: float | None = None) -> None:
        self.time_limit = time_limit
        self._folder: Scratch | None = None
        self._compiled: dict[str, str] = {}
        self._emitted: tuple[QuantizedGraph, Mapping[str, bytes]] | None = None
        self._as_users_run = False

    def unavailable_reason(self) -> str | None:
        """Why C cannot be compiled here and what to do, or None."""
        return compiler.unavailable_reason()

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs] of 0 .. `payload_max`.

        Raises
        ------
        StageError
            If the input does not fit the graph.
        ExecutorUnavailableError
            If there is no C compiler.
        ArtifactError
            If an artifact of the target `c` lacks a file.
        ExecutorError
            If compiling or the run fails or takes too long, or the program writes no whole trace.
        """
        graph = artifact.graph
        spikes = check_input(graph, spikes)
        folder = self._compiled_in(artifact)
        if not graph.is_chain:
            as_users = self._as_users_run
            trace = graph_executor.run_compiled(folder, graph, spikes, self.time_limit, used=as_users)
            self._as_users_run &= not len(spikes)
            return trace
        limit = self.time_limit or time_limit(graph, len(spikes))
        with files.temporary("snnc-c-") as scratch:
            given, out = scratch / "input", scratch / "trace"
            given.write_bytes(np.ascontiguousarray(spikes).tobytes())

            def output(program: str, *options: str) -> bytes:
                words = [str(folder / program), *options, str(given), str(out)]
                compiler.run(words, scratch, limit)
                return out.read_bytes()

            began = time.perf_counter()
            traced = output("snn", "--trace")
            seconds = time.perf_counter() - began
            classes = [str(folder / "snn"), "--classes", str(given)]
            layers, decoded = read_trace(traced, graph, len(spikes))
            answers = [
                decoded,
                read_readout(output("snn"), graph, len(spikes)),
                read_classes(compiler.run(classes, scratch, limit), graph, len(spikes)),
                read_names(output("snn", "--names"), decoded, len(spikes)),
            ]
            for number, macros in enumerate(DEVICE_MACROS):
                found, answer = read_trace(output(f"device{number}", "--trace"), graph, len(spikes), macros)
                answers.append(replace(answer, states=held_once(layers, found)))
            if self._as_users_run and len(spikes):
                used = Used(folder, scratch, self.time_limit)
                answers += used.answers(graph, spikes, layers[-1].v)
                self._as_users_run = False
        info = {"command": shell(*compiler.command(), *FLAGS, *MACROS), "seconds": seconds}
        return Trace(self.name, layers, info, tuple(answers))

    def _compiled_in(self, artifact: Artifact) -> Path:
        """The folder of the compiled programs."""
        program = artifact.program if artifact.target == "c" else self._sources(artifact.graph)
        for name in FILES:
            if name not in program:
                raise ArtifactError(f"{artifact.path}: has no {name}; export it again with --target c")
        shipped = artifact.target == "c"
        key = {name: sha256(data) for name, data in program.items()} | {"shipped": str(shipped)}
        if self._folder is None or self._compiled != key:
            folder = Scratch("snnc-c-")
            try:
                if artifact.graph.is_chain:
                    build(program, folder.path, shipped=shipped)
                else:
                    graph_executor.build(program, folder.path, devices=DEVICES, shipped=shipped)
            except BaseException:
                folder.remove()
                raise
            before, self._folder, self._compiled = self._folder, folder, key
            self._as_users_run = shipped
            if before is not None:
                before.remove()
        return self._folder.path

    def _sources(self, graph: QuantizedGraph) -> Mapping[str, bytes]:
        """What this release emits for `graph`, once for all batches of inputs."""
        if self._emitted is None or self._emitted[0] is not graph:
            self._emitted = graph, sources(graph)
        return self._emitted[1]


def build(program: Mapping[str, bytes], folder: Path, *, shipped: bool) -> None:
    """Write `program` to `folder` and compile it to `snn`, `device0` …, and `caller` if it is `shipped`.

    Raises as `compiler.build`.
    """
    try:
        files.fill(folder, program)
    except OSError as error:
        raise files.no_room(folder, error) from error
    builds: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [("snn", FLAGS, MACROS)]
    builds += [(f"device{number}", DEVICE_FLAGS, macros) for number, macros in enumerate(DEVICE_MACROS)]
    commands = [[*flags, *macros, "snn.c", "main.c", "-o", name, "-lm"] for name, flags, macros in builds]
    if shipped:
        commands.append(caller([*DEVICE_FLAGS, SCORES, NAMES], folder))
    compiler.build(commands, folder)


def named(macros: Sequence[str]) -> str:
    """The program that is built with `macros`, in words."""
    return f"snn.c, {' '.join(macros) or 'no macros'}"


def read_trace(
    data: bytes, graph: QuantizedGraph, samples: int, macros: Sequence[str] = MACROS
) -> tuple[tuple[LayerTrace, ...], Answer]:
    """What `main.c --trace` writes, built with `macros`: the trace by layer, and the answer to each sample.

    The answer are scores and `snn_class`, where they are there, and for a device the states.

    Raises
    ------
    ExecutorError
        If it is not as long as `samples` samples of `graph`.
    """
    steps: list[Any] = [
        (f"{what}{index}", kind, (layer.neurons,))
        for index, layer in enumerate(graph.layers)
        for what, kind in (("u", "<i4"), ("v", "<i4"), ("s", "u1"))
    ]
    record: list[Any] = [("steps", np.dtype(steps), (graph.time_steps,))]
    record += [("counts", "<u4", (len(graph.layers), 2))] if COUNT in macros else []
    record += [("scores", "<f8", (graph.layers[-1].neurons,)), ("class", "<i4")] if SCORES in macros else []
    trace: Any = _array(data, np.dtype(record), (samples,))
    states = trace["steps"]
    counts: list[Any] = [(None, None)] * len(graph.layers)
    if COUNT in macros:
        counts = trace["counts"].sum(axis=0, dtype=np.int64).tolist()
    layers = tuple(
        LayerTrace(states[f"u{index}"], states[f"v{index}"], states[f"s{index}"], *counts[index])
        for index in range(len(graph.layers))
    )
    decoded: dict[str, Any] = {}
    if SCORES in macros:
        decoded = {"scores": trace["scores"], "classes": trace["class"]}
    if macros == MACROS:
        return layers, Answer("snn.c", **decoded)
    return layers, Answer(named(macros), states=layers, **decoded)


def read_readout(data: bytes, graph: QuantizedGraph, samples: int) -> Answer:
    """What `main.c` writes without options. Raises as `read_trace`."""
    shape = samples, graph.time_steps, graph.layers[-1].neurons
    return Answer("main.c", _array(data, np.dtype("<i4"), shape))


def read_classes(data: str, graph: QuantizedGraph, samples: int) -> Answer:
    """What `main.c --classes` writes. Raises as `read_trace`."""
    lines = data.split()
    if len(lines) != samples or not all(_NUMBER.fullmatch(line) for line in lines):
        raise ExecutorError(
            f"c: the program wrote {len(lines)} classes, expected a number for each of {samples}"
        )
    return Answer("main.c --classes", classes=np.array(lines, np.int64))


def read_names(data: bytes, decoded: Answer, samples: int) -> Answer:
    """What `main.c --names` writes of the classes that are `decoded`. Raises as `read_trace`."""
    *lines, rest = data.decode(errors="replace").split("\n")  # no name has a control character
    if len(lines) != samples or rest:
        raise ExecutorError(f"c: main.c --names wrote {len(lines)} lines, expected one for each of {samples}")
    return Answer("main.c --names", classes=decoded.classes, said=tuple(lines))


def _array(data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    expected = math.prod(shape) * dtype.itemsize
    if len(data) != expected:
        raise ExecutorError(f"c: the program wrote {len(data)} bytes of {expected} ({shape[0]} samples)")
    return np.frombuffer(data, dtype).reshape(shape)
