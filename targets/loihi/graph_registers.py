"""`graph.npz`: a graph that is no chain, as the Lava program of its own reads it.

It holds `T`, the `graph_hash` and `semantics_version`, which go into traces, and `names` of the populations
with a state, in the order of the graph. Of every input line, those of all input populations side by side:
`line_payload`, the largest event, `line_level` and `line_end`. For population k of `names`:

- `model_k`, `level_k`, `end_k`, and the parameters that the contract (`docs/semantics.md`) gives the model,
  by their names there: `du_k`, `bias_mant_k`, `reset_k`, ...; of each neuron, or one of the population.

For projection q, each of which has synapses:

- `source_q`, the number of its source, or -1 for the input lines; `destination_q`; `weight_exp_q`;
- `pre_q`, `post_q`, `weight_q`, `delay_q` [synapses]. The delay is that on the chip, which has a step for
  the hop beside it (`../levels.py`). `pre_q` numbers input lines as above.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from snnc.provenance import graph_hash
from snnc.stages import Population, Projection, QuantizedGraph
from snnc.stages.population import INPUT

GRAPH_SEMANTICS = 2
"""The version of the contract that has graphs."""
INPUT_LINES = -1

OF_NEURONS: Mapping[str, tuple[str, type[np.integer]]] = {
    "du": ("decay_u", np.int16),
    "dv": ("decay_v", np.int16),
    "dw": ("decay_w", np.int16),
    "bias_mant": ("bias_mant", np.int16),
    "input_bias_mant": ("input_bias_mant", np.int16),
    "ka": ("ka", np.int16),
    "kb": ("kb", np.int32),
    "vth": ("threshold", np.int32),
    "r": ("reset_by", np.int32),
}
"""Name in the contract -> the field of a `Population`, and the type that holds it."""
OF_POPULATION = ("bias_exp", "input_bias_exp")
WORDS = ("model", "reset", "order")


def pack_graph(graph: QuantizedGraph, levels: Mapping[str, int]) -> bytes:
    """`graph.npz`; equal graphs with equal levels give equal bytes."""
    inputs = [each for each in graph.populations if each.model == INPUT]
    arrays: dict[str, npt.ArrayLike] = {
        "T": np.int32(graph.time_steps),
        "graph_hash": np.str_(graph_hash(graph)),
        "semantics_version": np.int32(GRAPH_SEMANTICS),
        "names": np.array([each.name for each in graph.stateful], np.str_),
        "line_payload": _of_lines(inputs, [each.payload_max or 1 for each in inputs], np.uint8),
        "line_level": _of_lines(inputs, [levels[each.name] for each in inputs], np.int32),
        "line_end": _of_lines(inputs, [graph.end(each.name) for each in inputs], np.int32),
    }
    for number, population in enumerate(graph.stateful):
        values = _population(graph, population, levels)
        arrays |= {f"{name}_{number}": value for name, value in values.items()}
    there = [each for each in graph.projections if each.synapses.count]
    for number, projection in enumerate(there):
        values = _projection(graph, projection, levels)
        arrays |= {f"{name}_{number}": value for name, value in values.items()}
    buffer = io.BytesIO()
    # Not packed: these bytes are compared with those of a later export, where zlib may be another.
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _of_lines(inputs: list[Population], values: list[int], dtype: type[np.integer]) -> npt.NDArray:
    """`values`, one of each input population, for each of its lines."""
    return np.repeat(np.array(values, dtype), [each.neurons for each in inputs])


def _population(
    graph: QuantizedGraph, population: Population, levels: Mapping[str, int]
) -> dict[str, npt.ArrayLike]:
    found: dict[str, npt.ArrayLike] = {
        "level": np.int32(levels[population.name]),
        "end": np.int32(graph.end(population.name)),
    }
    for name, (field, dtype) in OF_NEURONS.items():
        if (value := getattr(population, field)) is not None:
            found[name] = value.astype(dtype)
    found |= {name: np.int32(getattr(population, name)) for name in OF_POPULATION}
    words = {name: getattr(population, name) for name in WORDS}
    return found | {name: np.str_(word) for name, word in words.items() if word is not None}


def _projection(
    graph: QuantizedGraph, projection: Projection, levels: Mapping[str, int]
) -> dict[str, npt.ArrayLike]:
    synapses = projection.synapses.as_list()
    from_input = graph.population(projection.source).model == INPUT
    first = graph.lines(projection.source).start if from_input else 0
    later = levels[projection.destination] - levels[projection.source] - 1
    return {
        "source": np.int32(INPUT_LINES if from_input else graph.trace_index(projection.source)),
        "destination": np.int32(graph.trace_index(projection.destination)),
        "weight_exp": np.int32(projection.weight_exp),
        "pre": (synapses.pre + first).astype(np.int32),
        "post": synapses.post.astype(np.int32),
        "weight": synapses.weight.astype(np.int8),
        "delay": (synapses.delay + later).astype(np.uint8),
    }
