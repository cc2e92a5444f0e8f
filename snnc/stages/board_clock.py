"""What placement and routing of a board's design found: its clock, and what it takes of the device."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

PLACE_FILE = "place.json"
"""What `snnc place` leaves in the folder of an artifact; not in the manifest."""
GOLDEN_INPUT = "golden input"
_GOLDEN = re.compile(rf"[0-9]+ {GOLDEN_INPUT}s?")


@dataclass(frozen=True, slots=True)
class BoardClock:
    """`mhz` is the frequency that the design reaches after routing, `board_mhz` what the board runs it at.

    `tools`: versions of the programs that placed it, by name; `seed`: where placement began; `cells`: used
    and available, by kind; `cycles`: those of a recording, the mean of `recordings`, None if not known.
    `baud`, `serial_a_second`: of the board's serial port, and how many of these recordings a second pass
    through it; None if not known.
    """

    mhz: float
    board_mhz: float
    tools: Mapping[str, str]
    seed: int
    cells: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    cycles: float | None = None
    recordings: str = ""
    baud: int | None = None
    serial_a_second: float | None = None

    @property
    def met(self) -> bool:
        return self.mhz >= self.board_mhz

    @property
    def one(self) -> str:
        """What a sample is that the cycles are of."""
        return GOLDEN_INPUT if _GOLDEN.fullmatch(self.recordings) else "recording"
