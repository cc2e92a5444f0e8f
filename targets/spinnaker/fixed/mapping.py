"""A population of the contract as IF_curr_delta, in the units of a `Setting`."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import Population, QuantizedGraph
from snnc.targets.spinnaker.fixed.accum import HIGHEST, ONE, Ints
from snnc.targets.spinnaker.fixed.leak import time_constant
from snnc.targets.spinnaker.fixed.network import Cells, Current
from snnc.targets.spinnaker.fixed.neurons import Cell, Constants
from snnc.targets.spinnaker.fixed.ring import FULL, SHIFT_MAX
from snnc.targets.spinnaker.fixed.setting import Setting

Floats = npt.NDArray[np.float64]
REACH = 1 << 29
"""Of what v decays toward: its difference from v then fits 32 bits, which nothing on the board checks."""
UNIT = 1 << formats.STATE_FRACTION_BITS
"""Of the contract's v, in a weight of 1."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Of the weights into each neuron, int64 [neurons], in the contract's units without a sign."""

    excitatory: Ints
    inhibitory: Ints


@dataclass(frozen=True, slots=True)
class Mapped:
    """`cells` of `population`; `unit` [neurons]: how many S16.15 units one of the contract's v is.

    `pynn`: the same neurons by PyNN's parameters.
    """

    cells: Cells
    pynn: tuple[Cell, ...]
    unit: Floats
    setting: Setting


def sums_of(graph: QuantizedGraph, name: str) -> Sums:
    """Of all projections into `name`."""
    found = np.zeros((2, graph.population(name).neurons), np.int64)
    for projection in graph.into(name):
        synapses = projection.synapses.as_list()
        weight = synapses.weight.astype(np.int64) << projection.weight_exp
        np.add.at(found[0], synapses.post, np.maximum(weight, 0))
        np.add.at(found[1], synapses.post, np.maximum(-weight, 0))
    return Sums(found[0], found[1])


def largest_gain(population: Population, sums: Sums, quantum: int, muted: bool) -> int:
    """The largest `gain` with which nothing that may arrive leaves `REACH`; it may be negative."""
    reach = _reach(population, sums, quantum, muted)
    return math.floor(math.log2(REACH / max(1.0, float(reach.max()))))


def map_population(
    population: Population, sums: Sums, setting: Setting, level: int, end: int | None
) -> Mapped:
    """`population`, whose step 0 is step `level` of the board; `end`: the first without spikes, or None.

    A source injects its bias from step `level` on, and from its end on more than all its input, so that it
    spikes no more.
    """
    assert population.decay_v is not None
    kept = (formats.DECAY_ONE - population.decay_v.astype(np.int64)) * (ONE // formats.DECAY_ONE)
    shift, twos = _shift(kept, setting)
    of_kept = {int(each): time_constant(int(each), twos) for each in np.unique(kept)}
    tau = [of_kept[int(each)] for each in kept]
    times = [_capacity(each, int(keep), shift, twos, setting) for each, keep in zip(tau, kept, strict=True)]
    cells = [Cell(each / ONE, cm / ONE, HIGHEST / ONE) for each, cm in zip(tau, times, strict=True)]
    held = Constants.of(population.name, cells)
    scale = 2.0 ** (shift - setting.quantum)
    unit = (ONE - held.decay) * held.resistance * (scale / UNIT) / ONE**2
    thresholds = _thresholds(population, unit)
    cells = [
        Cell(cell.tau_m, cell.cm, threshold / ONE) for cell, threshold in zip(cells, thresholds, strict=True)
    ]
    constant = np.rint(_constant(population, setting) * scale / UNIT).astype(np.int64)
    currents = [Current(level, constant)] if constant.any() else []
    if end is not None:
        most = np.minimum(_quanta(sums.excitatory, setting.quantum), FULL) << shift
        currents.append(Current(level + end, -(most + np.maximum(constant, 0))))
    constants = Constants.of(population.name, cells)
    return Mapped(Cells(population.name, constants, shift, tuple(currents)), tuple(cells), unit, setting)


def _shift(kept: Ints, setting: Setting) -> tuple[int, int]:
    """The shift of the ring buffers, and the power of two that is left for tau_m / cm."""
    if setting.gain is None:
        middle = float(np.median(ONE - np.minimum(kept, ONE - 2)))
        shift = round(math.log2(UNIT * ONE / middle)) + setting.quantum
        return min(max(shift, 0), SHIFT_MAX), 0
    whole = max(setting.gain + setting.quantum, 0)
    return min(whole, SHIFT_MAX), max(whole - SHIFT_MAX, 0)


def _capacity(tau: int, kept: int, shift: int, twos: int, setting: Setting) -> int:
    """cm in S16.15: with it tau_m / cm is a power of two, or makes the board's unit that of the contract."""
    if setting.gain is not None:
        twos = min(twos, (tau & -tau).bit_length() - 1)
        return tau >> twos
    wanted = UNIT * ONE / ((ONE - min(kept, ONE - 2)) * 2.0 ** (shift - setting.quantum))
    return min(max(round(tau / wanted), 1), HIGHEST)


def _thresholds(population: Population, unit: Floats) -> Ints:
    """The board spikes at v >= its threshold, the contract at v > its own: so it is half a unit above.

    Of 0 it would be met at rest. A readout has the largest number, which v cannot reach (`REACH`), and so has
    what would need a larger one.
    """
    if population.threshold is None:
        return np.full(population.neurons, HIGHEST, np.int64)
    middle = (population.threshold.astype(np.float64) * UNIT + 0.5) * unit
    return np.clip(np.ceil(middle), 1, HIGHEST).astype(np.int64)


def _constant(population: Population, setting: Setting) -> Floats:
    """What moves v in every step, in the contract's units."""
    bias = population.input_bias.astype(np.float64) * UNIT + population.bias
    constant: Floats = bias - setting.correction
    return constant


def _quanta(weights: Ints, quantum: int) -> Ints:
    """`weights`, none negative, in units of the ring buffers, rounded up as sums of rounded ones may be."""
    return np.ceil(weights / 2.0**quantum).astype(np.int64)


def _reach(population: Population, sums: Sums, quantum: int, muted: bool) -> Floats:
    """[neurons]: the most that can arrive in a step, as a multiple of a weight of 1."""
    bias = np.abs(population.input_bias.astype(np.float64)) + np.abs(population.bias) / UNIT + 1
    up, down = (
        np.minimum(_quanta(each, quantum), FULL) * 2.0**quantum for each in (sums.excitatory, sums.inhibitory)
    )
    reach: Floats = bias + (up + down + bias if muted else np.maximum(up, down))
    return reach
