"""What to know before deploying, beside the three questions; cores and traffic for the terminal too."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from snnc.percent import percent
from snnc.report import chip
from snnc.report.coverage import coverage_phrase
from snnc.report.glossary import INPUTS
from snnc.report.off_chip import (
    UNTIMED,
    clock_of,
    clock_words,
    memory,
    no_board,
    to_be_placed,
    without_chip,
)
from snnc.report.verdict import (
    Outcome,
    in_some_kinds,
    most_saturations,
    samples,
    saturated_kinds,
    saturations,
    verdict,
)
from snnc.saturated import LEFT, by_population
from snnc.stages import Coverage, Report, Traffic

_USED = re.compile(r"\s*(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)\s*")
EVENTS_TO_CORES = "events of the input to cores, and spikes between cores"
"""Where the whole network is on one core, there are those of the input alone."""
_NOT_RESOURCES = ("chip", "core", "tile", "holds")
"""Columns of `Report.resources` that do not say how full a core is."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: `tone` is "good", "bad", "unsure" or "", and never says more than `answer`.

    `limits`: what the answer does not hold for, or what it is for, a sentence each.
    """

    subject: str
    answer: str
    remark: str = ""
    tone: str = ""
    limits: tuple[str, ...] = ()


def facts(report: Report) -> list[Fact]:
    """Inputs and what they reached, overflow, cores, what passes between them, time and energy."""
    return [
        _inputs(report),
        overflow(report),
        cores(report),
        *_traffic(report),
        *_chip(report),
    ]


def counts(report: Report) -> str | None:
    """One sentence that keeps the compared samples apart from the recordings of the accuracy."""
    totals = {stage.split: stage.total for stage in report.accuracy if stage.total}
    if not totals:
        return None
    recordings = " and ".join(f"the {total} recordings of {split}" for split, total in totals.items())
    if not report.compared:
        return f"The accuracy is over {recordings}; no samples were compared."
    return (
        f"Two different counts: executors were compared on {samples(sum(report.inputs.values()))}, "
        f"step by step; the accuracy is over {recordings}."
    )


def share(value: Any) -> float | None:
    """Share in percent of a "used / max", None of anything else."""
    if not isinstance(value, str) or (match := _USED.fullmatch(value)) is None:
        return None
    used, limit = float(match[1]), float(match[2])
    return 100 * used / limit if limit else (0.0 if used == 0 else math.inf)


def _inputs(report: Report) -> Fact:
    groups = "; ".join(f"{name}: {samples(count)}" for name, count in report.inputs.items())
    if not report.compared:
        return Fact("Inputs compared", "none", f"{report.reference} alone ran {groups}" if groups else "")
    equal = verdict(report).outcome in (Outcome.EQUAL, Outcome.EQUAL_HERE)
    limit = "equality is shown for these, not proved for all" if equal else ""
    meaning = [words for name, words in INPUTS.items() if name in report.inputs]
    said = coverage_phrase(report), *meaning, limit
    return Fact("Inputs compared", groups, "; ".join(words for words in said if words))


def overflow(report: Report) -> Fact:
    """Whether u, v or w can leave its range."""
    adapts = any("w_bound" in row for row in report.layers)
    subject = "Overflow of u, v and w" if adapts else "Overflow of u and v"
    most = most_saturations(report)
    number = saturations(most) if most is None else f"{saturations(most)} counted{in_some_kinds(report)}"
    proved = report.provenance.get("overflow_proved")
    if proved is True and most:
        return Fact(subject, number, "although the range proof excludes it", "bad")
    if proved is True:
        return Fact(subject, "proved absent for all inputs", _headroom(report), "good")
    known = "not proved" if proved is False else "no proof recorded"
    remark = "for the inputs that ran; other inputs may saturate"
    return Fact(subject, f"{known}, {number}", remark, "bad" if most else "unsure")


def saturated(report: Report) -> str:
    """How often states saturated, in which populations and kinds of input; empty if none did."""
    if not (most := most_saturations(report)):
        return ""
    by = [_by_population(found) for found in report.coverage]
    told = [words] if by and (words := by_population(by[-1])) else []
    if kinds := saturated_kinds(report):
        told.append(", ".join(f"{count or 'none'} in {name}" for name, count in kinds.items()))
    where = f" ({'; '.join(told)})" if told else ""
    return f"{saturations(most)} counted{where}: {LEFT}"


def _by_population(found: Coverage) -> dict[str, int]:
    return {each.layer: each.u_wraps + each.v_clips + (each.w_clips or 0) for each in found.layers}


def _headroom(report: Report) -> str:
    """The layer whose u, v or w comes nearest to its limit, and by how many bits."""
    known = [row for row in report.layers if isinstance(row.get("headroom_bits"), int | float)]
    if not known:
        return ""
    bits, name = min((row["headroom_bits"], row.get("name")) for row in known)
    return f"at least {bits:.2f} bits of headroom ({name})"


def cores(report: Report) -> Fact:
    """Whether the network fits the chip; of a board, whether its clock is met."""
    subject = "Cores of the chip"
    places = _places(report)
    if to_be_placed(report):
        return Fact("Clock of the board", f"whether it is met is {UNTIMED}", tone="unsure")
    if (clock := clock_of(report)) is not None:
        return Fact("Clock of the board", clock_words(clock), tone="good" if clock.met else "bad")
    if report.chip_cores == 0 and (taken := memory(report)):
        return Fact("Memory", taken, without_chip(report.target), tone="good")
    if report.chip_cores == 0 and no_board(report):
        return Fact("Board", "none chosen", without_chip(report.target), tone="good")
    if report.chip_cores == 0:
        return Fact(subject, "none needed", without_chip(report.target), tone="good")
    if not places:
        return Fact(subject, "not in this report", tone="unsure")
    chips = len({chip for chip, _ in places})
    answer = f"{len(places)} used"
    fits = True
    if report.chip_cores is not None:
        answer = f"{len(places)} of {chips * report.chip_cores} used"
        fits = len(places) <= chips * report.chip_cores
    answer += f", on {chips} chips" if chips > 1 else ""
    shares = [
        (found, name.replace("_", " "))
        for row in report.resources
        for name, value in row.items()
        if name not in _NOT_RESOURCES and (found := share(value)) is not None
    ]
    fullest, resource = max(shares, default=(None, ""))
    if fullest is None:
        return Fact(subject, answer, tone="unsure" if fits else "bad")
    fits &= fullest <= 100
    remark = f"fullest: {fullest:.0f} % of a core's {resource}, by the export's estimate"
    tone = "bad" if not fits else "good" if report.chip_cores is not None else "unsure"
    return Fact(subject, answer if fits else f"does not fit: {answer}", remark, tone)


def _places(report: Report) -> set[tuple[Any, Any]]:
    """Chip and core of all that is placed; empty where the report does not tell."""
    return {(row.get("chip", 0), row["core"]) for row in report.resources if "core" in row}


def _traffic(report: Report) -> list[Fact]:
    """None on one core, where nothing passes between cores."""
    if report.traffic is None or len(_places(report)) == 1:
        return []
    basis = traffic_basis(report.traffic)
    return [
        Fact(subject.capitalize(), answer, f"per recording, {basis}")
        for subject, answer in traffic_counts(report.traffic).items()
        if not answer.startswith("0.0;") or report.traffic.in_order_hops
    ]


def _chip(report: Report) -> list[Fact]:
    if report.chip is None:
        return []
    others = chip.by_others(report.chip)
    on = chip.counted_on(report.chip.samples, report.chip_inputs)
    remark = f"estimated with the constants {report.chip.costs}, without leakage, counted on {on}"
    remark += others and f"; {others}"
    return [Fact("Time and energy of the chip", chip.short(report.chip), remark)]


def fullest(placement: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """The `most` cores with the largest part of any resource in use, fullest first; ties in their order."""
    return sorted(placement, key=lambda row: -_part(row)[0])[:most]


def cores_line(placement: Sequence[Mapping[str, Any]], cores: int) -> str:
    """One line: how many of the target's `cores` are used, and how full the fullest is."""
    part, resource = max(_part(row) for row in placement)
    chips = len({row["chip"] for row in placement})
    where = f" on {chips} chips" if chips > 1 else ""
    what = resource.replace("_", " ")
    return f"{len(placement)} of {cores} cores{where}; the fullest uses {percent(part, 1, 0)} of its {what}"


