"""The clock of a board: what placement and routing of its design found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PLACE_FILE = "place.json"
"""What `snnc place` leaves in the folder of an artifact; not in the manifest."""


@dataclass(frozen=True, slots=True)
class BoardClock:
    """`mhz` is the frequency that the design reaches after routing, `board_mhz` what the board runs it at.

    `tools`: versions of the programs that placed it, by name; `seed`: where placement began.
    """

    mhz: float
    board_mhz: float
    tools: Mapping[str, str]
    seed: int

    @property
    def met(self) -> bool:
        return self.mhz >= self.board_mhz
