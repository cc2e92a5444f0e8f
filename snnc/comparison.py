"""Executors against the reference on the same inputs, batch by batch, in bounded memory.

The orchestration only: executors compute, `snnc.hwsim.compare` compares, `snnc.hwsim.coverage` counts what
the inputs reached, and `snnc.hwsim.stimuli` makes inputs for what they did not.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.errors import ExecutorError, ExecutorUnavailableError, InputError
from snnc.executor import Executor, obstacle
from snnc.executors import REFERENCE, load_executor
from snnc.executors import executors as all_executors
from snnc.hints import did_you_mean
from snnc.one_executor import Case, Running, Spikes, saturations
from snnc.stages import (
    Artifact,
    Coverage,
    ExecutorResult,
    QuantizedGraph,
    Rung,
)

if TYPE_CHECKING:
    from snnc.hwsim.coverage import Reached
    from snnc.hwsim.reachable import Reachable

GOLDEN, GENERATED = "golden", "generated"
"""Names of the groups of inputs that come first and last."""


class SpikeSource(Protocol):
    """An array uint8 [samples, T, inputs], or what is framed only where it is sliced."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> Spikes: ...


@dataclass(frozen=True, slots=True)
class InputGroup:
    """Named inputs to compare on: uint8 [samples, T, inputs], and labels where there are any."""

    name: str
    spikes: SpikeSource
    labels: npt.NDArray[np.int64] | None = None


