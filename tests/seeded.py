"""What a seeded fault is: a row of `docs/faults.md`.

A fault replaces exact text in the sources of what computes (or in the program that is emitted), or has the
emitter write another network. `seeded_executors.py` and `seeded_programs.py` list them, `planting.py` plants
them, `tests/faults/test_verify_faults.py` runs them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from edits import Edit
from faults import with_layer

from snnc.stages import QuantizedGraph

Change = Callable[[QuantizedGraph], QuantizedGraph]


@dataclass(frozen=True, slots=True)
class Fault:
    """`cause` is the name that a diagnosis should give it, None if it is no fault of the catalogue.

    `edits` (file, old text, new text) or `change`, of the graph that is run or emitted. `net` is a key of
    `planting.nets()`.
    """

    text: str
    where: str
    cause: str | None
    edits: tuple[Edit, ...] = ()
    change: Change | None = None
    net: str = "clauses"


def rewritten(
    where: str, file: str, text: str, cause: str | None, *pairs: tuple[str, str], net: str = "clauses"
) -> Fault:
    """A fault of `where` that replaces text, (old, new); `file` is in the repository, or emitted."""
    return Fault(text, where, cause, tuple((file, *pair) for pair in pairs), net=net)


def first_layer(**fields: Callable[[Any], Any]) -> Change:
    """Change fields of the first layer: name of a field -> what becomes of its value."""
    return lambda graph: with_layer(
        graph, 0, **{name: made(getattr(graph.layers[0], name)) for name, made in fields.items()}
    )


SYNAPSE = (4, 2)
"""Neuron and input of the synapse of the first layer that is changed."""


def without(array: np.ndarray) -> np.ndarray:
    changed = np.array(array)
    changed[SYNAPSE] = 0
    return changed
