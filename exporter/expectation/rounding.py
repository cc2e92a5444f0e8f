"""What rounding and quantising add: spikes of the integers that are not those of the real numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.stages import QuantizedGraph


def changed_places(
    graph: QuantizedGraph, events: npt.NDArray[np.uint8], real: Mapping[str, npt.NDArray[np.bool_]]
) -> dict[str, int]:
    """By population, in how many places of `real` [N, T, neurons] the spikes of `graph` are others.

    Both compute all by themselves on `events` [N, T, lines].
    """
    from snnc.hwsim.event_driven import simulate  # here: numba takes long to load

    found = dict.fromkeys(real, 0)
    for part in batches(graph, len(events)):
        layers = simulate(graph, events[part]).layers
        for name, spikes in real.items():
            found[name] += int(np.count_nonzero((layers[graph.trace_index(name)].spikes > 0) != spikes[part]))
    return found
