"""What a report says in words; the HTML page and the terminal both use these."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from snnc.stages import SYNTHETIC, AnswerDifference, Divergence, ExecutorResult, Report
from snnc.text import joined

OTHER_TARGET = re.compile(r"; export .*--target (\w+)$")
"""How an executor ends its reason if it runs the program of another target."""


class Outcome(Enum):
    """Value: the opening words of the verdict."""

    EQUAL = "Bit-exact"
    EQUAL_HERE = "Equal on these inputs"
    NOT_EQUAL = "NOT EQUAL"
    NOT_VERIFIED = "NOT VERIFIED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome and one sentence that gives its grounds."""

    outcome: Outcome
    grounds: str

    def __str__(self) -> str:
        return f"{self.outcome.value}: {self.grounds}"


def first_answer(report: Report) -> tuple[ExecutorResult, AnswerDifference] | None:
    """The first difference in an answer (class, scores, ...) and the executor that shows it."""
    splits = list(report.inputs)
    found = [(result, result.answer) for result in report.ran if result.answer is not None]

    def order(item: tuple[ExecutorResult, AnswerDifference]) -> tuple[int, int]:
        split, sample = item[1].split, item[1].sample
        at = splits.index(split) if split in splits else len(splits)
        return (at, -1 if sample is None else sample)

    return min(found, key=order, default=None)


def answer(difference: AnswerDifference) -> str:
    """Where an answer differs, and both values: "snn.c, test sample 3, class: expected 4, found 2"."""
    d = difference
    where = "" if d.sample is None else f"{d.split} sample {d.sample}, "
    return f"{d.by}, {where}{d.what}: expected {d.expected}, found {d.found}"


def place(divergence: Divergence) -> str:
    """Where two executors differ: inputs, sample, step, layer, neuron and variable."""
    d = divergence
    return (
        f"{d.split} sample {d.sample}, step {d.step}, "
        f"layer {d.layer}, neuron {d.neuron}, variable {d.variable}"
    )


def values(report: Report, executor: ExecutorResult, divergence: Divergence) -> str:
    """Both values of a divergence, for example "torch 812, hwsim 811"."""
    return f"{report.reference} {divergence.expected}, {executor.name} {divergence.found}"


def verdict(report: Report) -> Verdict:
    """The verdict; it never claims more samples than the executors ran."""
    others = report.compared
    first = report.first_divergence
    if first is not None:
        executor, divergence = first
        return Verdict(
            Outcome.NOT_EQUAL,
            f"first divergence in {executor.name}: {place(divergence)}: "
            f"{values(report, executor, divergence)}",
        )
    wrong = first_answer(report)
    if wrong is not None:
        return Verdict(Outcome.NOT_EQUAL, f"first difference in {wrong[0].name}: {answer(wrong[1])}")
    if not report.golden_reproduced:
        return Verdict(
            Outcome.NOT_EQUAL,
            f"{report.reference} does not give the readout that the exporting machine recorded",
        )
    weakest = min(others, key=lambda result: result.rung, default=None)
    if weakest is not None and not weakest.equal:
        return Verdict(
            Outcome.NOT_EQUAL,
            f"{weakest.name} and {report.reference} agree only up to rung "
            f'"{weakest.rung.label}"; the first divergence was not recorded',
        )
    failed = [result for result in report.executors if result.failed is not None]
    if failed:
        # The row of the executor has what follows, often many lines of another program.
        reasons = "; ".join(f"{result.name} {note(result).splitlines()[0]}" for result in failed)
        return Verdict(Outcome.NOT_VERIFIED, reasons)
    if not others:
        return Verdict(
            Outcome.NOT_VERIFIED,
            f"no executor other than {report.reference} ran on any sample, so nothing was compared",
        )
    if report.program_missed and report.program_needed:
        return Verdict(Outcome.NOT_VERIFIED, f"{missed(report)}; the executors that ran agree")
    names = " = ".join([report.reference, *(result.name for result in others)])
    by = ", by executor" if len({result.samples for result in others}) > 1 else ""
    but = f"; {missed(report)}" if report.program_missed else ""
    own = "".join(f"; {each.name}: {each.own_arithmetic}" for each in others if each.own_arithmetic)
    outcome = Outcome.EQUAL_HERE if own else Outcome.EQUAL
    left = but_saturated(report)
    return Verdict(outcome, f"{names} over {over_groups(report)}{by}{_only(report)}{left}{own}{but}")


def verified(report: Report) -> bool:
    """Whether all that ran is equal, by its own arithmetic at least, and what had to run did."""
    return verdict(report).outcome in (Outcome.EQUAL, Outcome.EQUAL_HERE)


def missed(report: Report) -> str:
    """That no executor ran the program of the target, and why none of those that would did."""
    own = report.own_executors or ()
    asked = [each for each in report.executors if each.name in own]
    if not own:
        why = "no executor of it is known"
    elif broken := [each.name for each in asked if each.failed is not None]:
        why = f"{_executors(broken)} broke down"
    else:
        names = [each.name for each in asked] or own
        what = "skipped" if asked else "not asked for"
        why = f"{_executors(names)} {'was' if len(names) == 1 else 'were'} {what}"
    return f"the program for {report.target} did not run ({why})"


