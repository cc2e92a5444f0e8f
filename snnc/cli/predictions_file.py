"""The table of `snnc run --predictions`, in CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snnc.cli.predictions import Classes, Parts, Told
    from snnc.stages import QuantizedGraph, Readout


def write_predictions(
    path: Path,
    graph: QuantizedGraph,
    found: Sequence[Classes],
    of: Readout,
    labels: Classes | None,
    parts: Parts | None,
    told: Told,
) -> None:
    """A row for each sample, UTF-8; whole or not at all.

    Columns: `sample` from 0, `label`, `predicted` by the readout `of`, `correct` (true, false; as `label`
    empty without labels), `predicted_NAME` by each other readout, `split` of the model's own data,
    and `file` and `speaker` where they are known.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    from snnc.io.files import write_file

    main = graph.readouts.index(of)
    others = [(each, classes) for each, classes in zip(graph.readouts, found, strict=True) if each is not of]
    splits = parts.names(len(found[main])) if parts is not None and parts.of else None
    last: tuple[tuple[str, Sequence[str] | None], ...] = (
        ("split", splits),
        ("file", told.files),
        ("speaker", told.speakers),
    )
    columns = [(name, values) for name, values in last if values is not None]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    more = [f"predicted_{each.population}" for each, _ in others]
    table.writerow(["sample", "label", "predicted", "correct", *more, *(name for name, _ in columns)])
    for sample, predicted in enumerate(found[main].tolist()):
        label = None if labels is None else int(labels[sample])
        row = [
            sample,
            "" if label is None else of.class_names[label],
            of.class_names[predicted],
            "" if label is None else str(label == predicted).lower(),
        ]
        row += [each.class_names[classes[sample]] for each, classes in others]
        table.writerow([*row, *(values[sample] for _, values in columns)])
    write_file(path, text.getvalue().encode(), "--predictions")
