"""`snnc verify`: run every executor on the same inputs and compare every u, v and spike.

The orchestration only: executors compute, `snnc.hwsim.compare` compares.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from snnc import budget_file, formats
from snnc.batches import batches
from snnc.chip import estimate_artifact
from snnc.errors import ExecutorError, ExecutorUnavailableError, InputError, StageError
from snnc.executors import REFERENCE, Executor, load_executor, obstacle
from snnc.executors import executors as all_executors
from snnc.hints import did_you_mean
from snnc.stages import (
    AccuracyStage,
    Artifact,
    Divergence,
    ExecutorResult,
    QuantizedGraph,
    Report,
    Rung,
    Trace,
    Traffic,
)

Spikes = npt.NDArray[np.uint8]

STOPPED = "stopped after the first divergence (--fail-fast)"
CHIP_SAMPLES = 20
"""Most samples that the estimate of time and energy is over."""


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


@dataclass(slots=True)
class _Running:
    """One executor's comparison, batch by batch."""

    executor: Executor
    rungs: frozenset[Rung] = frozenset(Rung)
    """Those that held for every sample so far."""
    samples: int = 0
    seconds: float = 0.0
    divergence: Divergence | None = None
    failed: str | None = None
    saturations: int | None = 0

    def result(self, stopped: bool) -> ExecutorResult:
        """What came out; `stopped`: the run ended before its end."""
        if stopped and not self.samples and self.failed is None:
            return ExecutorResult(self.executor.name, Rung.NOTHING, 0, 0.0, skipped=STOPPED)
        return ExecutorResult(
            name=self.executor.name,
            rung=Rung.NOTHING if self.failed else max(self.rungs),
            samples=self.samples,
            seconds=self.seconds,
            divergence=self.divergence,
            failed=self.failed,
            saturations=None if self.failed else self.saturations,
        )


@dataclass(slots=True)
class Comparison:
    """What `compare_executors` found."""

    results: tuple[ExecutorResult, ...]
    inputs: Mapping[str, int]
    """Name of each group of inputs -> how many samples of it were run."""
    golden_reproduced: bool
    threshold_equalities: int


def verify(
    artifact: Artifact,
    groups: Sequence[InputGroup],
    *,
    executors: Sequence[str] | None = None,
    layers: Sequence[str] | None = None,
    fail_fast: bool = False,
    seed: int = 0,
    generated: int = 16,
    reproducer: Path | None = None,
    accuracy: tuple[AccuracyStage, ...] = (),
    command: str = "",
    progress: Progress = lambda message: None,
) -> Report:
    """Compare `executors` (default: all that can run here) with the integer PyTorch model.

    The artifact's golden inputs always come first, then `groups`.

    Parameters
    ----------
    layers
        Names of those that are compared; default all.
    fail_fast
        Stop at the first divergence.

    Raises
    ------
    InputError
        If the name of an executor or a layer is unknown.
    ExecutorUnavailableError
        If an executor that was asked for by name cannot run here.
    """
    from snnc.figures import figures, layer_table
    from snnc.report.cores import core_rows
    from snnc.targets.registry import load_target

    groups = [InputGroup("golden", np.asarray(artifact.golden_input)), *groups]
    found = compare_executors(artifact, groups, executors, progress, layers, fail_fast)
    picture, target = groups[-1], load_target(artifact.target)
    traffic = artifact.manifest.get("traffic")
    progress("time and energy on the chip")
    return Report(
        artifact=artifact.path.resolve().name,
        target=artifact.target,
        reference=REFERENCE,
        inputs=found.inputs,
        executors=found.results,
        accuracy=accuracy,
        golden_reproduced=found.golden_reproduced,
        threshold_equalities=found.threshold_equalities,
        command=command,
        provenance=_provenance(artifact),
        resources=tuple(core_rows(artifact.manifest.get("placement", ()))) if target.chip else (),
        layers=layer_table(artifact),
        figures={
            "sample": {"split": picture.name, "index": 0},
            **figures(
                artifact, picture.spikes[:1][0], None if picture.labels is None else int(picture.labels[0])
            ),
        },
        costs=budget_file.read(artifact.path, artifact.manifest["files"]),
        chip_cores=target.limits.cores if target.chip else 0,
        traffic=Traffic(**traffic) if traffic and target.chip else None,
        chip=estimate_artifact(artifact, picture.spikes[:CHIP_SAMPLES]) if target.costs else None,
        layers_compared=_in_order(artifact.graph, layers),
    )


