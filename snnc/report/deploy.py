"""Can I deploy? A word, how far it reaches in a sentence or two, and what limits it, a sentence each."""

from __future__ import annotations

from collections.abc import Sequence

from snnc.report.chance import no_better_than_one_class
from snnc.report.coverage import carried_synapses, mostly_silent, part_percent, silent, unreachable_words
from snnc.report.diagnosis import phrase
from snnc.report.lost import lost
from snnc.report.off_chip import UNTIMED, clock_of, clock_words, input_of, no_board, to_be_placed
from snnc.report.speakers import of_report
from snnc.report.summary import Fact, cores, overflow, saturated
from snnc.report.verdict import OTHER_TARGET, Outcome, first_answer, missed, over, variables, verdict
from snnc.stages import SYNTHETIC, Report
from snnc.stages.population import INPUT
from snnc.text import joined

SUBJECT = "Can I deploy?"


def deploy(report: Report) -> Fact:
    """What is not a plain no never stands without what the program takes, and what was exercised."""
    outcome = verdict(report).outcome
    compared, absent = _compared(report), _absent(report)
    if outcome is Outcome.NOT_EQUAL:
        return Fact(SUBJECT, "No", compared, "bad", (_difference(report), *absent))
    if outcome is Outcome.NOT_VERIFIED:
        return Fact(SUBJECT, "Not yet", compared, "bad", (*_unknown(report), *absent))
    doubts = _doubts(report)
    limits = (*(text for text, _ in doubts), *_limits(report), *absent)
    reach = [compared, *_exercised(report)]
    if not doubts:
        met = "the clock of the board is met" if clock_of(report) else ""
        fits = met or ("" if report.chip_cores == 0 else "the network fits the chip")
        reach.append(", and ".join(filter(None, ("overflow is excluded for all inputs", fits))))
    answer, tone = "Check first", "unsure"
    if not doubts:
        answer, tone = "Yes, as far as simulation can tell", "good"
    elif "bad" in (tone for _, tone in doubts):
        answer, tone = "No", "bad"
    return Fact(SUBJECT, answer, ". ".join(text[:1].upper() + text[1:] for text in reach), tone, limits)


def _compared(report: Report) -> str:
    """Who agrees with the reference and who differs, on how many samples; in what, where that is all."""
    if not report.compared:
        return f"nothing was compared with {report.reference}"
    agree, differ = (
        [result.name for result in report.compared if result.equal is equal] for equal in (True, False)
    )
    differs = f"{joined(differ)} {_verb('differ', differ)}" if differ else ""
    if not agree:
        return f"on {over(report)}, {differs} from {report.reference}"
    whole = verdict(report).outcome is Outcome.EQUAL and not report.layers_compared
    states = f" in every {variables(report)}" if whole else ""
    agrees = f"{joined(agree)} {_verb('agree', agree)} with {report.reference}{states}"
    return f"on {over(report)}, {', but '.join(filter(None, (agrees, differs)))}"


def _exercised(report: Report) -> list[str]:
    if not report.coverage:
        return []
    found = report.coverage[-1]
    carried, all_of = carried_synapses(found)
    if not all_of:
        return []
    never = f"; {words}" if (words := unreachable_words(found)) else ""
    return [f"these exercised {part_percent(carried, all_of)} of the synapses{never}"]


def _difference(report: Report) -> str:
    """The first cause where there is one."""
    first = report.first_divergence
    if first is None:
        wrong = first_answer(report)
        if wrong is None:
            return verdict(report).grounds
        return f"{_named([wrong[0].name])} gives another answer ({wrong[1].kind}); look at {wrong[1].look_at}"
    diagnosis = first[1].diagnosis
    if diagnosis is not None and diagnosis.causes:
        return phrase(diagnosis)
    return "the section Divergence shows where they differ first"


def _unknown(report: Report) -> list[str]:
    """Why nothing is verified."""
    failed = [result.name for result in report.executors if result.failed is not None]
    agree = f"{'they' if len(failed) > 1 else 'it'} {_verb('agree', failed)}"
    broke = [f"{_named(failed)} broke down, so whether {agree} is not known"] if failed else []
    return [*broke, *([missed(report)] if report.program_missed else [])]