def traffic_counts(traffic: Traffic) -> dict[str, str]:
    """What passes between cores a recording, against neurons in their order."""
    return {
        EVENTS_TO_CORES: _traffic_change(traffic, traffic.spikes, traffic.in_order_spikes),
        "hops from tile to tile": _traffic_change(traffic, traffic.hops, traffic.in_order_hops),
    }


def traffic_basis(traffic: Traffic) -> str:
    """Where the counts come from."""
    if traffic.measured:
        return f"over {traffic.recordings} recordings"
    return "not measured: as if every input and neuron spiked once"


def _traffic_change(traffic: Traffic, now: int, before: int | None) -> str:
    many = "core" if traffic.in_order_cores == 1 else "cores"
    order, mean = f"in neuron order on {traffic.in_order_cores} {many}", f"{now / traffic.recordings:,.1f}"
    if before is None:
        return f"{mean}; placed {order} it does not fit"
    base = f"the {before / traffic.recordings:,.1f} when placed {order}"
    if now == before:
        return f"{mean}, as many as {base}"
    if not before:
        return f"{mean}, more than {base}"
    return (
        f"{mean}, {100 * abs(now - before) / before:.1f} % {'fewer' if now < before else 'more'} than {base}"
    )


def _part(row: Mapping[str, Any]) -> tuple[float, str]:
    """Largest used / max of a core, and of which resource."""
    use = [(used / most, name) for name, (used, most) in row["use"].items()]
    return max(use)
