"""A graph with everything that `verify` compares beside a chain, and `verify` on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_cases import adlif, dense, graph_of, li, lif, readout, source
from wrong_executors import executors, in_memory

from snnc.stages import QuantizedGraph, Report
from snnc.verification.comparison import InputGroup
from snnc.verification.verify import verify


def graph() -> QuantizedGraph:
    """Two inputs, an `adlif` and a `lif` that are recurrent, and two readouts, one of which ends early.

    In the list the readouts stand before their sources, so the contract order is another: x, p, h, g, y, z.
    """
    return graph_of(
        [
            source("x", 2),
            li("y", 3, end=4),
            lif("z", 2, threshold=1),
            source("p", 1, payload_max=3),
            adlif("h", 2, threshold=1, ka=100, kb=40, decay_w=1024, decay_v=2048),
            lif("g", 2, threshold=2, reset="subtract", reset_by=2, decay_v=1024),
        ],
        [
            dense("x", "h", [[5, 3], [2, 6]], [[0, 1], [1, 0]]),
            dense("h", "g", [[4, 1], [2, 5]], 0),
            dense("g", "h", [[-1, 1], [1, -2]], 2),
            dense("g", "g", [[1, 0], [0, 1]], 1),
            dense("p", "g", [[1], [1]], 1),
            dense("g", "y", [[3, 1], [1, 4], [-2, 1]], 0),
            dense("h", "y", [[1, 0], [0, 1], [1, 1]], 1, exp=1),
            dense("g", "z", [[2, 2], [1, 3]], 0),
        ],
        6,
        [readout("y", "softmax", 3, [0.01, 0.02, 0.01]), readout("z", "count", 2)],
    )


GRAPH = graph()


SPIKES = np.random.default_rng(1).integers(0, 2, (5, 6, 3)).astype(np.uint8)
SPIKES[:, :, 2] *= 3


def verified(monkeypatch: pytest.MonkeyPatch, *given: Any, **options: Any) -> Report:
    known = executors(*given)
    monkeypatch.setattr("snnc.verification.comparison.load_executor", known.__getitem__)
    monkeypatch.setattr("snnc.verification.comparison.all_executors", lambda: dict.fromkeys(known, ""))
    artifact = in_memory(GRAPH, SPIKES[:3])
    return verify(artifact, [InputGroup("own", SPIKES)], **{"allow_missing": True, "generated": 0} | options)
