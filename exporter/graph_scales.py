"""The grid of each neuron of a graph: how many integer steps stand for 1 of its real weights.

A grid belongs to the neuron that weights lead to: its weights, threshold, r, biases and kb have the same one,
so it divides all sums of that neuron and changes no spike. It is the finest that holds all of them; or, if
there is one, the finest of these that rounds no weight (`exact_scales.py`). Neurons that share a kernel share
a grid; for a target that holds few thresholds, neurons of a population have one threshold in integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import LimitError
from snnc.exporter.exact_scales import exact_scales
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NO_FINER: Mapping[str, FloatArray] = MappingProxyType({})
WEIGHTS = "weights"
UNIT = 1 << formats.STATE_FRACTION_BITS
BIAS_MAX = formats.BIAS_MANTISSA_MAX << formats.BIAS_EXPONENT_MAX
FINEST = 8.0
"""So many times as fine as one that holds all weights may a grid be that cuts some off."""
CLOSE = 1e-9
"""So near below a whole number a threshold counts as it."""


@dataclass(frozen=True, slots=True)
class NeuronGrids:
    """`scale` float64 [neurons]; `threshold` int64 [neurons], the integer one before "at" is considered."""

    scale: FloatArray
    threshold: IntArray | None


def choose_graph_grids(
    graph: FloatGraph,
    bits: int | Sequence[int],
    per_neuron: bool,
    finer: Mapping[str, FloatArray] = NO_FINER,
    exact: bool = True,
) -> dict[str, NeuronGrids]:
    """By population that has a state; with `per_neuron`, as many thresholds as neurons.

    `bits`: of the weights into all of these populations, or into each. `finer`: of each neuron, how many
    times as fine as its weights allow its grid may be (`finer_scales.py`); without it, no finer.
    With `exact`, a scale that rounds no weight goes before a finer one.

    Raises
    ------
    LimitError
        If a threshold is 0, or a neuron's weights are so large that it would be.
    """
    found = {}
    for of, number in zip(graph.stateful, bits_of(graph, bits), strict=True):
        into, most = graph.into(of.name), formats.SignedFormat(number).maximum
        given = finer.get(of.name, np.ones(of.neurons))
        grids, steps = grids_of(of, into, most, per_neuron, given)
        found[of.name] = _exact(of, grids, exact_of(of, into, most, per_neuron)) if exact else grids
        threshold = found[of.name].threshold
        if threshold is not None and steps is not None and (threshold < 1).any():
            size = shared_by(of, into, per_neuron)
            raise _lost(
                of, _held(of, into, most * given), steps, number, size, _cut(of, into, most, per_neuron)
            )
    return found


def _check_above_zero(name: str, threshold: FloatArray) -> None:
    if not threshold.all():
        raise LimitError(
            f"{name}, neuron {int(threshold.argmin())}: its threshold is 0, and integers have 1 at "
            "least, whatever the weights; train with a threshold above 0"
        )


def exact_of(of: FloatPopulation, into: Sequence[FloatProjection], most: int, per_neuron: bool) -> FloatArray:
    """float64 [neurons], the scale that rounds no weight and no threshold; 0 where there is none."""
    size, unit = shared_by(of, into, per_neuron), unit_of(of, into, per_neuron)
    finest = _finest(of, _held(of, into, np.full(of.neurons, float(most))), into, most)
    return exact_scales(of, into, most, size, unit, finest)


def _exact(of: FloatPopulation, grids: NeuronGrids, exact: FloatArray) -> NeuronGrids:
    """`grids` with the scales `exact`, where they are not 0."""
    there = exact > 0
    scale = np.where(there, exact, grids.scale)
    if of.threshold is None or grids.threshold is None:
        return NeuronGrids(scale, None)
    return NeuronGrids(
        scale, np.where(there, np.rint(of.threshold * exact), grids.threshold).astype(np.int64)
    )


def bits_of(graph: FloatGraph, bits: int | Sequence[int]) -> Sequence[int]:
    """Of the weights into each population that has a state."""
    return [bits] * len(graph.stateful) if isinstance(bits, int) else bits


def on_grid(weight: FloatArray, scale: FloatArray, most: int) -> FloatArray:
    """Weights in steps of `scale`; those beyond `most` at the end of the grid."""
    found: FloatArray = np.clip(np.rint(weight * scale), -most, most)
    return found


def blocks_of(into: Sequence[FloatProjection]) -> int:
    """How many neurons, one after another, share all of their weights."""
    return lcm(*(each.synapses.blocks for each in into))


def shared_by(of: FloatPopulation, into: Sequence[FloatProjection], per_neuron: bool) -> int:
    """How many neurons, one after another, have scales that follow from each other."""
    return blocks_of(into) if per_neuron else of.neurons


def unit_of(of: FloatPopulation, into: Sequence[FloatProjection], per_neuron: bool) -> FloatArray:
    """float64 [neurons], what weights of such neurons are relative to: their thresholds where these are to be
    one number in integers, else 1.
    """
    alike = not per_neuron and of.threshold is not None and _alike(of.threshold, blocks_of(into)).all()
    return of.threshold if alike else np.ones(of.neurons)  # type: ignore[return-value]


def grids_of(
    of: FloatPopulation, into: Sequence[FloatProjection], most: int, per_neuron: bool, finer: FloatArray
) -> tuple[NeuronGrids, FloatArray | None]:
    """The grids of a population, whose thresholds may be 0; and the real thresholds in steps, if it has any.

    `most`: the largest integer of a weight; a weight may lie beyond it by the factor `finer` [neurons].
    Raises `LimitError` if a real threshold is 0.
    """
    finest = _finest(of, _held(of, into, most * finer), into, most)
    size = blocks_of(into) if per_neuron or of.spikes else of.neurons
    if of.threshold is None:
        return NeuronGrids(_least(finest, size), None), None
    _check_above_zero(of.name, of.threshold)
    same = _alike(of.threshold, size)
    if not (per_neuron or same.all()):
        size, same = of.neurons, np.zeros(of.neurons, np.bool_)  # one grid, and thresholds differ
    least = _least(finest, size)
    steps = of.threshold * least
    whole = np.floor(steps * (1 + CLOSE))
    if not per_neuron and same.all():
        whole = np.full(of.neurons, whole.min())
    scale = np.where(same, whole / of.threshold, least)
    threshold = np.where(same, whole, np.rint(of.threshold * scale))
    return NeuronGrids(scale, threshold.astype(np.int64)), steps


def _cut(of: FloatPopulation, into: Sequence[FloatProjection], most: int, per_neuron: bool) -> bool:
    """Whether a grid that cuts the largest weights off, as `mse` may choose it, keeps all thresholds."""
    threshold = grids_of(of, into, most, per_neuron, np.full(of.neurons, FINEST))[0].threshold
    return threshold is not None and bool((threshold >= 1).all())


def _lost(
    of: FloatPopulation, held: Sequence[_Held], steps: FloatArray, bits: int, size: int, cut: bool
) -> LimitError:
    """The threshold with the fewest `steps` becomes 0, and with it those of neurons that share its grid.

    `cut`: it would not if the largest weights were cut off.
    """
    assert of.threshold is not None
    neuron = int(steps.argmin())
    ends = slice(neuron // size * size, (neuron // size + 1) * size)
    worst = min(held, key=lambda each: (each.finest[ends] * of.threshold[ends]).min())  # type: ignore[index]
    which, remedy = worst.name, f"use a smaller {worst.name}"
    if worst.name == WEIGHTS:
        which, remedy = f"{WEIGHTS} in {bits} bits", "use more weight bits, or train with smaller weights"
        if cut:
            remedy = "use more weight bits, or --scale mse, which cuts the largest weights off"
    return LimitError(
        f"{of.name}, neuron {neuron}: its threshold {of.threshold[neuron]:.4g} is {steps[neuron]:.3g} steps "
        f"of the finest grid that holds its {which}, and would become 0; {remedy}"
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """Numbers of the neurons that a grid must hold, and the finest scale that does; inf for a number of 0."""

    name: str
    size: FloatArray
    finest: FloatArray


def _held(of: FloatPopulation, into: Sequence[FloatProjection], most: FloatArray) -> list[_Held]:
    """`most` float64 [neurons]: the largest integer that a weight may have before it is cut off."""
    limits: list[tuple[str, FloatArray | None, FloatArray | float]] = [
        *((WEIGHTS, each.synapses.largest(), most) for each in into),
        ("threshold", of.threshold, formats.THRESHOLD_MAX),
        ("reset_by", of.reset_by, formats.THRESHOLD_MAX),
        ("bias", of.bias, BIAS_MAX / UNIT),
        ("input_bias", of.input_bias, BIAS_MAX),
        ("kb", of.kb, formats.KB_MAX / UNIT),
    ]
    sizes = [(name, np.abs(value), largest) for name, value, largest in limits if value is not None]
    with np.errstate(divide="ignore", over="ignore"):
        return [_Held(name, size, largest / size) for name, size, largest in sizes]


def _finest(
    of: FloatPopulation, held: Sequence[_Held], into: Sequence[FloatProjection], most: int
) -> FloatArray:
    """float64 [neurons], the largest scale on which each number of a neuron fits its format."""
    finest: FloatArray = np.min([each.finest for each in held], axis=0)
    largest = np.max([each.size for each in held], axis=0)
    if (tiny := np.isinf(finest) & (largest > 0)).any():
        neuron = int(tiny.argmax())
        raise LimitError(
            f"{of.name}, neuron {neuron}: its numbers are so small, {largest[neuron]:.4g} at most, that "
            "no scale in floating point makes integers of them; multiply them by a factor"
        )
    finest[np.isinf(finest)] = 1.0  # nothing to hold: the neuron does nothing
    heard = sum((each.synapses.largest() > 0 for each in into), np.zeros(of.neurons, np.bool_))
    if of.threshold is not None:  # without weights, a threshold as fine as theirs is enough
        alone = (heard == 0) & (of.threshold > 0)
        finest[alone] = np.minimum(finest[alone], most / of.threshold[alone])
    return finest


def _least(finest: FloatArray, size: int) -> FloatArray:
    """The least of each `size` neurons, for each of them."""
    return np.repeat(finest.reshape(-1, size).min(axis=1), size)


def _alike(value: FloatArray, size: int) -> npt.NDArray[np.bool_]:
    """For each neuron, whether all of its `size` have the same value."""
    blocks = value.reshape(-1, size)
    return np.repeat((blocks == blocks[:, :1]).all(axis=1), size)
