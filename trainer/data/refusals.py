"""Recordings that cannot be encoded, in a line: a reason that several have is told once."""

import re
from collections.abc import Sequence

from snnc.errors import UnencodedError
from snnc.text import one_line

_KINDS, _FILES = 10, 3
"""So many are named."""


Problem = tuple[str, str]
"""A file, and why it cannot be encoded."""


def problem_of(file: object, text: str) -> Problem:
    """Of what was said of `file`, which may begin with its name."""
    return str(file), text.removeprefix(f"{file}: ")


def refusal(
    problems: Sequence[Problem], total: int, remedy: str, cannot: str = "be encoded"
) -> UnencodedError:
    """The error for `problems` of `total` recordings."""
    one = "1 recording" if len(problems) == 1 else f"{len(problems)} recordings"
    return UnencodedError(f"{told(problems)}: {one} of {total} cannot {cannot}; {remedy}")


def left_out(file: object, why: str) -> str:
    """The note on a recording that --skip left out."""
    return f"left out, --skip: {one_line(str(file))}: {one_line(why)}"


def told(problems: Sequence[Problem]) -> str:
    """The reasons, the most frequent first, with their first files; those that differ in numbers are one."""
    kinds: dict[str, list[Problem]] = {}
    for file, why in problems:
        kinds.setdefault(re.sub(r"\d+(\.\d+)?", "0", why), []).append((file, why))
    several = sorted(kinds.values(), key=len, reverse=True)
    left = sum(map(len, several[_KINDS:]))
    return "; ".join(map(_one, several[:_KINDS])) + (f"; and {left} more" if left else "")


def _one(kind: Sequence[Problem]) -> str:
    (file, why), *others = kind
    if not others:
        return f"{file}: {why}"
    named = ", ".join(name for name, _ in kind[:_FILES]) + (", ..." if len(kind) > _FILES else "")
    each = "each" if all(other == why for _, other in others) else "the first"
    return f"{len(kind)} recordings ({named}), {each}: {why}"
