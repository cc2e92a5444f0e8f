"""Neurons on cores: small networks whose best placement is known, and what must hold for all."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from loihi_artifacts import chain, layer, random_chain
from placements import chip, cut_in_order, recount, spikes_in_order, traffic
from strategies import graphs

from snnc.errors import LimitError
from snnc.exporter.passes.place import Place
from snnc.exporter.placement.traffic import SourceSpikes, uniform
from snnc.provenance import stage_hash
from snnc.stages import PlacedProgram, QuantizedGraph


def held(program: PlacedProgram) -> set[frozenset[tuple[str, int]]]:
    """What each core holds, as (layer, neuron)."""
    return {
        frozenset((p.layer, n) for p in core.populations for n in p.neurons.tolist())
        for core in program.cores
    }


def test_neurons_with_common_sources_come_together() -> None:
    # 0 and 2 listen to lines 0 and 1; 1 and 3 to lines 2 and 3. Two neurons a core.
    # In order (0, 1), (2, 3) both cores hear all 4 lines: 8 spikes. Together: 4.
    graph = chain(layer([[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1]]), time_steps=1)
    program = Place(chip(neurons_per_core=2)).run(graph)
    assert held(program) == {
        frozenset({("layer", 0), ("layer", 2)}),
        frozenset({("layer", 1), ("layer", 3)}),
    }
    assert program.traffic is not None
    assert (program.traffic.spikes, program.traffic.in_order_spikes) == (4, 8)


@pytest.mark.parametrize(("spikes", "partner", "least"), [([9, 2], 0, 13), ([2, 9], 1, 13), ([3, 3], 0, 9)])
def test_measured_spikes_decide(spikes: list[int], partner: int, least: int) -> None:
    # Neuron 2 hears both lines, 0 hears line 0, 1 hears line 1, 3 hears nothing; two a core. Beside neuron 2
    # belongs the one whose line is busier: that line then reaches one core, the other line two.
    graph = chain(layer([[1, 0], [0, 1], [1, 1], [0, 0]]), time_steps=1)
    program = Place(chip(neurons_per_core=2), SourceSpikes((np.array(spikes),), 1)).run(graph)
    assert program.traffic is not None
    assert program.traffic.spikes == least
    if spikes[0] != spikes[1]:
        assert frozenset({("layer", 2), ("layer", partner)}) in held(program)


def test_what_fits_with_any_spikes_fits() -> None:
    """The search that these spikes lead takes a third core, although 6 neurons and 6 bytes fill two."""
    weight = [[1, 0, 0, 1, 1], [0] * 5, [0, 1, 1, 0, 1], [1, 0, 1, 0, 0], [0, 0, 0, 1, 0], [1, 1, 0, 0, 1]]
    graph = chain(layer(weight), time_steps=1)
    target = chip(neurons_per_core=3, synapse_bytes_per_core=3, cores=2)
    Place(target).check_room(graph)
    program = Place(target, SourceSpikes((np.array([6, 7, 5, 0, 5]),), 1)).run(graph)
    assert [dict(core.use) for core in program.cores] == recount(program, target.limits)
    assert len(program.cores) == 2


def test_a_core_holds_two_layers() -> None:
    # In order: 2 lines to one core, 2 hidden spikes to the other. On one core only the lines remain.
    hidden, readout = (
        layer(np.ones((2, 2)), name="hidden1", threshold=1),
        layer(np.ones((2, 2)), name="readout"),
    )
    program = Place(chip(neurons_per_core=4)).run(chain(hidden, readout, time_steps=1))
    assert [[p.layer for p in core.populations] for core in program.cores] == [["hidden1", "readout"]]
    assert program.traffic is not None
    assert (program.traffic.spikes, program.traffic.in_order_spikes) == (2, 4)
    assert (len(program.cores), program.traffic.in_order_cores) == (1, 2)


@pytest.mark.parametrize("busiest", [0, 1, 2])
def test_the_busiest_neuron_lies_beside_its_listener(busiest: int) -> None:
    # 3 hidden neurons and the readout's one on cores of two: one hidden neuron sends nothing abroad.
    # The line goes to both cores, the two other neurons send 1 each: 1 + 1 + 1 + 1.
    hidden, readout = layer([[1], [1], [1]], name="hidden1", threshold=1), layer([[1, 1, 1]], name="readout")
    counts = np.ones(3, int)
    counts[busiest] = 7
    activity = SourceSpikes((np.array([1]), counts), 1)
    program = Place(chip(neurons_per_core=2), activity).run(chain(hidden, readout, time_steps=1))
    assert frozenset({("hidden1", busiest), ("readout", 0)}) in held(program)
    assert program.traffic is not None
    assert program.traffic.spikes == 4


def test_a_core_is_not_shared_where_that_costs_more() -> None:
    # Readout of 2 on cores of 2, hidden of 3: the spare place beside hidden neuron 2 could take a readout
    # neuron, but then all hidden spikes would go to two cores. Best: readout whole on its core, 3 spikes.
    hidden = layer([[1], [1], [1]], name="hidden1", threshold=1)
    readout = layer(np.ones((2, 3)), name="readout")
    program = Place(chip(neurons_per_core=2)).run(chain(hidden, readout, time_steps=1))
    assert frozenset({("readout", 0), ("readout", 1)}) in held(program)


def test_a_full_chip_is_cut_anywhere() -> None:
    # 3 + 3 neurons on 3 cores of 2: layer by layer 4 cores are needed, so one must hold both layers.
    hidden, readout = (
        layer(np.ones((3, 1)), name="hidden1", threshold=1),
        layer(np.ones((3, 3)), name="readout"),
    )
    program = Place(chip(neurons_per_core=2, cores=3)).run(chain(hidden, readout, time_steps=1))
    assert sorted(len(core.populations) for core in program.cores) == [1, 1, 2]


def test_several_chips_are_a_number() -> None:
    graph = chain(layer(np.ones((4, 1))), time_steps=1)
    program = Place(chip(neurons_per_core=1, cores=2, chips=2, mesh_columns=2, mesh_rows=1)).run(graph)
    assert [(core.chip, core.core, core.column, core.row) for core in program.cores] == [
        (0, 0, 0, 0),
        (0, 1, 1, 0),
        (1, 0, 2, 0),
        (1, 1, 3, 0),
    ]


@st.composite
def cases(draw: st.DrawFn, axons: bool = True) -> tuple[QuantizedGraph, dict[str, int | None], SourceSpikes]:
    """A graph, limits of a small chip, and activity."""
    graph = draw(graphs(large=False, max_delay=7))
    maybe = st.none() | st.integers(4, 40)
    limits: dict[str, int | None] = {
        "neurons_per_core": draw(st.integers(1, 12)),
        "synapse_bytes_per_core": draw(st.integers(4, 120)),
        "axons_in_per_core": draw(maybe) if axons else None,
        "axons_out_per_core": draw(maybe) if axons else None,
        "cores": draw(st.integers(2, 40)),
        "chips": draw(st.sampled_from([1, 1, 2])),
        "delay_slots": draw(st.sampled_from([2, 4, 63])),
    }
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    counts = tuple(rng.integers(0, 30, part.inputs) for part in graph.layers)
    return graph, limits, draw(st.sampled_from([SourceSpikes(counts, 3), uniform(graph)]))


@settings(max_examples=120, deadline=None)
@given(cases())
def test_placement_holds_all_limits_and_counts_right(
    case: tuple[QuantizedGraph, dict[str, int | None], SourceSpikes],
) -> None:
    graph, limits, activity = case
    target = chip(**limits, mesh_columns=7, mesh_rows=6)
    try:
        program = Place(target, activity).run(graph)
    except LimitError:
        with pytest.raises(LimitError):
            Place(target).check_room(graph)
        reject()
    Place(target).check_room(graph)
    found = recount(program, target.limits)
    assert [dict(core.use) for core in program.cores] == found
    assert all(used <= most for use in found for used, most in use.values())
    assert program.traffic is not None
    assert (program.traffic.spikes, program.traffic.hops) == traffic(program, activity.spikes)
    available = target.limits.chips * target.limits.cores
    if program.traffic.in_order_cores <= available:  # else layers may have to be cut anywhere
        assert program.traffic.spikes <= program.traffic.in_order_spikes
    assert stage_hash(Place(target, activity).run(graph)) == stage_hash(program)


@settings(max_examples=80, deadline=None)
@given(cases(axons=False))
def test_what_fits_in_order_is_placed_and_is_the_baseline(
    case: tuple[QuantizedGraph, dict[str, int | None], SourceSpikes],
) -> None:
    graph, limits, activity = case
    target = chip(**limits)
    cut = cut_in_order(graph, target.limits)
    if cut is None or cut[-1][-1] >= target.limits.cores * target.limits.chips:
        reject()
    program = Place(target, activity).run(graph)
    assert program.traffic is not None
    assert program.traffic.in_order_cores == cut[-1][-1] + 1
    assert program.traffic.in_order_spikes == spikes_in_order(graph, cut, activity.spikes)


def test_blocks_are_found_again() -> None:
    """Eight groups of 16 neurons, each with its own sources, shuffled, on eight cores of 16 neurons."""
    rng = np.random.default_rng(3)
    group = rng.permutation(np.repeat(np.arange(8), 16))
    lines = rng.permutation(np.repeat(np.arange(8), 10))
    weight = (group[:, None] == lines) * rng.integers(1, 100, (128, 80))
    program = Place(chip(neurons_per_core=16)).run(chain(layer(weight), time_steps=1))
    assert program.traffic is not None
    assert program.traffic.spikes == 80
    assert program.traffic.in_order_spikes > 500


def test_no_layer_is_copied_in_floats() -> None:
    """1000 x 1000 synapses: as floats 8 MB; who listens to whom is 1 MB."""
    graph = random_chain(0, (1000, 1000, 5), time_steps=1, max_delay=15, weights=(-100, 100))
    target = chip()
    Place(target).run(chain(layer([[1]]), time_steps=1))  # what is imported late is no part of it
    tracemalloc.start()
    Place(target).run(graph)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 7e6
