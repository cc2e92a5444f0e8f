"""Executors that break down in the search for a cause: what they raised, and on which input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from snnc.executor import Executor
from snnc.io.signals import Ended
from snnc.stages import Artifact, Breakdown
from snnc.text import shortened

R = TypeVar("R")

SHOWN = 300
"""Characters, at most, of what was raised."""


@dataclass(frozen=True, slots=True)
class Raised:
    """What an executor raised, on one line."""

    text: str


def attempt(work: Callable[[], R]) -> R | Raised:
    """What `work` gives, or what it raised, `SystemExit` included; a signal still ends the command."""
    try:
        return work()
    except Ended:
        raise
    except (Exception, SystemExit) as error:  # it must not choose the exit code, nor hide the verdict
        return Raised(shortened(" ".join(f"{type(error).__name__}: {error}".split()), SHOWN))


def breakdown(
    executor: Executor,
    artifact: Artifact,
    inputs: npt.NDArray[np.uint8],
    numbers: Sequence[int],
    raised: Raised,
) -> Breakdown:
    """Which of the `inputs` uint8 [samples, T, inputs], by its number in `numbers`, breaks it down alone.

    `raised`: what all of them together gave. By halves, because a run may take long.
    """

    def run(start: int, stop: int) -> object:
        return attempt(partial(executor.run, artifact, inputs[start:stop]))

    low, high = 0, len(inputs)
    while high - low > 1:
        middle = (low + high) // 2
        if isinstance(run(low, middle), Raised):
            high = middle
        else:
            low = middle
    alone = run(low, high)
    if not isinstance(alone, Raised):
        return Breakdown(executor.name, raised.text, len(inputs))
    events = int(np.count_nonzero(inputs[low]))
    return Breakdown(executor.name, alone.text, len(inputs), numbers[low], events)
