"""`network.npz`: what the script reads of a network, in PyNN's units.

A step is 1 ms, and a weight of 1 is 0.25 mV: 256 units of the contract's v are 1 mV. So all of v fits the
16 bits before the point of the board's numbers, and floating point holds each integer exactly. The file has
`T`, the `graph_hash` and `semantics_version`, and `names` of all populations, in the order of the graph. For
population k of these:

- `model_k` (`input`, `lif` or `li`), `neurons_k`, `end_k`, and `level_k`: it computes step t of the contract
  in step t + level of PyNN, since there every spike takes a step or more (`../levels.py`);
- where it is no input, of each neuron: `tau_m_k` in ms, `cm_k` in nF, `v_thresh_k` and `bias_k` in mV.

For projection q, each of which has synapses: `source_q` and `destination_q`, numbers of populations, and
`pre_q`, `post_q`, `weight_q` in mV and `delay_q` in steps of PyNN, 1 or more, [synapses]. For readout r:
`readout_r`, the number of its population, `decoder_r`, and for each class `scale_r` and `class_names_r`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.provenance import graph_hash, semantics_version
from snnc.stages import Population, Projection, QuantizedGraph, Readout
from snnc.stages.population import INPUT

Floats = npt.NDArray[np.float64]

V_IN_MV = 256
"""Units of the contract's v in 1 mV."""
WEIGHT_IN_V = 1 << formats.STATE_FRACTION_BITS
"""What a weight of 1 adds to v."""
UNREACHED = 40000.0
"""mV, the threshold of a readout: v stays within 2**23 / 256 = 32768 mV."""
FORGETS = 1 / 40
"""tau_m in steps where nothing of v remains: e ** -40 is less than rounding keeps."""


def pack(graph: QuantizedGraph, levels: Mapping[str, int]) -> bytes:
    """`network.npz`; equal graphs with equal levels give equal bytes."""
    number = {each.name: k for k, each in enumerate(graph.populations)}
    arrays: dict[str, npt.ArrayLike] = {
        "T": np.int32(graph.time_steps),
        "graph_hash": np.str_(graph_hash(graph)),
        "semantics_version": np.int32(semantics_version(graph)),
        "names": np.array(list(number), np.str_),
    }
    for population in graph.populations:
        arrays |= _numbered(number[population.name], _population(graph, population, levels))
    for q, projection in enumerate(each for each in graph.projections if each.synapses.count):
        arrays |= _numbered(q, _projection(projection, number, levels))
    for r, readout in enumerate(graph.readouts):
        arrays |= _numbered(r, _readout(readout, number))
    buffer = io.BytesIO()
    # Not packed: these bytes are compared with those of a later export, where zlib may be another.
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def time_constants(decay_v: npt.NDArray[np.int32]) -> Floats:
    """tau_m in steps, of which e ** (-1 / tau_m) is what a step leaves of v."""
    kept = (formats.DECAY_ONE - decay_v.astype(np.float64)) / formats.DECAY_ONE
    with np.errstate(divide="ignore"):
        return np.where(kept > 0, -1 / np.log(kept), FORGETS)


def capacities(tau_m: Floats) -> Floats:
    """cm in nF with which a board adds a weight as it is.

    It takes what arrives for a current during the step, of which tau_m / cm * (1 - e ** (-1 / tau_m)) is left
    at its end. Other simulators do not use cm where no current flows.
    """
    return tau_m * -np.expm1(-1 / tau_m)


def total_bias(population: Population) -> npt.NDArray[np.int64]:
    """What every step adds to v beside the synapses: both biases, as nothing of u lasts."""
    return population.bias.astype(np.int64) + population.input_bias.astype(np.int64) * WEIGHT_IN_V


def _numbered(number: int, values: Mapping[str, npt.ArrayLike]) -> dict[str, npt.ArrayLike]:
    return {f"{name}_{number}": value for name, value in values.items()}


def _population(
    graph: QuantizedGraph, population: Population, levels: Mapping[str, int]
) -> dict[str, npt.ArrayLike]:
    found: dict[str, npt.ArrayLike] = {
        "model": np.str_(population.model),
        "neurons": np.int32(population.neurons),
        "level": np.int32(levels[population.name]),
        "end": np.int32(graph.end(population.name)),
    }
    if population.model == INPUT:
        return found
    assert population.decay_v is not None
    tau_m = time_constants(population.decay_v)
    threshold = np.full(population.neurons, UNREACHED)
    if population.threshold is not None:
        # Between the integers: then it is one whether a simulator fires at >= or at >.
        threshold = (population.threshold.astype(np.float64) * WEIGHT_IN_V + 0.5) / V_IN_MV
    return found | {
        "tau_m": tau_m,
        "cm": capacities(tau_m),
        "v_thresh": threshold,
        "bias": total_bias(population) / V_IN_MV,
    }


def _projection(
    projection: Projection, number: Mapping[str, int], levels: Mapping[str, int]
) -> dict[str, npt.ArrayLike]:
    synapses = projection.synapses.as_list()
    later = levels[projection.destination] - levels[projection.source]
    weight = synapses.weight.astype(np.int64) << projection.weight_exp
    return {
        "source": np.int32(number[projection.source]),
        "destination": np.int32(number[projection.destination]),
        "pre": synapses.pre.astype(np.int32),
        "post": synapses.post.astype(np.int32),
        "weight": weight * (WEIGHT_IN_V / V_IN_MV),
        "delay": (synapses.delay + later).astype(np.int32),
    }


def _readout(readout: Readout, number: Mapping[str, int]) -> dict[str, npt.ArrayLike]:
    scale = np.ones(len(readout.class_names)) if readout.scale is None else readout.scale
    return {
        "readout": np.int32(number[readout.population]),
        "decoder": np.str_(readout.decoder),
        "scale": np.broadcast_to(np.float64(scale), len(readout.class_names)),
        "class_names": np.array(readout.class_names, np.str_),
    }
