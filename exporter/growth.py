"""Why a state is not bounded: what is left of u, v and w in a step without a spike (clauses 3 to 5a).

Spikes bound what they feed: a neuron sends at most one in a step. What a step keeps of the states is linear
and has no such bound below the threshold, so it alone can make them grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.exporter.ranges.forms import one_step
from snnc.exporter.ranges.prove import Overflow, find_overflow, graph_bounds, overflow_of, overflows
from snnc.stages import Population, QuantizedGraph
from snnc.stages.population import ADLIF, NEW, OLD

ONE = formats.DECAY_ONE
Whole = npt.NDArray[np.int64]
KEEP = {NEW: "at 0 or above", OLD: "at 0 or above, and below 1 - keep_v * keep_w,"}
"""Where `ka` lets v and w fade, by the order."""


@dataclass(frozen=True, slots=True)
class Cause:
    """`overflow`, the neuron to name; `words` follow it, and are empty where its states fade.

    `remedy`: what training has to change; None where the usual advice is right. `enough`: whether nothing
    else of the population overflows then, which was tried.
    """

    overflow: Overflow
    words: str = ""
    remedy: str | None = None
    enough: bool = False


def cause(graph: QuantizedGraph, ranges: Sequence[PopulationRanges]) -> Cause | None:
    """Of the first population that can overflow; None if none can.

    Where v and w grow, the neuron in which they grow most is named: clips hide that in the bounds.
    """
    overflow = find_overflow(ranges)
    if overflow is None:
        return None
    of = graph.population(overflow.population)
    if overflow.variable == "u" or of.model != ADLIF:
        return Cause(overflow, _adds_up(of, overflow, graph.time_steps))
    (found,) = (each for each in ranges if each.population == of.name)
    left, at = margin(of), overflow.neuron
    growing = overflows(found) & (left < 0)
    if growing.any():
        at = int(np.where(growing, radius(of), 0).argmax())
        overflow = overflow_of(found, at)
    assert of.ka is not None
    values = f"keep_v {_kept(of.decay_v, at)}, keep_w {_kept(of.decay_w, at)} and ka {_share(of.ka[at])}"
    below, outside = of.ka < 0, (of.ka < 0) | (left < 0)
    enough = bool(outside.any()) and _passes(graph, replace(of, ka=np.where(outside, 0, of.ka)))
    remedy = f"keep ka {KEEP[str(of.order)]} in training, for example clamp it"
    if left[at] < 0:
        rate = 100 * (float(radius(of)[at]) - 1)
        count = int((left < 0).sum())
        same = f"{count} of {of.neurons} neurons grow so"
        words = f"below its threshold v and w grow by {rate:.2g} % a step, with {values}; {same}"
        return Cause(overflow, f" ({words})", remedy, enough)
    if left[at] == 0 and of.ka[at]:
        words = f"below its threshold v and w do not fade, with {values}: they add up"
        words = f" ({words} over {graph.time_steps} steps)"
        return Cause(overflow, words, remedy if below[at] else None, enough)
    if below[at] and enough:
        words = f"its ka is {_share(of.ka[at])}: below 0, w adds to v and does not hold it back"
        return Cause(overflow, f" ({words})", remedy, enough)
    return Cause(overflow, _adds_up(of, overflow, graph.time_steps))


def margin(of: Population) -> Whole:
    """By how much v and w of an `adlif` population fade without spikes: below 0 they grow, at 0 they stay.

    Jury's conditions on the two eigenvalues, in whole numbers (2^24 stands for 1), so that 0 is exact.
    """
    (vv, vw), (wv, ww) = _step(of)
    trace, determinant = ONE * (vv + ww), vv * ww - vw * wv
    one = ONE * ONE
    found: Whole = np.min([one - trace + determinant, one + trace + determinant, one - determinant], axis=0)
    return found


def radius(of: Population) -> npt.NDArray[np.float64]:
    """The larger size of the two eigenvalues: by how much v and w grow in a step, in the long run."""
    matrices = np.moveaxis(_step(of) / ONE, -1, 0)
    found: npt.NDArray[np.float64] = np.abs(np.linalg.eigvals(matrices)).max(axis=1)
    return found


def _step(of: Population) -> Whole:
    """4096 times what a step makes of v and of w, int64 [2 (into), 2 (from), neurons]."""
    dv, dw, ka = (np.asarray(each, np.int64) for each in (of.decay_v, of.decay_w, of.ka))
    return np.stack(one_step(dv, dw, ka, of.order == NEW))


def _adds_up(of: Population, overflow: Overflow, steps: int) -> str:
    """The state of the neuron that keeps all of what it had, so that what arrives adds up."""
    neuron, decays = overflow.neuron, {"v": of.decay_v, "u": of.decay_u, "w": of.decay_w}
    beside = of.ka is not None and of.ka[neuron]  # it couples v and w, which keep nothing each for itself
    may = {"u"} if overflow.variable == "u" or beside else {"u", "v", "w"}
    for name, decay in decays.items():
        if name in may and decay is not None and not decay[neuron]:
            return f" (it does not leak: {name} adds up over {steps} steps)"
    return ""


def _passes(graph: QuantizedGraph, other: Population) -> bool:
    """Whether `other`, in place of the population of its name, cannot overflow."""
    populations = tuple(other if each.name == other.name else each for each in graph.populations)
    ranges = graph_bounds(replace(graph, populations=populations))
    return find_overflow([each for each in ranges if each.population == other.name]) is None


def _kept(decays: npt.NDArray[np.int32] | None, neuron: int) -> str:
    assert decays is not None
    return _share(ONE - int(decays[neuron]))


def _share(number: int | np.int32) -> str:
    return f"{int(number) / ONE:.4g}"
