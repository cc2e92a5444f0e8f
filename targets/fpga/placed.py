"""The report that `snnc place` left of an artifact, read as a stranger's file."""

from __future__ import annotations

import json
from typing import Any, TypeGuard

from snnc.errors import InputError
from snnc.stages import Artifact, BoardClock
from snnc.targets.fpga.boards import BOARDS
from snnc.targets.fpga.place import hash_of, inputs_of
from snnc.targets.fpga.settings import clock_mhz, configure
from snnc.text import quoted

MOST_MHZ = 10_000
MOST_SEED = 2**63
MOST_CYCLES = 10**15
SERIAL = "serial_recordings_a_second"
TOOLS, KINDS, WORD = 8, 64, 200
"""Most tools, most kinds of cells, and most characters of a name or a version."""


def placed(artifact: Artifact, report: bytes) -> BoardClock | None:
    """The clock that the design of `artifact` reaches by `report`; None if it is for no board.

    Raises
    ------
    InputError
        If the report is damaged, or of another design than the artifact's.
    """
    settings = configure(artifact.manifest.get("settings", {}))
    name = str(settings["board"])
    if name not in BOARDS:
        return None
    told = _read(report)
    if told.get("inputs_sha256") != hash_of(inputs_of(artifact.program, name)):
        raise InputError("is of another design than this artifact's")
    clock = _number(told, "board_mhz")
    if told.get("board") != name or clock != float(clock_mhz(settings)):
        raise InputError(
            f"is of {quoted(told.get('board'))} at {clock:g} MHz, the artifact is for {name} at "
            f"{clock_mhz(settings)} MHz"
        )
    tools, seed = told.get("tools"), told.get("seed")
    if type(seed) is not int or not 0 < seed < MOST_SEED:
        raise InputError(f"seed is {quoted(seed)}, expected a whole number above 0")
    if not isinstance(tools, dict) or len(tools) > TOOLS or not all(map(_word, (*tools, *tools.values()))):
        raise InputError(f"tools is {quoted(tools)}, expected a version for each name")
    recordings = told.get("recordings")
    if not _word(recordings):
        raise InputError(f"recordings is {quoted(recordings)}, expected a text")
    cycles = _number(told, "cycles_a_recording", MOST_CYCLES, "cycles")
    return BoardClock(
        _number(told, "mhz"),
        clock,
        tools,
        seed,
        _cells(told.get("cells")),
        cycles,
        recordings,
        **_serial(told, BOARDS[name].baud),
    )


def _serial(told: dict[str, Any], baud: int) -> dict[str, Any]:
    """The serial port of `baud`, and what passes it; nothing where the report does not say it.

    `snnc place` rounds it to hundredths: of samples that take minutes it is 0.
    """
    if told.get(SERIAL) in (None, 0):
        return {}
    return {"baud": baud, "serial_a_second": _number(told, SERIAL, MOST_CYCLES, "recordings a second")}


def _cells(told: Any) -> dict[str, tuple[int, int]]:
    """Used and available, by kind."""
    if not isinstance(told, dict) or len(told) > KINDS or not all(map(_word, told)):
        raise InputError(f"cells is {quoted(told)}, expected used and available for each kind")
    for name, pair in told.items():
        whole = isinstance(pair, list) and len(pair) == 2 and all(type(each) is int for each in pair)
        if not whole or not 0 <= pair[0] <= pair[1] < MOST_CYCLES:
            raise InputError(f"cells: {name} is {quoted(pair)}, expected used and available")
    return {name: (pair[0], pair[1]) for name, pair in told.items()}


def _read(report: bytes) -> dict[str, Any]:
    try:
        told = json.loads(report)
    except (ValueError, RecursionError) as error:
        raise InputError("is not JSON") from error
    if not isinstance(told, dict):
        raise InputError("is not a JSON object")
    return told


def _number(told: dict[str, Any], name: str, most: int = MOST_MHZ, unit: str = "MHz") -> float:
    found = told.get(name)
    if isinstance(found, int | float) and not isinstance(found, bool) and 0 < found <= most:
        return float(found)
    raise InputError(f"{name} is {quoted(found)}, expected {unit}, above 0, at most {most}")


def _word(found: object) -> TypeGuard[str]:
    return isinstance(found, str) and len(found) <= WORD and found.isprintable()
