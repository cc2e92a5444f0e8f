"""Comparison of two trace files over what both hold: one pass, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from snnc.arrivals import arriving_at, longest_delay
from snnc.errors import InputError
from snnc.io.traces.base import VARIABLES, TraceReader, payload_max
from snnc.plugins.executors import own_arithmetic_of
from snnc.provenance import graph_hash
from snnc.stages import Divergence, QuantizedGraph, Rung, Synapse
from snnc.verification.compare import (
    ALL_RUNGS,
    Pairs,
    Place,
    divergence,
    first_difference,
    rungs,
)
from snnc.verification.diagnosis.explain_files import explained

PART_BYTES = 8 << 20
"""Bytes of one file that are compared at a time (at least one sample)."""

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Common:
    """What two files both hold.

    `numbers`, `left`, `right`: int64, each common sample's number and its place in either file. `first` ..
    `stop` - 1 are the steps, `variables` the names by layer. `inputs`: whether both hold the input.
    """

    numbers: Indices
    left: Indices
    right: Indices
    first: int
    stop: int
    variables: tuple[tuple[str, ...], ...]
    inputs: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """`rung` is the highest that holds for every sample over `common`; `divergence` the first difference.

    `unnamed` says why the synapses of the divergence are not named, None if they are. `own_arithmetic`: which
    one the executor of a file has, where it does not compute by the contract; `rung` is no equality then.
    """

    common: Common
    rung: Rung
    divergence: Divergence | None = None
    unnamed: str | None = None
    own_arithmetic: str | None = None


def compare_files(
    expected: TraceReader,
    found: TraceReader,
    graph: QuantizedGraph | None = None,
    progress: Callable[[int], None] = lambda samples: None,
) -> Compared:
    """Compare `found` with `expected` over what both hold; by their `graph` a divergence is explained.

    Time is linear in what both hold; memory is that of a few parts of `PART_BYTES`, and for the explanation
    that of one sample.

    Raises
    ------
    InputError
        If they are not comparable: of different networks or inputs, or with nothing in common; or not of
        `graph`.
    TraceFileError
        If the bytes of a file are damaged.
    """
    common = what_both_hold(expected, found)
    if graph is not None:
        _check_graph(expected, graph)
    held, first, unnamed = ALL_RUNGS, None, None
    whole = common.stop - common.first == expected.time_steps
    for part in _parts(common, expected):
        a, b = (_rows(rows[part]) for rows in (common.left, common.right))
        if common.inputs:
            _check_inputs(expected, found, a, b, common.numbers[part])
        pairs = _pairs(expected, found, a, b, common)
        place = first_difference(pairs, expected.order)
        if place is not None:
            held &= rungs(pairs, expected.readouts, first=common.first, all_steps=whole)
            if first is None:
                first, unnamed = _divergence(expected, pairs, place, int(a.start), common.first, graph)
                at = part.start + place.sample
                first = replace(first, sample=int(common.numbers[at]))
                if graph is not None:
                    rows = list(zip(common.left.tolist(), common.right.tolist(), strict=True))
                    others = [*rows[:at], *rows[at + 1 :]]
                    steps = common.first, common.stop
                    first = explained(first, graph, expected, found, rows[at], others, *steps)
        progress(part.stop)
    own = own_arithmetic_of(expected.executor) or own_arithmetic_of(found.executor)
    highest = Rung.BIT_EXACT if own is None else Rung.SHIFTED_SPIKES
    if first is None:
        return Compared(common, highest, own_arithmetic=own)
    return Compared(common, min(max(held), highest), first, unnamed, own)


def what_both_hold(expected: TraceReader, found: TraceReader) -> Common:
    """The samples, steps and variables that stand in both files. Raises `InputError` if there are none."""
    names = f"{expected.path} and {found.path} are not comparable"
    if expected.graph_hash != found.graph_hash:
        raise InputError(
            f"{names}: they are of different networks (graph_hash {expected.graph_hash[:12]}... and "
            f"{found.graph_hash[:12]}...); run the same artifact"
        )
    for name in ("time_steps", "inputs", "payload_max", "layers", "neurons", "models", "order", "readouts"):
        left, right = getattr(expected, name), getattr(found, name)
        if left != right:
            raise InputError(f"{names}: they name the same network, but {name} is {left} and {right}")
    numbers, left, right = np.intersect1d(
        expected.samples, found.samples, assume_unique=True, return_indices=True
    )
    if not len(numbers):
        raise InputError(f"{names}: they have no sample number in common")
    first, stop = max(expected.first, found.first), min(expected.stop, found.stop)
    if first >= stop:
        raise InputError(
            f"{names}: their steps {expected.first}:{expected.stop} and {found.first}:{found.stop} "
            "do not overlap"
        )
    variables = tuple(
        tuple(name for name in VARIABLES if expected.holds(layer, name) and found.holds(layer, name))
        for layer in range(len(expected.layers))
    )
    if not any(variables):
        raise InputError(f"{names}: they have no variable of a layer in common; see --layers and --variables")
    return Common(numbers, left, right, first, stop, variables, expected.has_input and found.has_input)


def _check_graph(file: TraceReader, graph: QuantizedGraph) -> None:
    """Raise `InputError` unless the head of `file` is that of a trace of `graph`."""
    said = file.time_steps, file.inputs, file.payload_max, file.layers, file.neurons
    names, sizes = (tuple(getattr(each, name) for each in graph.stateful) for name in ("name", "neurons"))
    right = graph.time_steps, graph.inputs, payload_max(graph), names, sizes
    if file.graph_hash != graph_hash(graph) or said != right:
        raise InputError(
            f"{file.path}: belongs to another network than the artifact; give its own artifact (--artifact)"
        )


def _parts(common: Common, file: TraceReader) -> Iterator[slice]:
    """Slices of the common samples that lie together in both files, of bounded size."""
    states = sum(len(names) * size for names, size in zip(common.variables, file.neurons, strict=True))
    row = 4 * (common.stop - common.first) * states + 8 * file.time_steps * file.inputs * common.inputs
    size = max(1, PART_BYTES // row)
    apart = (np.diff(common.left) != 1) | (np.diff(common.right) != 1)
    bounds = [0, *(np.flatnonzero(apart) + 1).tolist(), len(common.numbers)]
    for start, stop in pairwise(bounds):
        for first in range(start, stop, size):
            yield slice(first, min(first + size, stop))


def _rows(indices: Indices) -> slice:
    return slice(int(indices[0]), int(indices[-1]) + 1)


def _pairs(expected: TraceReader, found: TraceReader, a: slice, b: slice, common: Common) -> Pairs:
    def read(file: TraceReader, layer: int, name: str, rows: slice) -> npt.NDArray[np.generic]:
        return file.read(layer, name, rows, slice(common.first - file.first, common.stop - file.first))

    return [
        {name: (read(expected, layer, name, a), read(found, layer, name, b)) for name in names}
        for layer, names in enumerate(common.variables)
    ]


def _check_inputs(expected: TraceReader, found: TraceReader, a: slice, b: slice, numbers: Indices) -> None:
    differs = (expected.read_input(a) != found.read_input(b)).any(axis=(1, 2))
    if differs.any():
        raise InputError(
            f"{expected.path} and {found.path} are not comparable: they were recorded on different inputs "
            f"(sample {numbers[differs.argmax()]}); run both on the same file"
        )


def _divergence(
    file: TraceReader, pairs: Pairs, place: Place, row: int, first: int, graph: QuantizedGraph | None
) -> tuple[Divergence, str | None]:
    """The difference at `place` of a part from `row` and step `first` on, and why it names no synapses."""
    synapses: tuple[Synapse, ...] = ()
    unnamed: str | None = "give --artifact"
    index = file.order[place.layer]
    if graph is not None:
        try:
            step = place.step + first
            signal = _Signal(file, graph, row + place.sample, file.layers[index], place.neuron, step)
            synapses = arriving_at(graph, signal.name, signal, place.neuron, step)
            unnamed = None
        except _NotHeld as error:
            unnamed = str(error)
    found = divergence(pairs[index], place, file.layers[index], "trace", synapses)
    return replace(found, step=place.step + first), unnamed


class _NotHeld(Exception):
    """What a file lacks."""


@dataclass(frozen=True, slots=True)
class _Signal:
    """What the sources of `neuron` of the layer `name` sent in one sample, by the file's place `row`."""

    file: TraceReader
    graph: QuantizedGraph
    row: int
    name: str
    neuron: int
    step: int

    def __call__(self, source: str) -> npt.NDArray[np.bool_ | np.uint8]:
        """Of one source, [T, neurons]; `_NotHeld` unless the file holds what `neuron` needs of it."""
        file, rows = self.file, slice(self.row, self.row + 1)
        if source not in file.layers:
            if not file.has_input:
                raise _NotHeld(f"{file.path} holds no input")
            return file.read_input(rows)[0][:, self.graph.lines(source)]
        index = file.layers.index(source)
        longest = longest_delay(self.graph, source, self.name, self.neuron)
        earliest = max(0, self.step - longest)
        if not file.holds(index, "spikes"):
            raise _NotHeld(f"{file.path} holds no spikes of {source}")
        if earliest < file.first:
            raise _NotHeld(f"{file.path} holds no spikes of {source} in steps {earliest}:{file.first}")
        signal = np.zeros((file.time_steps, file.neurons[index]), np.bool_)
        signal[file.first : file.stop] = file.read(index, "spikes", rows)[0]
        return signal
