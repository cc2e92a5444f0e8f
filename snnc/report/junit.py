"""A report as JUnit XML, which CI services show: a test suite an artifact, a test case an executor.

A case fails or breaks where, and only where, `snnc verify` exits with another code than 0: see `docs/ci.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from snnc.report import verdict as words
from snnc.report.console import synapses
from snnc.report.coverage import silent
from snnc.report.diagnosis import broke, cause_line, likely
from snnc.stages import Divergence, ExecutorResult, Report

# What XML 1.0 has no form for, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: Report) -> str:
    """`report` as JUnit XML; the same text for the same report."""
    cases = [*_executors(report), _compared(report), *_program(report), _golden(report), _overflow(report)]
    counts = {
        "tests": len(cases),
        "failures": _count(cases, "failure"),
        "errors": _count(cases, "error"),
        "skipped": _count(cases, "skipped"),
        "time": f"{sum(result.seconds for result in report.executors):.3f}",
    }
    suite = _element("testsuite", name=report.artifact, **counts)
    suite.append(_properties(report))
    suite.extend(cases)
    root = _element("testsuites", name="snnc verify", **counts)
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _properties(report: Report) -> ElementTree.Element:
    """Where the result came from."""
    found = {
        "command": report.command,
        "verdict": str(words.verdict(report)),
        "rung": words.rung(report),
        "target": report.target,
        "inputs": ", ".join(f"{name} {count}" for name, count in report.inputs.items()),
        "layers": ", ".join(report.layers_compared) or "all",
    }
    for name in ("graph_hash", "semantics_version", "snnc_version", "verified_with"):
        if name in report.provenance:
            found[name] = report.provenance[name]
    found |= {"silent": quiet} if (quiet := silent(report)) else {}
    properties = _element("properties")
    properties.extend(_element("property", name=name, value=value) for name, value in found.items())
    return properties


def _executors(report: Report) -> Iterator[ElementTree.Element]:
    """A case for each executor but the reference, which is compared with nothing."""
    for result in report.executors:
        if result.name == report.reference:
            continue
        case = _case(report, f"{result.name} equals {report.reference}", result.seconds)
        if result.skipped is not None:
            case.append(_outcome("skipped", result.skipped))
        elif result.failed is not None and not result.differs:
            case.append(_outcome("error", words.note(result), "BrokeDown", result.failed))
        elif result.differs:
            text = "\n".join(_difference_lines(report, result))
            case.append(_outcome("failure", words.note(result), "NotEqual", text))
        elif not result.samples:
            case.append(_outcome("skipped", "ran on no sample"))
        elif not result.equal:
            why = f'agrees only up to rung "{result.rung.label}"'
            case.append(_outcome("failure", why, "NotEqual", why))
        yield case


def _difference_lines(report: Report, result: ExecutorResult) -> Iterator[str]:
    """All that is known of how an executor differs, in its states and in its answers."""
    if result.divergence is not None:
        yield from divergence_lines(report, result, result.divergence)
    if result.answer is not None:
        if result.divergence is None:
            yield f"rung: {result.rung.label}"
        yield f"first difference in an answer: {words.answer(result.answer)}"
        yield f"look at: {result.answer.look_at}"


def divergence_lines(report: Report, result: ExecutorResult, divergence: Divergence) -> Iterator[str]:
    """A divergence in words: where, both values, what arrived, the first cause and the reproducer."""
    yield f"rung: {result.rung.label}"
    yield f"first divergence: {words.place(divergence)}"
    yield words.values(report, result, divergence)
    yield synapses(divergence)
    diagnosis = divergence.diagnosis
    if diagnosis is not None and diagnosis.causes:
        for cause in diagnosis.causes:
            yield f"{likely(diagnosis)} cause: {cause.name}: {cause_line(cause)}; look at: {cause.remedy}"
    elif diagnosis is not None and diagnosis.unknown is not None:
        yield f"cause unknown: {diagnosis.unknown}"
    if broken := broke(diagnosis):
        yield broken
    if result.located is not None:
        yield f"first seen in {result.located}"
    reproducer = divergence.reproducer
    if reproducer is not None and reproducer.folder is not None:
        yield f"reproducer: {reproducer.folder}"


def _compared(report: Report) -> ElementTree.Element:
    """Whether there was anything to compare: nothing that fails is no success."""
    case = _case(report, f"an executor was compared with {report.reference}")
    broken = any(result.failed is not None for result in report.executors)
    if not report.compared and not broken:
        case.append(_outcome("error", "no executor was compared, so nothing is verified", "NotVerified"))
    return case


def _program(report: Report) -> Iterator[ElementTree.Element]:
    """Whether the program of the target ran, if it writes one."""
    if report.own_executors is None:
        return
    case = _case(report, f"the program for {report.target} ran")
    if report.program_missed:
        # Where nothing was compared or something differs, that is told already, and may be why.
        told = not report.program_needed or not report.compared or any(r.differs for r in report.executors)
        outcome = ("skipped",) if told else ("error",)
        case.append(_outcome(*outcome, words.missed(report), None if told else "NotVerified"))
    yield case


def _golden(report: Report) -> ElementTree.Element:
    case = _case(report, "golden readout is reproduced")
    if not report.golden_reproduced:
        why = f"{report.reference} does not give the readout that the exporting machine recorded"
        case.append(_outcome("failure", why, "NotEqual", why))
    return case


def _overflow(report: Report) -> ElementTree.Element:
    """The proof of clause 9; an artifact without it was exported so on purpose."""
    case = _case(report, "overflow is excluded for every input")
    if report.provenance.get("overflow_proved") is not True:
        case.append(_outcome("skipped", "not proved; exported with --allow-saturation"))
    return case


def _case(report: Report, name: str, seconds: float = 0.0) -> ElementTree.Element:
    return _element("testcase", classname=report.artifact, name=name, time=f"{seconds:.3f}")


def _outcome(tag: str, message: str, kind: str | None = None, text: str | None = None) -> ElementTree.Element:
    element = _element(tag, message=message, **({} if kind is None else {"type": kind}))
    element.text = None if text is None else _clean(text)
    return element


def _count(cases: list[ElementTree.Element], tag: str) -> int:
    return sum(case.find(tag) is not None for case in cases)


def _element(tag: str, **attributes: object) -> ElementTree.Element:
    return ElementTree.Element(tag, {name: _clean(str(value)) for name, value in attributes.items()})


def _clean(text: str) -> str:
    """`text` with what XML forbids written as in Python: the terminal's ESC as \\x1b."""
    return _FORBIDDEN.sub(lambda match: ascii(match[0])[1:-1], text)
