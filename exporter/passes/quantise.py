"""Pass: DiscreteModel -> QuantizedGraph. Round weights, biases and decays to the integers of the contract."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Self

import numpy as np

from snnc import formats, quantisation
from snnc.errors import PassError
from snnc.exporter.calibration import Calibration
from snnc.exporter.choose_scales import ScaleChoice, choose_grids, rule_of, search_scales
from snnc.exporter.exact_scales import whole
from snnc.exporter.options import EXACT, SCALES
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.exporter.passes.check_scales import check_grid, check_task
from snnc.exporter.passes.promises import equal, every_neuron, every_synapse, keeps_chain
from snnc.quantisation import Grid
from snnc.stages import DiscreteLayer, DiscreteModel, QuantizedGraph, QuantizedLayer

NEAR = 1e-6
"""So near to half a step fractions decide, not floating point."""
DOUBLE = Fraction(1, 2**50)
"""What a product of two doubles may be off, relative to it."""
LEAST, MOST = -(2**12), 2**12 - 1
"""Of a bias mantissa, clause 5."""


@dataclass(frozen=True, slots=True)
class Quantise(Pass[DiscreteModel, QuantizedGraph]):
    """Each layer goes to its grid of `scales`. Input events may carry 1 .. `payload_max`.

    A weight beyond its grid goes to the end of it. A synapse whose weight rounds to zero is gone. The grids
    must be of the `bits` of each layer and of the rule `scale`, with its `percentile`, or of `power_of_two`.
    A search by loss ran on the `recordings`.
    """

    scales: ScaleChoice
    bits: tuple[int, ...]
    payload_max: int = 1
    scale: str | None = None
    percentile: float | None = None
    power_of_two: bool = False
    recordings: Calibration | None = None

    takes = (DiscreteModel,)
    name: ClassVar[str] = "quantise"
    result: ClassVar[str] = "quantised"

    @classmethod
    def planned(cls, before: DiscreteModel, plan: Plan, exported: Exported) -> Self:
        """The grids of training, of a rule, or of the least loss on recordings. Raises as `choose_grids`."""
        options, bits = plan.options, plan.bits
        percent = quantisation.PERCENTILE if options.percentile is None else options.percentile

        asked = (bits, options.payload_max, options.scale, options.percentile, options.power_of_two)
        if options.scale != "task":
            scale, power = options.scale or SCALES[0], options.power_of_two
            rule, exact = rule_of(scale, percent, power), scale in EXACT and not power
            return cls(ScaleChoice(choose_grids(before, bits, rule, exact)), *asked)
        recordings = plan.calibration
        assert recordings is not None  # `plan_export` sees to it

        def loss(grids: Sequence[Grid]) -> float:
            return recordings.measure(cls(ScaleChoice(tuple(grids)), *asked).run(before)).loss

        rules = [rule_of(scale, percent, options.power_of_two) for scale in SCALES if scale != "task"]
        found = search_scales(before, bits, rules, loss, options.power_of_two, plan.progress)
        return cls(found, *asked, recordings)

    def run(self, before: DiscreteModel) -> QuantizedGraph:
        """Raise `LimitError` if a bias is beyond 13 + 7 bits."""
        layers = []
        for layer, grid in zip(before.layers, self.scales.grids, strict=True):
            mantissa, exponent = quantisation.bias_integers(layer.name, layer.bias, grid.scale)
            layers.append(
                QuantizedLayer(
                    name=layer.name,
                    weight=quantisation.weight_integers(layer.weight, grid),
                    delay=layer.delay,
                    bias_mant=mantissa,
                    bias_exp=exponent,
                    decay_u=quantisation.decay_constant(layer.tau_syn),
                    decay_v=quantisation.decay_constant(layer.tau),
                    threshold=grid.threshold,
                )
            )
        return QuantizedGraph.chain(
            layers=tuple(layers),
            time_steps=before.time_steps,
            bin_s=before.bin_s,
            readout_scale=1.0 / self.scales.grids[-1].unit,
            class_names=before.class_names,
            payload_max=self.payload_max,
        )

    def check(self, before: DiscreteModel, after: QuantizedGraph) -> None:
        """The chain stays; all numbers are those of docs/quantisation.md and of the contract, on the grids.

        Grids are those of the rule that was asked for, or of training. Each weight is within half a step of
        the real one, or at the end of its grid if that lies beyond; each bias within half of its own step, of
        the least exponent that holds all of the layer; decays are 4096 / tau, rounded. Delays stay. Of a
        search, the loss on the recordings is what it says.
        """
        keeps_chain(before, after)
        equal("input", "the largest payload", after.payload_max, self.payload_max)
        each = zip(before.layers, after.layers, self.scales.grids, self.bits, strict=True)
        for old, new, grid, bits in each:
            check_grid(old, grid, bits, self.scale, self.percentile, self.power_of_two)
            equal(new.name, "the threshold", new.threshold, grid.threshold)
            _synapses(old, new, grid)
            _bias(old, new, grid)
            _decay(new.name, "decay_u", new.decay_u, old.tau_syn)
            _decay(new.name, "decay_v", new.decay_v, old.tau)
        one = Fraction(after.readout_scale) * 64 * Fraction(self.scales.grids[-1].scale)
        if abs(one - 1) > DOUBLE:
            raise PassError(
                f"the readout's scale is {after.readout_scale:g}, off by a factor of {float(one):g}"
            )
        if self.scale == "task":
            assert self.recordings is not None  # a search needs them
            percentile = self.percentile or quantisation.PERCENTILE
            check_task(before, after, self.scales, percentile, self.power_of_two, self.recordings)

    def summary(self, before: DiscreteModel, after: QuantizedGraph) -> dict[str, int | float]:
        """Weights that were rounded, lay beyond their grid, and became zero; and what a search ran.

        Nothing is rounded in layers that training finished in integers, or whose weights lie on a grid.
        """
        rounded = lost = clipped = 0
        for old, new, grid in zip(before.layers, after.layers, self.scales.grids, strict=True):
            lost += int(np.count_nonzero((old.weight != 0) & (new.weight == 0)))
            if old.scale is None:
                steps = old.weight * grid.scale
                rounded += 0 if whole(steps).all() else int(np.count_nonzero(steps != new.weight))
                clipped += quantisation.clipped(old.weight, grid)
        found: dict[str, int | float] = {
            "weights_rounded": rounded,
            "weights_clipped": clipped,
            "synapses_lost": lost,
        }
        if self.scales.loss_before is not None and self.scales.loss_after is not None:
            found |= {
                "scales_tried": self.scales.tried,
                "loss_before_search": round(self.scales.loss_before, 6),
                "loss_after_search": round(self.scales.loss_after, 6),
            }
        return found


def quantise(model: DiscreteModel, weight_bits: int = formats.WEIGHT_BITS_DEFAULT) -> QuantizedGraph:
    """`model` on the grids of training or, in other layers, the finest that hold all their weights.

    Raises
    ------
    LimitError
        As `choose_grids` and `Quantise.run`.
    """
    bits = (weight_bits,) * len(model.layers)
    return Quantise(ScaleChoice(choose_grids(model, bits)), bits).run(model)


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
        raise PassError(f"{new.name}: the exponent of its biases is {new.bias_exp}, a smaller one is enough")


def _decay(layer: str, what: str, constant: int, tau: float) -> None:
    exact = Fraction(0) if math.isinf(tau) else 4096 / Fraction(tau)
    if not _nearest(exact, int(constant)):
        raise PassError(f"{layer}: {what} is {constant}, not 4096 / {tau:g} = {float(exact):g}, rounded")
