"""A reproducer as an artifact: a small network, and the short input on which an executor differs on it.

It is an artifact like any other, but that its golden input is that short input. So `snnc verify` of it,
without data, shows the difference again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ArtifactError, InputError
from snnc.exporter.artifact import REPRODUCES, read_artifact
from snnc.exporter.artifact_writing import refuse_to_replace
from snnc.exporter.golden import Readouts
from snnc.exporter.graph_export import write_graph
from snnc.exporter.nir.forms import has_node
from snnc.exporter.passes.place import Place
from snnc.exporter.ranges.prove import graph_bounds
from snnc.exporter.tuning import target_of_part
from snnc.stages import Artifact, QuantizedGraph
from snnc.targets.problems import problems
from snnc.targets.registry import load_target


def emit_program(graph: QuantizedGraph, original: Artifact) -> Artifact:
    """The program of `graph` alone, for the target of `original` with the settings of its export.

    It is what an executor needs: without golden vectors, and never on disk.

    Raises
    ------
    LimitError
        If the graph does not fit the target.
    """
    target = target_of_part(original)
    target.check(graph)
    return in_memory(graph, target.name, target.emitter()(Place(target).run(graph)))


def fits(graph: QuantizedGraph, target_name: str) -> bool:
    """Whether the target's limits allow the graph, and an artifact can hold it."""
    writable = not graph.is_chain or all(map(has_node, graph.layers))
    return writable and next(problems(graph, load_target(target_name).limits), None) is None


def in_memory(graph: QuantizedGraph, target_name: str, program: Mapping[str, bytes]) -> Artifact:
    """An artifact with the files of `program`, without golden vectors, that lies in no folder."""
    spikes = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
    first, *others = (
        np.zeros((0, graph.time_steps, len(each.class_names)), np.int32) for each in graph.readouts
    )
    manifest: dict[str, Any] = {"files": {}, "provenance": {}}
    return Artifact(
        Path("nowhere"), target_name, graph, manifest, spikes, first, program, golden_others=tuple(others)
    )


def refuse_to_replace_other(folder: Path) -> None:
    """Raise `InputError` if `folder` exists and is no reproducer with its reports, nothing else in it."""
    refuse_to_replace(folder)
    if not folder.exists():
        return
    try:
        known = REPRODUCES in read_artifact(folder).manifest["provenance"]
    except ArtifactError:
        known = False
    if not known:
        raise InputError(f"{folder} exists and is not a reproducer; move it away")


def write_reproducer(
    folder: Path,
    graph: QuantizedGraph,
    inputs: npt.NDArray[np.uint8],
    readouts: Readouts,
    original: Artifact,
    found: Mapping[str, Any],
) -> Artifact:
    """Write an artifact for the target of `original`, with its settings, and read it back.

    Parameters
    ----------
    inputs, readouts : uint8 [samples, T, inputs]; and what the reference answers, of each readout int32
        [samples, T, classes]: v, or spikes.
    found : what the provenance says beside the origin; plain JSON data.

    Raises
    ------
    InputError
        If `folder` holds anything but an old reproducer, or cannot be written; nothing is changed then.
    LimitError
        If the graph does not fit the target.
    """
    refuse_to_replace_other(folder)
    target = target_of_part(original)
    target.check(graph)
    provenance = {REPRODUCES: original.manifest["graph_hash"], "dataset": "none", **found}
    return write_graph(folder, graph, target, graph_bounds(graph), provenance, (inputs, readouts))
