"""The machine model on random graphs: conservation laws, and operations counted spike by spike."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from machine_programs import COSTS, placed
from networks import networks, networks_with_input
from placements import chip

from snnc.errors import LimitError
from snnc.exporter.passes.place import Place
from snnc.hwsim.machine.activity import activity_in
from snnc.hwsim.machine.counts import NAMES
from snnc.hwsim.machine.layout import layout_of
from snnc.hwsim.machine.run import run
from snnc.hwsim.oracle import run_graph
from snnc.stages import PlacedProgram, Projection, QuantizedGraph, SynapseList, Trace
from snnc.targets.levels import hops_of, retime

Levels = dict[str, int]
Case = tuple[PlacedProgram, Levels, np.ndarray]


def with_levels(graph: QuantizedGraph) -> tuple[QuantizedGraph, Levels]:
    """Levels of `graph`; if a cycle is too short for any, the graph with longer delays, and all levels 0."""
    neurons = {each.name: each.neurons for each in graph.populations}
    try:
        return graph, retime(neurons, hops_of(graph), 0, 1000)
    except LimitError:
        projections = []
        for each in graph.projections:
            old = each.synapses.as_list()
            new = SynapseList(old.pre, old.post, old.weight, old.delay + 1, old.pre_neurons, old.post_neurons)
            projections.append(Projection(each.source, each.destination, new, each.weight_exp))
        longer = QuantizedGraph(
            graph.populations, tuple(projections), graph.readouts, graph.time_steps, graph.bin_s
        )
        return longer, dict.fromkeys(neurons, 0)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A random graph, each neuron on one of up to 4 cores of 3 x 3 tiles, its levels, and events."""
    graph, events = draw(networks_with_input(most=5))
    graph, levels = with_levels(graph)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    most = draw(st.integers(1, 4))
    held: list[dict[str, list[int]]] = [{} for _ in range(most)]
    for each in graph.stateful:
        for neuron, core in enumerate(rng.integers(0, most, each.neurons).tolist()):
            held[core].setdefault(each.name, []).append(neuron)
    tiles = rng.integers(0, 3, (most, 2)).tolist()
    places = [(column, row, core) for (column, row), core in zip(tiles, held, strict=True) if core]
    return placed(graph, *places), levels, events[0]


def owner_of(program: PlacedProgram) -> dict[tuple[str, int], int]:
    """(population, neuron) -> the number of its core."""
    return {
        (part.layer, neuron): number
        for number, core in enumerate(program.cores)
        for part in core.populations
        for neuron in part.neurons.tolist()
    }


def sent(graph: QuantizedGraph, events: np.ndarray, trace: Trace) -> list[tuple[str, int, int]]:
    """(population, step, neuron) of every spike and input event."""
    found = []
    for each in graph.populations:
        if each.model == "input":
            train = events[: graph.end(each.name), graph.lines(each.name)]
        else:
            train = trace.layers[graph.trace_index(each.name)].spikes[0]
        found += [(each.name, t, neuron) for t, neuron in np.argwhere(train).tolist()]
    return found


