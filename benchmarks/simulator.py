"""The simulator against others, one thread, readout and counts only: milliseconds a sample.

Each opponent computes the same contract on the same spikes, and its result is compared with ours first. Where
both run in this thread, its CPU time counts, which other programs of the machine disturb less.
`python -m benchmarks.simulator` prints the tables of docs/simulator.md; `make bench` takes the ratios.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.brian import BrianProgram
from benchmarks.cpp import event_loop
from benchmarks.lava import LavaProgram
from benchmarks.measure import interleaved
from benchmarks.nets import SHD, SSC, network, spike_trains
from snnc.hwsim.event_driven import simulate, summarise
from snnc.stages import QuantizedGraph
from snnc.trainer.integer_model import run_graph

SAMPLES, RATE = 1024, 0.05
ROUNDS = 9
RATES = (0.01, 0.02, 0.05, 0.1, 0.2)

Result = dict[str, object]


def result(name: str, ours: float, other: float, unit: str = "ms a sample") -> Result:
    return {"name": name, "ours": ours, "other": other, "unit": unit, "ratio": other / ours}


def vs_cpp(name: str, widths: tuple[int, ...], rate: float, kernel: str | None = None) -> Result:
    """Against the event loop in C++ (event_loop.cpp), compiled with -O3 -march=native."""
    graph, spikes = network(widths, rate), spike_trains(SAMPLES, rate, widths[0])
    return against_loop(name, graph, spikes, event_loop(graph, spikes), kernel)


def against_loop(
    name: str,
    graph: QuantizedGraph,
    spikes: npt.NDArray[np.uint8],
    loop: Callable[[], tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]],
    kernel: str | None,
) -> Result:
    """Ours against `loop`, which gives the readout and, of each layer, the wraps, clips and spikes."""
    readout, counts = loop()
    ours = partial(summarise, graph, spikes, threads=1, kernel=kernel)
    found = ours()
    np.testing.assert_array_equal(readout, found.readout)
    spiked = found.spike_counts.sum(axis=0)
    np.testing.assert_array_equal(counts, np.stack([found.u_wraps, found.v_clips, spiked], axis=1))
    return result(name, *(1e3 * s / SAMPLES for s in interleaved(ours, loop, ROUNDS, time.thread_time)))


def vs_torch(name: str, graph: QuantizedGraph) -> Result:
    """Against the integer PyTorch model in one thread, at the batch size that suits it best."""
    spikes = spike_trains(SAMPLES, RATE, graph.inputs)
    few = spikes[:64]

    def in_batches(of: int) -> list[npt.NDArray[np.int32]]:
        return [run_graph(graph, few[i : i + of]).readout for i in range(0, len(few), of)]

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = summarise(graph, few, threads=1).readout
        np.testing.assert_array_equal(np.concatenate(in_batches(16)), found)
        best = min((8, 16, 32, 64), key=lambda of: _seconds(partial(in_batches, of)))
        ours, other = interleaved(
            partial(summarise, graph, spikes, threads=1),
            partial(in_batches, best),
            ROUNDS,
            time.thread_time,
        )
    finally:
        torch.set_num_threads(threads)
    return result(name, 1e3 * ours / SAMPLES, 1e3 * other / len(few))


def sim_vs_cpp() -> Result:
    return vs_cpp("sim_vs_cpp", SHD, RATE)


def sim_events_vs_cpp() -> Result:
    """The same algorithm on both sides, whatever the firing rate would choose."""
    return vs_cpp("sim_events_vs_cpp", SHD, RATE, "events")


def sim_vs_torch() -> Result:
    return vs_torch("sim_vs_torch", network(SHD, RATE))


def sim_ssc_vs_cpp() -> Result:
    return vs_cpp("sim_ssc_vs_cpp", SSC, RATE)


def sim_ssc_vs_torch() -> Result:
    return vs_torch("sim_ssc_vs_torch", network(SSC, RATE))


def sim_vs_brian2() -> Result:
    """Against Brian2 in C++ standalone mode: its main loop alone. Samples are 60 steps longer, in silence,
    for both sides: Brian runs one after the other, and no state or spike may reach the next."""
    samples, silence = 64, 60
    graph = network(SHD, RATE)
    graph = replace(graph, time_steps=graph.time_steps + silence)
    spikes = np.pad(spike_trains(samples, RATE, SHD[0]), ((0, 0), (0, silence), (0, 0)))
    with BrianProgram(graph, spikes) as brian:
        for theirs, layer in zip(brian.spikes(), simulate(graph, spikes), strict=False):
            np.testing.assert_array_equal(theirs, np.argwhere(layer.spikes))
        run = partial(summarise, graph, spikes, threads=1)
        run()
        pairs = [(_seconds(run, time.thread_time), brian.seconds()) for _ in range(ROUNDS)]
    ours, other = (1e3 * statistics.median(times) / samples for times in zip(*pairs, strict=True))
    return result("sim_vs_brian2", ours, other)


def sim_vs_lava() -> Result:
    """Against Lava's process models as they ship: what two more samples take, without start-up."""
    graph, spikes = network(SHD, RATE), spike_trains(3, RATE, SHD[0])
    many = spike_trains(SAMPLES, RATE, SHD[0])
    ours, other = [], []
    lava = LavaProgram(graph)
    for _ in range(3):
        ours.append(_seconds(partial(summarise, graph, many, threads=1)) / SAMPLES)
        readout, long = lava.run(spikes)
        np.testing.assert_array_equal(readout, summarise(graph, spikes).readout)
        _, short = lava.run(spikes[:1])
        other.append((long - short) / 2)
    return result("sim_vs_lava", 1e3 * statistics.median(ours), 1e3 * statistics.median(other))


