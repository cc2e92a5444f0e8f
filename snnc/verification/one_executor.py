"""One executor against the reference, batch by batch."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc.errors import SnncError
from snnc.executor import Executor, own_arithmetic
from snnc.io.signals import Ended
from snnc.stages import AnswerDifference, Artifact, Divergence, ExecutorResult, Rung, StepCycles, Trace
from snnc.verification.answers import answer_differences, answered, of_layers, place, rungs_with
from snnc.verification.compare import first_divergence, trace_rungs
from snnc.verification.state_answers import STATES, saturation_difference, state_difference, state_rungs

Spikes = npt.NDArray[np.uint8]

STOPPED = "stopped after the first divergence (--fail-fast)"


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples that are run together, of one group of inputs or of several: uint8 [samples, T, inputs].

    `parts`: name of a group, its first sample here, and the rows that it has.
    """

    spikes: Spikes
    parts: tuple[tuple[str, int, slice], ...]

    @classmethod
    def joined(cls, parts: Iterable[tuple[str, int, Spikes]]) -> Batch:
        """One of consecutive samples of groups: name, first sample, and these."""
        given = list(parts)
        ends = np.cumsum([len(spikes) for _, _, spikes in given]).tolist()
        spikes = (given[0][2] if len(given) == 1 else np.concatenate([each for _, _, each in given])).view()
        spikes.flags.writeable = False  # one that wrote into it would have the next ones run on other input
        rows = [slice(end - len(each), end) for end, (_, _, each) in zip(ends, given, strict=True)]
        return cls(spikes, tuple((name, start, at) for (name, start, _), at in zip(given, rows, strict=True)))

    def told(self, sizes: Mapping[str, int]) -> str:
        """As "golden 0..7 of 8, test 0..119 of 200"; `sizes` are those of the groups."""
        return ", ".join(
            f"{name} {first}..{first + at.stop - at.start - 1} of {sizes[name]}"
            for name, first, at in self.parts
        )

    def place(self, row: int) -> tuple[str, int]:
        """The group of a row, and which of its samples that is."""
        name, first, rows = next(part for part in self.parts if row < part[2].stop)
        return name, first + row - rows.start


@dataclass(frozen=True, slots=True)
class Deviation:
    """The sample in which an executor differs first, behind the one before it in the same run, if any.

    `inputs` uint8 [1 or 2, T, inputs]; `expected`, by `reference`, and `found`, by `executor`, are the
    traces of these samples.
    """

    executor: Executor
    inputs: Spikes
    expected: Trace
    found: Trace
    reference: Executor | None = None


@dataclass(slots=True)
class Running:
    """One executor's comparison, batch by batch."""

    executor: Executor
    rungs: frozenset[Rung] = frozenset(Rung)
    """Those that held for every sample so far."""
    samples: int = 0
    seconds: float = 0.0
    divergence: Divergence | None = None
    case: Deviation | None = None
    failed: str | None = None
    failed_on: Spikes | None = None
    """The inputs of that batch."""
    saturations: int | None = 0
    answers: tuple[str, ...] = ()
    answer: AnswerDifference | None = None
    cycles: StepCycles | None = None
    """Those of a core, of batches in which they are as the machine model says; None if it counts none."""

    @property
    def differs(self) -> bool:
        """Whether a difference was found, in its states or its answers."""
        return self.divergence is not None or self.answer is not None

    def compare(
        self,
        artifact: Artifact,
        expected: Trace,
        batch: Batch,
        layers: Sequence[str] | None,
    ) -> Trace | None:
        """Run a batch, and note how it differs in `layers`; its trace, None where it breaks down."""
        graph, spikes, (group, *_) = artifact.graph, batch.spikes, batch.parts[0]
        readouts = sum(layers is None or each.population in layers for each in graph.readouts)
        began = time.perf_counter()
        try:
            whole = self.executor.run(artifact, spikes)
            found = of_layers(graph, whole, layers)
            divergence = first_divergence(graph, expected, found, spikes, group, layers)
            differences = state_difference(graph, expected, found, group, layers)
            if divergence is None and not differences:
                differences |= saturation_difference(graph, expected, found, group, layers)
            differences |= answer_differences(graph, expected, found, group)
        except SnncError as error:
            self.failed, self.failed_on = str(error), spikes
            return None
        except Ended:
            raise
        except (Exception, SystemExit) as error:
            # Whatever breaks one executor must not hide what the others say, nor choose the exit code.
            self.failed = " ".join(f"{type(error).__name__}: {error}".split())
            self.failed_on = spikes
            return None
        finally:
            self.seconds += time.perf_counter() - began
        if found.failed is not None and divergence is None and not differences:
            self.failed, self.failed_on = found.failed, spikes
            return None
        self.samples += len(spikes)
        held = frozenset(Rung)
        if divergence is not None:  # else every rung holds
            held = trace_rungs(graph, expected, found, layers)
        if STATES in differences:
            held &= state_rungs(graph, expected, found, layers)
        self.rungs &= rungs_with(held, found.answers, {*differences}, readouts=readouts)
        self.answers = tuple(
            dict.fromkeys((*self.answers, *answered(found)))
        )  # some are given once, not of each batch
        if divergence is not None and self.divergence is None:
            rows = slice(max(0, divergence.sample - 1), divergence.sample + 1)
            self.case = Deviation(self.executor, spikes[rows], expected.part(rows), found.part(rows))
            group, sample = batch.place(divergence.sample)
            self.divergence = replace(divergence, split=group, sample=sample)
        if differences and self.answer is None:
            first = min(differences.values(), key=place)
            if first.sample is not None:
                group, sample = batch.place(first.sample)
                first = replace(first, split=group, sample=sample)
            self.answer = first
        counted = saturations(found)
        taken = whole.info.get("cycles") if whole.failed is None else None
        if isinstance(taken, StepCycles):
            self.cycles = taken if self.cycles is None else self.cycles + taken
        both = None in (counted, self.saturations)
        self.saturations = None if both else (self.saturations or 0) + (counted or 0)
        return whole

    def result(self, stopped: bool) -> ExecutorResult:
        """What came out; `stopped`: the run ended before its end."""
        if stopped and not self.samples and self.failed is None:
            return ExecutorResult(self.executor.name, Rung.NOTHING, 0, 0.0, skipped=STOPPED)
        found = ExecutorResult(
            name=self.executor.name,
            rung=Rung.NOTHING,
            samples=self.samples,
            seconds=self.seconds,
            divergence=self.divergence,
            failed=self.failed,
            saturations=None if self.failed else self.saturations,
            answers=self.answers,
            answer=self.answer,
            own_arithmetic=own_arithmetic(self.executor),
            cycles=self.cycles,
        )
        if self.failed and not self.differs:
            return found
        return replace(found, rung=min(max(self.rungs), found.highest))


def saturations(trace: Trace) -> int | None:
    """Wraps and clips in all layers, or None if the executor does not count them."""
    counts = [layer.saturations for layer in trace]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
