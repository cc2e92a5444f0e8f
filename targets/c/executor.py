"""Executor that compiles the C program of an artifact's graph and runs it."""

from __future__ import annotations

import math
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import files
from snnc.errors import ExecutorError
from snnc.provenance import graph_hash
from snnc.stages import Answer, Artifact, LayerTrace, QuantizedGraph, Trace, check_input
from snnc.targets.c import compiler
from snnc.targets.c.emitter import sources
from snnc.text import shell

FLAGS = ("-std=c99", "-O2")
MACROS = ("-DSNN_SCORES", "-DSNN_COUNT")
"""What `main.c` needs."""
_NUMBER = re.compile(rb"-?[0-9]{1,10}")


class CExecutor:
    """Runs the C program that this release emits for an artifact's graph, whatever its target.

    It computes nothing itself. A program is compiled once for as long as the graphs are equal.

    Parameters
    ----------
    time_limit
        Seconds for a run; default a generous bound that grows with the work.
    """

    name = "c"

    def __init__(self, *, time_limit: float | None = None) -> None:
        self.time_limit = time_limit
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._compiled = ""

    def missing(self) -> str | None:
        """Why C cannot be compiled here and what to do, or None."""
        return compiler.missing()

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs] of 0 .. `payload_max`.

        Raises
        ------
        StageError
            If the input does not fit the graph.
        ExecutorUnavailableError
            If there is no C compiler.
        ExecutorError
            If compiling or the run fails or takes too long, or the program writes no whole trace.
        """
        graph = artifact.graph
        spikes = check_input(graph, spikes)
        program = self._program(graph)
        with files.temporary("snnc-c-") as folder:
            given, out = folder / "input", folder / "trace"
            given.write_bytes(np.ascontiguousarray(spikes).tobytes())
            began = time.perf_counter()
            limit = self.time_limit or time_limit(graph, len(spikes))
            compiler.call([str(program), "--trace", str(given), str(out)], folder, limit, "the C program")
            seconds = time.perf_counter() - began
            layers, decoded = read_trace(out.read_bytes(), graph, len(spikes))
            answers = [decoded]
            for options, read in (((), read_readout), (("--classes",), read_classes)):
                call = [str(program), *options, str(given), str(out)]
                compiler.call(call, folder, limit, "the C program")
                answers.append(read(out.read_bytes(), graph, len(spikes)))
        info = {"command": shell(*compiler.command(), *FLAGS, *MACROS), "seconds": seconds}
        return Trace(self.name, layers, info, tuple(answers))

    def _program(self, graph: QuantizedGraph) -> Path:
        """The compiled program of `graph`."""
        key = graph_hash(graph)
        if self._folder is None or self._compiled != key:
            if self._folder is not None:
                self._folder.cleanup()
            self._folder = tempfile.TemporaryDirectory(prefix="snnc-c-")
            build(sources(graph), Path(self._folder.name), FLAGS)
            self._compiled = key
        return Path(self._folder.name, "snn")


def build(contents: dict[str, bytes], folder: Path, flags: tuple[str, ...]) -> None:
    """Write `contents` to `folder` and compile them to `folder/snn`. Raises as `compiler.compile_c`."""
    try:
        for name, data in contents.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise files.no_room(folder, error) from error
    compiler.compile_c([*flags, *MACROS, "snn.c", "main.c", "-o", "snn", "-lm"], folder)


def time_limit(graph: QuantizedGraph, samples: int) -> float:
    """Seconds allowed: some hundred times what a run takes if every source spikes in every step."""
    work = sum(layer.weight.size + 9 * layer.neurons for layer in graph.layers)
    return 60.0 + 2e-7 * work * samples * graph.time_steps


def read_trace(data: bytes, graph: QuantizedGraph, samples: int) -> tuple[tuple[LayerTrace, ...], Answer]:
    """What `main.c --trace` writes: the trace by layer, and the scores and `snn_class` of each sample.

    Raises
    ------
    ExecutorError
        If it is not as long as `samples` samples of `graph`.
    """
    fields = [
        (f"{what}{index}", kind, (layer.neurons,))
        for index, layer in enumerate(graph.layers)
        for what, kind in (("u", "<i4"), ("v", "<i4"), ("s", "u1"))
    ]
    classes = graph.layers[-1].neurons
    record = np.dtype(
        [
            ("steps", np.dtype(fields), (graph.time_steps,)),
            ("counts", "<u4", (len(graph.layers), 2)),
            ("scores", "<f8", (classes,)),
            ("class", "<i4"),
        ]
    )
    trace = _array(data, record, (samples,))
    steps, wraps_clips = trace["steps"], trace["counts"].sum(axis=0, dtype=np.int64).tolist()
    layers = tuple(
        LayerTrace(steps[f"u{index}"], steps[f"v{index}"], steps[f"s{index}"], *wraps_clips[index])
        for index in range(len(graph.layers))
    )
    return layers, Answer("snn.c", scores=trace["scores"], classes=trace["class"])


def read_readout(data: bytes, graph: QuantizedGraph, samples: int) -> Answer:
    """What `main.c` writes without options. Raises as `read_trace`."""
    shape = samples, graph.time_steps, graph.layers[-1].neurons
    return Answer("main.c", _array(data, np.dtype("<i4"), shape))


def read_classes(data: bytes, graph: QuantizedGraph, samples: int) -> Answer:
    """What `main.c --classes` writes. Raises as `read_trace`."""
    lines = data.split()
    if len(lines) != samples or not all(_NUMBER.fullmatch(line) for line in lines):
        raise ExecutorError(
            f"c: the program wrote {len(lines)} classes, expected a number for each of {samples}"
        )
    return Answer("main.c --classes", classes=np.array(lines, np.int64))


def _array(data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    expected = math.prod(shape) * dtype.itemsize
    if len(data) != expected:
        raise ExecutorError(f"c: the program wrote {len(data)} bytes of {expected} ({shape[0]} samples)")
    return np.frombuffer(data, dtype).reshape(shape)
