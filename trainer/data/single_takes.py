"""Speakers of a single recording each: often what is read as the speaker is a date, or a number."""

import numpy as np
from numpy.typing import NDArray

from snnc.trainer.data.events import UNKNOWN

FEWEST = 10
"""Of fewer recordings it tells nothing."""
_SHARE = 9 / 10
"""Share of recordings from which on nearly each is meant."""


def single_takes(speaker: NDArray[np.int64]) -> str:
    """That each recording, or nearly each, is of a speaker of its own; empty if not. `speaker`: [n]."""
    known = speaker[speaker != UNKNOWN]
    alone = int((np.unique(known, return_counts=True)[1] == 1).sum())
    if len(known) < FEWEST or alone < _SHARE * len(known):
        return ""
    several = f"nearly each recording ({alone} of {len(known)})"
    each = f"each of {alone} recordings" if alone == len(known) else several
    return (
        f"{each} is of a speaker of its own: if what is read as the speaker is a date or a number of the "
        "recording, parts without a common speaker are as random as others"
    )
