"""Graphs that are no chain on cores: by hand, and counted again neuron by neuron."""

from __future__ import annotations

import copy
import io
from collections import Counter
from dataclasses import replace
from math import ceil

import numpy as np
import pytest
from graph_cases import dense, graph_of, li, lif, listed, readout, source
from hypothesis import HealthCheck, assume, given, settings
from networks import networks
from placements import bits_of, chip

from snnc.errors import InputError, LimitError, StageError
from snnc.exporter.passes.place import Place
from snnc.exporter.placement.record import placement_record, read_placement, traffic_record
from snnc.exporter.placement.traffic import SourceSpikes
from snnc.provenance import stage_hash
from snnc.stages import PlacedProgram, Projection, QuantizedGraph
from snnc.target import Limits
from snnc.targets.registry import load_target

Synapse = tuple[int, int, int]
"""Source, destination and delay on the chip."""


def recurrent() -> QuantizedGraph:
    """h (two thresholds) hears 2 lines and itself; k hears h and a line of its own; y hears both."""
    populations = (
        source("x", 2),
        source("z", 1),
        lif("h", 3, threshold=[1, 2, 1]),
        lif("k", 2, threshold=1),
        li("y", 1),
    )
    projections = (
        dense("x", "h", [[1, 0], [0, 1], [1, 1]]),
        Projection("h", "h", listed(3, 3, (0, 1, 2, 1), (0, 1, 3, 4), (2, 0, 5, 1))),
        dense("h", "k", [[1, 1, 1], [0, 0, 1]]),
        dense("z", "k", [[7], [-7]], 2),
        dense("h", "y", [[1, 1, 1]]),
        dense("k", "y", [[1, 1]]),
    )
    return graph_of(populations, projections, 9, [readout("y", "sum", 1, 1.0)])


def held(program: PlacedProgram) -> list[dict[str, list[int]]]:
    return [{each.layer: each.neurons.tolist() for each in core.populations} for core in program.cores]


def test_cores_by_hand() -> None:
    """Two neurons a core, in the contract order. Projections one after another, as in the graph."""
    target = chip(neurons_per_core=2, cores=4, mesh_columns=4, axons_in_per_core=50, axons_out_per_core=50)
    program = Place(target).run(recurrent())
    assert sorted(map(str, held(program))) == sorted(
        map(str, [{"h": [0, 1]}, {"h": [2], "k": [0]}, {"k": [1], "y": [0]}])
    )
    use = {str(core): program.cores[number].use for number, core in enumerate(held(program))}
    first = use[str({"h": [0, 1]})]
    # x: lines 0 and 1; h -> h: neuron 0 (to 1, twice) and 2 (to 0).
    assert first["axons_in"] == (4, 50)
    # Neuron 0 reaches cores {0} by h -> h, {1} by h -> k and {2} by h -> y; neuron 1 {1} and {2}.
    assert first["axons_out"] == (5, 50)
    # 1 bit of weight is not enough for 1: 2 bits. Dense: 2 x 2 x 2 bits, a byte. h -> h: 4 bits of weight, 2
    # of delay, since 4 steps are a hop and 3; 3 synapses of 6 bits and one for the neuron, 2 sources with a
    # count up to 4, as up to two lead from one neuron to one: 3 x 7 + 2 x 3 = 27 bits.
    assert first["synapse_bytes"] == (1 + 4, 131072)
    second = use[str({"h": [2], "k": [0]})]
    # x: both lines; nothing of h -> h; h -> k: three; z: one.
    assert second["axons_in"] == (2 + 3 + 1, 50)
    # h 2: core 0 by h -> h, 1 and 2 by h -> k, 2 by h -> y; k 0: core 2.
    assert second["axons_out"] == (5, 50)
    assert program.traffic is not None
    # x: 2 + 2, z: 1 + 1; h 0: 1, 2; h 1: 1, 2; h 2: core 0, core 2 twice; k 0: core 2.
    assert program.traffic.spikes == 4 + 2 + 2 + 2 + 3 + 1