def _doubts(report: Report) -> list[tuple[str, str]]:
    """What is missing for a yes, and the tone of each: "bad" is a no."""
    doubts = []
    range_, room = overflow(report), cores(report)
    if range_.tone != "good":
        doubts.append(_range(report, range_))
    if room.tone != "good":
        doubts.append((_room(report, room), room.tone))
    unsure = [missed(report)] if report.program_missed else []
    unsure += [
        f"{_named([each.name])} has an arithmetic of its own: equal on these inputs, it may differ on others"
        for each in report.compared
        if each.own_arithmetic
    ]
    if "reproducer_of" in report.provenance:
        unsure.append("the network is part of another, on one short input")
    if report.layers_compared:
        was = "was" if len(report.layers_compared) == 1 else "were"
        unsure.append(f"of the layers, only {joined(report.layers_compared)} {was} compared")
    unsure += warnings(report)
    return doubts + [(text, "unsure") for text in unsure]


def warnings(report: Report) -> list[str]:
    """What to check first though all executors are equal: that the network may not do what it is for."""
    return [*filter(None, (report.disagreement, unconnected(report), silent(report), lost(report)))]


def unconnected(report: Report) -> str:
    """That inputs of a graph reach no neurons within the steps of a sample; empty if all do."""
    steps = report.figures.get("time_steps")
    heard = {
        each["source"]
        for each in report.network.get("projections", ())
        if each["delays"] and (steps is None or each["delays"][0] < steps)
    }
    inputs = [each["name"] for each in report.network.get("populations", ()) if each["model"] == INPUT]
    if not (apart := [name for name in inputs if name not in heard]):
        return ""
    return (
        f"nothing of {joined(apart)} reaches a neuron within the steps of a sample: no synapses lead "
        "there, or all are later"
    )


def _range(report: Report, fact: Fact) -> tuple[str, str]:
    """That states saturated in the words of the terminal; a no alone where the range proof excludes it."""
    if told := saturated(report):
        if report.provenance.get("overflow_proved") is True:
            return (f"{told}, {fact.remark}", "bad")
        return (f"{told}; other inputs may saturate, too", "unsure")
    return (f"{fact.subject} is not excluded: {fact.answer}", fact.tone)


def _room(report: Report, fact: Fact) -> str:
    if to_be_placed(report):
        return f"whether the clock of the board is met is {UNTIMED}"
    if (clock := clock_of(report)) is not None:
        return f"the clock of the board is {clock_words(clock)}"
    fits = "the network does not fit" if fact.tone == "bad" else "it is not known whether the network fits"
    told = ", ".join(filter(None, (fact.answer.removeprefix("does not fit: "), fact.remark)))
    return f"{fits} the chip (cores: {told})"


def _limits(report: Report) -> list[str]:
    """What a yes does not reach."""
    told = (no_better_than_one_class(report), input_of(report), no_board(report), mostly_silent(report))
    limits = [*filter(None, told)]
    if not set(report.inputs).difference(SYNTHETIC):
        limits.append("no recording was compared, only synthetic inputs")
    if not report.coverage:
        limits.append("which synapses these inputs exercised was not counted")
    if report.confusion is not None and report.confusion.speakers:
        limits += of_report(report)
    return limits


def _absent(report: Report) -> list[str]:
    """Executors that could run this network and did not; of its own program, another sentence may tell."""
    told = report.own_executors or () if report.program_missed else ()
    names = [
        result.name
        for result in report.executors
        if result.skipped is not None
        and result.name not in told
        and not OTHER_TARGET.search(result.skipped.splitlines()[0])
    ]
    return [f"{_named(names)} did not run"] if names else []


def _verb(verb: str, names: Sequence[str]) -> str:
    return verb if len(names) > 1 else f"{verb}s"


def _named(names: Sequence[str]) -> str:
    """As "the executors a and b", which may begin a sentence: a name keeps its small letter."""
    return f"the executor{'s' * (len(names) > 1)} {joined(names)}"
