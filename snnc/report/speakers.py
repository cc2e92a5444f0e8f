"""Accuracy by source, such as a speaker: a total hides that some are understood worse than others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from snnc.percent import percent, percents
from snnc.report.accuracy import wilson
from snnc.stages import Confusion, Report
from snnc.stages.findings import FEW_SPEAKERS, UNKNOWN_SPEAKER
from snnc.text import LINE, one_line, shortened
from snnc.trainer.data.single_takes import of_counts
from snnc.trainer.data.speakers import sources

SHOWN = 40
"""Most speakers of the table: those with the lowest accuracy."""

NONE_NAMED = (
    "no sources are named (field `speaker`): if several samples are of one speaker, machine or session, "
    "accuracy is less certain than their number suggests"
)

Counts = Mapping[str, tuple[int, int]]
"""Of each speaker how many recordings are right, and how many there are."""


def caveats(speakers: Counts, more: str = "", chance_too: bool = False) -> list[str]:
    """What an accuracy of all recordings of these speakers does not tell, a sentence each.

    `speakers`: empty where no recording names one. `more`: where the accuracy of each is told. `chance_too`:
    accuracies of speakers are told also where they may differ by chance, as nothing else tells them.
    """
    if not speakers:
        return [NONE_NAMED]
    between = spread(speakers, chance_too)
    told = between and "; ".join(filter(None, [f"accuracy by source from {between}", more]))
    single = of_counts([total for name, (_, total) in speakers.items() if name != UNKNOWN_SPEAKER])
    return [*filter(None, [few_speakers(speakers), single, told])]


def of_report(report: Report) -> list[str]:
    """The `caveats` on the recordings of which `report` has confusions, with their split where it tells of
    several; none without an accuracy of them.
    """
    told = {each.split for each in report.accuracy if each.total}
    if report.confusion is None or (told and report.confusion.split not in told):
        return []
    of = f"{report.confusion.split}: " if len(told) > 1 else ""
    return [f"{of}{each}" for each in caveats(report.confusion.speakers)]


def few_speakers(speakers: Counts) -> str:
    """That all recordings are of few speakers; empty if they are of more, or one is not known."""
    if not speakers or UNKNOWN_SPEAKER in speakers or len(speakers) >= FEW_SPEAKERS:
        return ""
    total = sum(each for _, each in speakers.values())
    count = "1 recording" if total == 1 else f"{total} recordings"
    return f"{count} of {counted(list(speakers))}; accuracy on other sources may differ"


def counted(names: Sequence[str]) -> str:
    """As "2 sources (field `speaker`: joe, nora)": a source is a person, or a machine, place or session."""
    return f"{sources(len(names))} (field `speaker`: {shortened(one_line(', '.join(names)), LINE // 4)})"


def spread(speakers: Counts, chance_too: bool = False) -> str:
    """As "37.00 % (nora) to 96.00 % (joe)"; empty unless the 95 % intervals of these two lie apart.

    `chance_too`: empty only where all are alike, as of a single speaker; whether the intervals overlap is
    said behind.
    """
    ordered = _ordered(speakers)
    if len(ordered) < 2:
        return ""
    (worst, low), (best, high) = ordered[0], ordered[-1]
    overlap = wilson(*low)[1] >= wilson(*high)[0]
    if overlap and not chance_too:
        return ""
    if low[0] * high[1] == high[0] * low[1]:
        return ""
    between = f"{percent(*low)} ({worst}) to {percent(*high)} ({best})"
    if overlap:
        return f"{between}, which may be chance: their 95 % intervals overlap"
    return f"{between}; their 95 % intervals do not overlap" if chance_too else between


def speaker_rows(found: Confusion) -> list[dict[str, str]]:
    """One row a speaker, the lowest accuracy first."""
    return [
        {
            "source (speaker)": name,
            "correct": f"{right} of {total}",
            "accuracy": percent(right, total),
            "95 % interval": percents(wilson(right, total)),
        }
        for name, (right, total) in _ordered(found.speakers)[:SHOWN]
    ]


def sentence(found: Confusion) -> str:
    """Whose recordings these are, and whether they trained, too."""
    count = len(found.speakers)
    match found.strangers:
        case True:
            how = "none of them trained or validated the network"
        case False:
            how = "they may have trained or validated the network, too"
        case _:
            how = "it is not known whether they trained the network, too"
    some = f" The {SHOWN} with the lowest accuracy are shown." if count > SHOWN else ""
    return f"The recordings of {found.split} are of {sources(count)} (field `speaker`); {how}.{some}"


def _ordered(speakers: Counts) -> list[tuple[str, tuple[int, int]]]:
    counted = ((name, (right, total)) for name, (right, total) in speakers.items() if total)
    return sorted(counted, key=lambda each: (each[1][0] / each[1][1], each[0]))
