"""What the export cost, as rows of tables: for the page and the terminal."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any, TypeVar

from snnc.exporter.options import ExportOptions, choosing
from snnc.percent import percent, signed
from snnc.report import speakers
from snnc.report.accuracy import change_or_accuracy, none_seen
from snnc.report.glossary import CLIPPED, ROUNDED, TUNED, stage_words
from snnc.stages import AccuracyStage
from snnc.stages.findings import FEW_SPEAKERS
from snnc.stages.losses import BitsSearch, BudgetStage, Fidelity, LossBudget, Recordings
from snnc.trainer.tuning import KEY, changed, clipped_alone
from snnc.trainer.tuning_calls import uses_of

FINISHED, PRUNED = "finished", "pruned"
"""The step after the fine-tuning with whole delays, and that after synapses were left out."""
JUDGE = "judge on others"
"""What is said of recordings by which the integers were chosen."""
Measured = TypeVar("Measured", AccuracyStage, BudgetStage)
_OPTION = re.compile(r"(?:^|, )(max_drop|scale) (?:= )?([^, ]+)")
"""Those that choose, among the options of the export; reports of earlier releases have no "="."""
_PRUNE = re.compile(r"(?:^|, )prune (?:= )?([^,]+)")
"""The share that is left out, among the options of the export."""


def loss_rows(budget: LossBudget) -> list[dict[str, Any]]:
    """One row a step. Accuracy and spikes are against the first step, membranes against the step before."""
    first, rows = budget.stages[0], []
    used = budget.recordings.used
    for stage in budget.stages:
        row = {
            "step": stage_words(stage.stage),
            "accuracy": percent(stage.correct, used),
            "points": signed(stage.correct - first.correct, used),
            "spikes": stage.spikes,
            "change": signed(stage.spikes - first.spikes, first.spikes) + " %",
        }
        row |= {f"{layer.layer} dB": decibels(layer.previous) for layer in stage.layers}
        rows.append(row)
    return rows


def drift_rows(budget: LossBudget) -> list[dict[str, Any]]:
    """One row a layer: its membrane after each step against that of the first step, in dB."""
    later = budget.stages[1:]
    return [
        {
            "layer": layer.layer,
            **{stage_words(stage.stage): decibels(stage.layers[index].first) for stage in later},
        }
        for index, layer in enumerate(budget.stages[0].layers)
    ]


def candidate_rows(search: BitsSearch) -> list[dict[str, Any]]:
    """One row a network that was tried, in order."""
    used = search.recordings.used
    rows = []
    for candidate in search.candidates:
        row: dict[str, Any] = {"weight bits": ", ".join(map(str, candidate.bits))}
        if candidate.correct is not None:
            row |= {
                "accuracy": percent(candidate.correct, used),
                "points": signed(candidate.correct - search.reference, used),
                "synapses": sum(candidate.synapses),
                "synapse bytes": sum(candidate.synapse_bytes),
            }
        row["note"] = "chosen" if candidate.bits == search.chosen else candidate.problem
        rows.append(row)
    return rows


def byte_rows(search: BitsSearch) -> list[dict[str, Any]]:
    """One row a layer and one of all: its synapses with the most bits that were tried, and as chosen."""
    before, after = search.found[0], search.best
    counts = list(zip(before.synapses, after.synapses, strict=True))
    sizes = list(zip(before.synapse_bytes, after.synapse_bytes, strict=True))
    bits = [f"{old} → {new}" for old, new in zip(before.bits, after.bits, strict=True)]
    names = [*search.layers, "all"]
    return [
        {
            "layer": name,
            "weight bits": layer_bits,
            "synapses": f"{old_count} → {new_count}",
            "bytes": f"{old_size} → {new_size}",
            "saved": percent(old_size - new_size, old_size),
        }
        for name, layer_bits, (old_count, new_count), (old_size, new_size) in zip(
            names, [*bits, ""], [*counts, _sums(counts)], [*sizes, _sums(sizes)], strict=True
        )
    ]


def _sums(pairs: list[tuple[int, int]]) -> tuple[int, int]:
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def search_sentence(search: BitsSearch) -> str:
    """How many networks were tried, and what was found; and where so few recordings show no such drop."""
    used, tried = search.recordings.used, len(search.candidates)
    missing = tried - len(search.found)
    bits = ", ".join(f"{name} {bits}" for name, bits in zip(search.layers, search.chosen, strict=True))
    none = f", {missing} of them beyond the number formats" if missing else ""
    drop = f"{search.max_drop:g} {'point' if search.max_drop == 1 else 'points'}"
    few = ""
    if 0 < search.max_drop * used < 100:
        one = f"1 of {used} recordings is {100 / used:.3g} points"
        few = f" ({one}: none may be lost, and a loss of {drop} cannot be seen)"
    networks = "1 network" if tried == 1 else f"{tried} networks"
    return (
        f"at most {drop} below the {percent(search.reference, used)} of "
        f"floating point with whole delays{few}: {networks} tried{none}; chosen: {bits} bits, "
        f"{percent(search.best.correct or 0, used)}"
    )


def tuned_integers(provenance: Mapping[str, Any]) -> bool:
    """Whether the integers of an export were fine-tuned, and the steps before them are of before it."""
    return tuned(provenance) and finished(provenance)


def tuned(provenance: Mapping[str, Any]) -> bool:
    """Whether fine-tuning trained what an export has: its integers, or the real numbers before them."""
    record = provenance.get(KEY)
    return isinstance(record, Mapping) and changed(record) and not clipped_alone(record)


def clipped(provenance: Mapping[str, Any]) -> bool:
    """Whether fine-tuning only clipped the largest weights of what an export has, and trained none."""
    return clipped_alone(provenance.get(KEY))


def finished(provenance: Mapping[str, Any]) -> bool:
    """Whether integers of an export were made before it, by training or fine-tuning."""
    return bool(provenance.get("finished_in_training") or provenance.get("finished_in_integers"))


def tuned_bits_of(provenance: Mapping[str, Any]) -> list[Any]:
    """The bits of which the integers of an export are those of fine-tuning, trained or clipped; of some
    layers, others may be."""
    if not (tuned(provenance) or clipped(provenance)) or not finished(provenance):
        return []
    uses = uses_of(provenance[KEY])
    return [use.weight_bits for use in uses] or [provenance[KEY].get("weight_bits")]


def chosen_by(provenance: Mapping[str, Any]) -> tuple[str, ...]:
    """The options by which an export chose its integers, by the `provenance` of its manifest or its report.

    A report has all options in one line.
    """
    options = provenance.get("options")
    if isinstance(options, str):
        told = dict(_OPTION.findall(options))
        some = told.get("max_drop", "–") not in ("–", "None")  # how much does not matter
        return choosing(ExportOptions(max_drop=0.0 if some else None, scale=told.get("scale")))
    if not isinstance(options, Mapping):
        return ()
    return choosing(ExportOptions(max_drop=options.get("max_drop"), scale=options.get("scale")))


def best_before(stages: Sequence[Measured]) -> Measured:
    """Of the `stages` of one split, what the last, the integers, are compared with to tell what they cost.

    That is the first, or the finished network if it is as accurate: what training gained is no gain of them.
    """
    best = stages[0]
    for each in stages[1:-1]:
        if each.stage == FINISHED and each.correct >= best.correct:
            best = each
    return best


def between(stages: Sequence[AccuracyStage]) -> AccuracyStage | None:
    """Of the stages of one split: the weights of fine-tuning in real numbers, if the network before them and
    the integers are there, too. They are no network that anybody has, so that no cost is told from them."""
    return stages[1] if len(stages) > 2 and stages[1].stage in (TUNED, CLIPPED) else None


def loss_sentence(
    budget: LossBudget, tuned: bool = False, clipped: bool = False, chosen: Sequence[str] = ()
) -> str:
    """Accuracy and spikes of the last step against the better of the first step and the finished network.

    What training gained after the first step is no gain of integers. The interval is that of the difference;
    where an artifact of an earlier release does not tell which recordings were lost, of the integers'
    accuracy. Where no loss was seen, its end stands in front: the loss that may still be.

    `tuned`: the integers were fine-tuned, so that a difference is no cost of rounding, unless the first step
    is fine-tuned, too. Then, and after pruning, all that the points are of is named. `clipped`: fine-tuning
    clipped the largest weights alone. What that took is a cost as that of rounding, where the steps begin
    before it, and else the first step is named so.
    `chosen`: the options by which these recordings chose the integers, too: that they lost none says nothing.
    """
    used, best, end = budget.recordings.used, best_before(budget.stages), budget.stages[-1]
    first = AccuracyStage(best.stage, "", best.correct, used)
    last = AccuracyStage(end.stage, "", end.correct, used, lost=best.lost)
    between = tuned and not begins_tuned(budget)
    none = "" if last.correct < first.correct or between or chosen else none_seen(first, last)
    made = TUNED if tuned else CLIPPED if clipped else first.stage
    begins = best is budget.stages[0] and begins_tuned(budget)
    begin = stage_words(made if begins else first.stage)
    integers = "integers after fine-tuning" if between else "integers"
    behind = {each.stage for each in budget.stages[budget.stages.index(best) + 1 :]}
    of = f" of {together(causes(behind, between))}" if between or PRUNED in behind else ""
    of = of or _before_integers(budget, best)
    ends = "" if none else f" ({change_or_accuracy(first, last)})"
    by = f", by which {' and '.join(chosen)} also chose: {JUDGE}" if chosen else ""
    return (
        f"{none and f'{none}: '}accuracy {begin} {percent(first.correct, used)} → {integers} "
        f"{percent(last.correct, used)}, {signed(last.correct - first.correct, used)} points{of}{ends}, "
        f"{_spikes(best, end)}on {recordings_phrase(budget.recordings)}{by}"
    )


def _spikes(first: BudgetStage, last: BudgetStage) -> str:
    """What becomes of the number of spikes, as "spikes −3.20 %, "; empty where no layer is to spike."""
    if all(layer.spikes is None for layer in (*first.layers, *last.layers)):
        return ""
    if first.spikes:
        return f"spikes {signed(last.spikes - first.spikes, first.spikes)} %, "
    return f"{last.spikes:,} spikes where there were none, " if last.spikes else "no neuron fires at all, "


def _before_integers(budget: LossBudget, best: BudgetStage) -> str:
    """What whole delays lost of it: `--max-drop` counts from the network that has them. Empty if nothing."""
    whole = [each for each in budget.stages[:-1] if each.stage in (ROUNDED, FINISHED)]
    if best is not budget.stages[0] or not whole or whole[-1].correct >= best.correct:
        return ""
    used, before, end = budget.recordings.used, whole[-1], budget.stages[-1]
    trained = " and training with them" if before.stage == FINISHED else ""
    lost, then = signed(before.correct - best.correct, used), signed(end.correct - before.correct, used)
    return f", {lost} by whole delays{trained}, {then} by integers"


def pruned(provenance: Mapping[str, Any]) -> bool:
    """Whether the export was told to leave synapses out; `provenance` as a report has it, texts."""
    told = _PRUNE.search(str(provenance.get("options", "")))
    return told is not None and told[1] not in ("0", "0.0")


def begins_tuned(budget: LossBudget) -> bool:
    """Of an export of fine-tuned integers: whether the first step has their weights in real numbers.

    It has of a network that is no chain, so that fine-tuning is no part of what the steps differ in.
    """
    return not any(each.stage in (ROUNDED, FINISHED) for each in budget.stages)


def causes(steps: Container[str], tuned: bool) -> list[str]:
    """What all these `steps` together do to accuracy; `tuned`: with fine-tuning among them."""
    known = {
        "whole delays": ROUNDED in steps,
        "training with them": FINISHED in steps,
        "fine-tuning": tuned,
        "rounding": True,
        "pruning": PRUNED in steps,
    }
    return [name for name, part in known.items() if part]


def together(names: Sequence[str]) -> str:
    """As "fine-tuning, rounding and pruning together"; one is named alone."""
    *first, last = names
    return f"{', '.join(first)} and {last} together" if first else last


BYTES_OF = (
    "Bytes are placement's estimate for a chip, with each layer whole on one core. In C a weight of 8 bits "
    "or fewer takes one byte: fewer bits save flash there by zeros and smaller biases alone, but leaving out "
    "half of a layer's synapses (--prune) does, at the most two thirds"
)


def recordings_phrase(recordings: Recordings) -> str:
    """As "200 of 240 validation recordings"; where they are of few speakers, these follow."""
    names = recordings.speakers or ()
    few = f" of {speakers.counted(names)}" if 0 < len(names) < FEW_SPEAKERS else ""
    return f"{recordings.words}{few}"


def decibels(fidelity: Fidelity | None) -> str:
    """ "same" if nothing differs, "–" if there is nothing to compare with."""
    if fidelity is None or (fidelity.sqnr_db is None and not fidelity.identical):
        return "–"
    return "same" if fidelity.sqnr_db is None else f"{fidelity.sqnr_db:.1f}"
