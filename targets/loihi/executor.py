"""Executors that run the Lava program of an artifact, exactly as it ships.

Its checked bytes are written into a folder that nobody else can write to, and run there.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from snnc.batches import uneven
from snnc.errors import ArtifactError, ExecutorError, InputError, StageError
from snnc.io import files
from snnc.stages import Answer, Artifact, LayerTrace, QuantizedGraph, Trace, check_input
from snnc.targets.loihi import interpreter, netx, registers
from snnc.targets.loihi.emitter import NETX_SCRIPT, NETX_SCRIPTS, PROGRAM, SCRIPTS
from snnc.targets.loihi.processes import Finished, run_group
from snnc.text import shell

_SAID = re.compile(r"^sample \d+: (.*)$", re.MULTILINE)
"""A line of the program: the name of a sample's class."""
TIMEOUT_VARIABLE = "SNNC_LAVA_TIMEOUT"


class _LavaExecutor:
    """Runs `run.py` of an artifact in Lava's own interpreter; computes nothing itself.

    Parameters
    ----------
    time_limit
        Seconds for the run; default `SNNC_LAVA_TIMEOUT`, else a generous bound that grows with the work.
    batch
        Samples in one run of Lava's network, at most.
    """

    name: ClassVar[str]
    model: ClassVar[str]
    script: ClassVar[str] = "run.py"
    files: ClassVar[tuple[str, ...]] = (*SCRIPTS, PROGRAM)

    def __init__(self, *, time_limit: float | None = None, batch: int = 64) -> None:
        self.time_limit = time_limit
        self.batch = batch

    def unavailable_reason(self) -> str | None:
        """Why Lava cannot be run here and what to do, or None."""
        return interpreter.unavailable_reason()

    def unsupported_reason(self, artifact: Artifact) -> str | None:
        """That the artifact is none of target loihi, or None."""
        if PROGRAM in artifact.program:
            return None
        return f"{artifact.path.name} holds no Lava program; export with --target loihi"

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs] of 0 .. `payload_max`.

        Raises
        ------
        StageError
            If the input does not fit the graph.
        ArtifactError
            If the artifact's Lava program is not there, or does not say what it needs.
        ExecutorUnavailableError
            If Lava's environment is missing.
        ExecutorError
            If the program fails, takes too long, or writes no trace of the graph's shape.
        """
        spikes = check_input(artifact.graph, spikes)
        for file in self.files:
            if file not in artifact.program:
                raise ArtifactError(f"{artifact.path}: has no {file}; export it again with --target loihi")
        if len(spikes) == 0:
            return empty_trace(self.name, artifact.graph)
        limit = time_limit(self.time_limit, self.model, artifact.graph, len(spikes))
        with files.temporary("snnc-lava-") as scratch:
            folder = scratch / "program"
            files.fill(folder, artifact.program)
            command = interpreter.command(folder / self.script)
            # Temporary files of the run end with it, even if it is killed.
            environment = interpreter.environment() | {"TMPDIR": str(scratch)}
            np.savez(scratch / "input.npz", spikes=spikes)  # packed, run.py would take it for a bomb
            out = scratch / "trace.npz"
            arguments = ["--input", str(scratch / "input.npz"), "--out", str(out)]
            arguments += ["--model", self.model, "--batch", str(uneven(len(spikes), self.batch))]
            finished = run_group(
                [*command, *arguments],
                cwd=scratch,
                env=environment,
                time_limit=limit,
                start=interpreter.start,
            )
            if finished.code != 0:
                said = failure(f"{self.name}: the program of {artifact.path}", finished)
                raise ExecutorError(*said.splitlines())
            info = {"command": shell(*command[:-1], self.script), "messages": finished.stderr.strip()}
            trace = read_trace(out, self.name, artifact.graph, len(spikes), info, finished.stdout)
            told = Answer(PROGRAM, facts=registers.facts(artifact.program[PROGRAM]))
            return replace(trace, answers=(*trace.answers, told))


class LavaStockExecutor(_LavaExecutor):
    """Lava's own process models only."""

    name = "lava-stock"
    model = "stock"