class Progress(Protocol):
    def __call__(self, message: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare_executors` found.

    `inputs`: name of each group -> how many samples of it were run. `cases`: name of each executor that
    differs -> where. `coverage`: of what was given, then with what was generated, if anything was.
    """

    results: tuple[ExecutorResult, ...]
    inputs: Mapping[str, int]
    golden_reproduced: bool
    threshold_equalities: int
    cases: Mapping[str, Case]
    coverage: tuple[Coverage, ...]


def compare_executors(
    artifact: Artifact,
    groups: Sequence[InputGroup],
    executors: Sequence[str] | None = None,
    progress: Progress = lambda message: None,
    *,
    layers: Sequence[str] | None = None,
    fail_fast: bool = False,
    generated: int = 0,
    seed: int = 0,
) -> Comparison:
    """Run the reference and the others over `groups`, and at most `generated` inputs for what those miss.

    Only `layers` are compared, if they are named. With `fail_fast` nothing runs after the first divergence:
    what ran before it is counted, and an executor that did not run at all says so.
    """
    from snnc.hwsim.stimuli import generate
    from snnc.hwsim.unreached import coverage

    running = _Comparing(artifact, executors, progress, in_order(artifact.graph, layers) or None, fail_fast)
    for group in groups:
        running.run(group)
        silent = group.name == GOLDEN and len(group.spikes) and not running.stirred
        if silent and not _reproduces(artifact) and not any(one.differs for one in running.running):
            raise InputError(
                f"{artifact.path}: on its golden inputs no neuron spikes and the readout stays 0, so that "
                "executors agree would say nothing; retrain the model, or export it again"
            )
    reachable, graph = _reachable(artifact), artifact.graph
    found = [coverage(graph, running.reached, " and ".join(group.name for group in groups), reachable)]
    if generated and not running.stopped:
        progress("inputs for what recordings did not reach")
        more = generate(graph, running.reached, seed=seed, samples=generated, reachable=reachable)
        if len(more):
            running.run(InputGroup(GENERATED, more))
            found.append(coverage(graph, running.reached, "all inputs", reachable))
    return running.comparison(tuple(found))


@dataclass(slots=True)
class _Comparing:
    """A comparison under way."""

    artifact: Artifact
    executors: Sequence[str] | None
    progress: Progress
    layers: Sequence[str] | None
    fail_fast: bool
    reference: Executor = field(init=False)
    running: list[Running] = field(init=False)
    skipped: list[ExecutorResult] = field(init=False)
    reached: Reached = field(init=False)
    inputs: Counter[str] = field(default_factory=Counter)
    golden: bool = True
    stirred: bool = False
    seconds: float = 0.0
    saturations: int = 0

    def __post_init__(self) -> None:
        from snnc.hwsim.coverage import nothing

        self.skipped, self.running = _choose(self.executors, self.artifact)
        self.reference = load_executor(REFERENCE)
        self.reached = nothing(self.artifact.graph)

    @property
    def stopped(self) -> bool:
        return self.fail_fast and any(one.differs for one in self.running)

    def run(self, group: InputGroup) -> None:
        """Compare on a group of inputs."""
        self.inputs[group.name] += 0
        for part in batches(self.artifact.graph, len(group.spikes)):
            if self.stopped:
                return
            self._run_batch(group.name, part.start, group.spikes[part])

    def _run_batch(self, group: str, start: int, batch: Spikes) -> None:
        from snnc.hwsim.coverage import reached

        batch = batch.view()
        batch.flags.writeable = False  # one that wrote into it would have the next ones run on other input
        where = f"{group} {start}..{start + len(batch) - 1}"
        self.progress(f"{REFERENCE}: {where}")
        began = time.perf_counter()
        expected = self.reference.run(self.artifact, batch)
        self.seconds += time.perf_counter() - began
        if expected.samples != len(batch):
            raise ExecutorError(f"{REFERENCE}: gives {expected.samples} samples of {len(batch)}")
        self.inputs[group] += len(batch)
        self.saturations += saturations(expected) or 0
        self.reached += reached(self.artifact.graph, batch, expected, self.reached)
        self.stirred |= bool(expected.readout.any()) or any(layer.spikes.any() for layer in expected)
        if group == GOLDEN:
            recorded = self.artifact.golden_readout[start : start + len(batch)]
            self.golden &= np.array_equal(expected.readout, recorded)
        for one in self.running:
            if one.failed is None and not self.stopped:
                self.progress(f"{one.executor.name}: {where}")
                one.compare(self.artifact, expected, batch, group, start, self.layers)

    def comparison(self, coverage: tuple[Coverage, ...]) -> Comparison:
        own = ExecutorResult(
            REFERENCE, Rung.BIT_EXACT, self.inputs.total(), self.seconds, saturations=self.saturations
        )
        others = (one.result(self.stopped) for one in self.running)
        return Comparison(
            (own, *others, *self.skipped),
            dict(self.inputs),
            self.golden,
            sum(layer.equalities for layer in coverage[-1].layers),
            {
                one.executor.name: replace(one.case, reference=self.reference)
                for one in self.running
                if one.case is not None
            },
            coverage,
        )


def in_order(graph: QuantizedGraph, names: Sequence[str] | None) -> tuple[str, ...]:
    """The layers called `names`, in the graph's order; none if `names` is None, or all of them.

    Raises
    ------
    InputError
        If there is no layer of such a name, or `names` is empty.
    """
    if names is None:
        return ()
    known = [layer.name for layer in graph.layers]
    for name in names:
        if name not in known:
            meant = did_you_mean(name, known)
            raise InputError(f"--layers: layer {name!r} is unknown{meant}; there are {', '.join(known)}")
    if not names:
        raise InputError("--layers: names no layer; leave it out to compare all")
    return () if {*names} == {*known} else tuple(name for name in known if name in names)


def _choose(names: Sequence[str] | None, artifact: Artifact) -> tuple[list[ExecutorResult], list[Running]]:
    """Executors that cannot run here, and those that will, without the reference."""
    known = all_executors()
    for name in names or ():
        if name not in known:
            raise InputError(
                f"executor {name!r} is unknown{did_you_mean(name, known)}; there are {', '.join(known)}"
            )
    skipped, running = [], []
    for name in known:
        if name == REFERENCE or (names is not None and name not in names):
            continue
        executor = load_executor(name)
        why = obstacle(executor, artifact)
        if why is None:
            running.append(Running(executor))
        elif names is not None:
            raise ExecutorUnavailableError(f"executor {name} cannot run here: {why}")
        else:
            skipped.append(ExecutorResult(name, Rung.NOTHING, 0, 0.0, skipped=why))
    return skipped, running


def _reproduces(artifact: Artifact) -> bool:
    """Whether it is a reproducer: its one input may be silence, of which an executor makes something else."""
    return "reproducer_of" in artifact.manifest.get("provenance", {})


def _reachable(artifact: Artifact) -> Reachable:
    """What the range proof, made anew, says of what no input reaches."""
    from snnc.exporter.prove_ranges import earliest_spikes, graph_bounds
    from snnc.hwsim.reachable import Reachable

    bounds = graph_bounds(artifact.graph)
    return Reachable.within(artifact.graph, bounds, earliest_spikes(artifact.graph, bounds))
