"""Coverage: what inputs reached of a network, from the trace of an executor, batch by batch.

Of every source only its first spike matters: a synapse with delay d carried a spike that arrived if its
source spiked at s with s + d < T, so if the earliest did. So memory is a few numbers a neuron.
`docs/coverage.md` says what is counted and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import Coverage, LayerCoverage, LayerTrace, QuantizedGraph, QuantizedLayer, Trace

Steps = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

NAMED = 5
"""Neurons or delays that a line of `unreached` names, at most."""
LINES = 20
"""Lines of `unreached`, at most."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What `samples` samples reached.

    `first`: for the input lines and then each layer, int32 [neurons], the first step of any sample in which
    each spiked, T for never. `met`: for each layer, bool [neurons], whether v met a threshold above 0
    exactly. `counts`: int64 [layers, 4], the last four fields of `LayerCoverage`.
    """

    samples: int
    first: tuple[Steps, ...]
    met: tuple[Flags, ...]
    counts: npt.NDArray[np.int64]

    def __add__(self, other: Reached) -> Reached:
        """What the samples of both reached."""
        first = tuple(np.minimum(a, b) for a, b in zip(self.first, other.first, strict=True))
        met = tuple(a | b for a, b in zip(self.met, other.met, strict=True))
        return Reached(self.samples + other.samples, first, met, self.counts + other.counts)


@dataclass(frozen=True, slots=True)
class Reachable:
    """What some input could reach, as far as is known.

    `earliest`: for each layer int [neurons], a step before which no input makes the neuron spike, T for
    never. `saturates`: whether some input might make u wrap or v clip.
    """

    earliest: tuple[npt.NDArray[np.integer], ...]
    saturates: bool = True

    @classmethod
    def anything(cls, graph: QuantizedGraph) -> Reachable:
        """What is to be assumed where nothing was proved."""
        return cls(tuple(np.zeros(layer.neurons, np.int32) for layer in graph.layers))


def nothing(graph: QuantizedGraph) -> Reached:
    """What no sample reaches; the start of a sum."""
    widths = [graph.inputs, *(layer.neurons for layer in graph.layers)]
    never = tuple(np.full(width, graph.time_steps, np.int32) for width in widths)
    met = tuple(np.zeros(width, np.bool_) for width in widths[1:])
    return Reached(0, never, met, np.zeros((len(graph.layers), 4), np.int64))


def reached(graph: QuantizedGraph, inputs: npt.NDArray[np.uint8], trace: Trace) -> Reached:
    """What one batch reached: `inputs` uint8 [samples, T, inputs] and the trace of an executor on it.

    Saturations that the executor does not count are taken for none.
    """
    trains = [inputs != 0, *(layer.spikes for layer in trace)]
    met = [meets_threshold(*pair) for pair in zip(graph.layers, trace, strict=True)]
    rests = [negative_rests(*pair).sum() for pair in zip(graph.layers, trace, strict=True)]
    counts = [
        (flags.sum(), rest, state.u_wraps or 0, state.v_clips or 0)
        for flags, rest, state in zip(met, rests, trace, strict=True)
    ]
    return Reached(
        len(inputs),
        tuple(first_spikes(train.any(axis=0)) for train in trains),
        tuple(np.asarray(flags.any(axis=(0, 1))) for flags in met),
        np.array(counts, np.int64),
    )


def reached_by_each(graph: QuantizedGraph, inputs: npt.NDArray[np.uint8], trace: Trace) -> list[Reached]:
    """As `reached`, for each sample apart; without saturations, which a trace does not count by sample."""
    first = [first_spikes(train) for train in (inputs != 0, *(layer.spikes for layer in trace))]
    met = [meets_threshold(*pair) for pair in zip(graph.layers, trace, strict=True)]
    counts = np.zeros((len(inputs), len(graph.layers), 4), np.int64)
    counts[:, :, 0] = np.stack([flags.sum(axis=(1, 2)) for flags in met], axis=1)
    counts[:, :, 1] = np.stack([negative_rests(*p) for p in zip(graph.layers, trace, strict=True)], axis=1)
    ever = [np.asarray(flags.any(axis=1)) for flags in met]
    return [
        Reached(1, tuple(steps[k] for steps in first), tuple(flags[k] for flags in ever), counts[k])
        for k in range(len(inputs))
    ]


def first_spikes(spikes: Flags) -> Steps:
    """The step of the first spike of each source, T for none; `spikes` is [..., T, sources]."""
    step = np.where(spikes.any(axis=-2), spikes.argmax(axis=-2), spikes.shape[-2])
    return step.astype(np.int32)


def meets_threshold(layer: QuantizedLayer, state: LayerTrace) -> Flags:
    """Where v met a threshold above 0 exactly (clause 6: it does not fire), [samples, T, neurons]."""
    if not layer.threshold:
        return np.zeros(state.v.shape, np.bool_)
    met: Flags = state.v == layer.threshold << formats.STATE_FRACTION_BITS  # v is 0 after a spike
    return met


def negative_rests(layer: QuantizedLayer, state: LayerTrace) -> npt.NDArray[np.int64]:
    """Decays of a negative u or v that leave a rest (clause 4), by sample."""
    return _negative_rests(state.u, layer.decay_u) + _negative_rests(state.v, layer.decay_v)


def _negative_rests(state: npt.NDArray[np.int32], decay: int) -> npt.NDArray[np.int64]:
    whole = formats.DECAY_ONE // gcd(formats.DECAY_ONE - decay, formats.DECAY_ONE)  # multiples leave none
    if whole == 1:
        return np.zeros(len(state), np.int64)
    decayed = state[:, :-1]  # the last step's is not decayed any more
    rests: npt.NDArray[np.int64] = np.count_nonzero((decayed < 0) & (decayed & (whole - 1) != 0), axis=(1, 2))
    return rests


def coverage(
    graph: QuantizedGraph, found: Reached, inputs: str, reachable: Reachable | None = None
) -> Coverage:
    """`found` by layer, over the `inputs` named, and in words what of the `reachable` is missing."""
    layers = tuple(_layer_coverage(graph, index, found) for index in range(len(graph.layers)))
    lines = list(_unreached(graph, found, layers, reachable or Reachable.anything(graph)))
    if len(lines) > LINES:
        lines[LINES - 1 :] = [f"and {len(lines) - LINES + 1} more lines like these"]
    return Coverage(inputs, found.samples, layers, tuple(lines))


def carried(graph: QuantizedGraph, index: int, first: npt.NDArray[np.integer]) -> Flags:
    """Synapses of a layer over which a spike arrives if its sources spike `first` then; [neurons, inputs]."""
    layer = graph.layers[index]
    # In 64 bits: a delay may be as long as int32 allows.
    return (layer.weight != 0) & (first.astype(np.int64) + layer.delay < graph.time_steps)


def _layer_coverage(graph: QuantizedGraph, index: int, found: Reached) -> LayerCoverage:
    layer, crossed = graph.layers[index], carried(graph, index, found.first[index])
    return LayerCoverage(
        layer.name,
        layer.neurons,
        int(np.count_nonzero(found.first[index + 1] < graph.time_steps)),
        int(np.count_nonzero(layer.weight)),
        int(crossed.sum()),
        len(np.unique(layer.delay[layer.weight != 0])),
        len(np.unique(layer.delay[crossed])),
        int(np.count_nonzero(found.met[index])),
        *(int(count) for count in found.counts[index]),
    )


def _unreached(
    graph: QuantizedGraph, found: Reached, layers: tuple[LayerCoverage, ...], reachable: Reachable
) -> Iterator[str]:
    steps = graph.time_steps
    silent = np.flatnonzero(found.first[0] >= steps)
    if len(silent):
        yield f"input: {len(silent):,} of {graph.inputs:,} lines had no event ({_some(silent)})"
    before: npt.NDArray[np.integer] = np.zeros(graph.inputs, np.int32)
    for index, (layer, counts, earliest) in enumerate(
        zip(graph.layers, layers, reachable.earliest, strict=True)
    ):
        if layer.spikes:
            yield from _silent_neurons(layer, found.first[index + 1] >= steps, earliest >= steps)
        yield from _silent_synapses(graph, index, found.first[index], before)
        if layer.threshold:
            yield from _unmet_thresholds(layer, found.met[index])
        if (_leaves_rests(layer.decay_u) or _leaves_rests(layer.decay_v)) and not counts.negative_roundings:
            yield f"{layer.name}: no decay of a negative u or v left a rest"
        before = earliest
    if reachable.saturates and not found.counts[:, 2].any():
        yield "no u wrapped"
    if reachable.saturates and not found.counts[:, 3].any():
        yield "no v was clipped"


def _silent_neurons(layer: QuantizedLayer, silent: Flags, never: Flags) -> Iterator[str]:
    if silent.any():
        which = np.flatnonzero(silent)
        yield (
            f"{layer.name}: {len(which):,} of {layer.neurons:,} neurons never spiked ({_some(which)})"
            f"{_impossible(int((silent & never).sum()))}"
        )


def _unmet_thresholds(layer: QuantizedLayer, met: Flags) -> Iterator[str]:
    unmet = np.flatnonzero(~met)
    if len(unmet) == len(met):
        yield f"{layer.name}: no v met its threshold exactly"
    elif len(unmet):
        yield f"{layer.name}: v of {len(unmet):,} of {len(met):,} neurons never met its threshold exactly"


def _silent_synapses(
    graph: QuantizedGraph, index: int, first: Steps, earliest: npt.NDArray[np.integer]
) -> Iterator[str]:
    layer, crossed = graph.layers[index], carried(graph, index, first)
    missing = (layer.weight != 0) & ~crossed
    if missing.any():
        never = missing & ~carried(graph, index, earliest)
        yield (
            f"{layer.name}: {int(missing.sum()):,} of {np.count_nonzero(layer.weight):,} synapses carried no "
            f"spike{_impossible(int(never.sum()))}"
        )
        delays = np.setdiff1d(layer.delay[missing], layer.delay[crossed])
        if len(delays):
            yield f"{layer.name}: no synapse carried a spike with a delay of {_some(delays)}"


def _impossible(count: int) -> str:
    return f"; on no input can {count:,} of them" if count else ""


def _some(numbers: npt.NDArray[np.integer]) -> str:
    return ", ".join(str(n) for n in numbers[:NAMED].tolist()) + (", …" if len(numbers) > NAMED else "")


def _leaves_rests(decay: int) -> bool:
    return 0 < decay < formats.DECAY_ONE
