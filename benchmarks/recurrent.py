"""The simulator on nets with recurrence against others: as benchmarks/simulator.py, one thread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import cache, partial
from itertools import repeat

import numpy as np

from benchmarks.brian import BrianProgram
from benchmarks.cpp import recurrent_loop
from benchmarks.measure import interleaved
from benchmarks.nets import SHD, STEPS, spike_trains
from benchmarks.recurrent_nets import Recurrent, random_net, recurrent_graph, recurrent_layers
from benchmarks.simulator import RATE, ROUNDS, SAMPLES, Result, against_loop, result, vs_torch
from snnc.hwsim.event_driven import simulate, stream, summarise

NEURONS, FAN_OUT, THRESHOLD = 10_000, 1000, 3000
"""Of the random net of ten million synapses; nearly only what the input pushes fires."""


@cache
def _layers() -> list[Recurrent]:
    return recurrent_layers(SHD, RATE)


def vs_cpp(name: str, kernel: str | None = None) -> Result:
    """Against the event loop in C++ (recurrent_loop.cpp), compiled with -O3 -march=native."""
    layers, spikes = _layers(), spike_trains(SAMPLES, RATE, SHD[0])
    return against_loop(name, recurrent_graph(layers), spikes, recurrent_loop(layers, spikes), kernel)


def recurrent_vs_torch() -> Result:
    return vs_torch("sim_recurrent_vs_torch", recurrent_graph(_layers()))


def vs_brian2() -> Result:
    """Against Brian2 in C++ standalone mode: its main loop alone. One long sample, for such a net stays
    active in silence: Brian could not start the next from rest."""
    samples = 32
    graph = recurrent_graph(_layers(), STEPS * samples)
    spikes = spike_trains(samples, RATE, SHD[0]).reshape(1, -1, SHD[0])
    with BrianProgram(graph, spikes) as brian:
        for theirs, layer in zip(brian.spikes(), simulate(graph, spikes), strict=False):
            np.testing.assert_array_equal(theirs, np.argwhere(layer.spikes))
        run = partial(summarise, graph, spikes, threads=1)
        run()
        pairs = []
        for _ in range(ROUNDS):
            began = time.thread_time()
            run()
            pairs.append((time.thread_time() - began, brian.seconds()))
    ours, other = (1e3 * statistics.median(times) / samples for times in zip(*pairs, strict=True))
    return result("sim_recurrent_vs_brian2", ours, other, f"ms for {STEPS} steps")


def vs_chain() -> Result:
    """A random net of ten million synapses against a chain in which the same spikes cross the same synapses:
    time for a synaptic event, so the ratio is that of events a second. The synapses are made ready once."""
    graph, chain = (random_net(NEURONS, FAN_OUT, THRESHOLD, recurrent) for recurrent in (True, False))
    spikes = spike_trains(8, 0.02, NEURONS)
    sent = simulate(graph, spikes).layers[0].spikes.astype(np.uint8)
    events = int(sent.sum()) * FAN_OUT
    ours, other = (stream(net, repeat(inputs), threads=1) for net, inputs in ((graph, spikes), (chain, sent)))
    times = interleaved(partial(next, ours), partial(next, other), ROUNDS, time.thread_time)
    return result("sim_recurrent_vs_chain", *(1e9 * s / events for s in times), "ns a synaptic event")


BENCHMARKS: dict[str, Callable[[], Result]] = {
    "sim_recurrent_vs_cpp": partial(vs_cpp, "sim_recurrent_vs_cpp"),
    "sim_recurrent_events_vs_cpp": partial(vs_cpp, "sim_recurrent_events_vs_cpp", "events"),
    "sim_recurrent_vs_torch": recurrent_vs_torch,
    "sim_recurrent_vs_brian2": vs_brian2,
    "sim_recurrent_vs_chain": vs_chain,
}
