"""Which executors did not run, for the sentence that a verification prints as."""

from __future__ import annotations

from collections.abc import Iterable

from snnc.api.words import short
from snnc.report.verdict import OTHER_TARGET
from snnc.stages import ExecutorResult, Report
from snnc.text import one_line

REASON, REMEDY = 60, 130
"""Most characters of why executors did not run; of what makes the program run."""


def absent(report: Report, whole: bool = False) -> str:
    """As "not run: lava-stock (lif1: reset is subtract, ...), netx"; those of other targets are left out.

    `whole`: with the whole reason of each.

    If the program of the target did not run: why, and what to do, as "rtl: Verilator was not found; install
    it: ...".
    """
    skipped = [each for each in report.executors if each.skipped and not OTHER_TARGET.search(_first(each))]
    if whole:
        said = [f"{names} ({one_line(reason)})" for reason, names in _by_reason(skipped)]
        return f"not run: {', '.join(said)}" if said else ""
    own = [each for each in skipped if each.name in (report.own_executors or ())]
    if report.program_missed and own:
        return "; ".join(f"{names}: {short(reason, REMEDY)}" for reason, names in _by_reason(own))
    said = [f"{names} ({short(reason, REASON)})" for reason, names in _by_reason(skipped)]
    return f"not run: {', '.join(said[:1] + [each.partition(' (')[0] for each in said[1:]])}" if said else ""


def _first(result: ExecutorResult) -> str:
    return (result.skipped or "").partition("\n")[0]


def _by_reason(results: Iterable[ExecutorResult]) -> list[tuple[str, str]]:
    """Each reason with the names of those that it is of."""
    found: dict[str, list[str]] = {}
    for each in results:
        found.setdefault(_first(each), []).append(each.name)
    return [(reason, ", ".join(names)) for reason, names in found.items()]
