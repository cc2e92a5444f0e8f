"""The table of `snnc run --predictions`, in CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.text import quoted

if TYPE_CHECKING:
    from snnc.decoding.ranked import Ranked
    from snnc.stages import QuantizedGraph, Readout
    from snnc.verification.sample_origin import Classes, Parts, Told

COLUMNS = ("sample", "label", "predicted", "correct")
"""The first ones, which every table has."""
OTHERS = ("split", "file", "speaker", "score", "second", "second_score")
"""What may stand behind them, and behind those of other readouts."""
_HEADER = 1 << 20
"""Most bytes of a header; no network has so many readouts."""


def refuse_other_table(option: str, path: Path) -> None:
    """Raise `InputError` if a file is at `path` that is of an artifact, or that has other columns."""
    from snnc.cli.replacing import refuse_other_text, refused
    from snnc.io.regular import open_regular

    refuse_other_text(option, path, (",".join(COLUMNS).encode(),), "table of predictions")
    if not path.is_file() or not path.stat().st_size:
        return
    with open_regular(path) as file:
        header = file.readline(_HEADER).decode(errors="replace")
    (names,) = csv.reader([header])
    own = {*COLUMNS, *OTHERS}
    if other := [name for name in names if name not in own and not name.startswith("predicted_")]:
        raise refused(option, path, f"has a column {quoted(other[0])}, which no table of predictions has")


def write_predictions(
    path: Path,
    graph: QuantizedGraph,
    answers: Sequence[Ranked],
    of: Readout,
    labels: Classes | None,
    parts: Parts | None,
    told: Told,
) -> None:
    """A row for each sample, UTF-8; whole or not at all.

    Columns: `sample` from 0, `label`, of a class that the network lacks as the data name it, `predicted` by
    the readout `of`, `correct` (true, false; empty for such a class; without labels both are empty),
    `predicted_NAME` by each other readout, `split` of the model's own data, `file` and `speaker` where they
    are known; and of the readout `of` the `score` of the class by clause 7, the `second` class and its
    `second_score`, the last two empty where there is one class.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    from snnc.io.files import write_file

    main = graph.readouts.index(of)
    best = answers[main]
    others = [(each, by.classes) for each, by in zip(graph.readouts, answers, strict=True) if each is not of]
    splits = parts.names(len(best.classes)) if parts is not None and parts.of else None
    last: tuple[tuple[str, Sequence[str] | None], ...] = (
        ("split", splits),
        ("file", told.files),
        ("speaker", told.speakers),
    )
    columns = [(name, values) for name, values in last if values is not None]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    more = [f"predicted_{each.population}" for each, _ in others]
    names = [*more, *(name for name, _ in columns), "score", "second", "second_score"]
    table.writerow([*COLUMNS, *names])
    scores = best.scores.tolist()
    seconds = None if best.second is None else [of.class_names[each] for each in best.second]
    behind = None if best.second_scores is None else best.second_scores.tolist()
    lacked = [""] * len(scores) if told.classes is None else told.classes
    foreign = ["" if name in of.class_names else name for name in lacked]  # unlabelled ones have its first
    for sample, predicted in enumerate(best.classes.tolist()):
        label = None if labels is None or labels[sample] < 0 else int(labels[sample])
        row = [
            sample,
            foreign[sample] if label is None else of.class_names[label],
            of.class_names[predicted],
            "" if label is None else str(label == predicted).lower(),
        ]
        row += [each.class_names[classes[sample]] for each, classes in others]
        row += [values[sample] for _, values in columns]
        row += ["" if values is None else values[sample] for values in (scores, seconds, behind)]
        table.writerow(row)
    write_file(path, text.getvalue().encode(), "--predictions")
