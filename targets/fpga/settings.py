"""What a user chooses of the target: the board, and the number of lanes."""

from __future__ import annotations

from collections.abc import Mapping

from snnc.errors import InputError
from snnc.target import Setting
from snnc.targets.fpga.boards import BOARDS
from snnc.text import quoted

SIM = "sim"
"""In the place of a board: the core alone, in a simulator."""
LANES = (2, 4, 8, 16, 32, 64)
FIT = "fit"
"""In the place of a number of lanes: as many as the board has room for."""
SETTINGS: Mapping[str, Setting] = {"board": SIM, "lanes": 16}
"""Those of an export that chooses none. With a board, the lanes are `FIT`."""


def configure(chosen: Mapping[str, Setting]) -> dict[str, Setting]:
    """All settings, where `chosen` gives some of them, as text or as they are.

    Raises
    ------
    InputError
        If there is no such setting, or it cannot be that.
    """
    boards = (SIM, *BOARDS)
    settings = dict(SETTINGS)
    if chosen.get("board", SIM) != SIM:
        settings["lanes"] = FIT
    for name, value in chosen.items():
        if name == "board" and value in boards:
            settings[name] = value
        elif name == "board":
            raise InputError(f"--board {quoted(value)}: there is {', '.join(boards)}")
        elif name == "lanes" and str(value) in map(str, LANES):
            settings[name] = int(value)
        elif name == "lanes" and value == FIT and settings["lanes"] == FIT:
            pass
        elif name == "lanes":
            raise InputError(
                f"--lanes {quoted(value)}: give {', '.join(map(str, LANES[:-1]))} or {LANES[-1]}"
            )
        else:
            raise InputError(
                f"target fpga: has no setting {quoted(name)}, only {', '.join(SETTINGS)}; leave it out"
            )
    return settings
