"""What must hold between the numbers of a report's findings, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from snnc.errors import InputError
from snnc.stages import Confusion, Coverage, Diagnosis, NeuronContext, Report, Reproducer


def check_findings(report: Report) -> None:
    """Raises `InputError`, which names the field, if counts contradict each other or rows do not fit."""
    for where, problem in _problems(report):
        raise InputError(f"report: {where}: {problem}; write it again with `snnc verify`")


def _problems(report: Report) -> Iterator[tuple[str, str]]:
    for index, result in enumerate(report.executors):
        if result.rung > result.highest:
            where, most = f"executors[{index}].rung", result.highest.label
            yield where, f"is {result.rung.label}, with an arithmetic of its own at most {most}"
        if result.divergence is None:
            continue
        where, d = f"executors[{index}].divergence", result.divergence
        if d.diagnosis is not None:
            yield from _diagnosis(f"{where}.diagnosis", d.diagnosis)
        if d.vicinity is not None:
            yield from _context(f"{where}.vicinity", d.vicinity, d.step)
        if d.reproducer is not None:
            yield from _reproducer(f"{where}.reproducer", d.reproducer)
    for index, coverage in enumerate(report.coverage):
        yield from _coverage(f"coverage[{index}]", coverage)
    if report.confusion is not None:
        yield from _confusion(report.confusion)
    for index, stage in enumerate(report.accuracy):
        first = next(each for each in report.accuracy if each.split == stage.split)
        if stage.lost is not None:
            gained = stage.correct - first.correct + stage.lost
            if stage.total != first.total:
                yield (
                    f"accuracy[{index}].lost",
                    f"is of {stage.total} samples, the first stage of {first.total}",
                )
            elif not (0 <= stage.lost <= first.correct and 0 <= gained <= stage.total - first.correct):
                yield f"accuracy[{index}].lost", f"{stage.lost} contradicts the numbers correct"
        if stage.lost_at_end is not None:
            last = [each for each in report.accuracy if each.split == stage.split][-1]
            gained = last.correct - stage.correct + stage.lost_at_end
            if not (0 <= stage.lost_at_end <= stage.correct and 0 <= gained <= stage.total - stage.correct):
                yield (
                    f"accuracy[{index}].lost_at_end",
                    f"{stage.lost_at_end} contradicts the numbers correct",
                )


def _diagnosis(where: str, found: Diagnosis) -> Iterator[tuple[str, str]]:
    if found.unknown is not None and found.causes:
        yield f"{where}.unknown", "is set beside causes"
    if found.tried < len(found.causes):
        yield f"{where}.tried", f"is {found.tried}, fewer than the {len(found.causes)} causes"
    for index, cause in enumerate(found.causes):
        if not 0 <= cause.explained <= cause.neurons:
            yield f"{where}.causes[{index}].explained", f"is {cause.explained} of {cause.neurons} neurons"
    if (broke := found.broke) is not None:
        if (broke.made is None) != (broke.events is None):
            yield f"{where}.broke", "must have both of made and events, or neither"
        if min(broke.inputs, broke.made or 0, broke.events or 0) < 0:
            yield f"{where}.broke", "holds a negative count; a count must not be negative"
        if any(cause.tests for cause in found.causes):
            yield f"{where}.broke", "is set beside causes that were tested"


def _context(where: str, near: NeuronContext, step: int) -> Iterator[tuple[str, str]]:
    count = len(near.expected_v)
    for name in ("expected_u", "found_u", "found_v"):
        if len(getattr(near, name)) != count:
            yield f"{where}.{name}", f"has {len(getattr(near, name))} steps, expected_v has {count}"
    for name in ("expected_w", "found_w"):
        if len(getattr(near, name)) not in (0, count):
            yield f"{where}.{name}", f"has {len(getattr(near, name))} steps, expected_v has {count}"
    if near.first < 0 or not near.first <= step < near.first + count:
        yield where, f"holds {count} steps from {near.first} on, and not step {step} of the divergence"
    for name in ("expected_spikes", "found_spikes"):
        outside = [at for at in getattr(near, name) if not near.first <= at < near.first + count]
        if outside:
            yield f"{where}.{name}", f"holds step {outside[0]}, which the traces do not"


def _reproducer(where: str, found: Reproducer) -> Iterator[tuple[str, str]]:
    if (found.folder is None) == (found.absent is None):
        yield where, "must have one of folder and absent"
    numbers = (
        found.inputs,
        *found.layers,
        found.synapses,
        found.steps,
        found.events,
        found.runs,
        found.seconds,
    )
    if min(numbers) < 0:
        yield where, f"holds {min(numbers)}; a count must not be negative"


def _coverage(where: str, found: Coverage) -> Iterator[tuple[str, str]]:
    if found.samples < 0:
        yield f"{where}.samples", f"is {found.samples}; a count must not be negative"
    if not {*found.silent} <= {layer.layer for layer in found.layers}:
        yield f"{where}.silent", f"names a population that {where}.layers lacks"
    for index, layer in enumerate(found.layers):
        for name, whole in (
            ("spiked", "neurons"),
            ("carried", "synapses"),
            ("delays_carried", "delays"),
            ("met", "neurons"),
            ("just_above", "neurons"),
            ("just_below", "neurons"),
            ("one_above", "just_above"),
            ("together", "neurons"),
            ("first_step", "sources"),
            ("last_step", "sources"),
        ):
            part, limit = getattr(layer, name), getattr(layer, whole)
            if not 0 <= part <= limit:
                yield f"{where}.layers[{index}].{name}", f"is {part} of {limit} {whole}"
        lacking = layer.synapses - layer.carried
        if not 0 <= (layer.unreachable or 0) <= max(lacking, 0):
            yield (
                f"{where}.layers[{index}].unreachable",
                f"is {layer.unreachable} of {lacking} synapses that carried no spike",
            )
        for name in (
            "equalities",
            "negative_roundings",
            "positive_roundings",
            "u_wraps",
            "v_clips",
            "u_at_wrap",
        ):
            if getattr(layer, name) < 0:
                yield f"{where}.layers[{index}].{name}", f"is {getattr(layer, name)}; it must not be negative"


def _confusion(found: Confusion) -> Iterator[tuple[str, str]]:
    if tuple(found.counts) != found.classes:
        yield "confusion.counts", "has other classes, or another order, than confusion.classes"
    for name, row in found.counts.items():
        if len(row) != len(found.classes):
            yield f"confusion.counts.{name}", f"has {len(row)} counts for {len(found.classes)} classes"
        if min(row, default=0) < 0:
            yield f"confusion.counts.{name}", f"holds {min(row)}; a count must not be negative"
    for name, (right, total) in found.speakers.items():
        if not 0 <= right <= total:
            yield f"confusion.speakers.{name}", f"has {right} right of {total} recordings"