def compare_executors(
    artifact: Artifact,
    groups: Sequence[InputGroup],
    executors: Sequence[str] | None,
    progress: Progress,
    layers: Sequence[str] | None = None,
    fail_fast: bool = False,
) -> Comparison:
    """Run the reference and the others over `groups`, in batches of bounded memory.

    Only `layers` are compared, if they are named. With `fail_fast` nothing runs after the first divergence:
    what ran before it is counted, and an executor that did not run at all says so.
    """
    chosen = _in_order(artifact.graph, layers) or None
    skipped, running = _choose(executors, artifact)
    reference = load_executor(REFERENCE)
    golden, equalities, seconds, saturations = True, 0, 0.0, 0
    inputs = Counter({group.name: 0 for group in groups})
    for group, start, batch in _batches(artifact.graph, groups):
        progress(f"{REFERENCE}: {group} {start}..{start + len(batch) - 1}")
        began = time.perf_counter()
        expected = reference.run(artifact, batch)
        seconds += time.perf_counter() - began
        inputs[group] += len(batch)
        saturations += _saturations(expected) or 0
        equalities += threshold_equalities(artifact.graph, expected)
        if group == "golden":
            recorded = artifact.golden_readout[start : start + len(batch)]
            golden &= np.array_equal(expected.readout, recorded)
        for one in running:
            if one.failed is None and not (fail_fast and _diverged(running)):
                progress(f"{one.executor.name}: {group} {start}..{start + len(batch) - 1}")
                _compare(one, artifact, expected, batch, group, start, chosen)
        if fail_fast and _diverged(running):
            break
    stopped = fail_fast and _diverged(running)
    own = ExecutorResult(REFERENCE, Rung.BIT_EXACT, inputs.total(), seconds, saturations=saturations)
    results = (own, *(one.result(stopped) for one in running), *skipped)
    return Comparison(results, dict(inputs), golden, equalities)


def _diverged(running: Sequence[_Running]) -> bool:
    return any(one.divergence is not None for one in running)


def _in_order(graph: QuantizedGraph, names: Sequence[str] | None) -> tuple[str, ...]:
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


def threshold_equalities(graph: QuantizedGraph, trace: Trace) -> int:
    """How often v met a threshold above 0 exactly and so did not fire (clause 6)."""
    count = 0
    for layer, state in zip(graph.layers, trace, strict=True):
        if layer.threshold:
            equal = state.v == (layer.threshold << formats.STATE_FRACTION_BITS)
            count += int((equal & ~state.spikes).sum())
    return count


def _choose(names: Sequence[str] | None, artifact: Artifact) -> tuple[list[ExecutorResult], list[_Running]]:
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
            running.append(_Running(executor))
        elif names is not None:
            raise ExecutorUnavailableError(f"executor {name} cannot run here: {why}")
        else:
            skipped.append(ExecutorResult(name, Rung.NOTHING, 0, 0.0, skipped=why))
    return skipped, running


def _batches(graph: QuantizedGraph, groups: Sequence[InputGroup]) -> Iterator[tuple[str, int, Spikes]]:
    for group in groups:
        for part in batches(graph, len(group.spikes)):
            yield group.name, part.start, group.spikes[part]


def _compare(
    one: _Running,
    artifact: Artifact,
    expected: Trace,
    batch: Spikes,
    group: str,
    start: int,
    layers: Sequence[str] | None,
) -> None:
    from snnc.hwsim.compare import first_divergence, trace_rungs

    began = time.perf_counter()
    try:
        found = one.executor.run(artifact, batch)
        divergence = first_divergence(artifact.graph, expected, found, batch, group, layers)
    except (ExecutorError, StageError) as error:
        one.failed = str(error)
        return
    finally:
        one.seconds += time.perf_counter() - began
    one.samples += len(batch)
    if divergence is not None:  # else every rung holds
        one.rungs &= trace_rungs(artifact.graph, expected, found, layers)
    if divergence is not None and one.divergence is None:
        one.divergence = replace(divergence, sample=divergence.sample + start)
    counted = _saturations(found)
    one.saturations = None if counted is None or one.saturations is None else one.saturations + counted


def _saturations(trace: Trace) -> int | None:
    """Wraps and clips in all layers, or None if the executor does not count them."""
    counts = [count for layer in trace for count in (layer.u_wraps, layer.v_clips)]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _provenance(artifact: Artifact) -> dict[str, object]:
    from snnc.exporter.prove_ranges import graph_bounds, overflow_excluded
    from snnc.provenance import versions
    from snnc.targets.registry import load_target

    record = {name: artifact.manifest[name] for name in ("graph_hash", "semantics_version", "snnc_version")}
    record |= artifact.manifest.get("provenance", {})
    record |= _passes(record.pop("passes", None))
    if not load_target(artifact.target).chip:
        record = {name: value for name, value in record.items() if not name.endswith(", place")}
    # Proved anew: the reader of the report should not have to believe the manifest.
    record["overflow_proved"] = overflow_excluded(graph_bounds(artifact.graph))
    record["verified_with"] = versions("snnc", "numpy", "torch", "numba", "onnx", "onnxruntime")
    return {name: _flat(value) for name, value in record.items()}


def _passes(recorded: object) -> dict[str, object]:
    """A row a pass with what it changed, as far as the manifest says; it has the hashes of the stages too."""
    rows = recorded if isinstance(recorded, list) else []
    return {
        f"pass {number}, {row.get('name')}": row.get("changes")
        for number, row in enumerate(rows, 1)
        if isinstance(row, dict)
    }


def _flat(value: object) -> object:
    """A dict as one line, for a table of scalars."""
    return ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
