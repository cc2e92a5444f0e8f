"""What a target makes of recordings in an export: settings of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from snnc.stages import QuantizedGraph, Trace

if TYPE_CHECKING:  # names are completed in the shell, where numpy would take too long
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a target made of recordings: the `settings` that it found, and a `record` of plain JSON data."""

    settings: Mapping[str, int | str]
    record: Mapping[str, Any]


class Tuner(Protocol):
    """Settings of a target for `graph` on recordings uint8 [recordings, T, inputs].

    `chosen` are those that it has; `run` gives the contract's trace of some recordings; `progress` gets a
    message before what takes long. Equal arguments give equal results.
    """

    def __call__(
        self,
        graph: QuantizedGraph,
        chosen: Mapping[str, int | str],
        recordings: npt.NDArray[np.uint8],
        run: Callable[[npt.NDArray[np.uint8]], Trace],
        progress: Callable[[str], None],
    ) -> Tuned: ...