def test_profiles_are_counted_where_they_are_limited() -> None:
    """h has two thresholds, 1 and 2; k and y have one combination each."""
    target = chip(cores=4, mesh_columns=4, profiles_per_core=2)
    program = Place(target).run(recurrent())
    assert sorted(map(str, held(program))) == sorted(map(str, [{"h": [0, 1, 2]}, {"k": [0, 1], "y": [0]}]))
    assert [core.use["profiles"] for core in program.cores] == [(2, 2), (2, 2)]
    with pytest.raises(LimitError, match="takes more than the 2 cores of loihi"):
        Place(chip(cores=2, mesh_columns=2, profiles_per_core=1)).run(recurrent())


def test_long_delays_take_slots_of_others() -> None:
    """h hears itself after 4 steps, 3 and a hop: 4 slots for each of its neurons; a core has 3 x 3."""
    target = chip(neurons_per_core=3, delay_slots=3, cores=8, mesh_columns=8)
    program = Place(target).run(recurrent())
    use = {str(core): program.cores[number].use for number, core in enumerate(held(program))}
    assert use[str({"h": [0, 1]})]["delay_slots"] == (8, 9)
    assert use[str({"h": [2], "k": [0]})]["delay_slots"] == (7, 9)


def test_several_synapses_of_a_pair_are_no_table() -> None:
    """A table of 2 x 2 places of 8 bits would take 4 bytes, and has no place for the second synapse."""
    pairs = [(j, i, 100, 1) for j in range(2) for i in range(2)]
    wires = Projection("h", "h", listed(2, 2, *pairs, (0, 0, 100, 2)))
    once = Projection("h", "h", listed(2, 2, *pairs))
    for projection, expected in ((once, 4), (wires, 7)):
        # 5 synapses of 8 bits of weight, 1 of delay (1 on the chip) and 1 of the neuron; 2 counts up to 4.
        populations = (lif("h", 2), li("y", 1))
        graph = graph_of(
            populations, (projection, dense("h", "y", [[1, 1]])), 9, [readout("y", "sum", 1, 1.0)]
        )
        (core,) = Place(chip()).run(graph).cores
        # h -> y: 2 bits of weight, 2 places.
        assert core.use["synapse_bytes"] == (expected + 1, 131072)


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(LimitError, match="h, neuron 0: alone takes axons_in 2 of 1 a core: 1 over"):
        Place(chip(axons_in_per_core=1)).run(recurrent())
    with pytest.raises(LimitError, match=r"a core of loihi would take axons_out \d+ of 1"):
        Place(chip(axons_out_per_core=1)).run(recurrent())


def test_on_a_processor_all_lies_on_one_core() -> None:
    program = Place(chip(cores=1, mesh_columns=1)).run(recurrent())
    assert held(program) == [{"h": [0, 1, 2], "k": [0, 1], "y": [0]}]


def test_read_back_it_is_the_same_and_a_changed_number_is_refused() -> None:
    target, graph = chip(neurons_per_core=2, cores=4, mesh_columns=4, axons_in_per_core=50), recurrent()
    program = Place(target).run(graph)
    rows, traffic = placement_record(program), traffic_record(program)
    assert stage_hash(read_placement(rows, traffic, graph, target)) == stage_hash(program)
    for core, name, text, message in (
        (0, "use", {"neurons": [1, 2]}, "differs from what the graph gives"),
        (0, "populations", {"x": "0:2"}, "row 0 is damaged"),
        (0, "populations", {}, "is on no core"),
        (1, "core", 9, "loihi has no core 0.9"),
    ):
        changed = copy.deepcopy(rows)
        changed[core][name] = text
        with pytest.raises(StageError, match=message):
            read_placement(changed, traffic, graph, target)


def test_measured_activity_is_refused() -> None:
    with pytest.raises(InputError, match="activity: is for a chain of layers"):
        Place(chip(), SourceSpikes((np.ones(2, np.int64),), 1)).run(recurrent())


