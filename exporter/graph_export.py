"""A graph of integers becomes an artifact: its files, and the manifest that records them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.batches import check_sample
from snnc.exporter import artifact
from snnc.exporter.artifact_writing import refuse_to_replace, write_artifact
from snnc.exporter.golden import Readouts, golden_data, golden_input, golden_readouts, pack_golden
from snnc.exporter.manifest import refuse_to_lose_graph
from snnc.exporter.nir.writer import write_nir
from snnc.exporter.options import OF_GRAPH, PRUNE_RULES, ExportOptions, check_options
from snnc.exporter.passes import Place, before, run_passes
from snnc.exporter.passes.base import Plan
from snnc.exporter.ranges.certificate import PopulationRanges, pack_ranges
from snnc.exporter.ranges.prove import graph_bounds, refuse_overflow
from snnc.exporter.record import Recorder, passes_record, program_record
from snnc.provenance import graph_hash
from snnc.stages import Artifact, PlacedProgram, QuantizedGraph
from snnc.target import Target
from snnc.targets.registry import target_of

MAGNITUDE = PRUNE_RULES[0]
NO_FILE: Mapping[str, Any] = MappingProxyType({})


def export_graph(
    graph: QuantizedGraph,
    target_name: str,
    output: str | Path,
    *,
    allow_saturation: bool = False,
    prune: float = 0.0,
    prune_by: str = MAGNITUDE,
    whole_bias: bool = False,
    relays: bool = False,
    overwrite: bool = False,
    source: Mapping[str, Any] = NO_FILE,
    carried: Mapping[str, bytes] = NO_FILE,
) -> Artifact:
    """Export `graph`, whose integers stay as they are, to the folder `output`, and read it back.

    Parameters
    ----------
    allow_saturation : export although the range proof fails; saturations are then counted in each run.
    prune, prune_by : the share of each projection's synapses to leave out, and the rule for which.
    whole_bias : round biases to whole weight steps.
    relays : neurons may be added for delays that the target does not hold.
    overwrite : also replace an artifact of another graph, target or source.
    source : what the manifest's provenance says of where the graph comes from, as `model` and `model_sha256`
        of a file.
    carried : other files of the artifact.

    Raises
    ------
    SnncError
        If the graph does not fit the target, overflow is not excluded, or `output` cannot be written or is
        another export; nothing is written then.
    """
    output, target = Path(output), target_of(target_name)
    target.emitter()  # before anything that takes long
    refuse_to_replace(output)
    changing: dict[str, Any] = {
        "prune": prune,
        "prune_by": prune_by,
        "whole_bias": whole_bias,
        "relays": relays,
    }
    graph, changes = _changed(graph, target, ExportOptions(**changing))
    provenance: dict[str, Any] = {
        **source,
        "given": "as a graph",
        "dataset": "none",
        "options": {"allow_saturation": allow_saturation, **(changing if changes else {})},
        **({"passes": changes} if changes else {}),
    }
    if not overwrite:
        refuse_to_lose_graph(output, target, graph_hash(graph), provenance)
    ranges = checked_ranges(graph, target, allow_saturation)
    return write_graph(output, graph, target, ranges, provenance, carried=carried, keep_results=not overwrite)


def _changed(
    graph: QuantizedGraph, target: Target, options: ExportOptions
) -> tuple[QuantizedGraph, list[dict[str, Any]]]:
    """What the passes make of `graph`, and their record; none where no option asks for a change."""
    check_options(options, len(graph.stateful), OF_GRAPH)
    asked = options != ExportOptions()
    recorder = Recorder()
    plan = Plan(graph, options, (), target)
    steps = run_passes(graph, plan, before(Place), recorder if asked else lambda step: None)
    return steps[-1].after, passes_record(recorder.records)


def checked_ranges(
    graph: QuantizedGraph, target: Target, allow_saturation: bool
) -> tuple[PopulationRanges, ...]:
    """The ranges of a graph that `target` takes. Raises `SnncError` where it does not, or one overflows."""
    check_sample(graph)
    target.check(graph)
    ranges = graph_bounds(graph)
    if not allow_saturation:
        refuse_overflow(ranges)
    return ranges


def write_graph(
    folder: Path,
    graph: QuantizedGraph,
    target: Target,
    ranges: Sequence[PopulationRanges],
    provenance: Mapping[str, Any],
    vectors: tuple[npt.NDArray[np.uint8], Readouts] | None = None,
    carried: Mapping[str, bytes] | None = None,
    keep_results: bool = False,
) -> Artifact:
    """Place a graph that passed the target's check, write its artifact, and read it back.

    `vectors` are those of `artifact_files`, `carried` other files of the artifact, `keep_results` is that of
    `write_artifact`. Raises `SnncError` as `export_graph`.
    """
    program = Place(target).run(graph)
    contents = artifact_files(program, target, ranges, vectors=vectors) | dict(carried or {})
    record = program_record(program, ranges, target, provenance)
    return write_artifact(folder, target.name, graph, contents, record, keep_results)


def artifact_files(
    program: PlacedProgram,
    target: Target,
    ranges: Sequence[PopulationRanges],
    delays_in_metadata: bool = False,
    vectors: tuple[npt.NDArray[np.uint8], Readouts] | None = None,
) -> dict[str, bytes]:
    """The graph, the golden vectors, the range certificate (`ranges`) and the target's own files.

    `vectors`: other input uint8 [samples, T, inputs], and what its readouts are (`golden_readouts`), than the
    golden ones of the graph.
    """
    if vectors is None:
        spikes = golden_input(program.graph)
        vectors = spikes, golden_readouts(program.graph, spikes)
    return {
        artifact.GRAPH: write_nir(program.graph, delays_in_metadata),
        artifact.GOLDEN: pack_golden(program.graph, *vectors),
        artifact.RANGES: pack_ranges(ranges),
        artifact.GOLDEN_NIR: golden_data(program.graph, *vectors),
        **target.emitter()(program),
    }
