"""The first of the samples that a user gives, where a number of them is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from snnc.verification.comparison import InputGroup

if TYPE_CHECKING:
    from snnc.verification.inputs.extremes import Inputs


@dataclass(frozen=True, slots=True)
class _First:
    """`count` samples of `inputs`, which have the same numbers there."""

    inputs: Inputs
    count: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, part: slice) -> npt.NDArray[np.uint8]:
        return self.inputs[slice(*part.indices(self.count))]


def first_samples(group: InputGroup, count: int | None) -> InputGroup:
    """`group` with its first `count` samples, and as `whole` all of them; as it is if it has no more.

    The first, so that the number of a sample is the one that it has in the user's file or array.
    """
    if count is None or count >= len(group.spikes):
        return group
    labels = None if group.labels is None else group.labels[:count]
    return InputGroup(group.name, _First(group.spikes, count), labels, whole=group.spikes)
