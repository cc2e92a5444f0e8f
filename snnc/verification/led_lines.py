"""Which input lines of an exported network lead to neurons."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.stages import Convolution, QuantizedGraph
from snnc.stages.population import INPUT


def leads_on(graph: QuantizedGraph) -> npt.NDArray[np.bool_]:
    """Of each input line, whether it has a synapse of its own, whose weight is not 0.

    Kernels of a convolution are shared, and so are none.
    """
    found = np.zeros(graph.inputs, np.bool_)
    for each in graph.projections:
        if graph.population(each.source).model == INPUT and not isinstance(each.synapses, Convolution):
            synapses = each.synapses.as_list()
            found[graph.lines(each.source)][synapses.pre[synapses.weight != 0]] = True
    return found
