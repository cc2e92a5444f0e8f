"""What every pass promises to keep, checked on the stages before and after it by other means than its own.

A stage checks its own arrays when it is made. Here, and in the files named `check_` and a pass, stand the
promises between two stages; a broken one is a fault of the pass, not of the model. None calls what the pass
calls: numbers are computed again, in fractions where rounding decides.
"""

from __future__ import annotations

import numpy as np

from snnc.exporter.check_common import (
    equal,
    every_neuron,
    keeps_chain,
    same_network,
    same_neurons,
    same_synapses,
)
from snnc.exporter.check_discretise import of_discretise
from snnc.exporter.check_legalise import of_legalise
from snnc.exporter.check_prune import of_prune
from snnc.exporter.check_quantise import of_quantise
from snnc.stages import PlacedProgram, QuantizedGraph, QuantizedLayer

__all__ = ["of_discretise", "of_legalise", "of_place", "of_prune", "of_quantise", "of_whole_bias"]

WEIGHT_STEP, EXPONENT = 64, 6


def of_whole_bias(before: QuantizedGraph, after: QuantizedGraph, wanted: bool) -> None:
    """Biases are rounded to whole weight steps, half to even, if that is `wanted`; all other numbers stay.

    Raises
    ------
    PassError
        It names the layer, and the neuron or the number that changed.
    """
    keeps_chain(before, after)
    same_network(before, after)
    for old, new in zip(before.layers, after.layers, strict=True):
        same_synapses(old, new)
        same_neurons(old, new, biases=not wanted)
        if wanted:
            _whole(old, new)


def _whole(old: QuantizedLayer, new: QuantizedLayer) -> None:
    equal(new.name, "the exponent of its biases", new.bias_exp, EXPONENT)
    mantissa = new.bias_mant.astype(np.int64)
    twice = 2 * np.abs(mantissa * WEIGHT_STEP - old.bias)
    right = (twice < WEIGHT_STEP) | ((twice == WEIGHT_STEP) & (mantissa % 2 == 0))
    every_neuron(right, new.name, new.bias, "not the bias, rounded to a whole weight step")


def of_place(before: QuantizedGraph, after: PlacedProgram) -> None:
    """Placement does not touch the graph.

    Raises
    ------
    PassError
        It names the layer, and the number that changed.
    """
    keeps_chain(before, after.graph)
    same_network(before, after.graph)
    for old, new in zip(before.layers, after.graph.layers, strict=True):
        same_synapses(old, new)
        same_neurons(old, new)
