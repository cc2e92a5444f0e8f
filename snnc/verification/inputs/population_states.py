"""What the states of one population reached: thresholds, rests of decays, limits. From a trace, any model."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import LayerTrace, Population
from snnc.stages.population import NONE, SUBTRACT
from snnc.verification.inputs.coverage import FAR, Flags, Gaps

Whole = npt.NDArray[np.int64]


def met_threshold(population: Population, state: LayerTrace, end: int) -> Flags:
    """Where v met a threshold above 0 exactly before the end, and did not fire; [samples, T, neurons]."""
    if population.threshold is None:
        return np.zeros(state.v.shape, np.bool_)
    level = population.threshold << formats.STATE_FRACTION_BITS
    met: Flags = (state.v == level) & (level > 0) & ~state.spikes
    met[:, end:] = False
    return met


def distances(population: Population, state: LayerTrace, end: int) -> tuple[Gaps, Gaps]:
    """The least distances of v before the reset, above the threshold and below it; [neurons], `FAR` for none.

    Below: in steps before the end in which the neuron did not fire.
    """
    none = np.full(population.neurons, FAR, np.int32)
    if population.threshold is None:
        return none, none
    level = population.threshold.astype(np.int64) << formats.STATE_FRACTION_BITS
    gap = level - state.v[:, :end]
    below = np.where(state.spikes[:, :end] | (gap <= 0), FAR, gap).min(axis=(0, 1), initial=FAR)
    fired = np.nonzero(state.spikes)
    neuron = fired[2]
    above = none.copy()
    np.minimum.at(above, neuron, (_before_reset(population, state, fired) - level[neuron]).astype(np.int32))
    return above, below.astype(np.int32)


def _before_reset(population: Population, state: LayerTrace, fired: tuple[Any, ...]) -> Whole:
    """v of clause 5 where neurons fired; a trace holds the one after the reset."""
    sample, step, neuron = fired
    v = state.v[fired].astype(np.int64)
    if population.reset == NONE:
        return v
    if population.reset == SUBTRACT:
        assert population.reset_by is not None
        return v + (population.reset_by[neuron].astype(np.int64) << formats.STATE_FRACTION_BITS)
    assert population.decay_v is not None
    last = np.where(step > 0, state.v[sample, step - 1, neuron], 0)
    made = _decayed(last, population.decay_v[neuron]) + state.u[fired] + population.bias[neuron]
    if state.w is not None:
        old = population.order == "old"
        made -= np.where(step > 0, state.w[sample, step - 1, neuron], 0) if old else state.w[fired]
    return np.minimum(made, formats.V_LIMIT)


def _decayed(x: npt.NDArray[np.integer], decay: npt.NDArray[np.integer]) -> Whole:
    """Clause 4: toward zero."""
    size = np.abs(x.astype(np.int64)) * (formats.DECAY_ONE - decay.astype(np.int64)) >> formats.DECAY_BITS
    return np.where(x < 0, -size, size)


def rests(population: Population, state: LayerTrace) -> tuple[int, int]:
    """Decays of u, and of v where no spike followed, that left a rest: of negative and of positive values."""
    assert population.decay_u is not None
    assert population.decay_v is not None
    below = above = 0
    for values, decay, hidden in (
        (state.u, population.decay_u, None),
        (state.v, population.decay_v, state.spikes),
    ):
        kept = values[:, :-1]
        whole = formats.DECAY_ONE // np.gcd(formats.DECAY_ONE - decay, formats.DECAY_ONE)
        left = kept & (whole - 1) != 0  # multiples of `whole`, a power of two, leave none
        if hidden is not None:
            left &= ~hidden[:, 1:]
        negative = int(np.count_nonzero(left & (kept < 0)))
        below += negative
        above += int(np.count_nonzero(left)) - negative
    return below, above


def on_the_wrap(state: LayerTrace) -> int:
    """Steps in which u before the wrap was 2^23 or -2^23: both give 2^23.

    So does 3 * 2^23, the largest that there is.
    """
    return int(np.count_nonzero(state.u == formats.U_MAX))
