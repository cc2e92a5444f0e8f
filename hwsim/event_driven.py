"""The event-driven simulator: work is done per spike, not per synapse and step.

Each layer runs over a whole sample before the next one starts, which a chain of layers allows. A
spike adds its source's row of synapses, sorted by delay, into the steps where they arrive; a pass
over the neurons then turns what arrived into u, v and spikes. Samples run in parallel.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import InputError
from snnc.hwsim.kernels import run_layer
from snnc.stages import Artifact, LayerTrace, QuantizedGraph, QuantizedLayer, Trace, check_input

_BLOCK = 16
"""Most samples a thread takes at once: enough to hide the call, few enough to share out evenly."""


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


def simulate(graph: QuantizedGraph, spikes: npt.ArrayLike, *, threads: int | None = None) -> Trace:
    """Every u, v and spike of `graph` on `spikes`, [samples, T, inputs] of 0 and 1.

    `threads` defaults to the number of processors; it does not change the result.

    Raises
    ------
    StageError
        If the input does not fit the graph.
    InputError
        If `threads` is not positive.
    """
    inputs = check_input(graph, spikes)
    layers = [_LayerProgram.of(layer, graph.time_steps) for layer in graph.layers]
    shapes = [(*inputs.shape[:2], layer.neurons) for layer in graph.layers]
    u = [np.empty(shape, np.int32) for shape in shapes]
    v = [np.empty(shape, np.int32) for shape in shapes]
    fired = [np.empty(shape, np.uint8) for shape in shapes]
    saturations = np.zeros((len(inputs), len(layers), 2), np.int64)

    def run_block(block: slice) -> None:
        source = inputs[block]
        for index, layer in enumerate(layers):
            target = fired[index][block]
            saturations[block.start, index] = layer.run(source, u[index][block], v[index][block], target)
            source = target

    _for_each_block(run_block, len(inputs), threads)
    u_wraps, v_clips = saturations.sum(axis=0).T
    traces = (
        LayerTrace(u[i], v[i], fired[i].view(np.bool_), int(u_wraps[i]), int(v_clips[i]))
        for i in range(len(layers))
    )
    return Trace(EventDrivenExecutor.name, tuple(traces))


def summarise(graph: QuantizedGraph, spikes: npt.ArrayLike, *, threads: int | None = None) -> Summary:
    """As `simulate`, but keep only the readout and counts: for accuracy over a whole data set."""
    inputs = check_input(graph, spikes)
    layers = [_LayerProgram.of(layer, graph.time_steps) for layer in graph.layers]
    samples, steps = inputs.shape[:2]
    result = np.empty((samples, steps, graph.layers[-1].neurons), np.int32)
    spike_counts = np.zeros((samples, len(layers)), np.int64)
    saturations = np.zeros((samples, len(layers), 2), np.int64)

    def run_block(block: slice) -> None:
        source = inputs[block]
        for index, layer in enumerate(layers):
            target = np.empty((len(source), steps, layer.neurons), np.uint8)
            scratch = np.empty((2, 1, steps, layer.neurons), np.int32)
            v = result[block] if index == len(layers) - 1 else scratch[1]
            saturations[block.start, index] = layer.run(source, scratch[0], v, target)
            spike_counts[block, index] = target.sum(axis=(1, 2))
            source = target

    _for_each_block(run_block, samples, threads)
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

    def missing(self) -> str | None:
        """None: everything it needs is installed with snnc."""
        return None

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs]; return u, v and spikes of every layer and step."""
        return simulate(artifact.graph, spikes, threads=self.threads)


@dataclass(frozen=True, slots=True)
class _LayerProgram:
    """A layer as `run_layer` reads it; see there. Synapses hold the narrowest types that fit."""

    neurons: int
    row: npt.NDArray[np.int64]
    offset: npt.NDArray[np.integer]
    weight: npt.NDArray[np.integer]
    bias: npt.NDArray[np.int32]
    keep_u: np.int32
    keep_v: np.int32
    threshold: np.int32

    @classmethod
    def of(cls, layer: QuantizedLayer, steps: int) -> _LayerProgram:
        # A delay of T or more arrives nowhere (clause 2), a weight of 0 is no synapse (clause 1).
        source, neuron = np.nonzero(((layer.weight != 0) & (layer.delay < steps)).T)
        weight = layer.weight[neuron, source]
        offset = layer.delay[neuron, source].astype(np.int64) * layer.neurons + neuron
        order = np.argsort(source * (steps * layer.neurons) + offset)
        row = np.searchsorted(source, np.arange(layer.inputs + 1)).astype(np.int64)
        # The readout never spikes: v is clipped to V_LIMIT and so never exceeds it.
        vth = layer.threshold
        threshold = formats.V_LIMIT if vth is None else vth << formats.STATE_FRACTION_BITS
        return cls(
            neurons=layer.neurons,
            row=row,
            offset=_narrowest(offset[order], (np.uint16, np.uint32, np.uint64)),
            weight=_narrowest(weight[order], (np.int8, np.int16, np.int32)),
            bias=layer.bias,
            keep_u=np.int32(formats.DECAY_ONE - layer.decay_u),
            keep_v=np.int32(formats.DECAY_ONE - layer.decay_v),
            threshold=np.int32(threshold),
        )

    def run(
        self,
        spikes: npt.NDArray[np.uint8],
        u: npt.NDArray[np.int32],
        v: npt.NDArray[np.int32],
        fired: npt.NDArray[np.uint8],
    ) -> tuple[int, int]:
        saturations: tuple[int, int] = run_layer(
            spikes,
            self.row,
            self.offset,
            self.weight,
            self.bias,
            self.keep_u,
            self.keep_v,
            self.threshold,
            u,
            v,
            fired,
        )
        return saturations


def _narrowest(
    values: npt.NDArray[np.integer], types: tuple[type[np.integer], ...]
) -> npt.NDArray[np.integer]:
    low, high = values.min(initial=0), values.max(initial=0)
    fitting = next(t for t in types if np.iinfo(t).min <= low and high <= np.iinfo(t).max)
    return values.astype(fitting)


def _for_each_block(run: Callable[[slice], None], samples: int, threads: int | None) -> None:
    """Call `run` on blocks that cover the samples, in `threads` threads."""
    if threads is None:
        threads = os.cpu_count() or 1
    if threads < 1:
        raise InputError(f"simulator: threads is {threads}, expected 1 or more")
    size = max(1, min(_BLOCK, -(-samples // threads)))
    blocks = [slice(start, min(start + size, samples)) for start in range(0, samples, size)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, blocks))