class LavaEventExecutor(_LavaExecutor):
    """Event-driven synapses, Lava's LIFReset neurons."""

    name = "lava-event"
    model = "event"


class NetxExecutor(_LavaExecutor):
    """`network.net` through lava-dl's netx loader; event-driven synapses in place of Lava's."""

    name = "netx"
    model = "event"
    script = NETX_SCRIPT
    files = (*SCRIPTS, PROGRAM, *NETX_SCRIPTS, netx.NETWORK)

    def unsupported_reason(self, artifact: Artifact) -> str | None:
        """Why netx cannot hold the artifact's network, or None."""
        return super().unsupported_reason(artifact) or netx.unsupported_reason(artifact.graph)


def time_limit(given: float | None, model: str, graph: QuantizedGraph, samples: int) -> float:
    """Seconds allowed: `given`, else `SNNC_LAVA_TIMEOUT`, else about ten times what a slow machine needs.

    Raises
    ------
    InputError
        If the variable is no positive number.
    """
    if given is not None:
        return given
    if text := os.environ.get(TIMEOUT_VARIABLE):
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1.0
        if not seconds > 0:
            raise InputError(f"{TIMEOUT_VARIABLE}={text!r} is not a positive number of seconds")
        return seconds
    slots = max(layer.max_delay for layer in graph.layers) + 1
    steps = samples * (graph.time_steps + slots) + len(graph.layers)
    per_step = 0.05
    if model == "stock":  # visits every synapse for every delay in every step
        per_step += 1e-7 * slots * sum(layer.weight.size for layer in graph.layers)
    return 120.0 + samples + steps * per_step


def failure(what: str, finished: Finished) -> str:
    """Text for a run that failed or was ended."""
    remedy = f"; set {TIMEOUT_VARIABLE} to allow more" if "time limit" in finished.ended else ""
    return f"{what} failed: {finished.how}{remedy}\n{finished.tail}".rstrip()


def empty_trace(name: str, graph: QuantizedGraph) -> Trace:
    """Trace of no samples."""
    nothing = [np.zeros((0, graph.time_steps, layer.neurons), np.int32) for layer in graph.layers]
    return Trace(name, tuple(LayerTrace(x, x, x.astype(np.bool_)) for x in nothing), {"seconds": 0.0})


def read_trace(
    path: Path, name: str, graph: QuantizedGraph, samples: int, info: dict[str, str], printed: str
) -> Trace:
    """`trace.npz` of a run, checked against the shapes of `graph`, and the classes that the run `printed`.

    Raises
    ------
    ExecutorError
        If it is absent, unreadable, or of other shapes.
    """
    layers = []
    try:
        with np.load(path) as file:
            for index, layer in enumerate(graph.layers):
                expected = (samples, graph.time_steps, layer.neurons)
                arrays = {what: file[f"{what}_{index}"] for what in "uvs"}
                for what, array in arrays.items():
                    if array.shape != expected:
                        raise ExecutorError(
                            f"{name}: {what} of {layer.name} has shape {array.shape}, expected {expected}"
                        )
                layers.append(LayerTrace(arrays["u"], arrays["v"], arrays["s"]))
            seconds = float(file["seconds"])
            answer = _answer(name, file, printed)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, StageError):
            raise ExecutorError(f"{name}: {error}") from error
        raise ExecutorError(f"{name}: the program wrote no readable trace ({error})") from error
    return Trace(name, tuple(layers), {**info, "seconds": seconds}, (answer,))


def _answer(name: str, file: Mapping[str, npt.NDArray[Any]], printed: str) -> Answer:
    """What the program decoded; one of release 0.1.0 writes classes alone."""
    scores, names = (file.get(key) for key in ("scores", "class_names"))
    if scores is not None and scores.dtype != np.float64:
        raise ExecutorError(f"{name}: scores are {scores.dtype}, expected float64")
    said = tuple(_SAID.findall(printed))
    facts = {name: file[name].item() for name in ("graph_hash", "semantics_version") if name in file}
    named = None if names is None else tuple(names)
    return Answer("run.py", None, scores, file["classes"], named, said, facts=facts or None)
