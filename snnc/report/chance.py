"""That the answers are not shown to be better than those of naming one class always."""

from __future__ import annotations

from snnc.percent import percent, percents
from snnc.report.accuracy import wilson
from snnc.stages import Report
from snnc.text import LINE, one_line, shortened


def no_better_than_one_class(report: Report) -> str:
    """A sentence where the interval of the accuracy holds the share of the most frequent class; else empty.

    Of the recordings that the report counts by class; of one class alone nothing can be told.
    """
    found = report.confusion
    if found is None or len(found.counts) < 2:
        return ""
    sizes = {name: sum(decoded) for name, decoded in found.counts.items()}
    total, most = sum(sizes.values()), max(sizes, key=lambda name: sizes[name])
    if not total:
        return ""
    columns = {name: at for at, name in enumerate(found.classes)}
    right = sum(row[columns[name]] for name, row in found.counts.items() if name in columns)
    ends = wilson(right, total)
    if ends[0] > sizes[most] / total:
        return ""
    answer, share = shortened(one_line(most), LINE // 4), percent(sizes[most], total)
    return (
        f"{percent(right, total)} of {total} recordings of {found.split} are right (95 % interval "
        f"{percents(ends)} %): not shown to be better than to answer {answer} every time ({share})"
    )
