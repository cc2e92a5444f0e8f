"""What `snnc run` tells of samples: the class of each, counts by class, the parts of the model's data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from snnc.percent import percent
from snnc.text import one_line
from snnc.verification.label_order import are_numbers, other_order

if TYPE_CHECKING:
    from pathlib import Path

    from snnc.stages import Artifact, QuantizedGraph, Readout, TrainedGraph, TrainedModel
    from snnc.stages.findings import Doubt
    from snnc.trainer.data import EventDataset
    from snnc.verification.file_labels import NamedLabels
    from snnc.verification.spike_input import SpikeInput

Classes = npt.NDArray[np.int64]
_SHOWN = 40
"""Most classes of which a line is printed."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Which recordings of the model's own data train, validate and test; or `note`, why that is not told."""

    of: Mapping[str, Classes]
    note: str = ""
    short: str = ""
    """Of `note`, why an accuracy on them may say too much, in a few words."""

    def names(self, count: int) -> list[str]:
        """The part of each of `count` recordings."""
        found = [""] * count
        for name, which in self.of.items():
            for each in which.tolist():
                found[each] = name
        return found

    @property
    def in_order(self) -> list[tuple[str, Classes]]:
        """The parts, test first: what tells of new data must not be lost among training samples."""
        order = ("test", "validation", "train")
        place = {name: number for number, name in enumerate(order)}
        return sorted(self.of.items(), key=lambda item: place.get(item[0].partition(" ")[0], len(order)))


@dataclass(frozen=True, slots=True)
class Told:
    """Of each sample the `files` that it was made of, the `speakers`, and the names of their own `classes`.

    None where none are known.
    """

    files: Sequence[str] | None = None
    speakers: Sequence[str] | None = None
    classes: Sequence[str] | None = None


def of_samples(events: EventDataset | None, named: NamedLabels | None = None) -> Told:
    """What `events` say of where they are from; without them there may be `named` labels."""
    from snnc.trainer.data.class_names import NO_CLASS
    from snnc.trainer.data.events import UNKNOWN

    if events is None:
        return Told(classes=None if named is None else [named.names[each] for each in named.numbers.tolist()])
    names = events.speaker_names
    speakers = [
        "" if n == UNKNOWN else str(n) if names is None else names[n] for n in events.speaker.tolist()
    ]
    classes = ["" if name == NO_CLASS else name for name in events.class_names]
    own = [classes[number] for number in events.labels.tolist()]
    return Told(events.files, speakers if any(speakers) else None, own)


def parts_of(
    artifact: Artifact, events: EventDataset | None, given: Path, labels: Classes | None
) -> Parts | None:
    """The parts of `events`, read from `given`, if the artifact's model trained on them.

    None if it has no data of its own. `labels` are those that an accuracy is of, -1 where it is not of a
    recording; None if none is told.
    """
    from snnc.exporter.artifact import carries_model
    from snnc.trainer.config import make_config
    from snnc.trainer.other_data import is_other, seen_in
    from snnc.trainer.own_data import CHANGED
    from snnc.trainer.splitting import splits_of
    from snnc.verification.tuned_samples import exported_model

    if events is None or not carries_model(artifact):
        return None
    model = exported_model(artifact)
    recorded = model.metrics.get("data")
    if not isinstance(recorded, Mapping) or not model.config:
        return None
    config = make_config(model.config, "the model's configuration")
    sha256, parts = events.sha256(), recorded.get("parts")
    if isinstance(parts, Mapping) and sha256 in parts.values():
        name = next(str(name) for name, each in parts.items() if each == sha256)
        return Parts({name: np.arange(len(events))})
    if sha256 != recorded.get("sha256"):
        judged = labels is not None
        compared = events if labels is None or (labels >= 0).all() else events.select(labels >= 0)
        seen = seen_in(model, config, compared, artifact.beside)
        if is_other(model, events, str(given), artifact.beside):
            which = f"of another file than {model.dataset}, which the model was trained on"
        else:
            which = f"of {model.dataset}, but not those that the model was trained on ({CHANGED})"
        some = "" if compared is events else f"{len(compared)} are compared, and "
        return Parts({}, f"{which}; {some}{seen.words(judged)}", seen.short)
    numbered = replace(events, trial=np.arange(len(events)))  # so that a part tells which they are
    splits = splits_of(config, numbered)
    told = ("train", "test") if splits.trains_all else ("train", "validation", "test")
    named = [(name + splits.remark(name), getattr(splits, name)) for name in told]
    return Parts({name: part.trial for name, part in _without_tuned(model, named) if len(part)})


