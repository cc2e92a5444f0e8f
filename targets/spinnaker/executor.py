"""Executors that run the script of an artifact in PyNN's simulators, exactly as it ships.

They compute in floating point, which does not round as the contract does, and `snnc verify` says how far they
agree on its inputs; no proof excludes that they differ on others. What they give is what the simulator
recorded, with v in the contract's units, rounded to whole ones. The simulators record no current: u is what v
grew by beyond its decay and bias; where a spike deleted that, it is the sum of the weights of the spikes that
they recorded.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import ExecutorError, InputError
from snnc.io import files
from snnc.io.npz import read_npz
from snnc.stages import Answer, Artifact, LayerTrace, Population, QuantizedGraph, Trace, check_input
from snnc.stages.population import INPUT
from snnc.targets.processes import run_group, seconds_of
from snnc.targets.spinnaker import environment
from snnc.targets.spinnaker.emitter import LOCK, NETWORK, SCRIPT, SCRIPTS
from snnc.targets.spinnaker.network import V_IN_MV, WEIGHT_IN_V, total_bias
from snnc.text import shell

TIMEOUT_VARIABLE = "SNNC_PYNN_TIMEOUT"
_SAID = re.compile(r"^sample \d+: (.*)$", re.MULTILINE)

Spikes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


class _PynnExecutor:
    """Runs `run.py` of an artifact in an interpreter of its own.

    Parameters
    ----------
    time_limit
        Seconds for the run; default `SNNC_PYNN_TIMEOUT`, else a generous bound that grows with the work.
    """

    name: ClassVar[str]
    simulator: ClassVar[str]
    own_arithmetic: ClassVar[str] = (
        "it computes in floating point, so v is not rounded toward zero in each step"
    )

    def __init__(self, *, time_limit: float | None = None) -> None:
        self.time_limit = time_limit

    def unavailable_reason(self) -> str | None:
        """Why PyNN cannot be run here and what to do, or None."""
        return environment.unavailable_reason()

    def unsupported_reason(self, artifact: Artifact) -> str | None:
        """That the artifact is none of target spinnaker, or None."""
        found = NETWORK in artifact.program
        return None if found else f"{artifact.path.name} holds no PyNN script; export with --target spinnaker"

    def run(self, artifact: Artifact, spikes: Spikes) -> Trace:
        """Run uint8 [samples, T, inputs] of 0 and 1.

        Raises
        ------
        StageError
            If the input does not fit the graph.
        ExecutorUnavailableError
            If PyNN's environment cannot be made.
        ExecutorError
            If a file of the script is missing, or it fails, takes too long, or writes no trace of the graph.
        """
        graph, spikes = artifact.graph, check_input(artifact.graph, spikes)
        for file in (*SCRIPTS, NETWORK, LOCK):
            if file not in artifact.program:
                raise ExecutorError(
                    f"{artifact.path}: has no {file}; export it again with --target spinnaker"
                )
        if len(spikes) == 0:
            return Trace(self.name, tuple(_silent(graph, each) for each in graph.stateful))
        with files.temporary("snnc-pynn-") as scratch:
            files.fill(scratch / "program", artifact.program)
            np.savez(scratch / "input.npz", spikes=spikes)
            out = scratch / "trace.npz"
            command = [
                *environment.command(),
                str(scratch / "program" / SCRIPT),
                "--simulator",
                self.simulator,
            ]
            finished = run_group(
                [*command, "--input", str(scratch / "input.npz"), "--out", str(out)],
                cwd=scratch,
                env=environment.environment() | {"TMPDIR": str(scratch)},
                time_limit=self._limit(graph, len(spikes)),
            )
            if finished.code != 0:
                remedy = f"; set {TIMEOUT_VARIABLE} to allow more" if "time limit" in finished.ended else ""
                said = f"{self.name}: the script of {artifact.path} failed: {finished.how}{remedy}"
                raise ExecutorError(said, *finished.tail.splitlines())
            info = {"command": shell(*command[:-3], SCRIPT, *command[-2:]), "difference": self.own_arithmetic}
            return self._trace(graph, spikes, out, info, finished.stdout)

    def _limit(self, graph: QuantizedGraph, samples: int) -> float:
        """Seconds allowed: given, by the variable, or about ten times what a slow machine needs."""
        if self.time_limit is not None:
            return self.time_limit
        if (seconds := seconds_of(TIMEOUT_VARIABLE)) is not None:
            return seconds
        synapses = sum(each.synapses.count for each in graph.projections)
        return 600.0 + samples * (5.0 + 0.05 * graph.time_steps + 2e-4 * synapses)

    def _trace(
        self, graph: QuantizedGraph, spikes: Spikes, path: Path, info: dict[str, str], said: str
    ) -> Trace:
        try:
            file = read_npz(path)
        except InputError as error:
            raise ExecutorError(f"{self.name}: the script wrote no readable trace ({error})") from error
        number = {each.name: k for k, each in enumerate(graph.populations)}
        shape = len(spikes), graph.time_steps
        v, fired = dict[str, Floats](), dict[str, npt.NDArray[np.bool_]]()
        for each in graph.populations:
            if each.model == INPUT:
                fired[each.name] = spikes[:, :, graph.lines(each.name)].astype(np.bool_)
                fired[each.name][:, graph.end(each.name) :] = False
                continue
            k, wanted = number[each.name], (*shape, each.neurons)
            for name in (f"v_{k}", f"s_{k}"):
                if name not in file or file[name].shape != wanted:
                    raise ExecutorError(f"{self.name}: the trace has no {name} of the shape {wanted}")
            v[each.name] = file[f"v_{k}"].astype(np.float64) * V_IN_MV
            fired[each.name] = file[f"s_{k}"].astype(np.bool_)
        layers = tuple(
            LayerTrace(_current(graph, each, v[each.name], fired), _whole(v[each.name]), fired[each.name])
            for each in graph.stateful
        )
        several = len(graph.readouts) > 1
        answers = []
        for r, readout in enumerate(graph.readouts):
            if (classes := file.get(f"classes_{r}")) is None or classes.shape != shape[:1]:
                raise ExecutorError(f"{self.name}: the trace has no classes of readout {readout.population}")
            names = tuple(map(str, file.get(f"class_names_{r}", ())))
            answers.append(
                Answer(
                    SCRIPT,
                    classes=classes,
                    names=names or None,
                    said=None if several else tuple(_SAID.findall(said)),
                    of=readout.population if several else None,
                )
            )
        return Trace(self.name, layers, info, tuple(answers))


class PynnBrian2Executor(_PynnExecutor):
    """PyNN in Brian2."""

    name, simulator = "pynn-brian2", "brian2"


class PynnNestExecutor(_PynnExecutor):
    """PyNN in NEST."""

    name, simulator = "pynn-nest", "nest"


def _silent(graph: QuantizedGraph, of: Population) -> LayerTrace:
    nothing = np.zeros((0, graph.time_steps, of.neurons), np.int32)
    return LayerTrace(nothing, nothing, nothing.astype(np.bool_))


def _whole(values: Floats) -> npt.NDArray[np.int32]:
    if not np.isfinite(values).all() or np.abs(values).max(initial=0) >= 2**31:
        raise ExecutorError("the simulator's trace holds numbers that are no states of the network")
    return np.rint(values).astype(np.int32)


def _current(
    graph: QuantizedGraph, of: Population, v: Floats, fired: dict[str, npt.NDArray[np.bool_]]
) -> npt.NDArray[np.int32]:
    """u of `of`: what v grew by; where it spiked, the weights that arrive by what was recorded."""
    assert of.decay_v is not None
    kept = (formats.DECAY_ONE - of.decay_v.astype(np.float64)) / formats.DECAY_ONE
    before = np.concatenate([np.zeros_like(v[:, :1]), v[:, :-1]], axis=1)
    found = _whole(v - kept * before - of.bias)
    if of.spikes:
        found = np.where(fired[of.name], _arriving(graph, of, fired), found)
    return found


def _arriving(
    graph: QuantizedGraph, of: Population, fired: dict[str, npt.NDArray[np.bool_]]
) -> npt.NDArray[np.int32]:
    steps = graph.time_steps
    total = np.zeros((len(fired[of.name]), steps, of.neurons))
    for projection in graph.into(of.name):
        synapses, sent = projection.synapses.as_list(), fired[projection.source].astype(np.float64)
        weight = synapses.weight.astype(np.float64) * (1 << projection.weight_exp)
        for delay in np.unique(synapses.delay[synapses.delay < steps]):
            chosen = synapses.delay == delay
            matrix = np.zeros((synapses.pre_neurons, synapses.post_neurons))
            np.add.at(matrix, (synapses.pre[chosen], synapses.post[chosen]), weight[chosen])
            total[:, delay:] += sent[:, : steps - delay] @ matrix
    total += total_bias(of) / WEIGHT_IN_V - of.bias / WEIGHT_IN_V
    return _whole(total * WEIGHT_IN_V)
