"""Pass: FloatGraph -> QuantizedGraph. Round weights, parameters and decays to the integers of the contract.

Where neurons fire at the threshold (v >= vth), the contract's `>` does the same with vth - 1 if v is always a
multiple of 64, a whole weight step: then no v lies between vth - 1 and vth. It is one where nothing is
multiplied (decays keep all or nothing) and the bias is whole. Elsewhere vth stays: v meets a threshold of
so fine a grid rarely, and both are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import LimitError
from snnc.exporter.exact_scales import grid_words
from snnc.exporter.finer_scales import finer_scales
from snnc.exporter.graph_scales import UNIT, NeuronGrids, bits_of, choose_graph_grids, on_grid
from snnc.exporter.options import EXACT, GRAPH_SCALES
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.exporter.passes.check_graph import check_graph
from snnc.exporter.passes.check_graph_scales import check_finer
from snnc.quantisation import PERCENTILE
from snnc.stages import FloatGraph, FloatPopulation, Population, Projection, QuantizedGraph, Readout
from snnc.stages.float_population import AT
from snnc.stages.population import INPUT

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Count = int | float | str

DECAYS = {"keep_u": "decay_u", "keep_v": "decay_v", "keep_w": "decay_w"}

GRID = "grid of"
"""With the name of a population, what the record calls the grid that its weights lie on."""


@dataclass(frozen=True, slots=True)
class QuantiseGraph(Pass[FloatGraph, QuantizedGraph]):
    """Every neuron goes to its own grid, the finest that holds its numbers by the rule `scale`.

    `bits`: of the weights into all populations with a state, or into each. `per_neuron`: the target holds a
    threshold for each neuron; else those of a population get one, as far as the weights allow it. Input
    events may carry 1 .. `payload_max`. `finer`: by population, how many times as fine as one that holds all
    weights the grid of each neuron may be (`finer_scales.py`); a weight beyond it goes to its end. It must be
    that of `scale`, one of `GRAPH_SCALES`, with its `percentile`.
    """

    bits: int | tuple[int, ...]
    per_neuron: bool
    payload_max: int = 1
    scale: str = GRAPH_SCALES[0]
    percentile: float = PERCENTILE
    finer: Mapping[str, FloatArray] = field(default_factory=dict, compare=False)

    takes = (FloatGraph,)
    name: ClassVar[str] = "quantise_graph"
    result: ClassVar[str] = "quantised"

    @classmethod
    def planned(cls, before: FloatGraph, plan: Plan, exported: Exported) -> Self:
        """Programs for processors hold any number of thresholds."""
        per_neuron, options = plan.target is None or not plan.target.chip, plan.options
        scale, percent = options.scale or GRAPH_SCALES[0], options.percentile or PERCENTILE
        finer = finer_scales(before, plan.bits, per_neuron, scale, percent)
        return cls(plan.bits, per_neuron, options.payload_max, scale, percent, finer)

    def run(self, before: FloatGraph) -> QuantizedGraph:
        """Raise `LimitError` if a threshold or an adaptation does not fit its format."""
        grids, most = self.grids(before), self._most(before)
        projections = []
        for each in before.projections:
            scale = each.synapses.by_neuron(grids[each.destination].scale)
            weight = on_grid(each.synapses.weights, scale, most[each.destination]).astype(np.int32)
            projections.append(Projection(each.source, each.destination, each.synapses.rounded(weight)))
        return QuantizedGraph(
            tuple(self._population(each, grids.get(each.name)) for each in before.populations),
            tuple(projections),
            tuple(_readout(each, grids[each.population].scale) for each in before.readouts),
            before.time_steps,
            before.bin_s,
        )

    def grids(self, before: FloatGraph) -> dict[str, NeuronGrids]:
        """By population that has a state."""
        return choose_graph_grids(before, self.bits, self.per_neuron, self.finer, self.scale in EXACT)

    def _most(self, before: FloatGraph) -> dict[str, int]:
        """The largest integer of a weight into each population that has a state."""
        each_of = zip(before.stateful, bits_of(before, self.bits), strict=True)
        return {of.name: formats.SignedFormat(bits).maximum for of, bits in each_of}

    def check(self, before: FloatGraph, after: QuantizedGraph) -> None:
        """The graph stays; every number is that of its neuron's grid, which is the finest by the rule."""
        finer = {of.name: self.finer.get(of.name, np.ones(of.neurons)) for of in before.stateful}
        exact = self.scale != "percentile"
        check_graph(before, after, self.bits, self.per_neuron, self.payload_max, finer, exact)
        for of, most in zip(before.stateful, self._most(before).values(), strict=True):
            rule = self.scale, self.percentile, finer[of.name]
            check_finer(of, before, most, self.per_neuron, *rule)

    def summary(self, before: FloatGraph, after: QuantizedGraph) -> Mapping[str, Count]:
        """Synapses whose weight became 0, decays that became none, thresholds below which "at" went or not;
        and by population the largest error of a weight, and of the amount of a reset, as a share of the
        threshold, and the grid that its weights lie on.
        """
        grids, most = self.grids(before), self._most(before)
        synapses = sum(each.synapses.count for each in before.projections)
        found: dict[str, Count] = {
            "synapses_lost": synapses - sum(each.synapses.count for each in after.projections),
            "decays_lost": 0,
            "fires_at_exact": 0,
            "fires_at_only_above": 0,
        }
        for each in before.populations:
            if each.model == INPUT:
                continue
            whole, grid = after.population(each.name), grids[each.name]
            for keep, decay in DECAYS.items():
                kept = getattr(each, keep)
                if kept is not None:
                    lost = np.count_nonzero((kept < 1) & (getattr(whole, decay) == 0))
                    found["decays_lost"] = int(found["decays_lost"]) + int(lost)
            if each.fires == AT:
                exact = int(np.count_nonzero(whole.threshold != grid.threshold))
                found["fires_at_exact"] = int(found["fires_at_exact"]) + exact
                kept = each.neurons - exact
                found["fires_at_only_above"] = int(found["fires_at_only_above"]) + kept
            found[f"largest_error {each.name}"] = _errors(before, each, whole, grid, most[each.name])
            if words := grid_words(each, before.into(each.name), most[each.name], grid.scale):
                found[f"{GRID} {each.name}"] = words
        if self.scale != GRAPH_SCALES[0]:
            found["weights_clipped"] = self._clipped(before, grids)
        return found

    def _clipped(self, before: FloatGraph, grids: Mapping[str, NeuronGrids]) -> int:
        """How many weights, or elements of kernels, lie beyond the end of their grid."""
        count, most = 0, self._most(before)
        for each in before.projections:
            scale = each.synapses.by_neuron(grids[each.destination].scale)
            steps = np.abs(np.rint(each.synapses.weights * scale))
            count += int(np.count_nonzero(steps > most[each.destination]))
        return count

    def _population(self, of: FloatPopulation, grid: NeuronGrids | None) -> Population:
        if grid is None:
            return Population(of.name, of.model, of.neurons, payload_max=self.payload_max, end=of.end)
        bias, bias_exp = _mantissas(of.bias * grid.scale * UNIT)  # type: ignore[operator]
        input_bias, input_exp = _mantissas(of.input_bias * grid.scale)  # type: ignore[operator]
        kept = {decay: getattr(of, keep) for keep, decay in DECAYS.items()}
        values: dict[str, Any] = {decay: _decay(keep) for decay, keep in kept.items() if keep is not None}
        if of.ka is not None and of.kb is not None:
            kb = np.rint(of.kb * grid.scale * UNIT)
            values |= {"ka": _ka(of.name, of.ka), "kb": kb, "order": of.order}
        if grid.threshold is not None:
            values |= {"threshold": grid.threshold, "reset": of.reset}
            if of.fires == AT:
                whole = (bias << bias_exp) % UNIT == 0
                for decay in ("decay_u", "decay_v"):
                    whole &= np.isin(values[decay], (0, formats.DECAY_ONE))
                values["threshold"] = grid.threshold - (whole & (of.ka is None))
        if of.reset_by is not None:
            values["reset_by"] = np.rint(of.reset_by * grid.scale)
        return Population(
            of.name,
            of.model,
            of.neurons,
            input_bias_mant=input_bias,  # type: ignore[arg-type]  # the stage makes all of them int32
            input_bias_exp=input_exp,
            bias_mant=bias,  # type: ignore[arg-type]
            bias_exp=bias_exp,
            end=of.end,
            **values,
        )


