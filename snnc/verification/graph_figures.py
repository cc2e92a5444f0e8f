"""Data for the tables and pictures of a graph that is no chain, as plain lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.decoding.decoder import decoders
from snnc.exporter.ranges.certificate import headroom_bits
from snnc.stages import FloatGraph, Population, Projection, QuantizedGraph, Synapses, Trace
from snnc.stages.float_graph import FloatProjection
from snnc.stages.population import INPUT


def network_of(graph: QuantizedGraph | FloatGraph) -> dict[str, Any]:
    """Populations in the contract order, and projections in the order of the list, as `Report.network`.

    `recurrent` is a projection from whose destination others lead back to its source. Without integers there
    is no `weight_exp`.
    """
    reached = {name: _reached(graph, name) for name in graph.order}
    decoders = {each.population: each.decoder for each in graph.readouts}
    populations = [graph.population(name) for name in graph.order]
    return {
        "populations": [
            {
                "name": each.name,
                "model": each.model,
                "neurons": each.neurons,
                "readout": decoders.get(each.name),
            }
            for each in populations
        ],
        "projections": [
            {
                "source": each.source,
                "destination": each.destination,
                "synapses": each.synapses.count,
                "delays": _delays(each.synapses),
                "weight_exp": each.weight_exp if isinstance(each, Projection) else None,
                "recurrent": each.source in reached[each.destination],
            }
            for each in graph.projections
        ],
    }


def _reached(graph: QuantizedGraph | FloatGraph, name: str) -> set[str]:
    """The population `name`, and those to which projections lead from it, directly or through others."""
    found, left = {name}, [name]
    after: dict[str, set[str]] = {}
    for each in graph.projections:
        after.setdefault(each.source, set()).add(each.destination)
    while left:
        new = after.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def _delays(synapses: Synapses) -> list[int]:
    """The least and the longest, nothing without synapses."""
    if not synapses.count:
        return []
    return [0 if synapses.has_delay_0 else int(synapses.as_list().delay.min()), synapses.max_delay]


def population_rows(
    graph: QuantizedGraph, proof: Mapping[str, Mapping[str, Any]], bits: Mapping[str, Any]
) -> tuple[dict[str, Any], ...]:
    """One row of scalars a population, in the contract order; `proof` and `bits` are of the manifest."""
    return tuple(
        _row(graph, graph.population(name), proof.get(name, {}), bits.get(name)) for name in graph.order
    )


def _row(
    graph: QuantizedGraph, population: Population, bounds: Mapping[str, Any], bits: object
) -> dict[str, Any]:
    of, into = population, graph.into(population.name)
    row: dict[str, Any] = {"name": of.name, "model": of.model, "neurons": of.neurons}
    if of.model == INPUT:
        return row | {"payload_max": of.payload_max, "end": graph.end(of.name)}
    row |= {
        "sources": ", ".join(dict.fromkeys(each.source for each in into)) or "none",
        "synapses": sum(each.synapses.count for each in into),
        "weight_bits": bits,
        "max_delay": max((each.synapses.max_delay for each in into), default=0),
        "threshold": one_or_range(of.threshold),
        "reset": of.reset,
        "bias_exp": of.bias_exp,
        "decay_u": one_or_range(of.decay_u),
        "decay_v": one_or_range(of.decay_v),
    }
    if of.decay_w is not None:
        row |= {"decay_w": one_or_range(of.decay_w), "order": of.order}
    row["end"] = graph.end(of.name)
    row["readout"] = next((each.decoder for each in graph.readouts if each.population == of.name), None)
    return row | _proved(bounds, of.decay_w is not None)


def _proved(bounds: Mapping[str, Any], adapts: bool) -> dict[str, Any]:
    limits = {"u": formats.U_MAX, "v": formats.V_LIMIT} | ({"w": formats.V_LIMIT} if adapts else {})
    row: dict[str, Any] = {}
    for name, limit in limits.items():
        ends = [abs(int(bounds[f"{name}_{end}"])) for end in ("min", "max") if f"{name}_{end}" in bounds]
        row |= {f"{name}_bound": max(ends, default=None), f"{name}_limit": limit}
    return row | {"headroom_bits": headroom_bits(dict(bounds)) if bounds else None}


def one_or_range(values: npt.NDArray[np.int32] | None) -> int | str | None:
    """One number where all are equal, else "least to largest"."""
    if values is None:
        return None
    least, largest = int(values.min()), int(values.max())
    return least if least == largest else f"{least} to {largest}"


def graph_figures(
    graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], label: int | None, found: Trace | None
) -> dict[str, Any]:
    """As `figures.figures`: rasters of inputs and spiking populations, the first readout of v, histograms."""
    from snnc.trainer.integer_model import run_graph

    trace = run_graph(graph, spikes[None])
    made: dict[str, Any] = {
        "time_steps": graph.time_steps,
        "bin_s": graph.bin_s,
        "raster": rasters(graph, spikes, trace, found),
    }
    return made | readout(graph, trace, label) | {"histograms": histograms(graph.projections)}


def rasters(
    graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], trace: Trace, found: Trace | None = None
) -> list[dict[str, Any]]:
    """Spikes of each input and spiking population, in the contract order.

    `trace` is of the one sample `spikes` [T, lines], and so is `found`, of an executor that differs.
    """
    rows = []
    for population in (graph.population(name) for name in graph.order):
        if population.model == INPUT:
            events = spikes[:, graph.lines(population.name)].copy()
            events[graph.end(population.name) :] = 0
            rows.append(raster(population.name, events) | {"input": True})
        elif population.spikes:
            index = graph.trace_index(population.name)
            row = raster(population.name, trace.layers[index].spikes[0]) | {"input": False}
            if found is not None:
                other = raster(population.name, found.layers[index].spikes[0])
                row |= {"found_steps": other["steps"], "found_neurons": other["neurons"]}
            rows.append(row)
    return rows


def readout(graph: QuantizedGraph, trace: Trace, label: int | None) -> dict[str, Any]:
    """Curves of the first readout of v in the first sample; labels are of the first readout of all."""
    for number, each in enumerate(decoders(graph)):
        if each.of_spikes:
            continue
        record, names = each.record(trace.layers), each.readout.class_names
        predicted = int(each.classes(record)[0])
        return {
            "readout": {
                "classes": list(names),
                "v": np.round((record[0] * each.readout.scale).T, 5).tolist(),  # type: ignore[operator]
                "label": names[label] if label is not None and number == 0 else None,
                "predicted": names[predicted],
            }
        }
    return {}


def raster(name: str, spikes: npt.NDArray[Any]) -> dict[str, Any]:
    """Spikes [T, neurons] as lists of steps and neurons."""
    step, neuron = np.nonzero(spikes)
    return {"name": name, "steps": step.tolist(), "neurons": neuron.tolist(), "count": int(spikes.shape[1])}


BINS = 63
"""Of weights that are no integers."""


def histograms(projections: Sequence[Projection] | Sequence[FloatProjection]) -> list[dict[str, Any]]:
    """Delays and weights of each projection, by its name; of a second one between two populations "(2)"."""
    rows: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for each in projections:
        seen[each.name] = seen.get(each.name, 0) + 1
        name = each.name if seen[each.name] == 1 else f"{each.name} ({seen[each.name]})"
        listed = each.synapses.as_list()
        rows.append({"layer": name, **_after(listed.delay, listed.weight)})
    return rows


def _after(delays: npt.NDArray[np.int32], weights: npt.NDArray[Any]) -> dict[str, Any]:
    delay, delay_count = np.unique(delays, return_counts=True)
    if weights.dtype.kind == "f":
        weight_count, edges = np.histogram(weights, bins=BINS)
        weight = (edges[:-1] + edges[1:]) / 2
    else:
        weight, weight_count = np.unique(weights, return_counts=True)
    return {
        "delay_after": {"x": delay.tolist(), "y": delay_count.tolist()},
        "weight_after": {"x": weight.tolist(), "y": weight_count.tolist()},
    }