def _without_tuned(
    model: TrainedModel | TrainedGraph, named: Sequence[tuple[str, EventDataset]]
) -> Iterator[tuple[str, EventDataset]]:
    """Parts by name; of the test part, what fine-tuning or an export used is a part of its own."""
    from snnc.trainer.chosen import chosen_with
    from snnc.trainer.tuning import tuned_with

    for name, part in named:
        used = tuned_with(model, part, others_only=True) if name.startswith("test") else None
        used = np.zeros(len(part), bool) if used is None else used
        choice = chosen_with(model, part) & ~used if name.startswith("test") else np.zeros(len(part), bool)
        yield name, part.select(~(used | choice))
        yield "train (fine-tuning used them)", part.select(used)
        yield "validation (bits or scales were chosen by them)", part.select(choice)


def origin_of(artifact: Artifact, given: SpikeInput, origin: EventDataset | None, path: Path) -> Doubt | None:
    """Whether some of the samples of `path` trained the network, without few words if none did.

    None if it has no data of its own.
    """
    from snnc.stages.findings import Doubt
    from snnc.trainer.seen import SOME, consequence
    from snnc.verification.tuned_samples import tuned_doubt

    labels = told_labels(given)
    judged = labels is not None
    if (parts := parts_of(artifact, origin, path, labels)) is None:
        return tuned_doubt(artifact, given, judged)
    if parts.note:
        return Doubt(f"the samples are {parts.note}", parts.short if judged else "")
    told = ", ".join(f"{part} {len(which)}" for part, which in parts.in_order)
    held = all(part.startswith("test") for part in parts.of)
    also = "" if held else f", {consequence(judged)}"
    text = f"the samples are those that the model was trained on ({told}){also}"
    return Doubt(text, "" if held or not judged else SOME)


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

    labels = told_labels(spikes)
    if labels is not None:
        known, predicted = labels >= 0, found[graph.readouts.index(of)]
        right, count = int((predicted == labels).sum()), int(known.sum())
        by = f" by the readout {of.population}, which the labels are of" if len(graph.readouts) > 1 else ""
        also = ", samples that trained among them" if parts is not None and _trained(parts) else ""
        share = f"{percent(right, count)}, {interval(right, count)}"
        yield f"{right} of {count} as labelled{by}{also}: {share}"
        spoken = known_speakers(speakers, labels)
        yield from (f"note: {each}" for each in caveats(by_speaker(spoken, (predicted == labels)[known])))
        counts = np.zeros((len(of.class_names),) * 2, np.int64)
        np.add.at(counts, (labels[known], predicted[known]), 1)
        if order := other_order(counts, of.class_names, _by_name(spikes, of)):
            yield f"note: {order}"
    if (strange := spikes.not_compared(of.class_names)) is not None:
        yield f"note: {strange}"


def _by_name(spikes: SpikeInput, of: Readout) -> bool:
    return spikes.named is not None and not are_numbers(of.class_names)


def known_speakers(speakers: Sequence[str] | None, labels: Classes) -> list[str]:
    """Those of the samples that have a class of the network; none where `speakers` is None."""
    if speakers is None:
        return []
    return [each for each, label in zip(speakers, labels.tolist(), strict=True) if label >= 0]


def told_labels(spikes: SpikeInput) -> Classes | None:
    """The class of each sample, -1 for one that the network lacks; None if no label is one."""
    return spikes.labels if spikes.partly is None else spikes.partly


def _trained(parts: Parts) -> bool:
    return len(parts.of) > 1 and any(name.partition(" ")[0] == "train" for name in parts.of)


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
