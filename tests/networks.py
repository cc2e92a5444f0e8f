"""Random valid graphs of populations: every model, parameter, reset, order, decoder and storage of synapses.

Hypothesis draws sizes, kinds and how large the numbers are; a drawn seed fills the rest. Numbers are often at
the ends of their ranges. `tests/unit/hwsim/test_network_corners.py` says what is reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from snnc import formats
from snnc.stages import (
    Convolution,
    Population,
    Projection,
    QuantizedGraph,
    Readout,
    SynapseList,
    SynapseMatrix,
)
from snnc.stages.population import ADLIF, INPUT, LI, LIF, ORDERS, RESETS, SPIKING, SUBTRACT
from snnc.stages.readout import OF_SPIKES, OF_V
from snnc.stages.synapses import Synapses

Grid = tuple[int, int, int]
GRIDS: list[Grid] = [each for each in product((1, 2, 3, 4), (1, 2, 3), (1, 2, 3)) if np.prod(each) <= 8]
"""Channels, rows and columns of a population's neurons; not all populations are read as a grid."""
SMALL, LARGE = "small", "large"
"""Numbers for which many neurons spike and nothing saturates; numbers of the whole range."""
LIMIT = formats.ACCUMULATE_LIMIT


@dataclass
class Drawing:
    """What the numbers of one graph are drawn from."""

    rng: np.random.Generator
    size: str
    steps: int

    def one(self, low: int, high: int, *corners: int) -> int:
        """In half of the cases one of `corners`, or of the ends of the range if there are none."""
        ends = corners or (low, high)
        return int(self.rng.choice(ends) if self.rng.random() < 0.5 else self.rng.integers(low, high + 1))

    def each(self, neurons: int, low: int, high: int, *corners: int) -> Any:
        """One number for all neurons, or one for each."""
        if self.rng.random() < 0.5:
            return self.one(low, high, *corners)
        return np.array([self.one(low, high, *corners) for _ in range(neurons)])

    def happens(self, chance: float) -> bool:
        return bool(self.rng.random() < chance)


