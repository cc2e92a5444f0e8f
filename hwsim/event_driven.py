"""The event-driven simulator: work is done per spike where spikes are few, on bits where they are many.

Each population runs over a block of whole samples before those that it leads to start; only the populations
of a cycle are computed together, step by step (`schedule`). One of two kernels delivers the spikes
(docs/simulator.md); a pass over the neurons then turns what arrived into u, v and spikes. Blocks run in
parallel.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.hwsim.delivery import KERNELS
from snnc.hwsim.layer_program import LayerProgram
from snnc.hwsim.schedule import Schedule
from snnc.hwsim.spikes import BLOCK, States, Workspace
from snnc.hwsim.totals import Totals
from snnc.stages import Answer, Artifact, QuantizedGraph, Trace, check_input
from snnc.stages.population import LI

WORTH_A_THREAD = 1 << 16
"""Neurons times steps times samples below which starting threads takes longer than they save."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a data set's worth of samples leaves when states are not kept.

    `readouts`: of each readout of the graph, v, int32 [samples, T, classes], or where it is of a spiking
    population, its spikes, bool; `readout`: the first of them, that of a chain. `spike_counts`: int64
    [samples, populations], of those that are no inputs, in the order of the list; 0 for an `li`. `u_wraps`,
    `v_clips`, `w_clips`: int64 [populations], as in `LayerTrace`; no w, no clips.
    """

    readouts: tuple[npt.NDArray[np.int32] | npt.NDArray[np.bool_], ...]
    spike_counts: npt.NDArray[np.int64]
    u_wraps: npt.NDArray[np.int64]
    v_clips: npt.NDArray[np.int64]
    w_clips: npt.NDArray[np.int64]

    @property
    def readout(self) -> npt.NDArray[np.int32]:
        return self.readouts[0]  # type: ignore[return-value]  # of a chain it is v


def simulate(
    graph: QuantizedGraph, spikes: npt.ArrayLike, *, threads: int | None = None, kernel: str | None = None
) -> Trace:
    """Every u, w, v and spike of `graph` on `spikes`, [samples, T, lines] of 0 .. `payload_max`.

    `threads` defaults to the number of processors, or to one where starting more would take longer than the
    work; `kernel` ("events" or "bits") defaults to the one that should be faster on the spikes that reach a
    population. Neither changes the result. Spikes within a cycle of populations, and those that reach one
    together with payloads, go by events in any case.

    Raises
    ------
    StageError
        If the input does not fit the graph.
    InputError
        If `threads` is not positive, or `kernel` is none of the two or cannot hold the synapses.
    """
    inputs = check_input(graph, spikes)
    return _simulate(_schedule(graph, kernel), inputs, threads, kernel)


run_graph = simulate
"""By the name that it has in every executor of graphs."""


def _simulate(
    schedule: Schedule, inputs: npt.NDArray[np.uint8], threads: int | None, kernel: str | None
) -> Trace:
    samples, steps = inputs.shape[:2]
    shapes = [(samples, steps, program.neurons) for program in schedule.programs]
    kept = [
        States.empty(shape, program.adapts) for shape, program in zip(shapes, schedule.programs, strict=True)
    ]
    totals = Totals(samples, len(schedule.populations))

    def worker(blocks: Iterator[slice]) -> None:
        workspace = Workspace()
        for block in blocks:
            known = schedule.inputs(inputs[block])
            for program, columns, all_states in zip(schedule.programs, schedule.columns, kept, strict=True):
                states = all_states.part(block)
                counts = program.run(known.of(program.sources), states, workspace, kernel)
                totals.add(block, columns, counts)
                known.add(program.populations, states.fired)

    _share_blocks(worker, samples, steps * schedule.neurons, threads)
    return Trace(EventDrivenExecutor.name, totals.traces(schedule, kept))


def summarise(
    graph: QuantizedGraph, spikes: npt.ArrayLike, *, threads: int | None = None, kernel: str | None = None
) -> Summary:
    """As `simulate`, but keep only the readouts and counts: for accuracy over a whole data set."""
    return _summarise(_schedule(graph, kernel), check_input(graph, spikes), threads, kernel)


def stream(
    graph: QuantizedGraph,
    batches: Iterable[npt.ArrayLike],
    *,
    threads: int | None = None,
    kernel: str | None = None,
) -> Iterator[Summary]:
    """`summarise` of each batch, [samples, T, inputs], as it comes: for data sets of any size.

    Memory is that of one batch: its input, its readouts and what the threads work in. To keep the classes
    alone, decode each summary's readout (`snnc.decoding.softmax.classes`) and let it go.
    """
    schedule = _schedule(graph, kernel)
    for spikes in batches:
        yield _summarise(schedule, check_input(graph, spikes), threads, kernel)


def _summarise(
    schedule: Schedule, inputs: npt.NDArray[np.uint8], threads: int | None, kernel: str | None
) -> Summary:
    samples, steps = inputs.shape[:2]
    readouts: dict[str, npt.NDArray[Any]] = {
        each.name: np.empty((samples, steps, each.neurons), np.bool_ if each.spikes else np.int32)
        for each in schedule.readouts
    }
    totals = Totals(samples, len(schedule.populations))

    def worker(blocks: Iterator[slice]) -> None:
        scratch = [
            States.scratch((min(BLOCK, samples), steps, each.neurons), each.rows, each.adapts)
            for each in schedule.programs
        ]
        workspace = Workspace()
        for block in blocks:
            known = schedule.inputs(inputs[block])
            for program, columns, states in zip(schedule.programs, schedule.columns, scratch, strict=True):
                name, spikes = program.populations[0].name, known.of(program.sources)
                v = readouts.get(name) if program.populations[0].model == LI else None  # never in a cycle
                after = None
                if isinstance(program, LayerProgram) and v is None:
                    after = program.fire(spikes, workspace, kernel)
                if after is None:
                    states = states.part(slice(block.stop - block.start))
                    if v is not None:
                        states = replace(states, v=v[block], kept=True)
                    totals.add(block, columns, program.run(spikes, states, workspace, kernel))
                    known.add(program.populations, states.fired)
                else:
                    totals.add(block, columns, workspace.counted(after.samples))
                    known[name] = after
            for name, found in readouts.items():
                if found.dtype == np.bool_:
                    found[block] = known[name].array

    _share_blocks(worker, samples, steps * schedule.neurons, threads)
    u_wraps, v_clips, w_clips = totals.saturations.sum(axis=0).T
    return Summary(tuple(readouts.values()), totals.fired, u_wraps, v_clips, w_clips)


def readout(
    graph: QuantizedGraph, spikes: npt.ArrayLike, *, threads: int | None = None
) -> npt.NDArray[np.int32]:
    """What the first readout decodes: of a chain, v of the last layer; see `summarise`."""
    return summarise(graph, spikes, threads=threads).readout


class EventDrivenExecutor:
    """`simulate` as an executor of `verify`."""

    name = "hwsim"

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads

    def unavailable_reason(self) -> str | None:
        """None: everything it needs is installed with snnc."""
        return None

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs]; return u, v and spikes of every layer and step.

        Accuracy, budget and `snnc test` run on `summarise`, which leaves out states, and takes the kernel by
        the numbers of samples and spikes: so its readout by each kernel stands beside the trace, in two
        blocks.
        """
        graph = artifact.graph
        schedule, inputs = _schedule(graph, None), check_input(graph, spikes)
        trace = _simulate(schedule, inputs, self.threads, None)
        if not graph.is_chain:
            return trace
        answers = (
            Answer(f"accuracy by {kernel}", _summarise(schedule, inputs, 2, kernel).readout)
            for kernel in KERNELS
            if all(program.takes(kernel) for program in schedule.programs)
        )
        return replace(trace, answers=tuple(answers))


def _schedule(graph: QuantizedGraph, kernel: str | None) -> Schedule:
    if kernel is not None and kernel not in KERNELS:
        raise InputError(f"simulator: kernel {kernel!r} is unknown; there are {', '.join(KERNELS)}")
    return Schedule(graph)


def _share_blocks(
    worker: Callable[[Iterator[slice]], None], samples: int, work: int, threads: int | None
) -> None:
    """Let `threads` calls of `worker` take blocks of samples, each block once.

    `work`: neurons times steps of a sample.
    """
    if threads is None:
        threads = 1 if work * samples < WORTH_A_THREAD else os.cpu_count() or 1
    if threads < 1:
        raise InputError(f"simulator: threads is {threads}, expected 1 or more")
    size = max(1, min(BLOCK, -(-samples // threads)))
    blocks = [slice(start, min(start + size, samples)) for start in range(0, samples, size)]
    workers = min(threads, len(blocks))
    shared = iter(blocks)
    if workers <= 1:
        worker(shared)
        return
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(worker, [shared] * workers))
