"""Text for a user of Python: errors of the code below in its words, and short lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from snnc.brief import SHORT
from snnc.errors import FILE_OF_THEM, TAKES_ALL, TAKES_YOURS, SnncError
from snnc.text import one_line, shortened

OPTION = re.compile(r"(?<![\w-])--([a-z]+(?:-[a-z]+)*)(?: (?=[A-Z]+\b))?")
"""With the space before a word in capitals, which stands for a value."""
COMMAND = re.compile(r"(`snnc [^`]*`)")
FLAGS = frozenset(
    {"allow_saturation", "overwrite", "power_of_two", "relays", "resume", "round_delays", "trust_program"}
    | {"whole_bias", "fail_fast", "allow_missing"}
)
VALUES = frozenset(
    {
        "budget",
        "decoder",
        "checkpoint",
        "config",
        "device",
        "dt",
        "executor",
        "executors",
        "fires",
        "generated",
    }
    | {"integration", "labels", "max_drop", "payload_max", "percentile", "prune", "prune_by", "reset"}
    | {"samples", "scale", "seed", "split", "target", "time_steps", "weight_bits"}
)
"""Arguments that the command line has as options of the same name."""
RENAMED = {"dataset": ("data", ""), "no_budget": ("budget", "=False")}
"""Options that are arguments of another name, and what is behind it."""


PHRASES = {
    "--scale mse": "scale='mse'",
    TAKES_YOURS: "give verify your samples as x, with labels if there are any",
    FILE_OF_THEM: "give the same recordings as data",
    TAKES_ALL: "give verify your samples as x, with labels if there are any",
}
"""Remedies that are others in Python, where recordings need no file."""


@contextmanager
def python_words() -> Iterator[None]:
    """Errors name arguments of Python, not options of the command line."""
    try:
        yield
    except SnncError as error:
        error.args = tuple(_said(each) if isinstance(each, str) else each for each in error.args)
        raise


def _said(text: str) -> str:
    def argument(match: re.Match[str]) -> str:
        name: str = match[1].replace("-", "_")
        if name in FLAGS:
            return f"{name}=True"
        if name not in VALUES | RENAMED.keys():
            return match[0]  # of another command
        own, value = RENAMED.get(name, (name, ""))
        return own + (value or ("=" if match[0].endswith(" ") else ""))

    for phrase, own in PHRASES.items():
        text = text.replace(phrase, own)
    parts = COMMAND.split(text)  # commands stand at odd places, and stay
    parts[::2] = [OPTION.sub(argument, part) for part in parts[::2]]
    return "".join(parts).replace(" (-o)", "")


def short(text: str, limit: int = SHORT) -> str:
    """`text` on one line of at most `limit` characters."""
    return shortened(one_line(text), limit)