def _population(of: Drawing, name: str, model: str, grid: Grid) -> Population:
    neurons, values = int(np.prod(grid)), dict[str, Any]()
    if model == INPUT:
        values["payload_max"] = int(of.rng.choice([1, 1, 7, formats.PAYLOAD_MAX]))
    else:
        one = formats.DECAY_ONE
        decays = (0, one, 1, one - 1, one // 2)
        values |= {
            "decay_u": of.each(neurons, 0, one, one, *decays),
            "decay_v": of.each(neurons, 0, one, *decays),
        }
        values |= _bias(of, neurons)
    if model in SPIKING:
        top = formats.THRESHOLD_MAX if of.size == LARGE else 40
        values |= {
            "threshold": of.each(neurons, 0, top, 0, 1, 2, 3, top),
            "reset": str(of.rng.choice(RESETS)),
        }
        if values["reset"] == SUBTRACT:
            values["reset_by"] = values["threshold"] if of.happens(0.4) else of.each(neurons, 0, top)
    if model == ADLIF:
        values |= {"decay_w": of.each(neurons, 0, one, *decays), "order": str(of.rng.choice(ORDERS))}
        low, high = (formats.KB_MIN, formats.KB_MAX) if of.size == LARGE else (-999, 999)
        values |= {"ka": of.each(neurons, formats.KA_MIN, formats.KA_MAX), "kb": of.each(neurons, low, high)}
    if of.happens(0.3):
        values["end"] = int(of.rng.integers(1, of.steps + 1))
    return Population(name, model, neurons, **values)


def _bias(of: Drawing, neurons: int) -> dict[str, Any]:
    """None, small, or of the whole range; the input bias is small, unless `_filled` gives another."""
    low, high = formats.BIAS_MANTISSA_MIN, formats.BIAS_MANTISSA_MAX
    values: dict[str, Any] = {}
    if of.happens(0.6):
        large = of.size == LARGE
        values["bias_mant"] = of.each(neurons, low, high) if large else of.each(neurons, -99, 99)
        values["bias_exp"] = of.one(0, formats.BIAS_EXPONENT_MAX) if large else of.one(0, 3)
    if of.happens(0.4):
        values |= {"input_bias_mant": of.each(neurons, -3, 3), "input_bias_exp": of.one(0, 2)}
    return values


def _numbers(
    of: Drawing, shape: Sequence[int], least: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Weights, often with zeros, and delays from `least` on, sometimes beyond the steps."""
    span = of.one(0, 3, 0, of.steps, 62 - least)
    delay = of.rng.integers(least, least + span + 1, shape)
    if of.size == LARGE:
        weight = np.where(
            of.rng.random(shape) < 0.4, of.rng.choice([-128, 127], shape), of.rng.integers(-128, 128, shape)
        )
    else:
        weight = of.rng.integers(-3, 7, shape)
    weight = np.where(of.rng.random(shape) < of.rng.choice([0.0, 0.4]), 0, weight)
    return weight.astype(np.int32), delay.astype(np.int32)


def _synapses(of: Drawing, pre: Grid, post: Grid, least: int) -> Synapses:
    """Of delays from `least` on."""
    sources, targets = int(np.prod(pre)), int(np.prod(post))
    form = of.rng.integers(3)
    if form == 0:
        count = int(of.rng.integers(2 * max(sources, targets) + 1))
        weight, delay = _numbers(of, (count,), least)
        ends = of.rng.integers(0, [[sources], [targets]], (2, count))
        _, first = np.unique(np.stack([*ends, delay]), axis=1, return_index=True)
        return SynapseList(ends[0][first], ends[1][first], weight[first], delay[first], sources, targets)
    convolution = _convolution(of, pre, post, least) if form == 1 else None
    if convolution is not None:
        return convolution
    weight, delay = _numbers(of, (targets, sources), least)
    return SynapseMatrix(weight, delay)


def _convolution(of: Drawing, pre: Grid, post: Grid, least: int) -> Convolution | None:
    """From one grid to the other, by any kernel, stride and padding that do it; None if none does."""
    sides = []
    for before, after in zip(pre[1:], post[1:], strict=True):
        fits = [
            (extent, stride, padding)
            for extent, stride, padding in product((1, 2, 3), (1, 2, 3), (0, 1, 2))
            if before + 2 * padding >= extent and (before + 2 * padding - extent) // stride + 1 == after
        ]
        if not fits:
            return None
        sides.append(fits[of.rng.integers(len(fits))])
    extents, stride, padding = zip(*sides, strict=True)
    divisors = [n for n in (1, 2, 3, 4) if pre[0] % n == 0 and post[0] % n == 0]
    groups = int(of.rng.choice([*divisors, divisors[-1]]))
    kernel, delay = _numbers(of, (post[0], pre[0] // groups, *extents), least)
    each = delay if of.happens(0.7) else delay.ravel()[0]  # one delay for all elements
    return Convolution(kernel, each, pre, stride, padding, groups)


def _within_bound(
    of: Drawing, populations: Sequence[Population], projections: Sequence[Projection]
) -> list[Projection]:
    """Projections with exponents as drawn, or the largest that clause 2 allows.

    Those that it forbids are left out.
    """
    payload = {each.name: each.payload_max or 1 for each in populations}
    used = {each.name: np.abs(each.input_bias).astype(np.int64) for each in populations}
    kept = []
    for projection in projections:
        exp = formats.WEIGHT_EXPONENT_MAX if of.size == LARGE and of.happens(0.6) else of.one(0, 2)
        sums = projection.synapses.sums() * payload[projection.source]
        while exp >= 0 and (used[projection.destination] + (sums << exp)).max() > LIMIT:
            exp -= 1
        if exp >= 0:
            used[projection.destination] += sums << exp
            kept.append(replace(projection, weight_exp=exp))
    return kept


def _filled(
    of: Drawing, population: Population, projections: Sequence[Projection], payload: dict[str, int]
) -> Population:
    """With an input bias that takes, as far as a mantissa goes, all that clause 2 leaves."""
    left = np.full(population.neurons, LIMIT, np.int64)
    for each in projections:
        if each.destination == population.name:
            left -= (each.synapses.sums() << each.weight_exp) * payload[each.source]
    exp = of.one(0, formats.BIAS_EXPONENT_MAX, formats.BIAS_EXPONENT_MAX)
    mantissa = np.minimum(left >> exp, formats.BIAS_MANTISSA_MAX) * of.rng.choice([-1, 1], population.neurons)
    return replace(population, input_bias_mant=mantissa, input_bias_exp=exp)


@st.composite
def networks(draw: st.DrawFn, *, most: int = 6) -> QuantizedGraph:
    """1-3 inputs and 1 .. `most` populations of 1-8 neurons over 1-20 steps, in any order, with recurrence.

    Synapses of delay 0 lead from lower to higher in an order of their own, which is not that of the list.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.sampled_from([SMALL, LARGE]))
    of = Drawing(rng, size, draw(st.just(1) | st.integers(2, 8) | st.integers(9, 20)))
    models = [INPUT] * draw(st.integers(1, 3))
    models += draw(st.lists(st.sampled_from([LIF, LI, ADLIF]), min_size=1, max_size=most))
    models = [models[at] for at in rng.permutation(len(models))]
    grids = [GRIDS[rng.integers(len(GRIDS))] for _ in models]
    populations = [
        _population(of, f"p{number}", model, grid)
        for number, (model, grid) in enumerate(zip(models, grids, strict=True))
    ]
    sources = [number for number, model in enumerate(models) if model != LI]
    targets = [number for number, model in enumerate(models) if model != INPUT]
    rank = rng.permutation(len(populations))
    projections = []
    for _ in range(draw(st.integers(0, 3 * len(targets)))):
        source, target = int(rng.choice(sources)), int(rng.choice(targets))
        least = 0 if rank[source] < rank[target] else 1
        synapses = _synapses(of, grids[source], grids[target], least)
        projections.append(Projection(f"p{source}", f"p{target}", synapses))
    projections = _within_bound(of, populations, projections)
    payload = {each.name: each.payload_max or 1 for each in populations}
    for target in targets:
        if size == LARGE and of.happens(0.3):
            populations[target] = _filled(of, populations[target], projections, payload)
    decoded = [populations[at] for at in rng.permutation(targets)[: draw(st.integers(1, len(targets)))]]
    readouts = tuple(_readout(of, each) for each in decoded)
    return QuantizedGraph(tuple(populations), tuple(projections), readouts, of.steps, 0.001)


def _readout(of: Drawing, population: Population) -> Readout:
    names = tuple(f"class{number}" for number in range(population.neurons))
    if population.spikes:
        return Readout(population.name, str(of.rng.choice(OF_SPIKES)), None, names)
    scale = of.rng.choice([2.0**-16, 0.25, 0.3], population.neurons if of.happens(0.5) else None)
    return Readout(population.name, str(of.rng.choice(OF_V)), scale, names)


@st.composite
def networks_with_input(draw: st.DrawFn, *, most: int = 6) -> tuple[QuantizedGraph, npt.NDArray[np.uint8]]:
    """A graph of `networks` and events uint8 [1-2 samples, T, inputs], also after the end of an input."""
    graph = draw(networks(most=most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draw(st.integers(1, 2)), graph.time_steps, graph.inputs)
    largest = np.concatenate(
        [np.full(each.neurons, each.payload_max) for each in graph.populations if each.model == INPUT]
    )
    events = rng.integers(1, largest + 1, shape) if draw(st.booleans()) else np.broadcast_to(largest, shape)
    happens = rng.random(shape) < draw(st.sampled_from([0.5, 0.1, 1.0]))
    return graph, np.where(happens, events, 0).astype(np.uint8)
