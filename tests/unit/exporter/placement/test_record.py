"""A placement in the manifest, read back and checked; and its lines for people."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from loihi_artifacts import chain, layer
from placements import chip

from snnc.errors import StageError
from snnc.exporter.passes.place import Place
from snnc.exporter.placement.record import placement_record, read_placement, traffic_record
from snnc.exporter.placement.traffic import SourceSpikes
from snnc.provenance import stage_hash
from snnc.report.summary import EVENTS_TO_CORES, cores_line, fullest, traffic_basis, traffic_counts
from snnc.stages import Core, CoreNeurons, PlacedProgram, Traffic
from snnc.verification.figures import core_rows

Rows = list[dict[str, Any]]

# Hidden neurons 0 and 2 hear line 0, 1 and 3 line 1, three of them are busy: two a core.
GRAPH = chain(
    layer([[1, 0], [0, 1], [1, 0], [0, 1]], name="hidden1", threshold=1),
    layer([[1, 1, 1, 1]], name="readout"),
    time_steps=1,
)
TARGET = chip(neurons_per_core=2, cores=4, mesh_columns=2, mesh_rows=2)
ACTIVITY = SourceSpikes((np.array([5, 5]), np.array([1, 1, 1, 1])), 2)
PROGRAM = Place(TARGET, ACTIVITY).run(GRAPH)


def test_the_record_by_hand() -> None:
    rows = placement_record(PROGRAM)
    assert {tuple(row["populations"].items()) for row in rows} == {
        (("hidden1", "0,2"),),
        (("hidden1", "1,3"),),
        (("readout", "0"),),
    }
    for row in rows:
        assert list(row) == ["chip", "core", "column", "row", "populations", "use"]
        assert row["use"]["neurons"] == [1 if "readout" in row["populations"] else 2, 2]
    # In order, 0 and 1 on a core: both lines reach both cores, 20 spikes; so each reaches one. The readout
    # stands alone either way and hears 4 spikes.
    assert traffic_record(PROGRAM) == {
        "measured": True,
        "recordings": 2,
        "spikes": 14,
        "hops": traffic_record(PROGRAM)["hops"],
        "in_order_cores": 3,
        "in_order_spikes": 24,
        # (0, 1) at tile 0,0, (2, 3) at 1,0, readout at 0,1: 10 inputs and 2 times 2 hidden spikes move
        "in_order_hops": 10 * 1 + 2 * 1 + 2 * 2,
    }


def test_read_back_it_is_the_same() -> None:
    read = read_placement(placement_record(PROGRAM), traffic_record(PROGRAM), GRAPH, TARGET)
    assert stage_hash(read) == stage_hash(PROGRAM)
    assert read_placement(placement_record(PROGRAM), {}, GRAPH, TARGET).traffic is None


def _set(path: tuple[Any, ...], value: Any) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        rows = copy.deepcopy(rows)
        where: Any = rows
        for key in path[:-1]:
            where = where[key]
        where[path[-1]] = value
        return rows

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[:-1], "is on no core"),
        (lambda rows: [*rows, rows[0]], "placed twice"),
        (_set((0, "core"), 9), "^placement: loihi has no core 0.9"),
        (_set((0, "core"), "1"), "row 0 is damaged"),
        (_set((0, "chip"), -1), "has no core -1"),
        (_set((0, "column"), 5), "differs from what the graph gives"),
        (_set((1, "use", "neurons"), [1, 8192]), "differs from what the graph gives"),
        (_set((0, "populations"), {"hidden9": "0"}), "row 0 is damaged"),
        (_set((0, "populations"), {"hidden1": "0:99999999999999"}), "or some are placed twice"),
        (_set((0, "populations"), {"hidden1": "x"}), "row 0 is damaged"),
        (_set((0, "populations"), {"hidden1": 3}), "row 0 is damaged"),
        (_set((0, "populations"), ["hidden1"]), "row 0 is damaged"),
        (_set((0, "extra"), 1), "differs from what the graph gives"),
        (lambda rows: [{}, *rows], "row 0 is damaged"),
    ],
)
def test_what_does_not_agree_is_refused(change: Callable[[Rows], Rows], message: str) -> None:
    with pytest.raises(StageError, match=message):
        read_placement(change(placement_record(PROGRAM)), {}, GRAPH, TARGET)


def test_two_rows_for_one_core_are_refused() -> None:
    rows = placement_record(PROGRAM)
    rows[1] = rows[1] | {name: rows[0][name] for name in ("chip", "core", "column", "row")}
    with pytest.raises(StageError, match="one core is used twice"):
        read_placement(rows, {}, GRAPH, TARGET)


def test_an_overfull_core_is_refused() -> None:
    rows = placement_record(PROGRAM)
    narrow = chip(neurons_per_core=1, cores=4, mesh_columns=2, mesh_rows=2)
    with pytest.raises(StageError, match="neurons 2 of 1: 1 over"):
        read_placement(rows, {}, GRAPH, narrow)


@pytest.mark.parametrize(
    "change",
    [
        *({"spikes": "14"}, {"spikes": None}, {"spikes": True}, {"spikes": -1}),
        *({"more": 1}, {"measured": 1}, {"recordings": 0}, {"in_order_hops": -1}),
    ],
)
def test_a_damaged_traffic_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(StageError, match="traffic: "):
        read_placement(placement_record(PROGRAM), traffic_record(PROGRAM) | change, GRAPH, TARGET)


def test_a_program_holds_each_neuron_once() -> None:
    def core(number: int, *neurons: int, name: str = "hidden1") -> Core:
        return Core(0, number, 0, 0, (CoreNeurons(name, np.array(neurons, np.int32)),), {})

    readout = core(9, 0, name="readout")
    assert PlacedProgram("loihi", GRAPH, (core(0, 0, 2), core(1, 1, 3), readout))
    for cores, message in (
        ((core(0, 0, 2), readout), "cores hold 2 neurons, 2 different ones, expected each of 4 once"),
        ((core(0, 0, 1, 2), core(1, 2, 3), readout), "cores hold 5 neurons, 4 different"),
        ((core(0, 0, 1, 2, 4), readout), "cores hold 4 neurons, 4 different"),
        ((core(0, 0, 1, 2, 3), core(1, 0, name="other"), readout), "'other', which is not a layer"),
        ((core(9, 0, 1, 2, 3), readout), "one core is used twice"),
    ):
        with pytest.raises(StageError, match=message):
            PlacedProgram("loihi", GRAPH, cores)
    with pytest.raises(StageError, match="in rising order"):
        core(0, 2, 1)


def test_rows_for_people() -> None:
    row = {
        "chip": 0,
        "core": 5,
        "column": 1,
        "row": 0,
        "populations": {"hidden1": "0:3,7", "readout": "0"},
        "use": {"neurons": [5, 20], "synapse_bytes": [30, 40]},
    }
    assert core_rows([row]) == [
        {
            "chip": 0,
            "core": 5,
            "tile": "1, 0",
            "holds": "hidden1 (4), readout (1)",
            "neurons": "5 / 20",
            "synapse_bytes": "30 / 40",
        }
    ]
    other = row | {
        "core": 6,
        "populations": {"hidden1": "3"},
        "use": {"neurons": [19, 20], "synapse_bytes": [1, 40]},
    }
    assert [found["core"] for found in fullest([row, other], 1)] == [6]
    assert cores_line([row, other], 128) == "2 of 128 cores; the fullest uses 95 % of its neurons"
    assert cores_line([row, other | {"chip": 1}], 256).startswith("2 of 256 cores on 2 chips; ")


def test_traffic_for_people() -> None:
    traffic = Traffic(True, 2, spikes=14, hops=8, in_order_cores=3, in_order_spikes=24, in_order_hops=16)
    assert traffic_basis(traffic) == "over 2 recordings"
    assert traffic_counts(traffic) == {
        EVENTS_TO_CORES: "7.0, 41.7 % fewer than the 12.0 when placed in neuron order on 3 cores",
        "hops from tile to tile": "4.0, 50.0 % fewer than the 8.0 when placed in neuron order on 3 cores",
    }
    tight = Traffic(False, 1, 8, 0, 3, 9, None)
    assert traffic_basis(tight) == "not measured: as if every input and neuron spiked once"
    assert traffic_counts(tight)["hops from tile to tile"].endswith("on 3 cores it does not fit")
    one = traffic_counts(Traffic(False, 1, 2, 0, 1, 2, 0))
    assert one["hops from tile to tile"] == "0.0, as many as the 0.0 when placed in neuron order on 1 core"
    more = traffic_counts(Traffic(False, 1, 6, 3, 3, 4, 0))
    assert more[EVENTS_TO_CORES] == "6.0, 50.0 % more than the 4.0 when placed in neuron order on 3 cores"
    assert more["hops from tile to tile"] == "3.0, more than the 0.0 when placed in neuron order on 3 cores"
