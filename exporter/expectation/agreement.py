"""How far the spikes of one population agree with recorded ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

SAID = 4
"""Most causes of one population that are said."""
ALONE = "compared on the example, silence and other events alone"
"""Ends what is noted of a module that looks at the numbers of its input, or draws some."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a framework and the graph make of the same input, at the neurons `population`.

    Of `total` places (recordings, steps, neurons), `different` have another spike although the framework's
    own spikes arrive; `first` is recording, step and neuron of the earliest, None if there is none. `through`
    are those that differ where the graph computes all by itself. `spikes` are the framework's. Of a readout,
    whose `spikes` is None, v takes the place of spikes. `causes`: why they differ, in words; each explains
    every place. `there`: what both hold at the first place, in words. `recordings` were compared `of` those
    that were given; 0 where that is not known.
    """

    population: str
    total: int
    different: int
    through: int
    spikes: int | None
    first: tuple[int, int, int] | None
    causes: tuple[str, ...] = ()
    there: str = ""
    recordings: int = 0
    of: int = 0

    @property
    def share(self) -> float:
        """Of places that are equal, 0 .. 1."""
        return 1 - self.different / self.total

    @property
    def places(self) -> str:
        """Of what is compared, in words: "11520 places in 64 of 400 recordings"."""
        said = f"{self.total} places"
        if not self.of:
            return said
        if self.recordings < self.of:
            return f"{said} in {self.recordings} of {self.of} recordings"
        return f"{said} of all {self.of} recordings" if self.of > 1 else f"{said} of 1 recording"

    @property
    def where(self) -> str:
        """The first difference, in words."""
        assert self.first is not None
        recording, step, neuron = self.first
        there = f" ({self.there})" if self.there else ""
        return f"first in recording {recording}, step {step}, neuron {neuron}{there}"


def why(causes: Sequence[str]) -> str:
    """`causes` in words, at most `SAID` of them."""
    if not causes:
        return "none of the known causes explains it"
    more = len(causes) - SAID
    return "; or ".join(causes[:SAID]) + (f"; or {more} more" if more > 0 else "")


def first_place(wrong: npt.NDArray[np.bool_]) -> tuple[int, int, int] | None:
    """Recording, step and neuron of the earliest step that is True in `wrong` [N, T, neurons]."""
    if not wrong.any():
        return None
    step = int(wrong.any(axis=(0, 2)).argmax())
    recording, neuron = np.argwhere(wrong[:, step])[0].tolist()
    return recording, step, neuron


def shifted(states: npt.NDArray[Any], steps: int) -> npt.NDArray[Any]:
    """`states` [N, T, neurons], `steps` later (or earlier, if negative); 0 comes in at the end."""
    if not steps:
        return states
    found = np.zeros_like(states)
    if steps > 0:
        found[:, steps:] = states[:, :-steps]
    else:
        found[:, :steps] = states[:, -steps:]
    return found
