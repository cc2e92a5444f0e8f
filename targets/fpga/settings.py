"""What a user chooses of the target: the board, and the number of lanes."""

from __future__ import annotations

from collections.abc import Mapping

from snnc.errors import InputError
from snnc.target import Setting
from snnc.text import quoted

BOARDS = ("sim",)
LANES = (2, 4, 8, 16, 32, 64)
SETTINGS: Mapping[str, Setting] = {"board": "sim", "lanes": 16}
"""Those of an export that chooses none."""


def configure(chosen: Mapping[str, Setting]) -> dict[str, Setting]:
    """All settings, where `chosen` gives some of them, as text or as they are.

    Raises
    ------
    InputError
        If there is no such setting, or it cannot be that.
    """
    settings = dict(SETTINGS)
    for name, value in chosen.items():
        if name == "board" and value in BOARDS:
            settings[name] = value
        elif name == "board":
            raise InputError(f"--board {quoted(value)}: there is {', '.join(BOARDS)}")
        elif name == "lanes" and str(value) in map(str, LANES):
            settings[name] = int(value)
        elif name == "lanes":
            raise InputError(
                f"--lanes {quoted(value)}: give {', '.join(map(str, LANES[:-1]))} or {LANES[-1]}"
            )
        else:
            raise InputError(
                f"target fpga: has no setting {quoted(name)}, only {', '.join(SETTINGS)}; leave it out"
            )
    return settings
