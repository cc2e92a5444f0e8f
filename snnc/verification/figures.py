"""Data for the report's pictures and tables, as plain lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.decoding.decoder import decoders
from snnc.exporter.artifact import carries_model, source_model
from snnc.exporter.ranges.certificate import headroom_bits
from snnc.intervals import read_ranges
from snnc.stages import Artifact, QuantizedGraph, QuantizedLayer, Trace, TrainedModel
from snnc.trainer.delay_record import recorded
from snnc.verification import graph_figures as of_graphs
from snnc.verification.graph_figures import graph_figures, population_rows, raster


def figures(
    artifact: Artifact, spikes: npt.NDArray[np.uint8], label: int | None, found: Trace | None = None
) -> dict[str, Any]:
    """Rasters and readout of one sample uint8 [T, inputs], and histograms of weights and delays.

    `found`: the trace of that sample alone by an executor that differs; the rasters then hold its spikes too.
    """
    from snnc.trainer.integer_model import run_graph

    graph = artifact.graph
    if not graph.is_chain:
        return graph_figures(graph, spikes, label, found)
    trace = run_graph(graph, spikes[None])
    (decoder,) = decoders(graph)
    predicted = int(decoder.classes(trace.readout)[0])
    rasters = [raster("input", spikes)]
    for index, layer in enumerate(graph.layers[:-1]):
        row = raster(layer.name, trace.layers[index].spikes[0])
        if found is not None:
            other = raster(layer.name, found.layers[index].spikes[0])
            row |= {"found_steps": other["steps"], "found_neurons": other["neurons"]}
        rasters.append(row)
    return {
        "time_steps": graph.time_steps,
        "bin_s": graph.bin_s,
        "raster": rasters,
        "readout": {
            "classes": list(graph.class_names),
            "v": np.round(trace.readout[0].T * graph.readout_scale, 5).tolist(),
            "label": None if label is None else graph.class_names[label],
            "predicted": graph.class_names[predicted],
        },
        "histograms": histograms(artifact),
    }


def layer_table(artifact: Artifact) -> tuple[dict[str, Any], ...]:
    """One row of scalars a layer: size, formats, and the range proof's worst bounds with their headroom.

    Of a graph that is no chain one a population, in the contract order.
    """
    proof = {row["layer"]: row for row in artifact.manifest.get("range_proof", ())}
    bits = artifact.manifest["provenance"].get("weight_bits") or {}
    if not artifact.graph.is_chain:
        return population_rows(artifact.graph, proof, bits)
    rows = []
    for layer in artifact.graph.layers:
        bounds = proof.get(layer.name, {})
        rows.append(
            {
                "name": layer.name,
                "neurons": layer.neurons,
                "inputs": layer.inputs,
                "synapses": int(np.count_nonzero(layer.weight)),
                "weight_bits": bits.get(layer.name),
                "max_delay": layer.max_delay,
                "threshold": layer.threshold,
                "bias_exp": layer.bias_exp,
                "decay_u": layer.decay_u,
                "decay_v": layer.decay_v,
                "u_bound": _worst(bounds, "u"),
                "u_limit": formats.U_MAX,
                "v_bound": _worst(bounds, "v"),
                "v_limit": formats.V_LIMIT,
                "headroom_bits": headroom_bits(bounds) if bounds else None,
            }
        )
    return tuple(rows)


def core_rows(placement: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row a core: chip, core, tile, neurons of which layers, and each resource as "used / max"."""
    return [
        {
            "chip": row["chip"],
            "core": row["core"],
            "tile": f"{row['column']}, {row['row']}",
            "holds": ", ".join(
                f"{layer} ({sum(stop - start for start, stop in read_ranges(text))})"
                for layer, text in row["populations"].items()
            ),
            **{name: f"{used} / {most}" for name, (used, most) in row["use"].items()},
        }
        for row in placement
    ]


