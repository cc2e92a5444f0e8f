"""The three questions that a report is opened for, each answered in a line."""

from __future__ import annotations

from snnc.report import chip
from snnc.report.cost import cost
from snnc.report.deploy import deploy
from snnc.report.off_chip import (
    UNTIMED,
    clock_of,
    clock_words,
    cycles_words,
    memory,
    speed_words,
    to_be_placed,
    without_chip,
)
from snnc.report.summary import Fact
from snnc.stages import Report


def questions(report: Report) -> list[Fact]:
    """Can I deploy? What did quantisation cost? Where is the bottleneck on the chip?"""
    return [deploy(report), cost(report), _bottleneck(report)]


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
            return Fact(
                subject, "one core, no board chosen", f"{cycles}; an export for a board gives it a clock"
            )
        if report.chip_cores == 0:
            remark = "; ".join(filter(None, (without_chip(report.target), memory(report))))
            return Fact(subject, "No chip is modelled", remark)
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
