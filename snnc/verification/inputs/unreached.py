"""Coverage in numbers by layer, and in words: what inputs did not reach, without what no input can."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from snnc.stages import Coverage, LayerCoverage, QuantizedGraph, QuantizedLayer
from snnc.verification.inputs.coverage import ONE_WEIGHT, Count, Flags, Reached, Steps, carried
from snnc.verification.inputs.distances import FAR
from snnc.verification.inputs.reachable import Reachable

NAMED = 5
"""Neurons or delays that a line names, at most."""
LINES = 32
"""Lines, at most."""

_LIMITS = {
    Count.U_AT_TOP: "no u was exactly 2^23 before the wrap",
    Count.U_AT_BOTTOM: "no u was exactly -2^23 before the wrap",
    Count.U_ABOVE: "no u wrapped from above 2^23",
    Count.U_BELOW: "no u wrapped from -2^23 or below",
    Count.V_ABOVE: "no v was clipped from above",
    Count.V_BELOW: "no v was clipped from below",
}
_RESTS = {
    Count.U_RESTS_BELOW: "a negative u",
    Count.U_RESTS_ABOVE: "a positive u",
    Count.V_RESTS_BELOW: "a negative v",
    Count.V_RESTS_ABOVE: "a positive v",
}


def coverage(
    graph: QuantizedGraph, found: Reached, inputs: str, reachable: Reachable | None = None
) -> Coverage:
    """`found` by layer, over the `inputs` named, and in words what of the `reachable` is missing."""
    may = reachable or Reachable.anything(graph)
    earliest = [np.zeros(graph.inputs, np.int32), *may.earliest]
    layers = tuple(
        _layer_coverage(graph, index, found, earliest[index]) for index in range(len(graph.layers))
    )
    lines = list(_unreached(graph, found, may))
    if len(lines) > LINES:
        lines[LINES - 1 :] = [f"and {len(lines) - LINES + 1} more lines like these"]
    return Coverage(inputs, found.samples, layers, tuple(lines))


def _layer_coverage(
    graph: QuantizedGraph, index: int, found: Reached, earliest: npt.NDArray[np.integer]
) -> LayerCoverage:
    """What was reached in one layer, the sources of which spike in no step before `earliest`."""
    layer, crossed = graph.layers[index], carried(graph, index, found.first[index])
    never = (layer.weight != 0) & ~crossed & ~carried(graph, index, earliest)
    counts = {count: int(found.counts[index, count]) for count in Count}
    return LayerCoverage(
        layer=layer.name,
        neurons=layer.neurons,
        spiked=int(np.count_nonzero(found.first[index + 1] < graph.time_steps)),
        synapses=int(np.count_nonzero(layer.weight)),
        carried=int(crossed.sum()),
        delays=len(np.unique(layer.delay[layer.weight != 0])),
        delays_carried=len(np.unique(layer.delay[crossed])),
        met=int(np.count_nonzero(found.met[index])),
        equalities=counts[Count.EQUALITIES],
        negative_roundings=counts[Count.U_RESTS_BELOW] + counts[Count.V_RESTS_BELOW],
        u_wraps=counts[Count.U_ABOVE] + counts[Count.U_BELOW],
        v_clips=counts[Count.V_ABOVE] + counts[Count.V_BELOW],
        positive_roundings=counts[Count.U_RESTS_ABOVE] + counts[Count.V_RESTS_ABOVE],
        just_above=int(np.count_nonzero(found.above[index] < ONE_WEIGHT)),
        just_below=int(np.count_nonzero(found.below[index] < ONE_WEIGHT)),
        one_above=int(np.count_nonzero(found.above[index] == 1)),
        together=int(np.count_nonzero(found.most[index] >= 2)),
        sources=layer.inputs,
        first_step=int(np.count_nonzero(found.first[index] == 0)),
        last_step=int(np.count_nonzero(found.last[index])),
        u_at_wrap=counts[Count.U_AT_TOP] + counts[Count.U_AT_BOTTOM],
        unreachable=int(never.sum()),
    )


def _unreached(graph: QuantizedGraph, found: Reached, reachable: Reachable) -> Iterator[str]:
    steps = graph.time_steps
    silent = np.flatnonzero(found.first[0] >= steps)
    if len(silent):
        yield f"input: {len(silent):,} of {graph.inputs:,} lines had no event ({some(silent)})"
    before: npt.NDArray[np.integer] = np.zeros(graph.inputs, np.int32)
    for index, (layer, earliest) in enumerate(zip(graph.layers, reachable.earliest, strict=True)):
        if layer.spikes:
            yield from _silent_neurons(layer, found.first[index + 1] >= steps, earliest >= steps)
        yield from _silent_synapses(graph, index, found.first[index], before)
        yield from _arrivals(graph, index, found, reachable, before)
        yield from _thresholds(layer, index, found, reachable)
        missing: Flags = np.asarray(reachable.counts[index] & (found.counts[index] == 0))
        if rests := [words for count, words in _RESTS.items() if missing[count]]:
            yield f"{layer.name}: no decay of {' or of '.join(rests)} left a rest"
        if missing[Count.TIES]:
            yield f"{layer.name}: no two classes tied for the best score, with equal v in every step"
        before = earliest
    never: Flags = np.asarray(reachable.counts.any(axis=0) & ~(found.counts > 0).any(axis=0))
    yield from (words for count, words in _LIMITS.items() if never[count])


def _silent_neurons(layer: QuantizedLayer, silent: Flags, never: Flags) -> Iterator[str]:
    if silent.any():
        which = np.flatnonzero(silent)
        yield (
            f"{layer.name}: {len(which):,} of {layer.neurons:,} neurons never spiked ({some(which)})"
            f"{impossible(int((silent & never).sum()))}"
        )


def _arrivals(
    graph: QuantizedGraph,
    index: int,
    found: Reached,
    reachable: Reachable,
    earliest: npt.NDArray[np.integer],
) -> Iterator[str]:
    """Whether a source spiked in the first step and in the last, and two spikes arrived in one step."""
    missing = []
    if np.any(earliest == 0) and not np.any(found.first[index] == 0):
        missing.append("in the first step")
    if np.any(earliest < graph.time_steps) and not found.last[index].any():
        missing.append("in the last step")
    if reachable.most[index].max() >= 2 > found.most[index].max():
        missing.append("with another at one neuron in one step")
    if missing:
        what = "event" if index == 0 else "spike"
        yield f"{graph.layers[index].name}: no {what} came {', or '.join(missing)}"


def _thresholds(layer: QuantizedLayer, index: int, found: Reached, reachable: Reachable) -> Iterator[str]:
    may: Flags = reachable.met[index]
    unmet = np.flatnonzero(may & ~found.met[index])
    if len(unmet) and len(unmet) == may.sum():
        yield f"{layer.name}: no v met its threshold exactly"
    elif len(unmet):
        yield f"{layer.name}: v of {len(unmet):,} of {may.sum():,} neurons never met its threshold exactly"
    above, below = reachable.above[index], reachable.below[index]
    nearest = int(above.min())
    missing = []
    if nearest < FAR and nearest < found.above[index].min():
        missing += [f"{nearest:,} above"]
        if nearest == 1 and found.above[index].min() >= ONE_WEIGHT:  # else v keeps to multiples
            missing += [f"2 to {ONE_WEIGHT - 1} above"]
    if below.min() < ONE_WEIGHT <= found.below[index].min():
        missing += [f"1 to {ONE_WEIGHT - 1} below" if below.min() == 1 else f"{below.min()} below"]
    if missing:
        yield f"{layer.name}: no v was {', or '.join(missing)} its threshold"


def _silent_synapses(
    graph: QuantizedGraph, index: int, first: Steps, earliest: npt.NDArray[np.integer]
) -> Iterator[str]:
    layer, crossed = graph.layers[index], carried(graph, index, first)
    missing = (layer.weight != 0) & ~crossed
    if missing.any():
        never = missing & ~carried(graph, index, earliest)
        yield (
            f"{layer.name}: {int(missing.sum()):,} of {np.count_nonzero(layer.weight):,} synapses carried no "
            f"spike{impossible(int(never.sum()))}"
        )
        delays = np.setdiff1d(layer.delay[missing], layer.delay[crossed])
        if len(delays):
            yield f"{layer.name}: no synapse carried a spike with a delay of {some(delays)}"


def impossible(count: int) -> str:
    """What follows on a line where no input reaches `count` of what it names."""
    return f"; on no input can {count:,} of them" if count else ""


def some(numbers: npt.NDArray[np.integer]) -> str:
    """The first of `numbers`."""
    return ", ".join(str(n) for n in numbers[:NAMED].tolist()) + (", …" if len(numbers) > NAMED else "")
