"""Why an executor in fixed point of its own leaves the contract, from its own record.

It says with which numbers it runs a population (`FixedPoint`). These are run here again, on the spikes that
it found, in arithmetic of this file: the u, v and spikes of the neuron must come out in every step, or
nothing is said. Then one departure from the contract at a time is left out. A departure without which the
value that differs first is the contract's is its cause; where it takes several, those that change it are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import Cause, Population, QuantizedGraph
from snnc.stages.fixed_point import FixedPoint
from snnc.stages.population import LI, LIF, ZERO
from snnc.verification.diagnosis.observed import Observed
from snnc.verification.diagnosis.real_numbers import arriving

Ints = npt.NDArray[np.int64]
Record = dict[str, Ints]
"""u, v and spikes, each [steps, neurons]."""

WEIGHTS, SUMS, LEAK, THRESHOLD, ROUNDING = (
    "board-weights",
    "board-sums",
    "board-leak",
    "board-threshold",
    "board-rounding",
)
WORDS = {
    WEIGHTS: (
        "Weights are rounded to the unit of the board's sums.",
        "A coarser unit keeps sums from saturating: give the board another scale, or fewer weight bits.",
    ),
    SUMS: (
        "What arrives in a step is more than the board's sums hold, and they saturate.",
        "Give the board a coarser scale, or export smaller weights.",
    ),
    LEAK: (
        "The board holds another decay of v than the contract.",
        "No time constant of the board gives this decay; train with another one.",
    ),
    THRESHOLD: (
        "The board's threshold does not lie between the values of v that spike and those that do not.",
        "The contract spikes above its threshold, a board at it: its own must be half a unit of v above.",
    ),
    ROUNDING: (
        "v is computed in the board's numbers, rounded otherwise than by the contract.",
        "The contract rounds v toward zero in every step, the board rounds up, in units of its own. Weights, "
        "delays, sums and decays are the contract's: see whether classes agree.",
    ),
}
"""Cause -> what it is, and where to look."""
UNIT = 1 << formats.STATE_FRACTION_BITS
"""Units of v in a weight of 1."""
UNBOUNDED = 1 << 31


@dataclass(frozen=True, slots=True)
class _Place:
    neuron: int
    step: int
    variable: str
    expected: int


def fixed_point(
    graph: QuantizedGraph,
    numbers: FixedPoint,
    name: str,
    observed: Observed,
    neuron: int,
    step: int,
    variable: str,
    expected: int,
) -> tuple[Cause, ...]:
    """The causes of the first difference: in `variable` of `neuron` of the population `name` in `step`."""
    of = graph.population(name)
    state = observed.found[graph.trace_index(name)]
    known = of.model in (LIF, LI) and of.reset in (None, ZERO) and not (of.spikes and of.end is not None)
    if not known or any(each not in state for each in ("u", "v", "spikes")):
        return ()
    run = _runner(graph, of, observed)
    if run is None:
        return ()
    again = run(numbers, numbers.weight_unit)
    same = [(again[each] == np.asarray(state[each]).astype(np.int64)).all(axis=0) for each in again]
    explained = np.logical_and.reduce(same)
    if not explained[neuron]:
        return ()
    place = _Place(neuron, step, "spikes" if variable == "spike" else variable, expected)
    counts = int(explained.sum()), of.neurons
    others = {
        cause: record[place.variable][place.step, place.neuron]
        for cause, record in _without(numbers, of, run)
    }
    found = again[place.variable][place.step, place.neuron]
    alone = [cause for cause, value in others.items() if value == place.expected]
    causes = alone or [cause for cause, value in others.items() if value != found]
    # By the contract a neuron has its decay and threshold too: one of these alone says more.
    causes = [cause for cause in causes if cause != ROUNDING] or causes
    return tuple(Cause(cause, WORDS[cause][0], "", WORDS[cause][1], *counts) for cause in causes)


def _without(numbers: FixedPoint, of: Population, run: Callable[..., Record]) -> Iterator[tuple[str, Record]]:
    """The record with one departure left out, of each that there is."""
    unit, one = numbers.weight_unit, 1 << numbers.fraction_bits
    if unit > 1:
        yield WEIGHTS, run(numbers, 1)
    yield SUMS, run(replace(numbers, most=UNBOUNDED), unit)
    assert of.decay_v is not None
    kept = (formats.DECAY_ONE - of.decay_v.astype(np.int64)) * one // formats.DECAY_ONE
    if (kept != numbers.decay).any():
        yield LEAK, run(replace(numbers, decay=kept), unit)
    if of.threshold is not None:
        half = np.ceil((of.threshold.astype(np.float64) * UNIT + 0.5) * numbers.unit).astype(np.int64)
        if (half != numbers.threshold).any():
            yield THRESHOLD, run(replace(numbers, threshold=half), unit)
    yield ROUNDING, run(numbers, unit, by_contract=True)


def _runner(graph: QuantizedGraph, of: Population, observed: Observed) -> Callable[..., Record] | None:
    """Runs `of` on what was found to be sent, from `numbers`; None if that is not held."""
    if arriving(graph, of, observed) is None:
        return None

    def sums(unit: int, sign: int) -> Ints:
        found = arriving(graph, of, observed, lambda weight: np.rint(np.maximum(sign * weight, 0) / unit))
        assert found is not None
        return found.astype(np.int64)

    def run(numbers: FixedPoint, unit: int, by_contract: bool = False) -> Record:
        most = numbers.most * (numbers.weight_unit // unit)  # where weights are exact, sums hold as much
        up, down = (np.minimum(sums(unit, sign), most) * unit for sign in (1, -1))
        step = _contract(of) if by_contract else _board(numbers)
        return _steps(of, up - down, step)

    return run


Step = Callable[[Ints, Ints], tuple[Ints, npt.NDArray[np.bool_], Ints]]
"""What arrives and the state -> the state, spikes, and v in the contract's units."""