def _worst(bounds: dict[str, Any], name: str) -> int | None:
    if not bounds:
        return None
    return max(abs(int(bounds[f"{name}_min"])), abs(int(bounds[f"{name}_max"])))


def histograms(artifact: Artifact) -> list[dict[str, Any]]:
    """Delays and weights after export, beside those of the Gaussian network if the artifact holds it.

    A row a layer; of a graph that is no chain, a row a projection. A delay through relays counts as the one
    delay that it stands for.
    """
    graph = artifact.graph
    pruned = artifact.manifest["provenance"].get("synapses_pruned", {})
    model = source_model(artifact) if carries_model(artifact) else None
    if not graph.is_chain:
        rows = of_graphs.histograms(graph.projections)
        return rows if model is None else [row | learning_of(model.metrics, row["layer"]) for row in rows]
    before: list[Any] = [None] * len(graph.layers)
    if isinstance(model, TrainedModel):
        from snnc.exporter.passes.discretise import fold_batch_norm
        from snnc.exporter.relay import fold_relays

        graph = fold_relays(graph, [layer.name for layer in model.layers])
        delays = [
            np.clip(t.kernel_size // 2 - t.position, 0, t.kernel_size - 1)
            for t in model.gaussian or model.layers
        ]
        weights = [fold_batch_norm(t)[0] for t in model.gaussian or model.layers]
        scales = [
            _scale(graph, layer, trained.threshold)
            for layer, trained in zip(graph.layers, model.layers, strict=True)
        ]
        before = list(zip(weights, delays, scales, strict=True))
    rows = []
    for layer, old in zip(graph.layers, before, strict=True):
        row: dict[str, Any] = {"layer": layer.name, **_after(layer)}
        if old is not None:
            weight, delay, row["scale"] = old
            row |= {"pruned": pruned[layer.name]} if layer.name in pruned else {}
            row["weight_before"] = _counts(weight, 63)
            # One bin a step, centred on it: the heights compare with those of whole delays.
            row["delay_before"] = _counts(delay, np.arange(np.floor(delay.max()) + 3) - 0.5)
        rows.append(row if model is None else row | learning_of(model.metrics, layer.name))
    return rows


def learning_of(metrics: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Of a trained model with these `metrics`: the delays of a layer or projection before learning.

    And the sizes of its kernel, before and after; where that was not recorded, only that it was trained.
    """
    before, after = (recorded(metrics, when).get(name) for when in ("initial", "learned"))
    if before is None or after is None:
        return {"trained": True}
    delays = {"delay_initial": before.histogram, "delay_learned": after.histogram}
    steps = {"changed": after.changed, "moved": after.moved}
    return {"trained": True, **delays, "taps": [before.taps, after.taps], **steps}


def _scale(graph: QuantizedGraph, layer: QuantizedLayer, threshold: float | None) -> float:
    """Steps of the integer weight in 1 of the trained weight: as the exporter scaled the threshold.

    The readout has none, but its v scales alike (clause 7).
    """
    if layer.threshold is None or threshold is None:
        return 1.0 / (graph.readout_scale * (1 << formats.STATE_FRACTION_BITS))
    return layer.threshold / threshold


def _after(layer: QuantizedLayer) -> dict[str, Any]:
    present = layer.weight != 0
    delay, delay_count = np.unique(layer.delay[present], return_counts=True)
    weight, weight_count = np.unique(layer.weight[present], return_counts=True)
    return {
        "delay_after": {"x": delay.tolist(), "y": delay_count.tolist()},
        "weight_after": {"x": weight.tolist(), "y": weight_count.tolist()},
    }


def _counts(values: npt.NDArray[Any], bins: int | npt.NDArray[np.float64]) -> dict[str, Any]:
    count, edges = np.histogram(values, bins=bins)
    return {"x": np.round((edges[:-1] + edges[1:]) / 2, 5).tolist(), "y": count.tolist()}
