"""What nextpnr is at, from its log as it grows."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

Tell = Callable[[str, str], None]
"""Takes the phase that is at work, and the last that was logged in it."""
PHASES = (
    (re.compile(r"Packing "), "packing"),
    (re.compile(r"Creating initial |Running (main|simulated) "), "placing"),
    (re.compile(r"Routing"), "routing"),
)
SECONDS = 0.5
"""From one look at the log to the next."""
LINE = re.compile(r"(?:Info|Warning): +(\S.*)")


@contextmanager
def followed(log: Path, tool: str, tell: Tell) -> Iterator[None]:
    """While this block runs `tool`, which writes `log`, tell what it does, and once more at the end."""
    over = threading.Event()
    thread = threading.Thread(target=_follow, args=(log, tool, tell, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _follow(log: Path, tool: str, tell: Tell, over: threading.Event) -> None:
    phase = "reading the netlist"
    tell(f"{tool}: {phase}", "")
    last = False
    while not last and not log.is_file():
        last = over.wait(SECONDS)
    if not log.is_file():
        return
    with log.open(errors="replace") as text:
        while True:
            for line in _whole_lines(text):
                phase = next((name for begins, name in PHASES if begins.match(line)), phase)
                tell(f"{tool}: {phase}", line)
            if last:
                return
            last = over.wait(SECONDS)


def _whole_lines(text: TextIO) -> Iterator[str]:
    """What was logged since; the beginning of a line is read again when it is whole."""
    while True:
        place = text.tell()
        line = text.readline()
        if not line.endswith("\n"):
            text.seek(place)
            return
        if found := LINE.match(line):
            yield found[1]
