"""Samples to pick from in the report, and the synapses on which their spikes travel, as plain lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.stages import Projection, QuantizedGraph, Trace
from snnc.verification import graph_figures

if TYPE_CHECKING:
    from snnc.verification.comparison import InputGroup

SAMPLES = 6
"""Most samples to pick from."""
SPIKES = 40_000
"""Most spikes of all of them, so that the report stays small."""
SYNAPSES, STRONGEST = 24_000, 12
"""Most synapses of all projections, and most of one neuron and projection: those with the largest weight."""
LISTED = 2_000_000
"""Synapses of a network that has more are not looked through: that would take longer than it is worth."""
CURVES = 20
"""Most curves of a readout."""


def samples(graph: QuantizedGraph, shown: InputGroup, first: int) -> dict[str, Any]:
    """Some samples of `shown`, number `first` before all, with all spikes; and the strongest synapses.

    Where even the first sample, or one synapse of each neuron, is too much for a picture, `samples_left_out`
    says so in their place.
    """
    synapses = strongest(graph.projections)
    if not synapses:
        return _left_out(
            f"the network is too large: at most {LISTED:,} synapses of {SYNAPSES:,} neurons and lines "
            "are listed"
        )
    rows: list[dict[str, Any]] = []
    spikes = 0
    for index, events, trace in _run(graph, shown, picked(shown, first)):
        label = None if shown.labels is None else int(shown.labels[index])
        raster = graph_figures.rasters(graph, events, trace)
        spikes += sum(len(row["steps"]) for row in raster)
        if spikes > SPIKES:
            break
        found = _readout(graph_figures.readout(graph, trace, label), graph)
        rows.append({"split": shown.name, "index": int(index), "raster": raster} | found)
    if not rows:
        return _left_out(f"the first sample has {spikes:,} spikes; at most {SPIKES:,} are drawn")
    return {"samples": rows, "synapses": synapses}


def _run(
    graph: QuantizedGraph, shown: InputGroup, chosen: list[int]
) -> Iterator[tuple[int, npt.NDArray[np.uint8], Trace]]:
    """The number of each sample `chosen` with its events [T, inputs] and its trace: they run together."""
    from snnc.trainer.integer_model import run_graph

    for part in batches(graph, len(chosen)):
        events = np.concatenate([np.asarray(shown.spikes[k : k + 1]) for k in chosen[part]])
        together = run_graph(graph, events)
        for row, index in enumerate(chosen[part]):
            yield index, events[row], together.part(slice(row, row + 1))


def _left_out(why: str) -> dict[str, Any]:
    return {"samples_left_out": why}


def picked(shown: InputGroup, first: int) -> list[int]:
    """`first`, then the first of each other class; without labels, some from all over the group."""
    count = len(shown.spikes)
    if shown.labels is None:
        others = np.linspace(0, count - 1, SAMPLES).astype(int).tolist()
    else:
        _, starts = np.unique(shown.labels, return_index=True)
        others = sorted(at for at in starts.tolist() if shown.labels[at] != shown.labels[first])
        others += range(count)
    return list(dict.fromkeys([first, *others]))[:SAMPLES]


def strongest(projections: Sequence[Projection]) -> list[dict[str, Any]]:
    """A row a projection: of each neuron of its source how many synapses it has, and the strongest of them.

    `weight` is what a spike delivers, with the exponent of the projection; nothing if that is too much.
    """
    sources = sum(each.synapses.pre_neurons for each in projections)
    most = min(STRONGEST, SYNAPSES // max(sources, 1))
    if sum(each.synapses.count for each in projections) > LISTED:
        return []
    return [_strongest(each, most) for each in projections] if most else []


def _strongest(projection: Projection, most: int) -> dict[str, Any]:
    listed = projection.synapses.as_list()
    order = np.lexsort((listed.delay, listed.post, -np.abs(listed.weight.astype(np.int64)), listed.pre))
    pre = listed.pre[order]
    starts = np.searchsorted(pre, np.arange(listed.pre_neurons + 1))

    def columns(values: npt.NDArray[Any]) -> list[list[int]]:
        ordered = values[order]
        return [ordered[start : min(end, start + most)].tolist() for start, end in pairwise(starts)]

    return {
        "source": projection.source,
        "destination": projection.destination,
        "count": np.diff(starts).tolist(),
        "post": columns(listed.post),
        "weight": columns(listed.weight.astype(np.int64) << projection.weight_exp),
        "delay": columns(listed.delay),
    }


def _readout(found: dict[str, Any], graph: QuantizedGraph) -> dict[str, Any]:
    """Curves of the classes whose v is largest, of the label and of the decoded class, to four digits."""
    if not found:
        return {}
    curves = found["readout"]
    names, v = curves["classes"], np.asarray(curves["v"])
    order = np.argsort(-v.max(axis=1), kind="stable")
    named = [names.index(curves[each]) for each in ("label", "predicted") if curves[each] is not None]
    kept = sorted(list(dict.fromkeys([*named, *order.tolist()]))[:CURVES])
    population = next(each.population for each in graph.readouts if each.scale is not None)
    return {
        "label": curves["label"],
        "predicted": curves["predicted"],
        "readout": {
            "name": population,
            "count": graph.population(population).neurons,
            "neurons": kept,
            "classes": [names[index] for index in kept],
            "v": [[float(f"{value:.4g}") for value in row] for row in v[kept].tolist()],
        },
    }
