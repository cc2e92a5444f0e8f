"""Executors against the reference on the same inputs, batch by batch, in bounded memory.

The orchestration only: executors compute, `compare` beside it compares, `inputs.coverage` counts what the
inputs reached, and `inputs.watch` makes inputs for what they did not.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from snnc.batches import joined_batches
from snnc.decoding.trace import records
from snnc.errors import ExecutorError, ExecutorUnavailableError, InputError
from snnc.executor import Executor, own_arithmetic, unavailable_reason
from snnc.plugins.entry_points import near
from snnc.plugins.executors import MEANT, REFERENCE, instead, load_executor
from snnc.plugins.executors import executors as all_executors
from snnc.stages import (
    SYNTHETIC,
    AccuracyStage,
    Artifact,
    Coverage,
    ExecutorResult,
    QuantizedGraph,
    Rung,
)
from snnc.text import did_you_mean, joined
from snnc.verification.on_recordings import OnRecordings
from snnc.verification.one_executor import Batch, Deviation, Running, saturations
from snnc.verification.own_accuracy import Tally, count
from snnc.verification.stirring import STIRS_NOTHING, reproduces, stirred

if TYPE_CHECKING:
    from snnc.verification.inputs.extremes import Inputs
    from snnc.verification.inputs.watch import Watch

(GOLDEN, GENERATED), EXTREMES = SYNTHETIC, "extremes"
"""Names of the groups of inputs that come first, last, and behind those that are given."""


@dataclass(frozen=True, slots=True)
class InputGroup:
    """Named inputs to compare on: uint8 [samples, T, inputs], and labels where there are any.

    `whole`: what they are a part of. Of that the recordings are compared on too that drive the network
    farthest.
    """

    name: str
    spikes: Inputs
    labels: npt.NDArray[np.int64] | None = None
    whole: Inputs | None = None


class Progress(Protocol):
    def __call__(self, message: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare_executors` found.

    `inputs`: name of each group -> how many samples of it were run. `cases`: name of each executor that
    differs -> where; `broken`: name of each that broke down -> it, and on what. `coverage`: of what was
    given, then with what was generated, if anything was.
    `overflow_excluded`: by the range proof, which is repeated. `accuracy`: of each executor with an
    arithmetic of its own, behind that of the reference on the same recordings.
    """

    results: tuple[ExecutorResult, ...]
    inputs: Mapping[str, int]
    golden_reproduced: bool
    threshold_equalities: int
    cases: Mapping[str, Deviation]
    coverage: tuple[Coverage, ...]
    overflow_excluded: bool
    broken: Mapping[str, tuple[Executor, npt.NDArray[np.uint8]]] = field(default_factory=dict)
    accuracy: tuple[AccuracyStage, ...] = ()
    saturated_in: Mapping[str, int] = field(default_factory=dict)
    """By group of inputs, what the reference counts; without groups in which it counts none."""


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
    """Run the reference and the others over `groups`, the extremes of what these are parts of, and at most
    `generated` inputs for what those miss.

    Only `layers` are compared, if they are named. With `fail_fast` nothing runs after the first divergence:
    what ran before it is counted, and an executor that did not run at all says so.
    """
    running = _Comparing(artifact, executors, progress, in_order(artifact.graph, layers) or None, fail_fast)
    if any(group.whole is not None for group in groups):
        progress("recordings that drive the network farthest")
        groups = [*groups, *_extremes(running.watch, groups)]
    running.run(groups)
    overflow_excluded = running.watch.finish()
    inputs = joined([group.name for group in groups])
    found = [replace(running.watch.coverage(inputs), silent=running.recorded.silent())]
    if generated and not running.stopped:
        progress("inputs for what recordings did not reach")
        more = running.watch.made(generated, seed)
        if len(more):
            running.run([InputGroup(GENERATED, more)])
            found.append(running.watch.coverage("all inputs"))
    return running.comparison(tuple(found), overflow_excluded)


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
    watch: Watch = field(init=False)
    inputs: Counter[str] = field(default_factory=Counter)
    sizes: dict[str, int] = field(default_factory=dict)
    """Of the groups; `inputs` counts what was run of them."""
    golden: bool = True
    stirred: bool = False
    seconds: float = 0.0
    saturated_in: Counter[str] = field(default_factory=Counter)
    labels: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    recorded: OnRecordings = field(init=False)
    tallies: dict[str, dict[str, Tally]] = field(default_factory=dict)
    """Of executors with an arithmetic of their own, by group."""

    def __post_init__(self) -> None:
        from snnc.verification.inputs.watch import watch

        self.skipped, self.running = _choose(self.executors, self.artifact)
        self.reference = load_executor(REFERENCE)
        self.watch = watch(self.artifact.graph)
        self.recorded = OnRecordings(self.artifact.graph)

    @property
    def stopped(self) -> bool:
        return self.fail_fast and any(one.differs for one in self.running)

    def run(self, groups: Sequence[InputGroup]) -> None:
        """Compare on groups of inputs, one behind the other: a batch may hold the end of one and more.

        (Each run of a program takes seconds to start.)
        """
        self.inputs.update({group.name: 0 for group in groups})
        self.sizes |= {group.name: len(group.spikes) for group in groups}
        self.labels |= {group.name: group.labels for group in groups if group.labels is not None}
        for parts in joined_batches(self.artifact.graph, [len(group.spikes) for group in groups]):
            if self.stopped:
                return
            self._run_batch(Batch.joined((groups[k].name, at.start, groups[k].spikes[at]) for k, at in parts))
            golden = [groups[k].spikes for k, at in parts if groups[k].name == GOLDEN]
            if golden and self.inputs[GOLDEN] == len(golden[0]) and not self.stirred:
                self._refuse_silence()

    def _refuse_silence(self) -> None:
        if not reproduces(self.artifact) and not any(one.differs for one in self.running):
            raise InputError(f"{self.artifact.path}: {STIRS_NOTHING}")

    def _run_batch(self, batch: Batch) -> None:
        spikes = batch.spikes
        self.progress(f"{REFERENCE}: {batch.told(self.sizes)}")
        began = time.perf_counter()
        expected = self.reference.run(self.artifact, spikes)
        self.seconds += time.perf_counter() - began
        if expected.samples != len(spikes):
            raise ExecutorError(f"{REFERENCE}: gives {expected.samples} samples, expected {len(spikes)}")
        self._count_saturations(batch, saturations(expected) or 0)
        self.watch.see(spikes, expected)
        for group, start, rows in batch.parts:
            self.inputs[group] += rows.stop - rows.start
            layers = [layer.part(rows) for layer in expected]
            self.recorded.see(group, layers)
            if group == GOLDEN:
                given = records(self.artifact.graph, layers)
                self.stirred |= stirred(given, layers)
                numbers = slice(start, start + rows.stop - rows.start)
                recorded = [each[numbers] for each in self.artifact.golden_readouts]
                self.golden &= all(np.array_equal(*pair) for pair in zip(given, recorded, strict=True))
        for one in self.running:
            if one.failed is None and not self.stopped:
                self.progress(f"{one.executor.name}: {batch.told(self.sizes)}")
                found = one.compare(self.artifact, expected, batch, self.layers)
                if found is not None and own_arithmetic(one.executor) is not None:
                    tallies = self.tallies.setdefault(one.executor.name, {})
                    count(tallies, self.artifact.graph, expected, found, batch, self.labels)

    def _count_saturations(self, batch: Batch, count: int) -> None:
        """By group; the trace tells the `count` of all its samples: each part of a mixed batch runs again."""
        for group, _, rows in batch.parts if count else ():
            alone = len(batch.parts) == 1
            part = count if alone else saturations(self.reference.run(self.artifact, batch.spikes[rows]))
            if part:
                self.saturated_in[group] += part

    def comparison(self, coverage: tuple[Coverage, ...], overflow_excluded: bool) -> Comparison:
        count = self.saturated_in.total()
        own = ExecutorResult(REFERENCE, Rung.BIT_EXACT, self.inputs.total(), self.seconds, saturations=count)
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
            overflow_excluded,
            {
                one.executor.name: (one.executor, one.failed_on)
                for one in self.running
                if one.failed_on is not None
            },
            tuple(
                dict.fromkeys(
                    stage
                    for name, tallies in self.tallies.items()
                    for group, tally in tallies.items()
                    for stage in tally.stages(group, REFERENCE, name)
                )
            ),
            dict(self.saturated_in),
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
    known = [each.name for each in graph.stateful]
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
            meant = near(name, known, MEANT)
            raise InputError(f"executor {name!r} is unknown{meant}; there are {', '.join(known)}")
    skipped, running = [], []
    for name in known:
        if name == REFERENCE or (names is not None and name not in names):
            continue
        executor = load_executor(name)
        why = unavailable_reason(executor, artifact)
        if why is None:
            running.append(Running(executor))
        elif names is not None:
            raise ExecutorUnavailableError(f"executor {name} cannot run here: {why}{instead(name, artifact)}")
        else:
            skipped.append(ExecutorResult(name, Rung.NOTHING, 0, 0.0, skipped=why))
    return skipped, running


def _extremes(watch: Watch, groups: Sequence[InputGroup]) -> list[InputGroup]:
    """A group of recordings that drive the network farther than `groups`, or bring scores nearer; or none."""
    wholes = [group.whole for group in groups if group.whole is not None]
    chosen = watch.farthest(wholes, [group.spikes for group in groups])
    recordings = [wholes[which][index : index + 1] for which, index in chosen]
    return [InputGroup(EXTREMES, np.concatenate(recordings))] if recordings else []