def quantise_graph(
    graph: FloatGraph,
    weight_bits: int | tuple[int, ...] = formats.WEIGHT_BITS_DEFAULT,
    per_neuron: bool = True,
    payload_max: int = 1,
) -> QuantizedGraph:
    """`graph` in integers, each neuron on the finest grid. Raises `LimitError` as `QuantiseGraph.run`."""
    return QuantiseGraph(weight_bits, per_neuron, payload_max).run(graph)


def _decay(keep: FloatArray) -> FloatArray:
    found: FloatArray = np.rint(formats.DECAY_ONE * (1 - keep))
    return found


def _ka(name: str, ka: FloatArray) -> FloatArray:
    found: FloatArray = np.rint(formats.DECAY_ONE * ka)
    if (np.abs(found) > formats.KA_MAX).any():
        neuron = int(np.abs(found).argmax())
        raise LimitError(
            f"{name}, neuron {neuron}: ka is {ka[neuron]:.4g}, the contract (clause 5a) holds -1 .. 1; train "
            "with a weaker adaptation"
        )
    return found


def _mantissas(wanted: FloatArray) -> tuple[IntArray, int]:
    """Rounded, with the smallest exponent that holds all of them; grids see to it that one does."""
    for exponent in range(formats.BIAS_EXPONENT_MAX + 1):
        mantissa = np.rint(wanted / (1 << exponent))
        if mantissa.min() >= formats.BIAS_MANTISSA_MIN and mantissa.max() <= formats.BIAS_MANTISSA_MAX:
            break
    return mantissa.astype(np.int64), exponent


