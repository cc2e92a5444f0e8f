"""What `snnc run` decoded, for a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from snnc.decoding.ranked import Ranked
    from snnc.stages import QuantizedGraph, Readout


def fields(
    graph: QuantizedGraph,
    answers: Sequence[Ranked],
    labels: npt.NDArray[np.int64] | None,
    of: Readout,
) -> dict[str, Any]:
    """The classes int64 [samples] of each readout by its `answers`, their names, and how many are right.

    And the scores of these classes; the classes behind them, None where there is one class, and their scores.
    `labels` are -1 for a class that the network lacks, and None in the result.
    """
    by = [
        {
            "population": each.population,
            "classes": answer.classes,
            "names": [each.class_names[c] for c in answer.classes],
            "scores": answer.scores,
            "second": answer.second,
            "second_names": None if answer.second is None else [each.class_names[c] for c in answer.second],
            "second_scores": answer.second_scores,
        }
        for each, answer in zip(graph.readouts, answers, strict=True)
    ]
    result: dict[str, Any] = {"samples": len(answers[0].classes), "readouts": by, "labels": None}
    if labels is not None:
        result["labels"] = [None if each < 0 else each for each in labels.tolist()]
        result |= {
            "labels_of": of.population,
            "correct": int((answers[graph.readouts.index(of)].classes == labels).sum()),
        }
    return result
