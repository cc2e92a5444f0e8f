"""The executor `suspect`: the fault named in the environment variable SNNC_SUSPECT, or none if it is empty.

A fault of the executor is planted in the contract's own one. For a fault in C it compiles and runs the C
files that lie in the artifact.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from independent_faults.catalogue import all_faults
from independent_faults.contract import Machine, trace
from snnc.stages import Artifact, LayerTrace, QuantizedGraph, Trace, check_input

VARIABLE = "SNNC_SUSPECT"
SOURCES = ("snn.c", "snn.h", "main.c")
_compiled: dict[tuple[bytes, ...], tempfile.TemporaryDirectory[str]] = {}


class SuspectExecutor:
    name = "suspect"

    def missing(self) -> str | None:
        return None

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        x = check_input(artifact.graph, spikes)
        chosen = os.environ.get(VARIABLE)
        planted = all_faults()[chosen] if chosen else None
        if planted is not None and planted.where == "c":
            return Trace(self.name, run_c(artifact.path, artifact.graph, x))
        return trace(planted.plant(artifact.graph) if planted else Machine(artifact.graph), x, self.name)


def program(folder: Path) -> Path:
    """The C files of `folder`, compiled."""
    contents = tuple((folder / name).read_bytes() for name in SOURCES)
    if contents not in _compiled:
        build = tempfile.TemporaryDirectory(prefix="suspect-")
        for name, data in zip(SOURCES, contents, strict=True):
            Path(build.name, name).write_bytes(data)
        command = [
            "cc",
            "-std=c99",
            "-O1",
            "-w",
            "-DSNN_SCORES",
            "-DSNN_COUNT",
            "snn.c",
            "main.c",
            "-o",
            "snn",
            "-lm",
        ]
        subprocess.run(command, cwd=build.name, check=True)
        _compiled[contents] = build
    return Path(_compiled[contents].name, "snn")


def run_c(folder: Path, graph: QuantizedGraph, x: npt.NDArray[np.uint8]) -> tuple[LayerTrace, ...]:
    """What the compiled program writes with --trace; the head of main.c describes the form."""
    command = [str(program(folder)), "--trace"]
    done = subprocess.run(command, input=np.ascontiguousarray(x).tobytes(), capture_output=True, check=True)
    samples, steps, _ = x.shape
    width = 9 * sum(layer.neurons for layer in graph.layers)
    bytes_ = np.frombuffer(done.stdout, np.uint8).reshape(samples, steps * width + 8 * len(graph.layers))
    rows = bytes_[:, : steps * width].reshape(samples, steps, width)
    layers, at = [], 0
    for layer in graph.layers:
        n = layer.neurons
        u, v = (np.ascontiguousarray(rows[:, :, at + k * n : at + (k + 4) * n]).view("<i4") for k in (0, 4))
        layers.append(LayerTrace(u, v, rows[:, :, at + 8 * n : at + 9 * n] != 0))
        at += 9 * n
    return tuple(layers)


def classes_c(folder: Path, x: npt.NDArray[np.uint8]) -> list[int]:
    """What the compiled program writes with --classes."""
    command = [str(program(folder)), "--classes"]
    done = subprocess.run(command, input=np.ascontiguousarray(x).tobytes(), capture_output=True, check=True)
    return [int(line) for line in done.stdout.split()]
