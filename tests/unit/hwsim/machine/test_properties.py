"""The machine model on any program: against a plain queue of events, and operations counted one by one."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from machine_programs import COSTS, placed
from placements import listeners, owners, traffic
from strategies import graphs_with_input

from snnc.hwsim.event_driven import simulate
from snnc.hwsim.machine.activity import activity_in, activity_of
from snnc.hwsim.machine.counts import NAMES
from snnc.hwsim.machine.layout import layout_of
from snnc.hwsim.machine.run import ChipRun, run
from snnc.operation_costs import OperationCosts
from snnc.stages import PlacedProgram, QuantizedGraph, Trace

Case = tuple[PlacedProgram, np.ndarray, OperationCosts]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A random graph with each neuron on one of up to 5 cores, on a mesh of 4 x 3 tiles; an input; times."""
    graph, spikes = draw(graphs_with_input(max_delay=6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    most = draw(st.integers(1, 5))
    held: list[dict[str, list[int]]] = [{} for _ in range(most)]
    for layer in graph.layers:
        for neuron, core in enumerate(rng.integers(0, most, layer.neurons).tolist()):
            held[core].setdefault(layer.name, []).append(neuron)
    tiles = [(int(rng.integers(4)), int(rng.integers(3))) for _ in range(most)]
    program = placed(graph, *((*tile, core) for tile, core in zip(tiles, held, strict=True) if core))
    times = {name: int(rng.integers(1, 40)) for name in NAMES}
    times |= {name: int(rng.integers(1, 150)) for name in ("hop_x", "hop_y")}
    hold = int(rng.integers(0, min(times["hop_x"], times["hop_y"]) + 1))
    costs = replace(COSTS, time=times, link_time=hold, word_bits=int(rng.integers(1, 65)))
    return program, spikes[0], costs


def on_chip(case: Case) -> ChipRun:
    program, inputs, costs = case
    layout = layout_of(program, costs.word_bits)
    return run(layout, activity_in(layout, inputs, simulate(program.graph, inputs[None]), 0), costs)


@settings(max_examples=150, deadline=None)
@given(cases())
def test_times_are_those_of_a_queue_of_events(case: Case) -> None:
    found = on_chip(case)
    for step in range(found.layout.steps):
        neurons, synapses, waited = by_events(case, found, step)
        assert found.timing.neuron_done[step].tolist() == neurons
        assert found.timing.synapse_done[step].tolist() == synapses
        assert {tuple(at): int(found.timing.waited[step][tuple(at)]) for at in waited} == waited
        assert found.timing.waited[step].sum() == sum(waited.values())


def by_events(case: Case, found: ChipRun, step: int) -> tuple[list[int], list[int], Counter]:
    """One step with a heap of (time, message): done times of both units of each core, and waits at links."""
    program, inputs, costs = case
    graph, time = program.graph, costs.time
    trace = simulate(graph, inputs[None])
    spikes, awake = fired(graph, inputs, trace, step), busy(graph, inputs, trace, step)
    layout = found.layout  # the encoding of a message alone is taken from there; tested by hand elsewhere
    encoded = {
        (source, int(layout.target[m])): (int(layout.words[m]), bool(layout.dense[m]))
        for source in range(layout.sources)
        for m in range(layout.row[source], layout.row[source + 1])
    }
    heap: list[tuple[int, int, tuple[int, int], int, int]] = []
    clock = 0

    def send(source: int, layer: int, neuron: int, tile: tuple[int, int], price: int) -> None:
        nonlocal clock
        for core, synapses in heard(program, layer, neuron):
            clock += price
            words, dense = encoded[source, core]
            kind = "synapse_dense" if dense else "synapse_sparse"
            work = time["axon_lookup"] + words * time["memory_read"] + synapses * time[kind]
            heapq.heappush(heap, (clock, len(heap), tile, core, work))

    for line in range(graph.inputs):
        if (-1, line) in spikes:
            send(line, 0, line, (0, 0), time["injection"])
    neurons = []
    for core in program.cores:
        clock = 0
        for layer, neuron in members(program, core):
            source = graph.inputs + sum(each.neurons for each in graph.layers[:layer]) + neuron
            clock += time["update_active" if (layer, neuron) in awake else "update_inactive"]
            if (layer, neuron) in spikes:
                clock += time["spike"]
                send(source, layer + 1, neuron, (core.column, core.row), time["message"])
        neurons.append(clock)
    free: Counter = Counter()
    waited: Counter = Counter()
    done = [0] * len(program.cores)
    inbox = []
    while heap:
        now, number, (x, y), core, work = heapq.heappop(heap)
        goal = program.cores[core].column, program.cores[core].row
        if (x, y) == goal:
            inbox.append((now + time["delivery"], number, core, work))
            continue
        if x != goal[0]:
            way, price = (0 if goal[0] > x else 1), time["hop_x"]
        else:
            way, price = (2 if goal[1] > y else 3), time["hop_y"]
        start = max(now, free[way, x, y])
        waited[way, x, y] += start - now
        free[way, x, y] = start + costs.link_time
        across, along = ((1, 0), (-1, 0), (0, 1), (0, -1))[way]
        heapq.heappush(heap, (start + price, number, (x + across, y + along), core, work))
    for now, _, core, work in sorted(inbox):
        done[core] = max(done[core], now) + work
    return neurons, done, waited


def members(program: PlacedProgram, core) -> list[tuple[int, int]]:
    """(layer, neuron) of a core, in order."""
    names = [layer.name for layer in program.graph.layers]
    return sorted((names.index(p.layer), n) for p in core.populations for n in p.neurons.tolist())


def heard(program: PlacedProgram, layer: int, source: int) -> list[tuple[int, int]]:
    """(core, synapses) of each core with a neuron of `layer` that listens to `source`."""
    found: Counter = Counter()
    if layer < len(program.graph.layers):
        weight = program.graph.layers[layer].weight
        for number, core in enumerate(program.cores):
            for of, neuron in members(program, core):
                if of == layer and weight[neuron, source] != 0:
                    found[number] += 1
    return sorted(found.items())


def fired(graph: QuantizedGraph, inputs: np.ndarray, trace: Trace, step: int) -> set[tuple[int, int]]:
    """(layer, neuron) of what sends in a chip step; layer -1 are the lines."""
    found = {(-1, j) for j in range(graph.inputs) if step < graph.time_steps and inputs[step, j]}
    for index, layer in enumerate(trace):
        t = step - index - 1
        if 0 <= t < graph.time_steps:
            found |= {(index, i) for i in np.flatnonzero(layer.spikes[0, t]).tolist()}
    return found


def busy(graph: QuantizedGraph, inputs: np.ndarray, trace: Trace, step: int) -> set[tuple[int, int]]:
    """(layer, neuron) of what is active in a chip step, straight from the definition."""
    found = set()
    for index, layer in enumerate(graph.layers):
        t = step - index - 1
        if not 0 <= t < graph.time_steps:
            continue
        source = inputs if index == 0 else trace.layers[index - 1].spikes[0]
        for i in range(layer.neurons):
            arrives = any(
                layer.weight[i, j] != 0 and t >= layer.delay[i, j] and source[t - layer.delay[i, j], j]
                for j in range(layer.inputs)
            )
            state = trace.layers[index]
            holds = t > 0 and (
                (layer.decay_u < 4096 and state.u[0, t - 1, i] != 0)
                or (layer.decay_v < 4096 and state.v[0, t - 1, i] != 0)
            )
            if arrives or holds or layer.bias[i] != 0:
                found.add((index, i))
    return found


@settings(max_examples=100, deadline=None)
@given(cases())
def test_energy_is_counts_times_constants(case: Case) -> None:
    program, inputs, costs = case
    graph = program.graph
    trace = simulate(graph, inputs[None])
    counts: Counter = Counter()
    place = {member: number for number, core in enumerate(program.cores) for member in members(program, core)}
    for step in range(graph.time_steps + len(graph.layers)):
        active = len(busy(graph, inputs, trace, step))
        counts["update_active"] += active
        counts["update_inactive"] += len(place) - active
        for layer, neuron in fired(graph, inputs, trace, step):
            counts["spike"] += layer >= 0
            here = program.cores[place[layer, neuron]] if layer >= 0 else None
            for core, synapses in heard(program, layer + 1, neuron):
                there = program.cores[core]
                counts["message" if layer >= 0 else "injection"] += 1
                counts["delivery"] += 1
                counts["axon_lookup"] += 1
                counts["hop_x"] += abs(there.column - (here.column if here else 0))
                counts["hop_y"] += abs(there.row - (here.row if here else 0))
                counts["synapses"] += synapses
    found = on_chip(case)
    total = dict(zip(NAMES, found.counts.sum(axis=(0, 1)).tolist(), strict=True))
    synapses = total.pop("synapse_dense") + total.pop("synapse_sparse")
    words = total.pop("memory_read")
    assert {**total, "synapses": synapses} == {name: counts[name] for name in (*total, "synapses")}
    assert words >= counts["axon_lookup"]
    energy = found.energy.sum(axis=(0, 1))
    assert energy.tolist() == [
        n * costs.energy[name] for name, n in zip(NAMES, found.counts.sum(axis=(0, 1)).tolist(), strict=True)
    ]


@settings(max_examples=100, deadline=None)
@given(cases())
def test_messages_and_hops_are_those_of_placement(case: Case) -> None:
    program, inputs, _ = case
    trains = [inputs, *(layer.spikes[0] for layer in simulate(program.graph, inputs[None]).layers[:-1])]
    between, hops = traffic(program, [np.count_nonzero(train, axis=0) for train in trains])
    counts = dict(zip(NAMES, on_chip(case).counts.sum(axis=(0, 1)).tolist(), strict=True))
    assert counts["hop_x"] + counts["hop_y"] == hops
    # Placement does not count what a neuron sends to its own core.
    own = sum(
        int(train[:, neuron].sum())
        for layer, train in enumerate(trains[1:])
        for neuron, core in owners(program)[layer].items()
        if core in listeners(program.graph, owners(program), layer + 1, neuron)
    )
    assert counts["message"] + counts["injection"] - own == between


@settings(max_examples=100, deadline=None)
@given(cases())
def test_a_step_takes_as_long_as_what_is_busiest(case: Case) -> None:
    found = on_chip(case)
    for step, total in enumerate(found.timing.steps.tolist()):
        most = found.critical[step].busy
        assert total >= most + found.timing.barrier
        assert most >= found.neuron_busy[step].sum(axis=1).max()
        assert most >= found.synapse_busy[step].sum(axis=1).max()
        assert most >= found.link_busy[step].max()
    # The neuron unit never waits, so it is done when it has been busy.
    assert np.array_equal(found.neuron_busy.sum(axis=2), found.timing.neuron_done)
    assert (found.synapse_busy.sum(axis=2) <= found.timing.synapse_done).all()


@settings(max_examples=100, deadline=None)
@given(cases(), st.integers(0, 2**32 - 1))
def test_one_spike_more_never_costs_less(case: Case, seed: int) -> None:
    """From spikes alone: in a network the spike would change what fires after it."""
    program, inputs, costs = case
    layout = layout_of(program, costs.word_bits)
    rng = np.random.default_rng(seed)
    hidden = [rng.random((len(inputs), layer.neurons)) < 0.2 for layer in program.graph.layers[:-1]]
    trains = [np.array(inputs), *hidden]
    where = trains[int(rng.integers(len(trains)))]
    flat = int(rng.integers(where.size))
    before = run(layout, activity_of(layout, trains[0], trains[1:]), costs)
    where.flat[flat] = 1
    after = run(layout, activity_of(layout, trains[0], trains[1:]), costs)
    assert (after.energy >= before.energy)[..., NAMES.index("update_active") :].all()
    # An update that becomes active is one at rest less, at a lower price.
    prices = {"update_inactive": 1, "update_active": 2}
    cheap = replace(costs, energy={**costs.energy, **prices})
    assert replace(after, costs=cheap).energy.sum() >= replace(before, costs=cheap).energy.sum()
    assert (after.timing.neuron_done >= before.timing.neuron_done).all() or costs.time["update_active"] < (
        costs.time["update_inactive"]
    )


@settings(max_examples=100, deadline=None)
@given(cases())
def test_where_a_neuron_lies_changes_no_synaptic_operation(case: Case) -> None:
    program, inputs, costs = case
    everything = placed(
        program.graph, (0, 0, {layer.name: list(range(layer.neurons)) for layer in program.graph.layers})
    )
    apart, together = on_chip(case), on_chip((everything, inputs, costs))
    names = [NAMES.index(name) for name in ("synapse_dense", "synapse_sparse")]
    assert apart.counts[..., names].sum() == together.counts[..., names].sum()
    assert not together.counts[..., [NAMES.index("hop_x"), NAMES.index("hop_y")]].any()
