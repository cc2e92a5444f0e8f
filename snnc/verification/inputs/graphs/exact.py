"""Changes of input events that bring v or u of a neuron, into which input lines lead, to an exact value.

What arrives in a step adds 64 times its weight to u and v of that step, and changes nothing of the neuron
before. So a few events more or less can make up exactly what is missing.
"""

from __future__ import annotations

import numpy as np

from snnc.verification.inputs.exact_states import made_up
from snnc.verification.inputs.graphs.looking import TOP
from snnc.verification.inputs.graphs.pull import Pull
from snnc.verification.inputs.graphs.wiring import Ints, Of, Whole
from snnc.verification.inputs.trains import Rng, Train, largest_events

CELLS = 6
"""Steps that are tried, at most."""
UNIT = 64


def exactly(
    pull: Pull, train: Train, states: tuple[Ints, Ints, Ints], number: int, goal: str, rng: Rng
) -> Train | None:
    """`train` changed for a `goal` of neuron `number` (a name of `goals.py`); None if no way is found."""
    wiring = pull.wiring
    missing = _missing(wiring.neurons[:, number], [one[number] for one in states], goal)
    at = slice(pull.row[number], pull.row[number + 1])
    line = _line_numbers(pull)[pull.pre[at]]
    line, weight, delay = line[line >= 0], pull.weight[at][line >= 0], pull.delay[at][line >= 0]
    steps = np.flatnonzero((missing % UNIT == 0) & (missing != 0))
    if not len(line) or not len(steps):
        return None
    most = np.broadcast_to(largest_events(wiring.graph), wiring.graph.inputs)
    ends = wiring.neurons[Of.END, wiring.lines]
    for t in rng.permutation(steps)[:CELLS]:
        sent = t - delay
        can = (sent >= 0) & (sent < ends[line])
        where = sent[can], line[can]
        units = int(missing[t]) // UNIT
        more = made_up(units, weight[can].astype(np.int64), train[where], most[line[can]], rng)
        if more is not None:
            changed = train.copy()
            changed[where] = changed[where] + more
            return changed
    return None


def _line_numbers(pull: Pull) -> Whole:
    """Of each number which input line it is; -1 for a neuron."""
    found = np.full(pull.wiring.size, -1, np.int64)
    found[pull.wiring.lines] = np.arange(len(pull.wiring.lines))
    return found


def _missing(of: Whole, states: list[Ints], goal: str) -> Whole:
    """What u or v misses of a value in each step; 1 where it is not to be changed."""
    u, v, w = (one.astype(np.int64) for one in states)
    if goal.startswith("u at"):
        limit = TOP if goal.endswith(" 2^23") else -TOP
        return limit - u
    level = of[Of.LEVEL]
    before = np.concatenate([[0], v[:-1]])
    x = np.sign(before) * (np.abs(before) * (4096 - of[Of.DV]) >> 12) + u + of[Of.BIAS]
    x -= np.concatenate([[0], w[:-1]]) if of[Of.OLD] else w
    if goal == "just above":
        found = level + 1 + (x - level - 1) % UNIT - x
    elif goal == "one above":
        found = level + 1 - x
    elif goal == "just below":
        found = level - 1 - (level - 1 - x) % UNIT - x
    else:
        found = level - x
    return np.where(np.arange(len(x)) < of[Of.END], found, 1)