def _steps(of: Population, arrives: Ints, step: Step) -> Record:
    u = (arrives + of.input_bias.astype(np.int64)) * UNIT
    v, spikes = np.zeros_like(u), np.zeros_like(u)
    state = np.zeros(of.neurons, np.int64)
    for t, each in enumerate(arrives):
        state, fires, v[t] = step(each, state)
        spikes[t] = fires
    return {"u": u, "v": v, "spikes": spikes}


def _board(numbers: FixedPoint) -> Step:
    bits = numbers.fraction_bits

    def step(arrives: Ints, state: Ints) -> tuple[Ints, npt.NDArray[np.bool_], Ints]:
        drive = np.left_shift(arrives, numbers.shift) // numbers.weight_unit + numbers.current
        target = (drive * numbers.resistance) >> bits
        state = target - ((numbers.decay * (target - state)) >> bits)
        fires = state >= numbers.threshold
        state = np.where(fires, 0, state)
        return state, fires, np.floor(state / numbers.unit + 0.5).astype(np.int64)

    return step


def _contract(of: Population) -> Step:
    """Clauses 4 to 6 of a population that keeps no u."""
    assert of.decay_v is not None
    keeps = formats.DECAY_ONE - of.decay_v.astype(np.int64)
    adds = of.input_bias.astype(np.int64) * UNIT + of.bias.astype(np.int64)
    limit = None if of.threshold is None else of.threshold.astype(np.int64) * UNIT

    def step(arrives: Ints, state: Ints) -> tuple[Ints, npt.NDArray[np.bool_], Ints]:
        product = keeps * state
        kept = np.sign(product) * (np.abs(product) // formats.DECAY_ONE)
        state = kept + arrives * UNIT + adds
        fires = np.zeros(len(state), np.bool_) if limit is None else state > limit
        state = np.where(fires, 0, state)
        return state, fires, state

    return step
