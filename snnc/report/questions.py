"""The three questions that a report is opened for, each answered in a line."""

from __future__ import annotations

from dataclasses import replace

from snnc.percent import percent
from snnc.report import chip
from snnc.report.cost import cost
from snnc.report.diagnosis import phrase
from snnc.report.off_chip import (
    UNTIMED,
    clock_of,
    clock_words,
    cycles_words,
    input_of,
    memory,
    speed_words,
    to_be_placed,
    without_chip,
)
from snnc.report.speakers import of_report
from snnc.report.summary import Fact, cores, overflow
from snnc.report.verdict import Outcome, first_answer, missed, samples, verdict
from snnc.stages import Report


def questions(report: Report) -> list[Fact]:
    """Can I deploy? What did quantisation cost? Where is the bottleneck on the chip?"""
    return [_deploy(report), cost(report), _bottleneck(report)]


def _deploy(report: Report) -> Fact:
    """What is not a plain no never stands without what the program takes, and how far it reaches."""
    answer = _answer(report)
    if verdict(report).outcome not in (Outcome.EQUAL, Outcome.EQUAL_HERE):
        return answer
    return replace(answer, remark="; ".join(filter(None, (input_of(report), answer.remark, reach(report)))))


def reach(report: Report) -> str:
    """Who was compared, on how many samples, what these exercised, and who did not run."""
    if not report.compared:
        return ""
    names = ", ".join(result.name for result in report.compared)
    parts = [f"compared: {names} with {report.reference} on {samples(sum(report.inputs.values()))}"]
    if report.coverage:
        layers = report.coverage[-1].layers
        carried, all_of = sum(each.carried for each in layers), sum(each.synapses for each in layers)
        if all_of:
            parts.append(f"{percent(carried, all_of, 1)} of synapses exercised".replace(".0 %", " %"))
    else:
        parts.append("what they exercised was not counted")
    if report.confusion is not None and report.confusion.speakers:
        parts += of_report(report)
    absent = [result.name for result in report.executors if result.skipped is not None]
    if absent:
        parts.append(f"not run: {', '.join(absent)}")
    return "; ".join(parts)


def _answer(report: Report) -> Fact:
    subject = "Can I deploy?"
    match verdict(report).outcome:
        case Outcome.NOT_EQUAL:
            return Fact(subject, "No", "executors differ: " + _why(report), "bad")
        case Outcome.NOT_VERIFIED:
            why = missed(report) if report.program_missed else "whether the executors agree is not known"
            return Fact(subject, "Not yet", why, "bad")
    doubts = [fact for fact in (overflow(report), cores(report)) if fact.tone in ("bad", "unsure")]
    if report.program_missed:
        doubts.append(Fact("", missed(report), tone="unsure"))  # it begins with "the program"
    doubts += [
        Fact("", f"{each.name} is equal on these inputs, in an arithmetic of its own", tone="unsure")
        for each in report.compared
        if each.own_arithmetic
    ]
    if "reproducer_of" in report.provenance:
        doubts.append(Fact("The network", "part of another, on one short input", tone="unsure"))
    if report.layers_compared:
        doubts.append(Fact("Layers", f"only {' and '.join(report.layers_compared)} compared", tone="unsure"))
    if report.disagreement:
        doubts.append(Fact("", report.disagreement, tone="unsure"))
    if not doubts:
        met = "the clock of the board is met" if clock_of(report) else ""
        room = met or ("no chip is needed" if report.chip_cores == 0 else "it fits the chip")
        remark = f"every executor that ran agrees on what was compared, overflow is proved absent, {room}"
        return Fact(subject, "Yes, as far as simulation can tell", remark, "good")
    words = "; ".join(f"{fact.subject}: {fact.answer}" if fact.subject else fact.answer for fact in doubts)
    if any(fact.tone == "bad" for fact in doubts):
        return Fact(subject, "No", f"every executor that ran agrees, but {words}", "bad")
    return Fact(subject, "Check first", f"every executor that ran agrees, but {words}", "unsure")


def _why(report: Report) -> str:
    """The first cause where there is one."""
    first = report.first_divergence
    diagnosis = first[1].diagnosis if first is not None else None
    if diagnosis is not None and diagnosis.causes:
        return phrase(diagnosis)
    if first is None and (wrong := first_answer(report)) is not None:
        return f"{wrong[0].name} gives another answer ({wrong[1].kind}); look at {wrong[1].look_at}"
    return "see the first divergence" if first is not None else "see the verdict"


def _bottleneck(report: Report) -> Fact:
    subject = "Where is the bottleneck on the chip?"
    found = report.chip
    if found is None:
        cycles = cycles_words(report)
        if to_be_placed(report):
            remark = "; ".join(filter(None, (f"the frequency that it reaches is {UNTIMED}", cycles)))
            return Fact(subject, "one core, on a board", remark, "unsure")
        if (clock := clock_of(report)) is not None:
            known = (f"its clock is {clock_words(clock)}", speed_words(clock), cycles)
            return Fact(subject, "one core, on a board", "; ".join(filter(None, known)))
        if cycles:
            return Fact(subject, "one core, no board chosen", f"{cycles}; --board gives it a clock")
        if report.chip_cores == 0:
            remark = "; ".join(filter(None, (without_chip(report.target), memory(report))))
            return Fact(subject, "There is no chip", remark)
        return Fact(subject, "not known", f"no constants for {report.target} are published", "unsure")
    core = found.busiest
    unit, most = chip.units(found)
    place = f"core {core.core} of chip {core.chip} holds {chip.held(core.holds)}"
    remark = f"{place}; its {unit} works longest, {most}"
    return Fact(
        subject,
        f"Core {core.name}, busy for {chip.percent(core.busy, found.latency)} of the time",
        f"{remark}. Estimated: {chip.short(found)}",
    )
