"""Days in names of folders and files, which are no classes."""

import re
from collections import Counter
from collections.abc import Sequence

_DAY = re.compile(r"(\d{4}[-_.]?[01]\d[-_.]?[0-3]\d|[0-3]\d[-_.][01]\d[-_.]\d{2,4})(?!\d)")
"""What the name of a folder begins with that is a day."""
_DAY_IN_NAME = re.compile(
    r"(?<![^\W_])((19|20)\d\d[-_. ]?[01]\d[-_. ]?[0-3]\d|[0-3]\d[-_. ][01]\d[-_. ](19|20)\d\d)(?![^\W_])"
)
"""A day in the name of a file, where other numbers are, too: its year has four digits, of our time."""


def is_day(name: str) -> bool:
    """Whether it begins as a day, as 2026-10-03."""
    return _DAY.match(name) is not None


def has_day(stem: str) -> bool:
    """Whether the name of a file tells a day, wherever it stands."""
    return _DAY_IN_NAME.search(stem) is not None


def days_apart(stem: str) -> list[str]:
    """The name of a file in pieces, of which every second is a day."""
    found, end = list[str](), 0
    for day in _DAY_IN_NAME.finditer(stem):
        found += [stem[end : day.start()], day[0]]
        end = day.end()
    return [*found, stem[end:]]


def dated(stems: Sequence[str], mark: str) -> set[int]:
    """Which of the parts that `mark` divides are, in most names, a day or a piece of one."""
    found = Counter[int]()
    for stem in stems:
        other = _DAY_IN_NAME.sub(lambda day: re.sub(r"\d", "D", day[0]), stem)
        parts = zip(stem.split(mark), other.split(mark), strict=True)
        found.update(at for at, (part, masked) in enumerate(parts) if part != masked)
    return {at for at, count in found.items() if 2 * count > len(stems)}
