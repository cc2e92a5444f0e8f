"""What a user chooses of the target: the board, the number of lanes, and the clock."""

from __future__ import annotations

from collections.abc import Mapping

from snnc.errors import InputError
from snnc.known_settings import check_known
from snnc.target import Setting
from snnc.targets.fpga.boards import BOARDS
from snnc.text import did_you_mean, quoted

SIM = "sim"
"""In the place of a board: the core alone, in a simulator."""
LANES = (2, 4, 8, 16, 32, 64)
FIT = "fit"
"""In the place of a number of lanes: as many as the board has room for."""
DEFAULT = "default"
"""In the place of a clock in MHz: that of the board."""
SETTINGS: Mapping[str, Setting] = {"board": SIM, "lanes": 16, "clock": DEFAULT}
"""Those of an export that chooses none. With a board, the lanes are `FIT`."""


def configure(chosen: Mapping[str, Setting]) -> dict[str, Setting]:
    """All settings, where `chosen` gives some of them, as text or as they are.

    Raises
    ------
    InputError
        If there is no such setting, or it cannot be that.
    """
    check_known("fpga", chosen, SETTINGS)
    boards = (SIM, *BOARDS)
    settings = dict(SETTINGS)
    if chosen.get("board", SIM) != SIM:
        settings["lanes"] = FIT
    for name, value in chosen.items():
        if name == "board" and value in boards:
            settings[name] = value
        elif name == "board":
            meant = did_you_mean(value, boards)
            raise InputError(f"--board {quoted(value)}: unknown{meant}; there is {', '.join(boards)}")
        elif name == "lanes" and str(value) in map(str, LANES):
            settings[name] = int(value)
        elif name == "lanes" and value == FIT and settings["lanes"] == FIT:
            pass
        elif name == "lanes":
            raise InputError(
                f"--lanes {quoted(value)}: give {', '.join(map(str, LANES[:-1]))} or {LANES[-1]}"
            )
        else:
            settings["clock"] = str(value)
    _check_clock(settings)
    return settings


def clock_mhz(settings: Mapping[str, Setting]) -> str:
    """The clock of the board of `settings`, in MHz."""
    clock = str(settings.get("clock", DEFAULT))
    return BOARDS[str(settings["board"])].clock if clock == DEFAULT else clock


def _check_clock(settings: Mapping[str, Setting]) -> None:
    board, clock = str(settings["board"]), settings["clock"]
    if clock == DEFAULT:
        return
    if board == SIM:
        raise InputError(f"--clock {quoted(clock)}: a simulation has no clock; give a --board, too")
    if clock not in (choices := BOARDS[board].choices):
        *most, last = choices
        many = f"{', '.join(most)} or {last}" if most else last
        raise InputError(f"--clock {quoted(clock)}: {board} runs a core at {many} MHz")
