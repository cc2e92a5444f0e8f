"""What `snnc run` decoded, for a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from snnc.stages import QuantizedGraph, Readout


def fields(
    graph: QuantizedGraph,
    found: Sequence[npt.NDArray[np.int64]],
    labels: npt.NDArray[np.int64] | None,
    of: Readout,
) -> dict[str, Any]:
    """The classes int64 [samples] that each readout `found`, their names, and how many are as labelled."""
    by = [
        {"population": each.population, "classes": classes, "names": [each.class_names[c] for c in classes]}
        for each, classes in zip(graph.readouts, found, strict=True)
    ]
    result: dict[str, Any] = {"samples": len(found[0]), "readouts": by, "labels": labels}
    if labels is not None:
        result |= {
            "labels_of": of.population,
            "correct": int((found[graph.readouts.index(of)] == labels).sum()),
        }
    return result
