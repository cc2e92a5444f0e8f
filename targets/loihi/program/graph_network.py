"""The Lava processes of a graph: built, run for a batch of samples, recorded, and taken down again.

Time. A spike that is sent in Lava step x with delay d reaches its neuron in x + d + 1. Each population has a
level and computes step t of a sample in Lava step t + level of the sample's period; the delays in graph.npz
are such that all spikes arrive in the step that the contract names.

Samples. They follow each other in one run, every `period = T + longest delay of the contract` steps, so that
no spike in flight reaches the next sample. The processes of this folder (`event`) are silent outside their
samples by themselves. Lava's own (`stock`) are kept silent by gates, as lava_network.py and silence.py do it
for chains; where no gate is proved to do so, each sample gets a run of its own.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from graph_stock import build_stock, gates_between
from lava.proc.io.source import RingBuffer
from lava_network import execute
from lava_processes.neurons import Neurons
from lava_processes.synapses import Synapses

STATES = ("u", "w", "v", "s")
"""What a trace holds of each step, in this order."""


def run_graph(graph: dict, spikes: np.ndarray, *, model: str, batch: int) -> tuple[list[np.ndarray], int]:
    """Of each population the trace int32 [samples, T, (u, w, v, spike), neurons], and the Lava steps run."""
    graph = {**graph, "projections": [*graph["projections"], *links(graph)]}
    samples, T = spikes.shape[:2]
    period = T + longest_delay(graph)
    gates = None
    if model == "stock":
        gates = gates_between(graph, period)
        unsafe = [str(name) for name, gate in zip(graph["of"]["names"], gates) if gate is None]  # noqa: B905
        if unsafe and min(samples, batch) > 1:
            print(
                f"{', '.join(unsafe)}: no gate keeps them silent between samples; one sample a run",
                file=sys.stderr,
            )
            batch = 1
    traces = [np.zeros((samples, T, len(STATES), len(each["du"])), np.int32) for each in graph["populations"]]
    steps = 0
    for start in range(0, samples, batch):
        into = [trace[start : start + batch] for trace in traces]
        steps += run_batch(graph, spikes[start : start + batch], period, gates, into)
    return traces, steps


def longest_delay(graph: dict) -> int:
    """In steps of the contract: without the hop and the levels."""
    longest = 0
    for each in graph["projections"]:
        before = level_of_sources(graph, each["source"])[each["pre"]]
        delay = each["delay"] + before + 1 - graph["populations"][each["destination"]]["level"]
        longest = max(longest, int(delay.max(initial=0)))
    return longest


def level_of_sources(graph: dict, source: int) -> np.ndarray:
    """int32 [sources]: the level of each input line, or of each neuron of a population."""
    if source < 0:
        return graph["line_level"]
    of = graph["populations"][source]
    return np.full(len(of["du"]), of["level"], np.int32)


def run_batch(graph: dict, spikes: np.ndarray, period: int, gates: list | None, traces: list) -> int:
    """One Lava run over `spikes`; fills `traces`. Returns the number of Lava steps."""
    samples, T, _ = spikes.shape
    levels = [each["level"] for each in graph["populations"]]
    steps = (samples - 1) * period + T + max([*levels, *graph["line_level"]])
    events = source_data(graph, spikes, period, steps)
    folder = Path(tempfile.mkdtemp(prefix="lava-trace-"))
    try:
        files = [str(folder / f"population_{number}.npy") for number in range(len(traces))]
        if gates is None:
            for file, trace in zip(files, traces):  # noqa: B905
                np.lib.format.open_memmap(file, "w+", np.int32, trace.shape).flush()
            execute(build_event(graph, events, T, period, files), steps, {})
            for file, trace in zip(files, traces):  # noqa: B905
                trace[:] = np.load(file, mmap_mode="r")
        else:
            for file, trace in zip(files, traces):  # noqa: B905
                np.lib.format.open_memmap(file, "w+", np.int32, (steps, 3, trace.shape[3])).flush()
            execute(build_stock(graph, events, T, period, samples, gates, files), steps, {})
            for file, trace, level in zip(files, traces, levels):  # noqa: B905
                rows = np.load(file, mmap_mode="r")
                for sample in range(samples):
                    begin = sample * period + level
                    trace[sample][:, [0, 2, 3]] = rows[begin : begin + T]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return steps


def source_data(graph: dict, spikes: np.ndarray, period: int, steps: int) -> np.ndarray:
    """Events int32 [lines, steps] of all input lines, each of its level, without those after its end."""
    samples, _, lines = spikes.shape
    data = np.zeros((max(lines, 1), steps), np.int32)  # without an input, a line that is always silent
    for line in range(lines):
        end, level = graph["line_end"][line], graph["line_level"][line]
        for sample in range(samples):
            begin = sample * period + level
            data[line, begin : begin + end] = spikes[sample, :end, line]
    return data


def build_event(graph: dict, events: np.ndarray, T: int, period: int, files: list) -> RingBuffer:
    """Connect the processes; returns the source of the input events."""
    source = RingBuffer(data=events)
    neurons = [
        Neurons(population=each, time_steps=T, period=period, trace_file=file)
        for each, file in zip(graph["populations"], files)  # noqa: B905
    ]
    for each in graph["projections"]:
        before = source if each["source"] < 0 else neurons[each["source"]]
        after = neurons[each["destination"]]
        weight = each["weight"].astype(np.int64) << each["weight_exp"]
        columns = [each[name].astype(np.int64) for name in ("pre", "post", "delay")]
        process = Synapses(
            synapses=(columns[0], columns[1], weight, columns[2]),
            sources=before.s_out.shape[0],
            targets=after.a_in.shape[0],
        )
        before.s_out.connect(process.s_in)
        process.a_out.connect(after.a_in)
    return source


def links(graph: dict) -> list[dict]:
    """Projections without synapses from the input to one population of each part that nothing joins to it.

    Lava runs the processes that are connected to the one that it is told to run, and no others.
    """
    joined = {number: {number} for number in range(-1, len(graph["populations"]))}
    for each in graph["projections"]:
        one, other = joined[each["source"]], joined[each["destination"]]
        if one is not other:
            one |= other
            joined.update(dict.fromkeys(other, one))
    alone = {id(part): min(part) for part in joined.values() if -1 not in part}
    nothing = {name: np.zeros(0, np.int32) for name in ("pre", "post", "weight", "delay")}
    return [{"source": -1, "destination": first, "weight_exp": 0, **nothing} for first in alone.values()]
