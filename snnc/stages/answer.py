"""Answer: what a program says beside its states: readout, scores, classes, names, and facts of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import StageError
from snnc.stages.layer_trace import LayerTrace

NAMES = ("names", "said")
"""Fields that hold text."""
OF_THE_NETWORK = ("names", "facts")
"""Fields that are of no sample."""

Fact = int | float | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the program or file called `by` answers; None where it gives no such thing.

    `readout`: v of the last layer, int32 [samples, T, classes], by another way than the trace; `states`: all
    of the trace, by layer, so. By its decoder of clause 7, `scores` [samples, classes], float64 or float32,
    the type that it computed in, and `classes`, int64 [samples];
    `scores_so_far` [samples, T, classes] and `classes_so_far` [samples, T] are those after each step.
    `names` of all classes; `said`: the name of each sample's class as the program prints it.
    `facts`: what the program tells of the network, by the names of `snnc.verification.facts`.
    """

    by: str
    readout: npt.NDArray[np.int32] | None = None
    scores: npt.NDArray[np.float64] | npt.NDArray[np.float32] | None = None
    classes: npt.NDArray[np.int64] | None = None
    names: tuple[str, ...] | None = None
    said: tuple[str, ...] | None = None
    states: tuple[LayerTrace, ...] | None = None
    scores_so_far: npt.NDArray[np.float64] | npt.NDArray[np.float32] | None = None
    classes_so_far: npt.NDArray[np.int64] | None = None
    facts: Mapping[str, Fact] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        for name, kinds, dimensions in (
            ("readout", "i", 3),
            ("scores", "f", 2),
            ("classes", "i", 1),
            ("scores_so_far", "f", 3),
            ("classes_so_far", "i", 2),
        ):
            if getattr(self, name) is None:
                continue
            array = np.array(getattr(self, name))
            if array.dtype.kind not in kinds or array.ndim != dimensions or array.dtype == np.float16:
                raise StageError(f"answer of {self.by}: {name} is {array.dtype} {array.shape}")
            if kinds == "i":  # NaN among the scores is for the comparison
                array = array.astype(np.int64)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        for name in NAMES:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, tuple(map(str, getattr(self, name))))
        if self.facts is not None:
            object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))
        if len({self._samples_of(name) for name in self._by_sample}) > 1:
            raise StageError(f"answer of {self.by}: {', '.join(self._by_sample)} differ in samples")
        if not self.gives:
            raise StageError(f"answer of {self.by}: is empty")

    @property
    def gives(self) -> tuple[str, ...]:
        """Names of the fields that are there, as "scores"."""
        return tuple(each.name for each in fields(self)[1:] if getattr(self, each.name) is not None)

    @property
    def samples(self) -> int | None:
        """How many samples it is of; None if it holds nothing by sample."""
        return self._samples_of(self._by_sample[0]) if self._by_sample else None

    def part(self, rows: slice) -> Answer:
        """The samples `rows`."""
        kept: dict[str, Any] = {
            name: getattr(self, name)[rows] for name in self._by_sample if name != "states"
        }
        if self.states is not None:
            kept["states"] = tuple(layer.part(rows) for layer in self.states)
        return Answer(self.by, names=self.names, facts=self.facts, **kept)

    @property
    def _by_sample(self) -> list[str]:
        return [name for name in self.gives if name not in OF_THE_NETWORK]

    def _samples_of(self, name: str) -> int:
        return len(self.states[0].v if name == "states" and self.states else getattr(self, name))
