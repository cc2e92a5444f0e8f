"""What `snnc run` makes of a whole file: counts by class, the parts of the model's data, a table in CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from snnc.percent import percent

if TYPE_CHECKING:
    from snnc.stages import Artifact, QuantizedGraph, Readout
    from snnc.trainer.data import EventDataset

Classes = npt.NDArray[np.int64]
_SHOWN = 40
"""Most classes of which a line is printed."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Which recordings of the model's own data train, validate and test; or `note`, why that is not told."""

    of: Mapping[str, Classes]
    note: str = ""

    def names(self, count: int) -> list[str]:
        """The part of each of `count` recordings."""
        found = [""] * count
        for name, which in self.of.items():
            for each in which.tolist():
                found[each] = name
        return found


def parts_of(artifact: Artifact, events: EventDataset | None) -> Parts | None:
    """The parts of `events`, if the artifact's model trained on them; None if it has no data of its own."""
    from snnc.exporter.artifact import carries_model, source_model
    from snnc.trainer.config import make_config
    from snnc.trainer.other_data import seen_in, seen_words
    from snnc.trainer.splitting import splits_of

    if events is None or not carries_model(artifact):
        return None
    model = source_model(artifact)
    recorded = model.metrics.get("data")
    if not isinstance(recorded, Mapping) or not model.config:
        return None
    config = make_config(model.config, "the model's configuration")
    sha256, parts = events.sha256(), recorded.get("parts")
    if isinstance(parts, Mapping) and sha256 in parts.values():
        name = next(str(name) for name, each in parts.items() if each == sha256)
        return Parts({name: np.arange(len(events))})
    if sha256 != recorded.get("sha256"):
        seen = seen_in(model, config, events, artifact.path.parent)
        which = f"of another file than {model.dataset}, which the model was trained on"
        return Parts({}, f"{which}; {seen_words(seen)}")
    numbered = replace(events, trial=np.arange(len(events)))  # so that a part tells which they are
    splits = splits_of(config, numbered)
    if splits.trains_all:
        return Parts({"train": splits.train.trial, "test": splits.test.trial})
    named = ((name, getattr(splits, name)) for name in ("train", "validation", "test"))
    return Parts({name + splits.remark(name): part.trial for name, part in named if len(part)})


def summary(
    names: Sequence[str], predicted: Classes, labels: Classes | None, parts: Parts | None
) -> list[str]:
    """Counts of each class, and the share that is right in each part."""
    counts = np.bincount(predicted, minlength=len(names))
    lines = []
    for number, name in enumerate(names[:_SHOWN]):
        line = f"class {name}: predicted {counts[number]} times"
        if labels is not None:
            of = labels == number
            line += f", {int((predicted[of] == number).sum())} of {int(of.sum())} labelled so are right"
        lines.append(line)
    if len(names) > _SHOWN:
        lines.append(f"{len(names) - _SHOWN} classes more, not listed")
    if parts is not None:
        for part, which in parts.of.items():
            right = "" if labels is None else f", accuracy {_share(predicted[which] == labels[which])}"
            lines.append(f"of these, {part}: {len(which)} samples{right}")
        if parts.note:
            lines.append(f"the samples are {parts.note}")
    return lines


def write_predictions(
    path: Path,
    graph: QuantizedGraph,
    found: Sequence[Classes],
    of: Readout,
    labels: Classes | None,
    parts: Parts | None,
) -> None:
    """A row for each sample, UTF-8; whole or not at all.

    Columns: `sample` from 0, `label`, `predicted` by the readout `of`, `correct` (true, false; as `label`
    empty without labels), `predicted_NAME` by each other readout, and `split` of the model's own data.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    from snnc.io.files import write_file

    main = graph.readouts.index(of)
    others = [(each, classes) for each, classes in zip(graph.readouts, found, strict=True) if each is not of]
    splits = parts.names(len(found[main])) if parts is not None and parts.of else None
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    more = [f"predicted_{each.population}" for each, _ in others]
    table.writerow(["sample", "label", "predicted", "correct", *more, *(["split"] if splits else [])])
    for sample, predicted in enumerate(found[main].tolist()):
        label = None if labels is None else int(labels[sample])
        row = [
            sample,
            "" if label is None else of.class_names[label],
            of.class_names[predicted],
            "" if label is None else str(label == predicted).lower(),
        ]
        row += [each.class_names[classes[sample]] for each, classes in others]
        table.writerow([*row, *([splits[sample]] if splits else [])])
    write_file(path, text.getvalue().encode())


def _share(right: npt.NDArray[np.bool_]) -> str:
    return f"{percent(right.mean())} ({int(right.sum())} of {len(right)})"
