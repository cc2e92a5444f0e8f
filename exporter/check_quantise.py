"""The promise of quantise: every integer is the real number times its scale, rounded, within its format."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from snnc.calibration import Calibration
from snnc.errors import PassError
from snnc.exporter.check_common import equal, every_neuron, every_synapse, keeps_chain
from snnc.exporter.check_grids import check_grid
from snnc.exporter.check_task import check_task
from snnc.exporter.choose_scales import ScaleChoice
from snnc.exporter.options import ExportOptions
from snnc.quantisation import PERCENTILE, Grid
from snnc.stages import DiscreteLayer, DiscreteModel, QuantizedGraph, QuantizedLayer

NEAR = 1e-6
"""So near to half a step fractions decide, not floating point."""
DOUBLE = Fraction(1, 2**50)
"""What a product of two doubles may be off, relative to it."""
LEAST, MOST = -(2**12), 2**12 - 1
"""Of a bias mantissa, clause 5."""


def of_quantise(
    before: DiscreteModel,
    after: QuantizedGraph,
    found: ScaleChoice,
    bits: Sequence[int],
    asked: ExportOptions,
    calibration: Calibration | None = None,
) -> None:
    """The chain stays; all numbers are those of docs/quantisation.md and of the contract, on grids `found`.

    Grids are those of the rule that was `asked` for, or of training; of a search, what its loss on the
    recordings of `calibration` says, too. Each weight is within half a step of the
    real one, or at the end of its grid if that lies beyond; each bias within half of its own step, of the
    least exponent that holds all of the layer; decays are 4096 / tau, rounded. Delays stay.

    Raises
    ------
    PassError
        It names the layer, and the synapse or neuron.
    """
    grids = found.grids
    keeps_chain(before, after)
    equal("input", "the largest payload", after.payload_max, asked.payload_max)
    for old, new, grid, layer_bits in zip(before.layers, after.layers, grids, bits, strict=True):
        check_grid(old, grid, layer_bits, asked)
        equal(new.name, "the threshold", new.threshold, grid.threshold)
        _synapses(old, new, grid)
        _bias(old, new, grid)
        _decay(new.name, "decay_u", new.decay_u, old.tau_syn)
        _decay(new.name, "decay_v", new.decay_v, old.tau)
    one = Fraction(after.readout_scale) * 64 * Fraction(grids[-1].scale)
    if abs(one - 1) > DOUBLE:
        raise PassError(f"the readout's scale is {after.readout_scale:g}, off by a factor of {float(one):g}")
    if asked.scale == "task":
        assert calibration is not None  # a search needs recordings
        check_task(before, after, found, asked.percentile or PERCENTILE, asked.power_of_two, calibration)


def _synapses(old: DiscreteLayer, new: QuantizedLayer, grid: Grid) -> None:
    left = new.weight != 0
    same_sign = np.sign(new.weight) == np.sign(old.weight)
    every_synapse(same_sign | ~left, new.name, new.weight, "a weight of another sign than before")
    every_synapse((new.delay == old.delay) | ~left, new.name, new.delay, "not the delay from before")
    end = float(2 ** (grid.bits - 1) - 1)
    off = np.abs(new.weight - np.minimum(np.maximum(old.weight * grid.scale, -end), end))
    right = off < 0.5
    for place in np.argwhere(np.abs(off - 0.5) < NEAR).tolist():
        neuron, source = place
        exact = Fraction(float(old.weight[neuron, source])) * Fraction(grid.scale)
        right[neuron, source] = _nearest(exact, int(new.weight[neuron, source]))
    every_synapse(right, new.name, new.weight, "not the weight times its scale, rounded")


def _nearest(exact: Fraction, whole: int) -> bool:
    """Whether `whole` is `exact` rounded, half to even, as far as doubles can tell."""
    off = abs(exact - whole)
    if off == Fraction(1, 2):
        return whole % 2 == 0
    return off <= Fraction(1, 2) + DOUBLE * abs(exact)


def _bias(old: DiscreteLayer, new: QuantizedLayer, grid: Grid) -> None:
    wanted = old.bias * (64 * grid.scale)
    step = 2.0**new.bias_exp
    off = np.abs(new.bias_mant * step - wanted)
    every_neuron(
        off <= step * (0.5 + NEAR), new.name, new.bias, f"not its bias, rounded to multiples of {step:g}"
    )
    finer = 2 * wanted / step
    if new.bias_exp and (finer < MOST + 0.5 - NEAR).all() and (finer > LEAST - 0.5 + NEAR).all():
        raise PassError(f"{new.name}: the exponent of its biases is {new.bias_exp}, a smaller one holds them")


def _decay(layer: str, what: str, constant: int, tau: float) -> None:
    exact = Fraction(0) if math.isinf(tau) else 4096 / Fraction(tau)
    if not _nearest(exact, int(constant)):
        raise PassError(f"{layer}: {what} is {constant}, not 4096 / {tau:g} = {float(exact):g}, rounded")
