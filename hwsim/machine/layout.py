"""A placed program as tables: which neuron a core updates when, and which message a source sends where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from snnc.encodings import dense_bits, sparse_bits, weight_bits
from snnc.stages import PlacedProgram, QuantizedLayer

IntArray = npt.NDArray[np.int64]


class FanOut(NamedTuple):
    """Synapses of a layer: those from its source j are `row[j] <= k < row[j + 1]`, to `neuron[k]`."""

    row: IntArray
    neuron: IntArray
    delay: IntArray


@dataclass(frozen=True, slots=True)
class Layout:
    """Sources are numbered: the input lines, then the neurons of every layer in order.

    Attributes
    ----------
    inputs, offsets
        Number of input lines; first source of each layer, int64 [layers + 1].
    tile
        Column and row of each core, int64 [cores, 2].
    core_row, core_source
        The neurons (as sources) that core c updates, in their order, are
        `core_source[core_row[c] : core_row[c + 1]]`: layer by layer, in each by number.
    fan_out
        Of each layer its synapses by source: see `FanOut`.
    row, target, synapses, words, dense
        Source s sends the messages `row[s] <= m < row[s + 1]`: each to core `target[m]`, rising, where
        `synapses[m]` synapses listen to it and lie in `words[m]` words of memory, in the dense encoding or
        not.
    """

    program: PlacedProgram
    inputs: int
    offsets: IntArray
    tile: IntArray
    core_row: IntArray
    core_source: IntArray
    fan_out: tuple[FanOut, ...]
    row: IntArray
    target: IntArray
    synapses: IntArray
    words: IntArray
    dense: npt.NDArray[np.bool_]

    @property
    def cores(self) -> int:
        return len(self.tile)

    @property
    def sources(self) -> int:
        return int(self.offsets[-1])

    @property
    def steps(self) -> int:
        """Steps that the chip takes for a sample: T and one a layer."""
        return self.program.graph.time_steps + len(self.program.graph.layers)

    @property
    def tiles_used(self) -> int:
        return len(np.unique(self.tile, axis=0))

    def of_layer(self, index: int) -> slice:
        """The neurons of a layer among the sources."""
        return slice(int(self.offsets[index]), int(self.offsets[index + 1]))

    def sender(self) -> IntArray:
        """int64 [sources]: the core of each source, -1 for input lines."""
        found = np.full(self.sources, -1, np.int64)
        found[self.core_source] = np.repeat(np.arange(self.cores), np.diff(self.core_row))
        return found


def layout_of(program: PlacedProgram, word_bits: int) -> Layout:
    """The tables of `program`, whose synaptic memory is read in words of `word_bits` bits."""
    graph = program.graph
    offsets = graph.inputs + np.cumsum([0, *(layer.neurons for layer in graph.layers)])
    names = {layer.name: index for index, layer in enumerate(graph.layers)}
    held: list[list[IntArray]] = []
    messages = []
    for number, core in enumerate(program.cores):
        mine: dict[int, list[IntArray]] = {}
        for population in core.populations:
            mine.setdefault(names[population.layer], []).append(population.neurons.astype(np.int64))
        held.append([])
        for index in sorted(mine):
            neurons = np.sort(np.concatenate(mine[index]))
            held[-1].append(offsets[index] + neurons)
            first = 0 if index == 0 else int(offsets[index - 1])
            messages.append(_messages(graph.layers[index], neurons, number, first, word_bits))
    source, target, synapses, words, dense = (np.concatenate(part) for part in zip(*messages, strict=True))
    order = np.lexsort((target, source))
    return Layout(
        program=program,
        inputs=graph.inputs,
        offsets=offsets,
        tile=np.array([(core.column, core.row) for core in program.cores], np.int64).reshape(-1, 2),
        core_row=np.cumsum([0, *(sum(map(len, parts)) for parts in held)]),
        core_source=np.concatenate([part for parts in held for part in parts]),
        fan_out=tuple(_fan_out(layer) for layer in graph.layers),
        row=np.searchsorted(source[order], np.arange(int(offsets[-1]) + 1)).astype(np.int64),
        target=target[order],
        synapses=synapses[order],
        words=words[order],
        dense=dense[order].astype(np.bool_),
    )


def _fan_out(layer: QuantizedLayer) -> FanOut:
    source, neuron = np.nonzero(layer.weight.T)
    row = np.searchsorted(source, np.arange(layer.inputs + 1)).astype(np.int64)
    return FanOut(row, neuron.astype(np.int64), layer.delay[neuron, source].astype(np.int64))


def _messages(
    layer: QuantizedLayer, neurons: IntArray, core: int, first: int, word_bits: int
) -> tuple[IntArray, ...]:
    """Messages to `neurons` of `layer` on `core`: source, core, synapses, words, dense; one a source heard.

    The bits of a source are those of `snnc.encodings` for it alone; each source's list begins in a new word.
    """
    counts = np.count_nonzero(layer.weight[neurons], axis=0)
    heard = np.flatnonzero(counts)
    size, total = len(neurons), int(counts.sum())
    formats = weight_bits(layer), layer.max_delay.bit_length()
    is_dense = dense_bits(size, len(heard), *formats) <= sparse_bits(size, len(heard), total, *formats)
    if is_dense:
        bits = np.full(len(heard), dense_bits(size, 1, *formats))
    else:
        bits = np.array([sparse_bits(size, 1, int(count), *formats) for count in counts[heard]], np.int64)
    return (
        first + heard,
        np.full(len(heard), core),
        counts[heard],
        -(-bits // word_bits),
        np.full(len(heard), is_dense, np.int64),
    )
