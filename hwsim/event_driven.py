"""The event-driven simulator: work is done per spike where spikes are few, on bits where they are many.

Each layer runs over a block of whole samples before the next one starts, which a chain of layers allows.
One of two kernels delivers the spikes (docs/simulator.md); a pass over the neurons then turns what arrived
into u, v and spikes. Blocks run in parallel.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.hwsim.bit_trains import OCTETS, SAMPLES
from snnc.hwsim.layer_program import KERNELS, LayerProgram, Spikes, Workspace
from snnc.stages import Answer, Artifact, LayerTrace, QuantizedGraph, Trace, check_input

BLOCK = OCTETS * SAMPLES
"""Samples that a thread runs at a time."""
WORTH_A_THREAD = 1 << 16
"""Neurons times steps times samples below which starting threads takes longer than they save."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a data set's worth of samples leaves when states are not kept.

    `readout`: v of the last layer, int32 [samples, T, classes]. `spike_counts`: int64 [samples,
    layers], 0 for the readout. `u_wraps`, `v_clips`: int64 [layers], as in `LayerTrace`.
    """

    readout: npt.NDArray[np.int32]
    spike_counts: npt.NDArray[np.int64]
    u_wraps: npt.NDArray[np.int64]
    v_clips: npt.NDArray[np.int64]


def simulate(
    graph: QuantizedGraph,
    spikes: npt.ArrayLike,
    *,
    threads: int | None = None,
    kernel: str | None = None,
) -> Trace:
    """Every u, v and spike of `graph` on `spikes`, [samples, T, inputs] of 0 .. `graph.payload_max`.

    `threads` defaults to the number of processors, or to one where starting more would take longer than the
    work; `kernel` ("events" or "bits") defaults to the one that should be faster on the spikes of each layer.
    Neither changes the result.

    Raises
    ------
    StageError
        If the input does not fit the graph.
    InputError
        If `threads` is not positive, or `kernel` is none of the two.
    """
    inputs = np.ascontiguousarray(check_input(graph, spikes))
    layers = _programs(graph, kernel)
    shapes = [(*inputs.shape[:2], layer.neurons) for layer in layers]
    u = [np.empty(shape, np.int32) for shape in shapes]
    v = [np.empty(shape, np.int32) for shape in shapes]
    fired = [np.empty(shape, np.uint8) for shape in shapes]
    saturations = np.zeros((len(inputs), len(layers), 2), np.int64)

    def worker(blocks: Iterator[slice]) -> None:
        workspace = Workspace()
        for block in blocks:
            source = Spikes(inputs[block])
            for index, layer in enumerate(layers):
                target = fired[index][block]
                saturations[block.start, index] = layer.run(
                    source, u[index][block], v[index][block], target, workspace, kernel
                )
                source = Spikes(target)

    _share_blocks(worker, shapes, threads)
    u_wraps, v_clips = saturations.sum(axis=0).T
    traces = (
        LayerTrace(u[i], v[i], fired[i].view(np.bool_), int(u_wraps[i]), int(v_clips[i]))
        for i in range(len(layers))
    )
    return Trace(EventDrivenExecutor.name, tuple(traces))


def summarise(
    graph: QuantizedGraph, spikes: npt.ArrayLike, *, threads: int | None = None, kernel: str | None = None
) -> Summary:
    """As `simulate`, but keep only the readout and counts: for accuracy over a whole data set."""
    return _summarise(_programs(graph, kernel), check_input(graph, spikes), threads, kernel)


def stream(
    graph: QuantizedGraph,
    batches: Iterable[npt.ArrayLike],
    *,
    threads: int | None = None,
    kernel: str | None = None,
) -> Iterator[Summary]:
    """`summarise` of each batch, [samples, T, inputs], as it comes: for data sets of any size.

    Memory is that of one batch: its input, its readout and what the threads work in. To keep the classes
    alone, decode each summary's readout (`snnc.decode.classes`) and let it go.
    """
    layers = _programs(graph, kernel)
    for spikes in batches:
        yield _summarise(layers, check_input(graph, spikes), threads, kernel)


def _summarise(
    layers: list[LayerProgram], inputs: npt.NDArray[np.uint8], threads: int | None, kernel: str | None
) -> Summary:
    inputs = np.ascontiguousarray(inputs)  # otherwise the kernels would be compiled again for its strides
    samples, steps = inputs.shape[:2]
    result = np.empty((samples, steps, layers[-1].neurons), np.int32)
    spike_counts = np.zeros((samples, len(layers)), np.int64)
    saturations = np.zeros((samples, len(layers), 2), np.int64)

    shapes = [(samples, steps, layer.neurons) for layer in layers]

    def worker(blocks: Iterator[slice]) -> None:
        current = [np.empty((min(BLOCK, samples), *shape[1:]), np.int32) for shape in shapes]
        fired = [np.empty(state.shape, np.uint8) for state in current]
        scratch = [np.empty((1, *shape[1:]), np.int32) for shape in shapes]
        workspace = Workspace()
        for block in blocks:
            source, size = Spikes(inputs[block]), block.stop - block.start
            for index, layer in enumerate(layers):
                last = index == len(layers) - 1
                after = None if last else layer.fire(source, workspace, kernel)
                if after is None:
                    target, v = fired[index][:size], result[block] if last else scratch[index]
                    saturations[block.start, index] = layer.run(
                        source, current[index][:size], v, target, workspace, kernel
                    )
                    after = Spikes(target)
                spike_counts[block, index] = workspace.counts[:size]
                source = after

    _share_blocks(worker, shapes, threads)
    u_wraps, v_clips = saturations.sum(axis=0).T
    return Summary(result, spike_counts, u_wraps, v_clips)


def readout(
    graph: QuantizedGraph, spikes: npt.ArrayLike, *, threads: int | None = None
) -> npt.NDArray[np.int32]:
    """v of the last layer, int32 [samples, T, classes]; see `summarise`."""
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
        trace, programs = simulate(graph, spikes, threads=self.threads), _programs(graph, None)
        kernels = [kernel for kernel in KERNELS if all(layer.takes(kernel) for layer in programs)]
        answers = (
            Answer(
                f"accuracy by {kernel}", _summarise(programs, check_input(graph, spikes), 2, kernel).readout
            )
            for kernel in kernels
        )
        return replace(trace, answers=tuple(answers))


def _programs(graph: QuantizedGraph, kernel: str | None) -> list[LayerProgram]:
    if kernel is not None and kernel not in KERNELS:
        raise InputError(f"simulator: kernel {kernel!r} is unknown; there are {', '.join(KERNELS)}")
    payloads = [graph.payload_max] + [1] * (len(graph.layers) - 1)
    return [
        LayerProgram(layer, graph.time_steps, most)
        for layer, most in zip(graph.layers, payloads, strict=True)
    ]


def _share_blocks(
    worker: Callable[[Iterator[slice]], None], shapes: list[tuple[int, int, int]], threads: int | None
) -> None:
    """Let `threads` calls of `worker` take blocks of samples, each block once.

    `shapes`: samples, T and neurons of each layer.
    """
    samples = shapes[0][0]
    if threads is None:
        small = sum(map(math.prod, shapes)) < WORTH_A_THREAD
        threads = 1 if small else os.cpu_count() or 1
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
