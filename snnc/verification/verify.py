"""`snnc verify`: what a comparison of all executors found, explained, as a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.executor import LocatingExecutor
from snnc.exporter.artifact import carries_model, source_model
from snnc.io import budget_file
from snnc.io.size_file import kept_size
from snnc.plugins.executors import REFERENCE
from snnc.provenance import versions
from snnc.stages import (
    SYNTHETIC,
    AccuracyStage,
    Artifact,
    Confusion,
    Divergence,
    ExecutorResult,
    Report,
    Traffic,
)
from snnc.targets.registry import load_target
from snnc.text import pairs, quoted
from snnc.trainer import chosen, late_delays, tuning
from snnc.trainer.line_record import note_of_training
from snnc.verification.at_threshold import at_threshold
from snnc.verification.board_clock import board_clock
from snnc.verification.breakdown import Raised, attempt
from snnc.verification.chip import CHIP_SAMPLES, estimate_artifact
from snnc.verification.comparison import GOLDEN, Comparison, InputGroup, Progress, compare_executors, in_order
from snnc.verification.diagnosis.explain import explained
from snnc.verification.disagreement import disagreement, doubts, tuned_since
from snnc.verification.figures import figures, layer_table
from snnc.verification.graph_figures import network_of
from snnc.verification.led_lines import leads_on
from snnc.verification.one_executor import Deviation
from snnc.verification.resources import resource_rows
from snnc.verification.rounding import rounding
from snnc.verification.sample_figures import samples
from snnc.verification.shrinking.reproducer import smallest
from snnc.verification.sound_input import made_of_sound
from snnc.verification.training_figures import training
from snnc.verification.tuned_samples import clipped, finetuned

NO_ESTIMATE = "time and energy on the chip are not estimated: the target has no levels for this graph"


def verify(
    artifact: Artifact,
    groups: Sequence[InputGroup],
    *,
    executors: Sequence[str] | None = None,
    layers: Sequence[str] | None = None,
    fail_fast: bool = False,
    seed: int = 0,
    generated: int = 0,
    allow_missing: bool = False,
    reproducer: Path | None = None,
    accuracy: tuple[AccuracyStage, ...] = (),
    confusion: Confusion | None = None,
    command: str = "",
    progress: Progress = lambda message: None,
) -> Report:
    """Compare `executors` (default: all that can run here) with the integer PyTorch model.

    The artifact's golden inputs always come first, then `groups`.

    Parameters
    ----------
    layers
        Names of the layers to compare; default: all.
    fail_fast
        Stop at the first divergence.
    allow_missing
        Accept that no executor ran the target's program; always accepted if `executors` are named.
    generated, seed
        Largest number of inputs to generate, and the random seed for them.
    reproducer
        The folder for the smallest network and input on which the executor with the first divergence of all
        still differs.

    Raises
    ------
    InputError
        If the name of an executor or a layer is unknown, there is no input at all, or `generated` or `seed`
        is no whole number of 0 or more.
    ExecutorUnavailableError
        If an executor in `executors` cannot run here.
    """
    for option, number in (("generated", generated), ("seed", seed)):
        if not isinstance(number, int | np.integer) or number < 0:
            raise InputError(f"--{option} {quoted(number)}: give a whole number, 0 or more")
    groups = [InputGroup(GOLDEN, np.asarray(artifact.golden_input)), *groups]
    shown = next((group for group in reversed(groups) if len(group.spikes)), None)
    if shown is None:
        raise InputError(
            f"{artifact.path}: holds no golden input, and no recordings are given; export it again"
        )
    found = compare_executors(
        artifact,
        groups,
        executors,
        progress,
        layers=layers,
        fail_fast=fail_fast,
        generated=generated,
        seed=seed,
    )
    target, traffic = load_target(artifact.target), artifact.manifest.get("traffic")
    chain = artifact.graph.is_chain
    estimated = bool(target.costs) and (chain or target.levels is not None)
    notes = () if estimated or not target.costs else (NO_ESTIMATE,)
    if len(artifact.graph.readouts) > 1 and any(group.labels is not None for group in groups):
        first_readout = artifact.graph.readouts[0].population
        notes = (*notes, f"labels and accuracy are of the readout {first_readout}, the first")
    if carries_model(artifact):
        driven = any(found.inputs.get(each) for each in SYNTHETIC)
        notes = (*notes, *note_of_training(source_model(artifact), driven, leads_on(artifact.graph)))
    if late := late_delays.of_graph(artifact.graph):
        notes = (*notes, late)
    clock, unread = board_clock(artifact, target)
    kept, damaged = kept_size(artifact)
    provenance = artifact.manifest.get("provenance", {})
    notes = (*notes, *unread, *damaged, *doubts(provenance), *tuned_since(provenance))
    notes = (*notes, *at_threshold(provenance, found.threshold_equalities))
    if estimated:
        progress("time and energy on the chip")
    report = Report(
        artifact=artifact.path.resolve().name,
        target=artifact.target,
        reference=REFERENCE,
        inputs=found.inputs,
        executors=found.results,
        accuracy=(*accuracy, *found.accuracy),
        golden_reproduced=found.golden_reproduced,
        threshold_equalities=found.threshold_equalities,
        command=command,
        provenance=_provenance(artifact, found.overflow_excluded),
        resources=resource_rows(artifact, target, kept),
        layers=layer_table(artifact),
        costs=budget_file.read(artifact),
        chip_cores=target.limits.cores if target.chip else 0,
        traffic=Traffic(**traffic) if traffic and target.chip else None,
        chip=estimate_artifact(artifact, shown.spikes[:CHIP_SAMPLES]) if estimated else None,
        chip_inputs=shown.name if estimated else "",
        layers_compared=in_order(artifact.graph, layers),
        own_executors=target.executors if target.emit is not None else None,
        program_needed=target.emit is not None and executors is None and not allow_missing,
        coverage=found.coverage,
        saturated_in=found.saturated_in,
        confusion=confusion,
        network={} if chain else network_of(artifact.graph),
        notes=notes,
        clock=clock,
        disagreement=disagreement(provenance),
        rounding=rounding(provenance),
        finetuned=finetuned(artifact),
        clipped=clipped(artifact),
    )
    first = report.first_divergence
    name = None if first is None else first[0].name
    return replace(
        report,
        executors=_explained(artifact, found, name, reproducer, progress),
        figures=_figures(artifact, groups, shown, first and (first[1], found.cases[first[0].name])),
    )


def _explained(
    artifact: Artifact, found: Comparison, first: str | None, reproducer: Path | None, progress: Progress
) -> tuple[ExecutorResult, ...]:
    """The results with each divergence explained; `first` gets the reproducer, which takes longest."""
    results = []
    for result in found.results:
        case = found.cases.get(result.name)
        if case is not None and result.divergence is not None:
            progress(f"{result.name}: why it differs")
            divergence = explained(artifact, result.divergence, case)
            # A small network in which an executor's own arithmetic shows says nothing of this one.
            causes = () if divergence.diagnosis is None else divergence.diagnosis.causes
            own = result.own_arithmetic is not None and causes
            if reproducer is not None and result.name == first and not own:
                shrunk = smallest(artifact, result.divergence, case, reproducer)
                divergence = replace(divergence, reproducer=shrunk)
            result = replace(result, divergence=divergence)
        if (watched := _watched(found, result.name)) is not None:
            progress(f"{result.name}: which part of its program is wrong")
            executor, spikes = watched
            part = attempt(partial(executor.locate, artifact, spikes))
            result = replace(result, located=None if isinstance(part, Raised) else part)
        results.append(result)
    return tuple(results)


def _watched(found: Comparison, name: str) -> tuple[LocatingExecutor, npt.NDArray[np.uint8]] | None:
    """The executor `name`, if it was wrong and can watch its program, and the inputs on which it was."""
    case = found.cases.get(name)
    executor, spikes = found.broken.get(name, (None, None)) if case is None else (case.executor, case.inputs)
    if isinstance(executor, LocatingExecutor) and spikes is not None:
        return executor, spikes
    return None


def _figures(
    artifact: Artifact,
    groups: Sequence[InputGroup],
    shown: InputGroup,
    first: tuple[Divergence, Deviation] | None,
) -> dict[str, Any]:
    """Pictures of the sample that differs first, by both sides; else of one of `shown`."""
    if first is not None:
        divergence, case = first
        split, index = divergence.split, divergence.sample
        labels = next((group.labels for group in groups if group.name == split), None)
        spikes, found = case.inputs[-1], case.found.part(slice(-1, None))
    else:
        split, index, labels, found = shown.name, _pictured(shown), shown.labels, None
        spikes = np.asarray(shown.spikes[index : index + 1])[0]
    label = None if labels is None else int(labels[index])
    made = {"sample": {"split": split, "index": index}, **figures(artifact, spikes, label, found)}
    if carries_model(artifact):
        made |= training(source_model(artifact).metrics)
    return made | samples(artifact.graph, shown, index if split == shown.name else _pictured(shown))


def _pictured(shown: InputGroup) -> int:
    """The first sample; of golden ones, of which some are silent or full, that with the median of events."""
    if shown.name != GOLDEN:
        return 0
    events = np.count_nonzero(np.asarray(shown.spikes), axis=(1, 2))
    return int(np.argsort(events, kind="stable")[len(events) // 2])


def _provenance(artifact: Artifact, overflow_excluded: bool) -> dict[str, object]:
    record = {name: artifact.manifest[name] for name in ("graph_hash", "semantics_version", "snnc_version")}
    record |= artifact.manifest.get("provenance", {})
    record |= _passes(record.pop("passes", None))
    if isinstance(options := record.get("options"), dict) and options.get("prune", 0) is None:
        record["options"] = options | {"prune": "auto"}
    if isinstance(told := record.get(tuning.KEY), dict):
        record[tuning.KEY] = f"{tuning.words(told)}; {tuning.reached(told)}"
    if isinstance(told := record.get(chosen.KEY), dict):
        record[chosen.KEY] = chosen.words(told)
    if not load_target(artifact.target).chip:
        record = {name: value for name, value in record.items() if not name.endswith(", place")}
    if made_of_sound(artifact):
        record["encoder"] = "cochlea of `snnc encode`, no part of the artifact"
    record["overflow_proved"] = overflow_excluded
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
    return pairs(value) if isinstance(value, dict) else value