@settings(max_examples=60, deadline=None)
@given(cases())
def test_operations_are_those_of_the_spikes(case: Case) -> None:
    program, levels, events = case
    graph = program.graph
    trace, owner = run_graph(graph, events[None]), owner_of(program)
    layout = layout_of(program, 64, levels)
    found = run(layout, activity_in(layout, events, trace, 0), COSTS)
    expected: Counter[tuple[str, int]] = Counter()
    received: Counter[tuple[int, int]] = Counter()
    for name, t, neuron in sent(graph, events, trace):
        step = t + levels[name]
        is_input = graph.population(name).model == "input"
        home = None if is_input else program.cores[owner[name, neuron]]
        expected["spike", step] += not is_input
        for projection in graph.out_of(name):
            synapses = projection.synapses.as_list()
            heard = [int(i) for j, i in zip(synapses.pre, synapses.post, strict=True) if j == neuron]
            expected["synapses", step] += len(heard)
            for core in {owner[projection.destination, i] for i in heard}:
                there = program.cores[core]
                expected["injection" if is_input else "message", step] += 1
                expected["hop_x", step] += abs(there.column - (home.column if home else 0))
                expected["hop_y", step] += abs(there.row - (home.row if home else 0))
                received[step, core] += 1
    for step in range(graph.time_steps + max(levels.values())):
        counts = {name: found.counts[step, :, at] for at, name in enumerate(NAMES)}
        for name in ("spike", "injection", "message", "hop_x", "hop_y"):
            assert counts[name].sum() == expected[name, step]
        assert (counts["synapse_dense"] + counts["synapse_sparse"]).sum() == expected["synapses", step]
        cores = range(len(program.cores))
        assert counts["delivery"][:-1].tolist() == [received[step, core] for core in cores]
        # All that is sent is received, and each message is looked up once.
        assert counts["delivery"].sum() == counts["message"].sum() + counts["injection"].sum()
        assert counts["axon_lookup"].tolist() == counts["delivery"].tolist()
        assert (counts["memory_read"] >= counts["axon_lookup"]).all()
        updates = counts["update_active"] + counts["update_inactive"]
        held = [sum(len(part.neurons) for part in core.populations) for core in program.cores]
        assert updates[:-1].tolist() == held
    assert found.layout.steps == graph.time_steps + max(levels.values())
    # What goes over the first link of a way comes out of the last one: each hop is one link.
    hops = found.counts[..., [NAMES.index("hop_x"), NAMES.index("hop_y")]].sum()
    assert found.timing.crossed.sum() == hops


@settings(max_examples=60, deadline=None)
@given(cases())
def test_active_is_what_its_definition_says(case: Case) -> None:
    program, levels, events = case
    graph = program.graph
    trace = run_graph(graph, events[None])
    layout = layout_of(program, 64, levels)
    found = activity_in(layout, events, trace, 0).active
    arrives: set[tuple[str, int, int]] = set()
    for name, t, neuron in sent(graph, events, trace):
        for projection in graph.out_of(name):
            each = projection.synapses.as_list()
            for j, i, delay in zip(each.pre, each.post, each.delay, strict=True):
                if j == neuron:
                    arrives.add((projection.destination, t + int(delay), int(i)))
    seen = 0
    for each in graph.stateful:
        state = trace.layers[graph.trace_index(each.name)]
        for t in range(graph.time_steps):
            for i in range(each.neurons):
                active = (each.name, t, i) in arrives or each.bias[i] != 0 or each.input_bias[i] != 0
                if t:
                    u, v, fired = (int(part[0, t - 1, i]) for part in (state.u, state.v, state.spikes))
                    active |= u != 0 and each.decay_u[i] < 4096
                    active |= v != 0 and each.decay_v[i] < 4096
                    if each.model == "adlif":
                        w = int(state.w[0, t - 1, i])
                        active |= w != 0 and (each.decay_w[i] < 4096 or each.order == "old")
                        active |= (v != 0 and each.ka[i] != 0) or (fired != 0 and each.kb[i] != 0)
                assert found[t + levels[each.name], layout.of(each.name)][i] == active, (each.name, t, i)
                seen += active
    assert found.sum() == seen


@settings(max_examples=60, deadline=None)
@given(networks(most=5), st.integers(1, 4))
def test_messages_between_cores_are_the_spikes_of_placement(graph: QuantizedGraph, most: int) -> None:
    """Placement counts one spike of each source; it does not count what a neuron sends to its own core."""
    assume(not graph.is_chain)
    graph, levels = with_levels(graph)
    target = chip(
        neurons_per_core=most, delay_slots=64, mesh_columns=8, mesh_rows=16, axons_out_per_core=None
    )
    try:
        program = Place(target).run(graph)
    except LimitError:  # hops and delays together are longer than the chip's longest delay
        reject()
    layout = layout_of(program, 64, levels)
    source = np.repeat(np.arange(layout.sources), np.diff(layout.row))
    home = layout.sender()[source]
    between = home != layout.target
    assert program.traffic is not None
    assert between.sum() == program.traffic.spikes
    here = np.where(home[:, None] < 0, 0, layout.tile[home])
    assert np.abs(here - layout.tile[layout.target]).sum() == program.traffic.hops
