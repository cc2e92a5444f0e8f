"""Why steps that are taken one by one are no delay: an index takes later ones, or others before the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from snnc.conversion.functions.nearest import BEFORE, IN_FRONT, INVERTED
from snnc.conversion.operations import matrix
from snnc.conversion.values import Operation, Path, same_operations, same_paths
from snnc.errors import InputError
from snnc.exporter.nir.lines import At, Lines
from snnc.exporter.nir.signals import Signal

LATER = "takes what comes up to {} step{} later"
STEP_0_ALONE = "takes step 0 where nothing has come, and no later step"


@dataclass(frozen=True, slots=True)
class Odd:
    """`where`: the place and name of the index, "" where none is known; what it does, and what to do."""

    where: str
    why: str
    instead: str


def odd_steps(pairs: Collection[tuple[int, int]], steps: int, where: str = "") -> Odd | None:
    """None where no step is taken before it has come.

    `pairs`: a step of all `steps`, and the step of a source that it takes.
    """
    ahead = {taken - step for step, taken in pairs if taken > step}
    if not ahead:
        return None
    if ahead <= {steps - (step - taken) for step, taken in pairs if taken < step}:
        return Odd(where, *came_round(max(ahead), steps, IN_FRONT))
    return Odd(where, LATER.format(max(ahead), "s" * (max(ahead) > 1)), BEFORE)


def came_round(ahead: int, steps: int, silence: str, back: bool | None = None) -> tuple[str, str]:
    """Why it is no delay to take what comes `ahead`, counted in a circle of `steps`, and what to do.

    That is `steps - ahead` steps late in the same circle: it is told as whichever is less, unless it is known
    whether a roll goes `back`. `silence`: what to do for a delay.
    """
    if 2 * ahead < steps if back is None else back:
        return f"{LATER.format(ahead, 's' * (ahead > 1))}, and the first steps at the end", BEFORE
    return "takes the last steps in the place of those before the first", silence


def odd_paths(step: int, found: Sequence[Path], last: Sequence[Path], end: int) -> Odd | None:
    """Why what is `found` in a `step` is not what the `last` paths, those of step `end`, brought by then.

    Steps of the paths are counted from that in which they arrive. None where it seems to be something else
    than an index of steps.
    """
    where = next((path.taken for path in (*found, *last) if path.taken), "")
    found, last = composed(found), composed(last)
    pairs = {(step, step + path.step) for path in found} | {(end, end + path.step) for path in last}
    if (odd := odd_steps(pairs, end + 1, where)) is not None:
        return odd
    if where and found and not last and all(path.step == -step for path in found):
        return Odd(where, STEP_0_ALONE, INVERTED)
    later = [path for path in found if path.step > -step]
    if not where or not same_paths(later, [path for path in last if path.step > -step]):
        return None
    if not any(path.step < 0 for path in last):  # nothing waits, so no index is to delay it
        return None
    first = [path for path in found if path.step == -step]
    waiting = [path for path in last if path.step <= -step]
    alike = all(_weighed_alike(one, other) for one in first for other in last)
    if not alike and not _same_sum(first, waiting):
        return None
    how = (
        "takes step 0 of {} again where nothing has come"
        if first
        else "stands before what omits step 0 of {}"
    )
    return Odd(where, how.format(last[0].source.population), IN_FRONT)


def composed(paths: Sequence[Path]) -> list[Path]:
    """Each of `paths` that takes lines of sums of taken lines as one matrix, and gone if nothing is left."""
    found = []
    for path in paths:
        several = sum(each.picks is not None for each in path.operations) > 1
        own = map_of(path.operations) if several else None
        if own is None:
            found.append(path)
        elif own.weight.any():
            own = own.present
            order = np.lexsort((own.source, own.line))
            columns = own.line[order], own.source[order], own.weight[order]
            found.append(replace(path, operations=(matrix(*columns, own.lines),)))
    return found


def map_of(operations: Sequence[Operation]) -> Lines | None:
    """Operations of which the first takes lines, as one map; None if it is none, or too large."""
    if not operations or (picks := operations[0].picks) is None:
        return None
    signal = Signal.of_population("", (int(picks.max()) + 1,))
    try:
        for operation in operations:
            signal = operation.apply(signal, At(""))
    except InputError:
        return None
    (term,) = signal.terms
    return term.part if isinstance(term.part, Lines) and not term.part.delay.any() else None


def _same_sum(some: Sequence[Path], others: Sequence[Path]) -> bool:
    """Whether both are one matrix, if their steps are left out."""
    totals = []
    for paths in (some, others):
        total = defaultdict[tuple[int, int], float](float)
        for path in paths:
            if len(path.operations) != 1 or path.operations[0].name != "matrix":
                return False
            _, line, source, weight = path.operations[0].parts
            for post, pre, each in zip(line, source, weight, strict=True):  # type: ignore[call-overload]
                total[int(post), int(pre)] += each
        totals.append(total)
    return bool(totals[0]) and totals[0] == totals[1]


def _weighed_alike(one: Path, other: Path) -> bool:
    """Whether both differ in which lines they take, at most."""
    ways = []
    for path in (one, other):
        kept = next((k for k, each in enumerate(path.operations) if each.picks is None), len(path.operations))
        ways.append(path.operations[kept:])
    return one.source == other.source and same_operations(*ways)