def _executors(names: Sequence[str]) -> str:
    """As "its executor c", of a program."""
    return f"its executor{'s' * (len(names) > 1)} {joined(names)}"


def rung(report: Report) -> str:
    """The highest rung of all that was compared, in words that claim no more than the verdict."""
    if not report.compared:
        return "none, since nothing was compared"
    of = ""
    if any(result.failed is not None and result not in report.compared for result in report.executors):
        of = f", of {', '.join(result.name for result in report.compared)} only"
    return f"{report.rung.label}{of}{_only(report)}"


def _only(report: Report) -> str:
    """The layers that were compared, where it was not all of them."""
    return f", in {' and '.join(report.layers_compared)} only" if report.layers_compared else ""


def own_rung(report: Report, result: ExecutorResult) -> str:
    """The rung of one executor; the reference has none, since it is compared with nothing."""
    return "reference" if result.name == report.reference else result.rung.label


def over(report: Report) -> str:
    """How many samples were compared, as "8 to 24 samples" where executors ran on different numbers."""
    counts = sorted({result.samples for result in report.compared})
    return samples(counts[-1]) if len(counts) == 1 else f"{counts[0]} to {samples(counts[-1])}"


def over_groups(report: Report) -> str:
    """`over`, with what they are: as "44 samples (8 golden, 20 recordings, 16 generated)".

    Recordings are all that were not made for tests. Not where executors ran on different numbers.
    """
    parts = by_kind(report.inputs)
    told = [(count, name) for name, count in parts.items() if count]
    if not told or {result.samples for result in report.compared} != {sum(parts.values())}:
        return over(report)
    only = f"all {told[0][1]}" if len(told) == 1 else ""
    return f"{over(report)} ({only or ', '.join(f'{count} {_one_of(name, count)}' for count, name in told)})"


def by_kind(counts: Mapping[str, int]) -> dict[str, int]:
    """Sums of `counts`, which are by group of inputs: golden, recordings and generated."""
    made = {name: counts.get(name, 0) for name in SYNTHETIC}
    return {"golden": 0, "recordings": sum(counts.values()) - sum(made.values()), **made}


def _one_of(group: str, count: int) -> str:
    return group.removesuffix("s") if count == 1 else group


def variables(report: Report) -> str:
    """The states of a neuron, as "u, v and spike"."""
    adapts = any(layer.w_clips is not None for found in report.coverage for layer in found.layers)
    return "u, w, v and spike" if adapts else "u, v and spike"


def samples(count: int) -> str:
    return f"{count} sample" if count == 1 else f"{count} samples"


def saturations(count: int | None) -> str:
    if count is None:
        return "saturations not counted"
    return f"{count} saturation" if count == 1 else f"{count} saturations"


def most_saturations(report: Report) -> int | None:
    """The most that an executor counted; None where none counts."""
    return max((each.saturations for each in report.ran if each.saturations is not None), default=None)


def saturated_kinds(report: Report) -> dict[str, int]:
    """Saturations in each kind of input that ran, recordings first; empty where one ran, or none is known.

    They are the reference's: where an executor counts others, they are not told.
    """
    found, ran = by_kind(report.saturated_in), by_kind(report.inputs)
    if not any(found.values()) or sum(found.values()) != most_saturations(report):
        return {}
    names = {"recordings": "recordings", "golden": "golden inputs", "generated": "generated inputs"}
    kinds = {words: found[name] for name, words in names.items() if ran[name]}
    return kinds if len(kinds) > 1 else {}


def in_some_kinds(report: Report) -> str:
    """As ", in generated inputs alone", where other kinds of input saturated nothing; else empty."""
    kinds = saturated_kinds(report)
    told = [name for name, count in kinds.items() if count]
    return f", in {joined(told)} alone" if len(told) < len(kinds) else ""


def but_saturated(report: Report) -> str:
    """As "; but 3 saturations", behind a verdict that executors are equal: they left their range alike."""
    most = most_saturations(report)
    return f"; but {saturations(most)}{in_some_kinds(report)}" if most else ""


def note(result: ExecutorResult) -> str:
    """One line on how an executor fared."""
    if result.skipped is not None:
        return f"did not run: {result.skipped}"
    if result.failed is not None:
        after = f" after {samples(result.samples)}" if result.samples else ""
        before = f"; before that it {differed}" if (differed := _differs(result, "differed", "gave")) else ""
        seen = f"; first seen in {result.located}" if result.located is not None else ""
        return f"broke down{after}: {result.failed}{seen}{before}"
    return _differs(result)


def _differs(result: ExecutorResult, differs: str = "differs", gives: str = "gives") -> str:
    """Where an executor differs first, in its states and in its answers."""
    parts = []
    if result.divergence is not None:
        parts.append(f"{differs} first at {place(result.divergence)}")
    if result.answer is not None:
        parts.append(f"{gives} another answer: {answer(result.answer)}")
    return "; ".join(parts)


def decoders(report: Report) -> str:
    """Whose classes and scores were compared, and who has no decoder of its own."""
    decoding = [r.name for r in report.compared if any("classes" in each for each in r.answers)]
    without = [r.name for r in report.compared if r.name not in decoding]
    parts = []
    if decoding:
        parts.append(f"compared for {', '.join(decoding)}")
    if without:
        parts.append(f"without a decoder of their own: {', '.join(without)}")
    return "; ".join(parts) or "none compared"
