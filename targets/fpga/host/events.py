"""Files of events: a line an event, hexadecimal: 0, the payload in two digits, the line in eight.

10000000000 is the end of a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

END_OF_STEP = 1 << 40
"""As a line of a file of events."""
Sample = list[dict[int, int]]
"""For each step the payload of each line that spikes."""


class EventsError(Exception):
    """A file of events, or of what was computed of them, is not what it should be."""


def read_events(lines: Iterator[str], network: dict[str, Any]) -> list[Sample]:
    """The samples of a file of events. Raises `EventsError` if it has none, or the last one is not whole."""
    steps: Sample = []
    step: dict[int, int] = {}
    for place, line in enumerate(map(str.strip, lines), 1):
        if not line:
            continue
        try:
            event = int(line, 16)
        except ValueError:
            raise EventsError(f"line {place}: {line[:20]!r} is no event, a hexadecimal number") from None
        if event == END_OF_STEP:
            steps.append(step)
            step = {}
            continue
        number = event & 0xFFFFFFFF
        if not 0 <= event < END_OF_STEP or number in step:
            raise EventsError(
                f"line {place}: {line[:20]!r} is no event, or the second of its line in step {len(steps)}"
            )
        step[number] = event >> 32
    if not (step or steps):
        raise EventsError("the file of events is empty")
    if step or len(steps) % network["steps"]:
        raise EventsError(f"the events end within a sample, which has {network['steps']} steps")
    return [steps[first : first + network["steps"]] for first in range(0, len(steps), network["steps"])]


def check_lines(step: dict[int, int], network: dict[str, Any]) -> None:
    """Raise `EventsError` for a line or payload that the network does not have."""
    for line, payload in step.items():
        if not (0 <= line < network["inputs"] and 0 < payload <= network["payload_max"]):
            raise EventsError(
                f"line {line} with payload {payload}: there are {network['inputs']} lines, and payloads of "
                f"1 .. {network['payload_max']}"
            )
