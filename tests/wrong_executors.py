"""Executors of graphs that are wrong in one value, and what they answer beside their states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from snnc.decoding.decoder import decoders
from snnc.hwsim import oracle
from snnc.stages import Answer, Artifact, LayerTrace, QuantizedGraph, Trace

Place = tuple[int, int, int]
Edit = Callable[[QuantizedGraph, Trace], Trace]


class Edited:
    """The oracle, after which `edit` changes the trace."""

    def __init__(self, edit: Edit, name: str = "edited") -> None:
        self.name, self._edit = name, edit

    def unavailable_reason(self) -> str | None:
        return None

    def run(self, artifact: Artifact, spikes: np.ndarray) -> Trace:
        found = self._edit(artifact.graph, oracle.run_graph(artifact.graph, spikes))
        return replace(found, executor=self.name)


def changed(graph: QuantizedGraph, trace: Trace, *changes: tuple[str, str, Place]) -> Trace:
    """`trace` with 1 added, or a spike flipped, at (population, variable, (sample, step, neuron)).

    A sample that the trace does not hold is left alone.
    """
    layers = list(trace.layers)
    for name, variable, (sample, *where) in changes:
        if sample < trace.samples:
            index = graph.trace_index(name)
            values = np.array(getattr(layers[index], variable))
            at = (sample, *where)
            values[at] = not values[at] if variable == "spikes" else values[at] + 1
            layers[index] = replace(layers[index], **{variable: values})
    return replace(trace, layers=tuple(layers))


def counted(graph: QuantizedGraph, trace: Trace, name: str, count: str) -> Trace:
    """`trace` with one more in the `count` of a population."""
    index = graph.trace_index(name)
    layers: list[LayerTrace] = list(trace.layers)
    layers[index] = replace(layers[index], **{count: getattr(layers[index], count) + 1})
    return replace(trace, layers=tuple(layers))


def answering(graph: QuantizedGraph, trace: Trace, **others: dict[str, Any]) -> Trace:
    """`trace` with the right answers of every readout; `others` of a readout stand in their place."""
    answers = []
    for each in decoders(graph):
        record, name = each.record(trace.layers), each.readout.population
        fields: dict[str, Any] = {
            "readout": record,
            "scores": each.scores(record),
            "classes": each.classes(record),
            "scores_so_far": each.scores_so_far(record),
            "classes_so_far": each.classes_so_far(record),
            "names": each.readout.class_names,
        }
        answers.append(Answer("program", of=name, **fields | others.get(name, {})))
    return replace(trace, answers=tuple(answers))


def in_memory(graph: QuantizedGraph, spikes: np.ndarray, target: str = "c") -> Artifact:
    """An artifact of `graph` that lies nowhere; its golden vectors are `spikes` and what the oracle gives."""
    trace = oracle.run_graph(graph, spikes)
    first, *others = (np.asarray(each.record(trace.layers), np.int32) for each in decoders(graph))
    manifest = {
        "files": {},
        "graph_hash": "0" * 64,
        "semantics_version": 2,
        "snnc_version": "0",
        "provenance": {},
    }
    return Artifact(Path("nowhere"), target, graph, manifest, spikes, first, golden_others=tuple(others))


def executors(*given: Any) -> dict[str, Any]:
    """Name -> executor, torch and oracle among them."""
    from snnc.plugins.executors import load_executor

    made: Sequence[Any] = [load_executor("torch"), load_executor("oracle"), *given]
    return {each.name: each for each in made}
