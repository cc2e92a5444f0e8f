"""A placed program as tables: which neuron a core updates when, and which message a source sends where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from snnc.encodings import dense_bits, is_dense, signed_bits, sparse_bits
from snnc.errors import StageError
from snnc.stages import PlacedProgram, QuantizedGraph, SynapseList
from snnc.stages.population import INPUT

IntArray = npt.NDArray[np.int64]
Messages = tuple[IntArray, ...]
"""Neuron of the source, core, synapses, words, dense: of each message."""


class FanOut(NamedTuple):
    """Synapses of a projection: those from its source j are `row[j] <= k < row[j + 1]`, to `neuron[k]`."""

    row: IntArray
    neuron: IntArray
    delay: IntArray

    @property
    def pairs(self) -> int:
        """How many pairs of neurons have a synapse, or several with different delays."""
        first = np.diff(self.neuron, prepend=-1) != 0
        first[self.row[:-1][np.diff(self.row) > 0]] = True
        return int(first.sum())


@dataclass(frozen=True, slots=True)
class Layout:
    """Sources are numbered: the input lines, then the neurons of every population with a state, as listed.

    Attributes
    ----------
    inputs, first
        Number of input lines; first source of each population, by its name.
    levels
        Of each population: it computes step t of the contract in step t + level of the chip.
    sources
        How many there are.
    tile
        Column and row of each core, int64 [cores, 2].
    core_row, core_source
        The neurons (as sources) that core c updates, in their order, are
        `core_source[core_row[c] : core_row[c + 1]]`: by population in the contract order, in each by number.
    fan_out
        Of each projection its synapses by source: see `FanOut`.
    row, target, synapses, words, dense
        Source s sends the messages `row[s] <= m < row[s + 1]`: each to core `target[m]`, rising, to one core
        by projection in their order; `synapses[m]` synapses listen to it and lie in `words[m]` words of
        memory, in the dense encoding or not.
    """

    program: PlacedProgram
    inputs: int
    first: Mapping[str, int]
    levels: Mapping[str, int]
    sources: int
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
    def steps(self) -> int:
        """Steps that the chip takes for a sample: T and the highest level; of a chain T and one a layer."""
        return self.program.graph.time_steps + max(self.levels.values())

    @property
    def tiles_used(self) -> int:
        return len(np.unique(self.tile, axis=0))

    def of(self, name: str) -> slice:
        """The neurons, or lines, of a population among the sources."""
        return slice(self.first[name], self.first[name] + self.program.graph.population(name).neurons)

    def window(self, name: str) -> slice:
        """The steps of the chip in which a population computes steps 0 .. T-1."""
        return slice(self.levels[name], self.levels[name] + self.program.graph.time_steps)

    def sender(self) -> IntArray:
        """int64 [sources]: the core of each source, -1 for input lines."""
        found = np.full(self.sources, -1, np.int64)
        found[self.core_source] = np.repeat(np.arange(self.cores), np.diff(self.core_row))
        return found


def layout_of(program: PlacedProgram, word_bits: int, levels: Mapping[str, int] | None = None) -> Layout:
    """The tables of `program`, whose synaptic memory is read in words of `word_bits` bits.

    `levels` of all populations; of a chain, without them, each layer is one step later than the one before.

    Raises
    ------
    StageError
        If the graph is no chain and has no levels, or a spike would arrive before it is sent.
    """
    graph = program.graph
    listed = [each.synapses.as_list() for each in graph.projections]
    levels = _checked(graph, listed, levels)
    first, sources = _first(graph)
    owner, held = _owners(program, first)
    none = np.zeros(0, np.int64)
    messages: list[Messages] = [(none, none, none, none, none)]
    for projection, synapses in zip(graph.projections, listed, strict=True):
        later = levels[projection.destination] - levels[projection.source] - 1
        to = owner[projection.destination]
        for pre, *others in _messages(synapses, later, to, len(program.cores), word_bits):
            messages.append((first[projection.source] + pre, *others))
    source, target, counts, words, dense = (np.concatenate(part) for part in zip(*messages, strict=True))
    order = np.lexsort((target, source))  # stable: to one core by projection
    return Layout(
        program=program,
        inputs=graph.inputs,
        first=first,
        levels=levels,
        sources=sources,
        tile=np.array([(core.column, core.row) for core in program.cores], np.int64).reshape(-1, 2),
        core_row=np.cumsum([0, *map(len, held)]),
        core_source=np.concatenate(held),
        fan_out=tuple(map(_fan_out, listed)),
        row=np.searchsorted(source[order], np.arange(sources + 1)).astype(np.int64),
        target=target[order],
        synapses=counts[order],
        words=words[order],
        dense=dense[order].astype(np.bool_),
    )


def _checked(
    graph: QuantizedGraph, listed: list[SynapseList], levels: Mapping[str, int] | None
) -> dict[str, int]:
    """A level of each population, 0 or more, such that no delay on the chip is negative."""
    names = [each.name for each in graph.populations]
    if levels is None:
        if not graph.is_chain:
            raise StageError("graph: is no chain, so the chip's steps do not follow from it; give its levels")
        return {name: number for number, name in enumerate(names)}
    if set(levels) != set(names) or min(levels.values()) < 0:
        raise StageError(f"levels: {dict(levels)}, expected a number of 0 or more for each of {names}")
    for projection, synapses in zip(graph.projections, listed, strict=True):
        hop = levels[projection.destination] - levels[projection.source] - 1
        if synapses.count and (least := int(synapses.delay.min()) + hop) < 0:
            raise StageError(
                f"{projection.name}: with its levels a delay on the chip is {least} steps; give others"
            )
    return dict(levels)


def _first(graph: QuantizedGraph) -> tuple[dict[str, int], int]:
    """The first source of each population, and how many sources there are."""
    found, count = {}, 0
    inputs = [each for each in graph.populations if each.model == INPUT]
    for population in (*inputs, *graph.stateful):
        found[population.name] = count
        count += population.neurons
    return found, count


def _owners(program: PlacedProgram, first: Mapping[str, int]) -> tuple[dict[str, IntArray], list[IntArray]]:
    """Of each population the core of each neuron; of each core its neurons, as sources, in their order."""
    graph = program.graph
    place = {name: number for number, name in enumerate(graph.order)}
    owner = {each.name: np.zeros(each.neurons, np.int64) for each in graph.stateful}
    held = []
    for number, core in enumerate(program.cores):
        mine: dict[str, list[IntArray]] = {}
        for part in core.populations:
            mine.setdefault(part.layer, []).append(part.neurons.astype(np.int64))
            owner[part.layer][part.neurons] = number
        names = sorted(mine, key=place.__getitem__)
        sources = [first[name] + np.sort(np.concatenate(mine[name])) for name in names]
        held.append(np.concatenate([np.zeros(0, np.int64), *sources]))
    return owner, held


def _fan_out(synapses: SynapseList) -> FanOut:
    row = np.searchsorted(synapses.pre, np.arange(synapses.pre_neurons + 1)).astype(np.int64)
    return FanOut(row, synapses.post.astype(np.int64), synapses.delay.astype(np.int64))


def _messages(
    synapses: SynapseList, later: int, owner: IntArray, cores: int, word_bits: int
) -> Iterator[Messages]:
    """The messages of a projection to each core that it reaches; one a source heard there.

    The bits of a source are those of `snnc.encodings` for it alone; each source's list begins in a new word.
    `later`: by how many steps delays are longer on the chip. `owner`: the core of each neuron of the
    destination.
    """
    low, high = int(synapses.weight.min(initial=0)), int(synapses.weight.max(initial=0))
    if not synapses.count:
        return
    formats = signed_bits(low, high), (synapses.max_delay + later).bit_length()
    of_a_pair = synapses.most_of_a_pair
    sizes = np.bincount(owner, minlength=cores).tolist()
    core_of = owner[synapses.post].astype(
        np.min_scalar_type(cores)
    )  # so small that sorting takes linear time
    by_core = synapses.pre[np.argsort(core_of, kind="stable")]
    ends = np.cumsum(np.bincount(core_of, minlength=cores)).tolist()
    for core, (start, stop) in enumerate(pairwise([0, *ends])):
        if start == stop:
            continue
        counts = np.bincount(by_core[start:stop])
        heard = np.flatnonzero(counts)
        size = sizes[core]
        dense = is_dense(size, len(heard), stop - start, *formats, of_a_pair)
        if dense:
            bits = np.full(len(heard), dense_bits(size, 1, *formats))
        else:
            bits = np.array(
                [sparse_bits(size, 1, int(count), *formats, of_a_pair) for count in counts[heard]], np.int64
            )
        yield (
            heard,
            np.full(len(heard), core),
            counts[heard],
            -(-bits // word_bits),
            np.full(len(heard), dense, np.int64),
        )
