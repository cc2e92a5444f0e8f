"""Executors that run the Lava program of an artifact, exactly as it ships.

Its checked bytes are written into a folder that nobody else can write to, and run there.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from snnc.batches import uneven
from snnc.errors import ArtifactError, ExecutorError, StageError
from snnc.io import files
from snnc.stages import Answer, Artifact, LayerTrace, QuantizedGraph, Trace, check_input
from snnc.stages.population import ADLIF
from snnc.targets.loihi import interpreter, netx, registers
from snnc.targets.loihi.emitter import NETX_SCRIPT, NETX_SCRIPTS, PROGRAM, SCRIPTS, program_files
from snnc.targets.loihi.graph_emitter import GRAPH_PROGRAM, GRAPH_SCRIPT, GRAPH_SCRIPTS, stock_reason
from snnc.targets.loihi.target import LIMITS
from snnc.targets.processes import Finished, run_group, seconds_of
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
        """That the artifact is none of target loihi, or why this executor cannot run its graph, or None."""
        graph = artifact.graph
        if (PROGRAM if graph.is_chain else GRAPH_PROGRAM) not in artifact.program:
            return f"{artifact.path.name} holds no Lava program; export with --target loihi"
        return None if graph.is_chain else self.graph_reason(graph)

    def graph_reason(self, graph: QuantizedGraph) -> str | None:
        """Why this executor cannot run a graph that is no chain, or None."""
        return None

    def run_graph(self, graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]) -> Trace:
        """As `run`, of the program of `graph`, which is made for this run and placed on no cores.

        Raises
        ------
        LimitError
            If the graph does not fit Loihi 2.
        """
        program = program_files(graph, LIMITS)
        events = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
        v = np.zeros((0, graph.time_steps, graph.population(graph.readouts[0].population).neurons), np.int32)
        return self.run(Artifact(Path("graph"), "loihi", graph, {}, events, v, program), spikes)

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs] of 0 .. `payload_max`; of a graph, in the steps of the contract.

        Raises
        ------
        StageError
            If the input does not fit the graph.
        ArtifactError
            If the artifact's Lava program is not there, or does not say what it needs.
        ExecutorUnavailableError
            If Lava's environment is missing.
        ExecutorError
            If the program fails, takes too long, or writes no trace of the graph's shape; or if the executor
            cannot run a graph that is no chain.
        """
        chain = artifact.graph.is_chain
        spikes = check_input(artifact.graph, spikes)
        if not chain and (why := self.graph_reason(artifact.graph)):
            raise ExecutorError(f"{self.name} cannot run {artifact.path}: {why}")
        for file in self.files if chain else (*GRAPH_SCRIPTS, GRAPH_PROGRAM):
            if file not in artifact.program:
                raise ArtifactError(f"{artifact.path}: has no {file}; export it again with --target loihi")
        if len(spikes) == 0:
            return empty_trace(self.name, artifact.graph)
        limit = time_limit(self.time_limit, self.model, artifact.graph, len(spikes))
        with files.temporary("snnc-lava-") as scratch:
            folder = scratch / "program"
            files.fill(folder, artifact.program)
            script = self.script if chain else GRAPH_SCRIPT
            command = interpreter.command(folder / script)
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
            info = {"command": shell(*command[:-1], script), "messages": finished.stderr.strip()}
            trace = read_trace(out, self.name, artifact.graph, len(spikes), info, finished.stdout)
            if not chain:
                return trace
            told = Answer(PROGRAM, facts=registers.facts(artifact.program[PROGRAM]))
            return replace(trace, answers=(*trace.answers, told))


class LavaStockExecutor(_LavaExecutor):
    """Lava's own process models only."""

    name = "lava-stock"
    model = "stock"

    def graph_reason(self, graph: QuantizedGraph) -> str | None:
        """What of `graph` Lava's own processes do not have, or None."""
        return stock_reason(graph)


class LavaEventExecutor(_LavaExecutor):
    """Event-driven synapses, Lava's LIFReset neurons; of a graph, neurons of the contract, too."""

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

    def graph_reason(self, graph: QuantizedGraph) -> str | None:
        """Why netx cannot hold `graph`."""
        return netx.unsupported_reason(graph)


def time_limit(given: float | None, model: str, graph: QuantizedGraph, samples: int) -> float:
    """Seconds allowed: `given`, else `SNNC_LAVA_TIMEOUT`, else about ten times what a slow machine needs.

    Raises
    ------
    InputError
        If the variable is no positive number.
    """
    if given is not None:
        return given
    if (seconds := seconds_of(TIMEOUT_VARIABLE)) is not None:
        return seconds
    synapses = [each.synapses for each in graph.projections]
    slots = max((each.max_delay for each in synapses), default=0) + 1
    # Retiming makes no more steps than there are hops between populations.
    steps = samples * (graph.time_steps + slots) + len(graph.stateful)
    per_step = 0.05 + 0.005 * len(synapses)  # a process each
    if model == "stock":  # visits every synapse for every delay in every step
        per_step += 1e-7 * slots * sum(each.pre_neurons * each.post_neurons for each in synapses)
    return 120.0 + samples + steps * per_step


def failure(what: str, finished: Finished) -> str:
    """Text for a run that failed or was ended."""
    remedy = f"; set {TIMEOUT_VARIABLE} to allow more" if "time limit" in finished.ended else ""
    return f"{what} failed: {finished.how}{remedy}\n{finished.tail}".rstrip()


def empty_trace(name: str, graph: QuantizedGraph) -> Trace:
    """Trace of no samples."""
    layers = []
    for each in graph.stateful:
        nothing = np.zeros((0, graph.time_steps, each.neurons), np.int32)
        w = nothing if each.model == ADLIF else None
        layers.append(LayerTrace(nothing, nothing, nothing.astype(np.bool_), w=w))
    return Trace(name, tuple(layers), {"seconds": 0.0})


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
            for index, layer in enumerate(graph.stateful):
                expected = (samples, graph.time_steps, layer.neurons)
                states = "uvsw" if layer.model == ADLIF else "uvs"
                arrays = {what: file[f"{what}_{index}"] for what in states}
                for what, array in arrays.items():
                    if array.shape != expected:
                        raise ExecutorError(
                            f"{name}: {what} of {layer.name} has shape {array.shape}, expected {expected}"
                        )
                layers.append(LayerTrace(arrays["u"], arrays["v"], arrays["s"], w=arrays.get("w")))
            seconds = float(file["seconds"])
            answers = (_answer(name, file, printed),) if graph.is_chain else ()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, StageError):
            raise ExecutorError(f"{name}: {error}") from error
        raise ExecutorError(f"{name}: the program wrote no readable trace ({error})") from error
    return Trace(name, tuple(layers), {**info, "seconds": seconds}, answers)


def _answer(name: str, file: Mapping[str, npt.NDArray[Any]], printed: str) -> Answer:
    """What the program decoded; one of release 0.1.0 writes classes alone."""
    scores, names = (file.get(key) for key in ("scores", "class_names"))
    if scores is not None and scores.dtype != np.float64:
        raise ExecutorError(f"{name}: scores are {scores.dtype}, expected float64")
    said = tuple(_SAID.findall(printed))
    facts = {name: file[name].item() for name in ("graph_hash", "semantics_version") if name in file}
    named = None if names is None else tuple(names)
    return Answer("run.py", None, scores, file["classes"], named, said, facts=facts or None)
