"""Readers of the parts of an artifact whose network is no chain of layers."""

from __future__ import annotations

import json
from pathlib import Path

from graph_cases import adlif, dense, graph_of, li, lif, readout, source

from fuzzing import archives, hdf5, texts
from fuzzing.target import Target
from snnc.exporter.golden import check_golden_data, golden_data, golden_input, pack_golden, read_golden
from snnc.exporter.nir.reader import read_nir
from snnc.exporter.nir.writer import write_nir
from snnc.exporter.passes.place import Place
from snnc.exporter.placement.record import placement_record, read_placement, traffic_record
from snnc.stages import Convolution, Projection, QuantizedGraph
from snnc.targets.loihi.target import TARGET


def _network() -> QuantizedGraph:
    """Every storage of synapses, a cycle, an adaptation, two inputs and two readouts."""
    populations = (
        source("x", 9, payload_max=3),
        source("z", 1),
        lif("h", 4, decay_u=2048, threshold=2, end=5),
        adlif("k", 2, ka=10, kb=30, threshold=3, reset="subtract", reset_by=3, input_bias_mant=4),
        li("y", 2, decay_v=512),
    )
    projections = (
        Projection("x", "h", Convolution([[[[1, -2], [3, 4]]]], [[[[0, 2], [0, 0]]]], (1, 3, 3))),
        dense("h", "h", [[0, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 3], [4, 0, 0, 0]], 2),
        Projection("h", "k", dense("h", "k", [[1, 2, 0, 1], [0, 1, 5, 0]], 1).synapses.as_list(), 1),
        dense("z", "k", [[4], [5]]),
        dense("k", "y", [[1, -1], [2, 2]]),
    )
    return graph_of(
        populations, projections, 8, [readout("k", "first", 2), readout("y", "max", 2, [0.5, 1.5])]
    )


def artifact_targets() -> tuple[Target, ...]:
    graph = _network()
    spikes = golden_input(graph)
    shape = (len(spikes), graph.time_steps, 2)
    readouts = ((spikes[:, :, :2] > 0).astype("i4").reshape(shape), spikes[:, :, 2:4].astype("i4"))
    program = Place(TARGET).run(graph)
    record = {"placement": placement_record(program), "traffic": traffic_record(program)}

    def placement(path: Path) -> object:
        try:
            found = json.loads(path.read_bytes())
            rows, traffic = found["placement"], found["traffic"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None  # `read_manifest` has its own target
        sound = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
        return read_placement(rows, traffic, graph, TARGET) if sound and isinstance(traffic, dict) else None

    def golden(path: Path) -> object:
        return read_golden(path.read_bytes(), graph, path)

    def observed(path: Path) -> None:
        check_golden_data(path.read_bytes(), graph, spikes, readouts, path.name)

    return (
        Target(
            "graph of populations",
            ".nir",
            (write_nir(graph), write_nir(graph, delays_in_metadata=True)),
            lambda path: read_nir(path.read_bytes(), path.name),
            hdf5.hdf5,
            opens=False,
        ),
        Target(
            "golden npz of a graph",
            ".npz",
            (pack_golden(graph, spikes, readouts),),
            golden,
            archives.npz,
            opens=False,
        ),
        Target(
            "golden nirdata of a graph",
            ".nirdata",
            (golden_data(graph, spikes, readouts),),
            observed,
            hdf5.hdf5,
            opens=False,
        ),
        Target(
            "placement of a graph",
            ".json",
            (json.dumps(record).encode(),),
            placement,
            texts.json_text,
            opens=False,
        ),
    )
