"""What `snnc run` tells of samples: the class of each, counts by class, the parts of the model's data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from snnc.percent import percent
from snnc.text import one_line
from snnc.verification.label_order import are_numbers, other_order

if TYPE_CHECKING:
    from snnc.stages import QuantizedGraph, Readout
    from snnc.verification.sample_origin import Parts
    from snnc.verification.spike_input import SpikeInput

Classes = npt.NDArray[np.int64]
_SHOWN = 40
"""Most classes of which a line is printed."""


def sample_lines(
    graph: QuantizedGraph,
    found: Sequence[Classes],
    labels: Classes | None,
    of: Readout,
    rows: int,
    files: Sequence[str] | None,
) -> Iterator[str]:
    """The class of each of `rows` samples by every readout, its file, and its label, which is of `of`."""
    several = len(graph.readouts) > 1
    for sample in range(min(rows or len(found[0]), len(found[0]))):
        named = (
            f"{each.population} {each.class_names[classes[sample]]}"
            if several
            else each.class_names[classes[sample]]
            for each, classes in zip(graph.readouts, found, strict=True)
        )
        file = "" if files is None else f" ({one_line(files[sample])})"
        label = -1 if labels is None else labels[sample]
        truth = "" if label < 0 else f" (labelled {of.class_names[label]})"
        yield f"sample {sample}{file}: {', '.join(named)}{truth}"
    if rows and len(found[0]) > rows:
        yield f"{len(found[0]) - rows} samples more, not listed; --rows 0 lists all"


def right_lines(
    graph: QuantizedGraph,
    found: Sequence[Classes],
    spikes: SpikeInput,
    of: Readout,
    parts: Parts | None,
    speakers: Sequence[str] | None = None,
) -> Iterator[str]:
    """How many are as labelled, by the readout `of`, what that says of others, and strange labels.

    `speakers`: of each sample, empty where it is not known.
    """
    from snnc.cli.test import interval
    from snnc.report.speakers import caveats
    from snnc.verification.groups import by_speaker
    from snnc.verification.sample_origin import known_speakers, told_labels

    labels = told_labels(spikes)
    if labels is not None:
        known, predicted = labels >= 0, found[graph.readouts.index(of)]
        right, count = int((predicted == labels).sum()), int(known.sum())
        by = f" by the readout {of.population}, which the labels are of" if len(graph.readouts) > 1 else ""
        also = "" if parts is None else trained_words(parts, known)
        share = f"{percent(right, count)}, {interval(right, count)}"
        yield f"{right} of {count} as labelled{by}{also}: {share}"
        spoken = known_speakers(speakers, labels)
        counted = by_speaker(spoken, (predicted == labels)[known])
        more = ""
        if parts is not None and len(parts.of) > 1 and also:
            more = f"of all {count} samples, those that trained among them"
        elif parts is not None and parts.short:
            more = f"of all {count} samples, {parts.short}"
        yield from (f"note: {each}" for each in caveats(counted, more, chance_too=True))
        counts = np.zeros((len(of.class_names),) * 2, np.int64)
        np.add.at(counts, (labels[known], predicted[known]), 1)
        if order := other_order(counts, of.class_names, _by_name(spikes, of)):
            yield f"note: {order}"
    if (strange := spikes.not_compared(of.class_names)) is not None:
        yield f"note: {strange}"


def _by_name(spikes: SpikeInput, of: Readout) -> bool:
    return spikes.named is not None and not are_numbers(of.class_names)


def trained_words(parts: Parts, known: npt.NDArray[np.bool_]) -> str:
    """As ", but all 10 trained the network", of samples with a `known` label; empty if all were held out."""
    counts = {name: int(known[which].sum()) for name, which in parts.of.items()}
    of = Counter[str]()
    for name, count in counts.items():
        of[name.partition(" ")[0]] += count
    if of["test"]:
        return ", samples that trained among them" if of["train"] else ""
    if not (count := of.total()):
        return ""
    part = "trained" if count == of["train"] else "trained or chose"
    return f", but {'it' if count == 1 else f'all {count}'} {part} the network"


def summary(
    names: Sequence[str], predicted: Classes, labels: Classes | None, parts: Parts | None
) -> list[str]:
    """The share that is right in each part, and counts of each class, by part where there are several."""
    counts = np.bincount(predicted, minlength=len(names))
    lines, divided = [], [] if parts is None else parts.in_order
    for part, which in divided:
        told = which if labels is None else which[labels[which] >= 0]
        right = "" if labels is None else f", accuracy {_share(predicted[told] == labels[told])}"
        lines.append(f"of these, {part}: {len(which)} samples{right}")
    if parts is not None and parts.note:
        lines.append(f"the samples are {parts.note}")
    for number, name in enumerate(names[:_SHOWN]):
        line = f"class {name}: "
        if labels is not None and not (labels == number).any():
            line += f"predicted {_times(counts[number])}, no sample is labelled so"
        elif labels is not None and len(divided) > 1:
            line += "right in " + ", ".join(
                f"{part} {_of_class(predicted[which], labels[which], number)}"
                for part, which in divided
                if (labels[which] == number).any()
            )
            line += f"; predicted {_times(counts[number])}"
        else:
            line += f"predicted {_times(counts[number])}"
            if labels is not None:
                line += f", {_of_class(predicted, labels, number)} labelled so are right"
        lines.append(line)
    if len(names) > _SHOWN:
        lines.append(f"{len(names) - _SHOWN} classes more, not listed")
    return lines


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _of_class(predicted: Classes, labels: Classes, number: int) -> str:
    of = labels == number
    return f"{int((predicted[of] == number).sum())} of {int(of.sum())}"


def _share(right: npt.NDArray[np.bool_]) -> str:
    return f"{percent(right.mean())} ({int(right.sum())} of {len(right)})"