def recounted(program: PlacedProgram, limits: Limits) -> list[dict[str, int]]:
    """What each core uses, by sets, of the synapses that the Lava program of the graph holds."""
    emitter = load_target("loihi").emitter()
    with np.load(io.BytesIO(emitter(program)["graph.npz"])) as archive:
        arrays = {name: archive[name] for name in archive.files}
    names, rows = arrays["names"].tolist(), []
    core_of = {
        (each.layer, neuron): number
        for number, core in enumerate(program.cores)
        for each in core.populations
        for neuron in each.neurons.tolist()
    }
    wires = []
    while (number := len(wires)) in {int(name[5:]) for name in arrays if name.startswith("post_")}:
        columns = (arrays[f"{name}_{number}"].tolist() for name in ("pre", "post", "delay"))
        source, destination = (int(arrays[f"{name}_{number}"]) for name in ("source", "destination"))
        wires.append(
            (source, names[destination], arrays[f"weight_{number}"], list(zip(*columns, strict=True)))
        )
    for core in range(len(program.cores)):
        mine = [key for key, place in core_of.items() if place == core]
        size, axons_in, axons_out = 0, 0, 0
        longest = dict.fromkeys(names, 0)
        for source, name, weight, synapses in wires:
            longest[name] = max(longest[name], *(delay for _, _, delay in synapses))
            axons = {(pre, core_of[name, post]) for pre, post, _ in synapses}
            axons_in += sum(place == core for _, place in axons)
            axons_out += sum(source >= 0 and core_of[names[source], pre] == core for pre, _ in axons)
            here = [each for each in synapses if core_of[name, each[1]] == core]
            size += _bytes(bits_of(weight), synapses, here, sum(each == name for each, _ in mine))
        rows.append(
            {
                "neurons": len(mine),
                "synapse_bytes": size,
                "axons_in": axons_in,
                "axons_out": axons_out,
                "profiles": len({(name, *_numbers(program.graph, name, neuron)) for name, neuron in mine}),
                "delay_slots": sum(limits.slots_with_delay(longest[name]) for name, _ in mine),
            }
        )
    return rows


def _bytes(weight: int, synapses: list[Synapse], here: list[Synapse], neurons: int) -> int:
    """Of the synapses `here`, on a core with so many `neurons`, by the formulas of docs/placement.md."""
    if not here:
        return 0
    longest = max(delay for _, _, delay in synapses)
    of_a_pair = max(Counter((pre, post) for pre, post, _ in synapses).values())
    sources, each = len({pre for pre, _, _ in here}), weight + len(f"{longest:b}") * (longest > 0)
    number = ceil(np.log2(neurons))
    bits = len(here) * (each + number) + sources * len(f"{of_a_pair * neurons:b}")
    return ceil((bits if of_a_pair > 1 else min(bits, neurons * sources * each)) / 8)


def _numbers(graph: QuantizedGraph, name: str, neuron: int) -> list[int]:
    population = graph.population(name)
    parts = ("decay_u", "decay_v", "decay_w", "ka", "kb", "threshold", "reset_by")
    arrays = [getattr(population, part) for part in parts]
    return [int(array[neuron]) for array in arrays if array is not None]


@given(networks())
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_random_networks(graph: QuantizedGraph) -> None:
    assume(not graph.is_chain)
    limits = {"axons_in_per_core": 12, "axons_out_per_core": 40, "profiles_per_core": 3, "delay_slots": 4}
    target = chip(neurons_per_core=4, cores=64, mesh_columns=64, synapse_bytes_per_core=200, **limits)
    try:
        program = Place(target).run(graph)
    except LimitError:
        with pytest.raises(LimitError):
            Place(target).check_room(graph)
        assume(False)
    Place(target).check_room(graph)
    for core, counted in zip(program.cores, recounted(program, target.limits), strict=True):
        for name, (used, most) in core.use.items():
            assert used <= most
            assert used == counted[name], name
    rows = placement_record(program)
    assert stage_hash(read_placement(rows, {}, graph, target)) == stage_hash(replace(program, traffic=None))
