"""Recordings that cannot be encoded, in a line: a reason that several have is told once."""

from collections.abc import Sequence

from snnc.errors import InputError
from snnc.text import one_line

_REASONS, _FILES = 3, 3
"""So many are named."""


Problem = tuple[str, str]
"""A file, and why it cannot be encoded."""


def problem_of(file: object, text: str) -> Problem:
    """Of what was said of `file`, which may begin with its name."""
    return str(file), text.removeprefix(f"{file}: ")


def refusal(problems: Sequence[Problem], tried: int, total: int, remedy: str) -> InputError:
    """The error for `problems` of the first `tried` of `total` recordings."""
    of = f"of {total}" if tried == total else f"of the first {tried} of {total}"
    one = "1 recording" if len(problems) == 1 else f"{len(problems)} recordings"
    return InputError(f"{told(problems)}: {one} {of} cannot be encoded; {remedy}")


def left_out(file: object, why: str) -> str:
    """The note on a recording that --skip left out."""
    return f"left out, --skip: {one_line(str(file))}: {one_line(why)}"


def told(problems: Sequence[Problem]) -> str:
    """The first few reasons, each with the first few files that have it."""
    having: dict[str, list[str]] = {}
    for file, why in problems:
        having.setdefault(why, []).append(file)
    shown = list(having.items())[:_REASONS]
    left = len(problems) - sum(len(files) for _, files in shown)
    return "; ".join(_one(files, why) for why, files in shown) + (f"; and {left} more" if left else "")


def _one(files: Sequence[str], why: str) -> str:
    if len(files) == 1:
        return f"{files[0]}: {why}"
    named = ", ".join(files[:_FILES]) + (", ..." if len(files) > _FILES else "")
    return f"{len(files)} recordings ({named}), each: {why}"
