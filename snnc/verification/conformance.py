"""The conformance suite: what every target and every executor must pass, those of plugins included.

It runs networks (`conformance_nets`) through a target, an executor, or an executor on what a target emits.
A network is either refused with an error of `snnc.errors`, or every u, v and spike must be that of the
reference. What is refused is said beforehand: the target's limits, and a list of patterns with reasons.
What is on no list must run, and what is on one must be refused: nothing is left to be computed wrongly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from snnc.errors import ExecutorUnavailableError, InputError, LimitError, SnncError, StageError
from snnc.executor import Executor, unavailable_reason
from snnc.exporter.passes.place import Place
from snnc.plugins.executors import load_executor
from snnc.stages import Artifact, QuantizedGraph, Trace
from snnc.verification.compare import first_divergence
from snnc.verification.conformance_nets import Net, nets

if TYPE_CHECKING:
    from snnc.target import Target

TARGET_LIMITS = "the target's limits"


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Networks that are refused, and why: those for which `matches` is true."""

    reason: str
    matches: Callable[[QuantizedGraph], bool]


@dataclass(frozen=True, slots=True)
class Conformance:
    """What the suite found.

    `passed` counts the networks that ran (or, without an executor, were emitted) as they must. `refused`
    counts those that were refused as announced, by reason. `problems` are sentences; none: it conforms.
    """

    passed: int
    refused: Mapping[str, int]
    problems: tuple[str, ...]


class _Fault(Exception):
    """A fault of a target that is no refusal."""


@dataclass(slots=True)
class _Suite:
    target: Target | None
    executor: Executor | None
    reference: Executor
    unsupported: Sequence[Unsupported]
    passed: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def problem(self, net: Net) -> str | None:
        """What is wrong with `net`, or None."""
        reason = why_unsupported(net.graph, self.target, self.unsupported)
        try:
            artifact = artifact_of(net.graph, self.target)
            wrong = None if self.executor is None else self._run(self.executor, artifact, net)
        except _Fault as fault:
            return str(fault)
        except ExecutorUnavailableError:  # of this machine, not of the network
            raise
        except SnncError as error:
            if reason is None:
                return f"refused, although no reason was announced: {error}"
            self.refused[reason] += 1
            return None
        except Exception as error:
            return f"fails with {type(error).__name__}, which is not an error of snnc.errors: {error}"
        if reason is not None:
            found = f"computed wrongly: {wrong}" if wrong else "accepted"
            return f"announced as unsupported ({reason}), but {found}"
        self.passed += wrong is None
        return wrong

    def _run(self, executor: Executor, artifact: Artifact, net: Net) -> str | None:
        """What is wrong with the trace of `net`, or None."""
        if why := unavailable_reason(executor, artifact):
            raise LimitError(why)
        found = executor.run(artifact, net.spikes)
        expected = self.reference.run(artifact, net.spikes)
        if wrong := difference(net, expected, found):
            return wrong
        found.checked()
        for what, spikes in (("a step", net.spikes[:, :-1]), ("an input", net.spikes[:, :, :-1])):
            try:
                executor.run(artifact, spikes)
            except StageError:
                continue
            return f"takes input that lacks {what}; it must raise StageError (snnc.stages.check_input)"
        return None


def conformance(
    *,
    target: Target | None = None,
    executor: Executor | None = None,
    unsupported: Sequence[Unsupported] = (),
    over: Sequence[Net] | None = None,
    reference: Executor | None = None,
) -> Conformance:
    """Run the suite on `target`, `executor`, or `executor` on what `target` emits.

    Parameters
    ----------
    unsupported
        What is refused beyond the target's limits.
    over
        The networks; default `nets()`, which are 100.
    reference
        What `executor` is compared with; default the scalar oracle.

    Raises
    ------
    InputError
        If there is neither target nor executor, or the executor is its own reference.
    ExecutorUnavailableError
        If the executor cannot run here at all.
    """
    reference = reference or load_executor("oracle")
    if target is None and executor is None:
        raise InputError("conformance: give a target, an executor or both")
    if executor is not None and executor.name == reference.name:
        raise InputError(f"conformance: {executor.name} is compared with itself; give another reference")
    if executor is not None and (why := executor.unavailable_reason()):
        raise ExecutorUnavailableError(f"executor {executor.name} cannot run here: {why}")
    suite = _Suite(target, executor, reference, unsupported)
    problems: list[str] = []
    for net in nets() if over is None else over:
        if wrong := suite.problem(net):
            problems.append(f"{net.name}: {wrong}")
    return Conformance(suite.passed, dict(suite.refused), tuple(problems))


def artifact_of(graph: QuantizedGraph, target: Target | None) -> Artifact:
    """`graph` as the target emits it, in no folder; without a program where nothing emits one."""
    name = "none" if target is None else target.name
    program = {} if target is None else emitted(graph, target)
    inputs = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
    readout = np.zeros((0, graph.time_steps, graph.layers[-1].neurons), np.int32)
    return Artifact(Path("nowhere"), name, graph, {"files": {}}, inputs, readout, program)


def emitted(graph: QuantizedGraph, target: Target) -> dict[str, bytes]:
    """What `target` emits for `graph`, placed as an export places it; nothing if it has no emitter."""
    target.check(graph)
    if target.emit is None:
        return {}
    program = Place(target).run(graph)
    files = dict(target.emit(program))
    if files != dict(target.emit(program)):
        raise _Fault("emits other bytes the second time")
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise _Fault(f"emits {name!r}, which leaves the artifact's folder")
    return files


def why_unsupported(
    graph: QuantizedGraph, target: Target | None, unsupported: Sequence[Unsupported]
) -> str | None:
    """Why `graph` is to be refused, or None: the first pattern that matches, then the target's limits."""
    from snnc.targets.problems import problems

    for pattern in unsupported:
        if pattern.matches(graph):
            return pattern.reason
    beyond = target is not None and next(problems(graph, target.limits), None)
    return TARGET_LIMITS if beyond else None


def difference(net: Net, expected: Trace, found: Trace) -> str | None:
    """The first place where `found` is not `expected`, or a count of saturations that is wrong, in words."""
    for trace in (found, *found.others):
        by = "" if trace is found else f"{trace.executor}: "
        try:
            first = first_divergence(net.graph, expected, trace, net.spikes, net.name)
        except StageError as error:
            return f"{by}{error}"
        if first is not None:
            return (
                f"{by}sample {first.sample}, step {first.step}, layer {first.layer}, neuron {first.neuron}: "
                f"{first.variable} is {first.found}, expected {first.expected}"
            )
        for layer, ours, theirs in zip(net.graph.layers, expected, trace, strict=True):
            for what in ("u_wraps", "v_clips"):
                counts = getattr(ours, what), getattr(theirs, what)
                if None not in counts and counts[0] != counts[1]:
                    return f"{by}layer {layer.name}: {what} is {counts[1]}, expected {counts[0]}"
    return None
