"""`board.npz`: what the script gives sPyNNaker in place of the numbers of network.npz, for a board.

They are those that `spinnaker-fixed` computes with. Populations and projections have the numbers of
network.npz. For population k that is no input, of each neuron: `tau_m_k` in ms, `cm_k` in nF, `v_thresh_k`
in mV, `current_k` in nA, of a source that begins with the population, and `unit_k`, how many 1/32768 mV are
one of the contract's v; and `summed_k` in nA, from which sPyNNaker makes the shift of the ring buffers. For
projection q, `weight_q` in nA, in the order of its synapses.
"""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph
from snnc.stages.population import INPUT
from snnc.targets.spinnaker.fixed.accum import FRACTION_BITS, ONE
from snnc.targets.spinnaker.fixed.board import levels_of, mapped_of
from snnc.targets.spinnaker.fixed.mapping import Mapped
from snnc.targets.spinnaker.fixed.ring import encode_weights, summed_for
from snnc.targets.spinnaker.fixed.setting import Setting

BOARD = "board.npz"


def board_file(graph: QuantizedGraph, settings: dict[str, Setting]) -> bytes:
    """`board.npz`; equal graphs with equal settings give equal bytes.

    Raises `LimitError` where a board cannot hold what `settings` make of `graph`.
    """
    levels = levels_of(graph)
    mapped = {
        each.name: mapped_of(graph, each.name, settings[each.name], levels[each.name])
        for each in graph.stateful
    }
    arrays: dict[str, npt.ArrayLike] = {}
    for k, population in enumerate(graph.populations):
        if population.model != INPUT:
            arrays |= {f"{name}_{k}": each for name, each in _population(mapped[population.name]).items()}
    for q, projection in enumerate(each for each in graph.projections if each.synapses.count):
        cells, setting = mapped[projection.destination].cells, mapped[projection.destination].setting
        whole = projection.synapses.as_list().weight.astype(np.int64) << projection.weight_exp
        weight = whole.astype(np.float64) * 2.0 ** (cells.shift - FRACTION_BITS - setting.quantum)
        encode_weights(weight, cells.shift, projection.name)  # or the host would cut it, silently
        arrays[f"weight_{q}"] = weight
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # not packed, as network.npz
    return buffer.getvalue()


def _population(mapped: Mapped) -> dict[str, npt.ArrayLike]:
    cells = mapped.cells
    current = sum((each.amplitude for each in cells.currents), np.zeros(cells.neurons, np.int64))
    return {
        "tau_m": np.array([each.tau_m for each in mapped.pynn], np.float64),
        "cm": np.array([each.cm for each in mapped.pynn], np.float64),
        "v_thresh": np.array([each.v_thresh for each in mapped.pynn], np.float64),
        "current": current / ONE,
        "unit": mapped.unit,
        "summed": np.float64(summed_for(cells.shift)),
    }
