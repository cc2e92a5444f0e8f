"""Neurons on cores: small networks whose best placement is known, and what must hold for all."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from loihi_artifacts import chain, layer, random_chain
from placements import chip, cut_in_order, recount, spikes_in_order, traffic
from strategies import graphs

from snnc.encodings import dense_bits, slice_bytes, sparse_bits, weight_bits
from snnc.errors import InputError, LimitError
from snnc.exporter.passes.place import Place
from snnc.exporter.placement.traffic import SourceSpikes, measured, uniform
from snnc.provenance import stage_hash
from snnc.stages import LayerTrace, PlacedProgram, QuantizedGraph, Trace


def held(program: PlacedProgram) -> set[frozenset[tuple[str, int]]]:
    """What each core holds, as (layer, neuron)."""
    return {
        frozenset((p.layer, n) for p in core.populations for n in p.neurons.tolist())
        for core in program.cores
    }


# --- by hand


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


def test_encodings_by_hand() -> None:
    assert dense_bits(3, 5, 8, 6) == 3 * 5 * 14
    # 4 synapses of 8 + 6 bits and a neuron's number 0..2 in 2; 5 sources with a count 0..3 in 2 bits
    assert sparse_bits(3, 5, 4, 8, 6) == 4 * 16 + 5 * 2
    assert slice_bytes(3, 5, 4, 8, 6) == 10  # 74 bits
    assert slice_bytes(3, 5, 15, 8, 6) == 27  # dense: 210 bits
    assert slice_bytes(0, 0, 0, 8, 6) == 0
    # Up to two synapses of a pair: counts 0..6 in 3 bits, and no table.
    assert sparse_bits(3, 5, 4, 8, 6, 2) == 4 * 16 + 5 * 3
    assert slice_bytes(3, 5, 15, 8, 6, 2) == 32  # 255 bits


@pytest.mark.parametrize(
    ("weights", "bits"),
    [([0], 1), ([-1], 1), ([1], 2), ([-128, 127], 8), ([-129], 9), ([63, -64], 7), ([64], 8)],
)
def test_weight_bits_by_hand(weights: list[int], bits: int) -> None:
    assert weight_bits(layer([weights])) == bits


def test_activity_of_a_run() -> None:
    zeros = np.zeros((2, 3, 2), int)
    fired = zeros.astype(bool)
    fired[0, :, 0] = fired[1, 1, 1] = (
        True  # neuron 0 three times in one recording, neuron 1 once in the other
    )
    trace = Trace("hand", (LayerTrace(zeros, zeros, fired), LayerTrace(zeros, zeros, zeros.astype(bool))))
    spikes = np.zeros((2, 3, 4), np.uint8)
    spikes[:, 2, 3] = 1
    activity = measured(spikes, trace)
    assert [counts.tolist() for counts in activity.spikes] == [[0, 0, 0, 2], [3, 1]]
    assert (activity.recordings, activity.measured) == (2, True)


def test_activity_of_another_network_is_refused() -> None:
    graph = chain(layer(np.ones((2, 3))), time_steps=1)
    with pytest.raises(InputError, match=r"has \[2\] sources by layer, the graph has \[3\]"):
        Place(chip(), SourceSpikes((np.ones(2, int),), 1)).run(graph)
    with pytest.raises(InputError, match="expected one count >= 0 per source"):
        SourceSpikes((np.array([-1]),), 1)
    with pytest.raises(InputError, match="0 recordings"):
        SourceSpikes((np.array([1]),), 0)


# --- what does not fit


def said(graph: QuantizedGraph, **limits: int | None) -> str:
    with pytest.raises(LimitError) as raised:
        Place(chip(**limits)).run(graph)
    return str(raised.value)


def test_one_neuron_too_large() -> None:
    # 4 dense synapses of 8 bits are 4 bytes; of 6 bits 3 bytes; 3 synapses of 8 bits 3 bytes.
    weight = np.full((2, 4), 127)
    graph = chain(layer(weight, name="readout"), time_steps=1)
    assert said(graph, synapse_bytes_per_core=3) == (
        "readout, neuron 0: alone takes synapse_bytes 4 of 3 a core: 1 over; "
        "6-bit weights, or 3 instead of 4 input lines fit"
    )
    assert Place(chip(synapse_bytes_per_core=3)).run(chain(layer(weight // 4, name="readout"), time_steps=1))
    assert Place(chip(synapse_bytes_per_core=3)).run(
        chain(layer(weight[:, :3], name="readout"), time_steps=1)
    )


def test_too_many_neurons() -> None:
    hidden, readout = (
        layer(np.ones((4, 2)), name="hidden1", threshold=1),
        layer(np.ones((2, 4)), name="readout"),
    )
    message = said(chain(hidden, readout, time_steps=1), neurons_per_core=5, cores=1)
    assert "the network takes 2 cores of loihi at least, one chip has 1: 1 over (6 neurons of 5," in message
    assert message.endswith("; 3 instead of 4 neurons in hidden1 fits")


def test_what_does_not_divide_evenly() -> None:
    # 3 neurons of 2 bytes on 2 cores of 3 bytes: 6 of 6 bytes, but one neuron a core. With 6-bit weights two
    # take 2 * 2 * 6 = 24 bits.
    graph = chain(layer(np.full((3, 2), 127), name="readout"), time_steps=1)
    message = said(graph, synapse_bytes_per_core=3, cores=2)
    assert "takes 3 cores of loihi, one chip has 2: 1 over" in message
    assert message.endswith("; 6-bit weights, or 1 instead of 2 input lines fit")


def test_long_delays_take_the_slots_of_other_neurons() -> None:
    """A neuron with a delay of 5 takes 8 slots, two neurons have 4 each: one such neuron fills the core."""
    long = layer([[1, 1], [1, 1]], [[0, 5], [5, 0]], name="hidden", threshold=1)
    graph = chain(long, layer([[1, 1]], [[3, 3]], name="readout"), time_steps=1)
    program = Place(chip(delay_slots=4, neurons_per_core=2)).run(graph)
    uses = sorted(core.use["delay_slots"] for core in program.cores)
    assert uses == [(4, 8), (8, 8), (8, 8)]  # the readout's neuron, and the two others
    assert all("delay_slots" not in core.use for core in Place(chip(delay_slots=6)).run(graph).cores)


def test_delays_too_long() -> None:
    graph = chain(layer([[1, 1]], [[0, 5]], name="readout"), time_steps=1)
    assert said(graph, delay_slots=4, neurons_per_core=1) == (
        "readout, neuron 0: alone takes delay_slots 8 of 4 a core: 4 over; delays up to 3 fits"
    )


def test_nothing_helps() -> None:
    graph = chain(layer([[1], [1]], name="readout"), time_steps=1)
    assert said(graph, cores=1, neurons_per_core=1).endswith(
        "no change of weight bits, delays or the neurons of one layer alone makes it fit"
    )


def test_axons_are_limits_too() -> None:
    # The hidden neuron is heard by 3 cores: 3 axons out.
    hidden, readout = layer([[1]], name="hidden1", threshold=1), layer(np.ones((3, 1)), name="readout")
    graph = chain(hidden, readout, time_steps=1)
    assert Place(chip(neurons_per_core=1, axons_out_per_core=3)).run(graph)
    assert "hidden1, neuron 0: alone takes axons_out 3 of 2 a core: 1 over" in said(
        graph, neurons_per_core=1, axons_out_per_core=2
    )
    wide = chain(layer(np.ones((1, 5)), name="readout"), time_steps=1)
    assert said(wide, axons_in_per_core=4) == (
        "readout, neuron 0: alone takes axons_in 5 of 4 a core: 1 over; 4 instead of 5 input lines fits"
    )


# --- for all networks


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
        reject()
    found = recount(program, target.limits)
    assert [dict(core.use) for core in program.cores] == found
    assert all(used <= most for use in found for used, most in use.values())
    assert program.traffic is not None
    assert (program.traffic.spikes, program.traffic.hops) == traffic(program, activity.spikes)
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


@settings(max_examples=200, deadline=None)
@given(*[st.integers(1, 40)] * 2, st.integers(1, 8), st.integers(0, 7), st.integers(0, 2**32))
def test_a_neuron_more_never_takes_less(neurons: int, sources: int, bits: int, delay: int, seed: int) -> None:
    present = np.random.default_rng(seed).random((neurons + 1, sources)) < 0.4
    sizes = [
        slice_bytes(n, int(present[:n].any(axis=0).sum()), int(present[:n].sum()), bits, delay)
        for n in (neurons, neurons + 1)
    ]
    assert sizes[0] <= sizes[1]


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


def narrowed(graph: QuantizedGraph, suggestion: str) -> QuantizedGraph:
    """`graph` changed as an error suggests."""
    layers = list(graph.layers)
    match suggestion.split():
        case [bits, "weights"]:
            shift = 8 - int(bits.removesuffix("-bit"))
            layers = [
                replace(each, weight=np.sign(each.weight) * (abs(each.weight) >> shift)) for each in layers
            ]
        case ["delays", "up", "to", steps]:
            layers = [replace(each, delay=np.minimum(each.delay, int(steps))) for each in layers]
        case [count, "instead", "of", _, *_, name]:
            index, kept = [each.name for each in layers].index(name), slice(int(count))
            one, after = layers[index : index + 2]
            arrays = {field: getattr(one, field)[kept] for field in ("weight", "delay", "bias_mant")}
            layers[index] = replace(one, **arrays)
            layers[index + 1] = replace(after, weight=after.weight[:, kept], delay=after.delay[:, kept])
    return graph.with_layers(layers)


@pytest.mark.parametrize("size", [300, 400])
def test_every_suggestion_fits(size: int) -> None:
    graph = random_chain(1, (30, 40, 40, 6), time_steps=1, max_delay=12)
    limits = {"synapse_bytes_per_core": size, "cores": 12}
    message = said(graph, **limits)
    suggestions = message.partition("; ")[2].removesuffix(" fit").split(", or ")
    assert len(suggestions) >= 2
    for suggestion in suggestions:
        assert Place(chip(**limits)).run(narrowed(graph, suggestion))