def _readout(of: Readout, scale: FloatArray) -> Readout:
    factor = None if of.scale is None else of.scale / (scale * UNIT)
    return Readout(of.population, of.decoder, factor, of.class_names)


def _errors(before: FloatGraph, of: FloatPopulation, whole: Population, grid: NeuronGrids, most: int) -> str:
    """For people: of decays, and as a share of the threshold, or of the largest weight, of all else."""
    worst = np.zeros(of.neurons)
    largest = np.full(of.neurons, np.finfo(np.float64).tiny)
    for each in before.into(of.name):
        scale = each.synapses.by_neuron(grid.scale)
        real = each.synapses.weights
        off = np.abs(on_grid(real, scale, most) / scale - real)
        worst = np.maximum(worst, each.synapses.with_weights(off).largest())
        largest = np.maximum(largest, each.synapses.largest())
    unit = largest if of.threshold is None else of.threshold
    biases = np.abs(whole.bias / (grid.scale * UNIT) - of.bias)  # type: ignore[operator]
    biases += np.abs(whole.input_bias / grid.scale - of.input_bias)  # type: ignore[operator]
    decays = max(
        float(np.abs(1 - getattr(whole, decay) / formats.DECAY_ONE - getattr(of, keep)).max())
        for keep, decay in DECAYS.items()
        if getattr(of, keep) is not None
    )
    what = "the largest weight" if of.threshold is None else "the threshold"
    errors = {"weights": worst, "biases": biases}
    if of.reset_by is not None and whole.reset_by is not None:
        errors["reset_by"] = np.abs(whole.reset_by / grid.scale - of.reset_by)
    shares = [f"{name} {(off / unit).max():.2g}" for name, off in errors.items()]
    return f"{', '.join(shares)} of {what}, decays {decays:.2g}"
