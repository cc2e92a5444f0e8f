"""Samples of one part, such as those that train."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.api.events import Events
from snnc.text import LINE, one_line, shortened


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """`events` uint8 [samples, T, lines], `labels` int64 [samples] and `speakers` where they are known.

    A speaker is a name, empty where none is known. `rows` tell whether samples of two parts are the same.
    """

    events: Events
    labels: npt.NDArray[np.int64] | None
    rows: npt.NDArray[np.int64]
    speakers: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.events)

    def select(self, which: npt.NDArray[np.bool_]) -> Part:
        of = self.speakers
        spoken = tuple(each for each, some in zip(of, which, strict=True) if some) if of else ()
        labels = None if self.labels is None else self.labels[which]
        return Part(self.events[which], labels, self.rows[which], spoken)

    @property
    def spoken(self) -> str:
        """As " (ann, joe)"; empty where nobody is known."""
        names = shortened(one_line(", ".join(sorted(set(self.speakers) - {""}))), LINE // 4)
        return f" ({names})" if names else ""
