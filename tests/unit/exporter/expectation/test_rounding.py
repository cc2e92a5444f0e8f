"""Places that quantising changes."""

from __future__ import annotations

import numpy as np
from graph_cases import dense, graph_of, lif, source

from snnc.exporter.expectation.rounding import changed_places


def test_places_are_counted_by_population():
    """ "h" fires in each step with an event: v is 10 << 6 and its threshold 5 << 6; it forgets all."""
    graph = graph_of([source(), lif(decay_v=4096, threshold=5)], [dense("x", "h", [[10]])], 4)
    events = np.array([[1, 0, 1, 0], [0, 0, 0, 1]], np.uint8)[:, :, None]
    real = np.array([[1, 1, 0, 0], [0, 0, 0, 1]], bool)[:, :, None]
    assert changed_places(graph, events, {"h": real}) == {"h": 2}
    assert changed_places(graph, events, {"h": events > 0}) == {"h": 0}
