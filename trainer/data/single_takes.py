"""Sources of a single recording each: often what is read as the speaker is a date, or a number."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from snnc.trainer.data.events import UNKNOWN

FEWEST = 10
"""Of fewer recordings it tells nothing."""
_SHARE = 9 / 10
"""Share of recordings from which on nearly each is meant."""


def single_takes(speaker: NDArray[np.int64]) -> str:
    """That each recording, or nearly each, is of a speaker of its own; empty if not. `speaker`: [n]."""
    return of_counts(np.unique(speaker[speaker != UNKNOWN], return_counts=True)[1].tolist())


def of_counts(counts: Sequence[int]) -> str:
    """As `single_takes`, by how many recordings each known speaker has."""
    known, alone = sum(counts), counts.count(1)
    if known < FEWEST or alone < _SHARE * known:
        return ""
    several = f"nearly each recording ({alone} of {known})"
    each = f"each of {alone} recordings" if alone == known else several
    return (
        f"{each} is of a source of its own (field `speaker`): if a date or a number of the recording stands "
        "there, the parts are in truth drawn at random, and one person or machine may train and test"
    )