def sim_two_threads() -> Result:
    """Two threads (ours) against one (other). Only an idle machine with two cores can show 2."""
    graph, spikes = network(SSC, RATE), spike_trains(SAMPLES, RATE, SSC[0])
    ours, other = (partial(summarise, graph, spikes, threads=n) for n in (2, 1))
    return result("sim_two_threads", *(1e3 * s / SAMPLES for s in interleaved(ours, other, ROUNDS)))


BENCHMARKS: dict[str, Callable[[], Result]] = {
    "sim_vs_cpp": sim_vs_cpp,
    "sim_events_vs_cpp": sim_events_vs_cpp,
    "sim_vs_torch": sim_vs_torch,
    "sim_vs_brian2": sim_vs_brian2,
    "sim_vs_lava": sim_vs_lava,
    "sim_ssc_vs_cpp": sim_ssc_vs_cpp,
    "sim_ssc_vs_torch": sim_ssc_vs_torch,
    "sim_two_threads": sim_two_threads,
    **{name: partial(vs_cpp, name, SHD, rate) for rate in RATES for name in [f"sim_vs_cpp_at_{rate:.0%}"]},
}


def _seconds(function: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    function()
    return clock() - began


def _rates(widths: tuple[int, ...]) -> None:
    """Both kernels over firing rates, and C++ beside them."""
    print(f"\n{'-'.join(map(str, widths))}: ms a sample\n")
    print("| firing | synaptic events | events | bits | chosen | C++ | C++ / chosen |\n|" + "---|" * 7)
    for rate in (*RATES, 0.5):
        graph, spikes = network(widths, rate), spike_trains(SAMPLES, rate, widths[0])
        kernels = [partial(summarise, graph, spikes, threads=1, kernel=k) for k in ("events", "bits", None)]
        times = _medians([*kernels, event_loop(graph, spikes)])
        print(
            f"| {rate:.0%} | {_events(graph, spikes) / 1e6:.2f} M |",
            " | ".join(f"{1e3 * t / SAMPLES:.3f}" for t in times),
            f"| {times[3] / times[2]:.2f} |",
        )


def _growth() -> None:
    """The event kernel by synaptic events: nets of growing width, all else equal."""
    print("\nEvent kernel, 2 % firing\n\n| net | M synaptic events a sample | ms a sample | ns an event |")
    print("|" + "---|" * 4)
    for hidden in (64, 128, 256, 512, 1024, 2048):
        widths = (SHD[0], hidden, hidden, SHD[-1])
        graph, spikes = network(widths, 0.02), spike_trains(32, 0.02, widths[0])
        (median,) = _medians([partial(summarise, graph, spikes, threads=1, kernel="events")])
        events, ms = _events(graph, spikes), 1e3 * median / len(spikes)
        print(f"| {'-'.join(map(str, widths))} | {events / 1e6:.3f} | {ms:.3f} | {1e6 * ms / events:.2f} |")


def _events(graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]) -> float:
    """Synaptic events of a sample: spikes times fan-out."""
    counts = [spikes.sum(), *summarise(graph, spikes).spike_counts.sum(axis=0)]
    return float(sum(n * layer.neurons for n, layer in zip(counts, graph.layers, strict=False))) / len(spikes)


def _medians(functions: list[Callable[[], object]]) -> list[float]:
    times: list[list[float]] = [[] for _ in functions]
    for turn in range(ROUNDS + 1):
        for function, into in zip(functions, times, strict=True):
            seconds = _seconds(function, time.thread_time)
            if turn:
                into.append(seconds)
    return [statistics.median(t) for t in times]


def main() -> None:
    _rates(SHD)
    _rates(SSC)
    _growth()


if __name__ == "__main__":
    main()
