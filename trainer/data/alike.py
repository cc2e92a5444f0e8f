"""Names that people take for the same, and that are not."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from snnc.text import quoted
from snnc.trainer.data.usual_layout import SEPARATORS

_MARKS = re.compile(rf"[\s/{re.escape(''.join(SEPARATORS))}]+")
"""With what stands between the parts of a source: "hall/lift 2" may be "hall_lift-2" elsewhere."""
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_SHOWN = 12
"""Most names that a note shows."""


def of_alike(what: str, names: Iterable[str], remedy: str = "give what is the same one name") -> list[str]:
    """A note on those of `names` that differ in little, side by side; `what` they are, in the plural."""
    several = list(names)
    forms = Counter(map(form_of, several))
    twice = sorted((name for name in several if forms[form_of(name)] > 1), key=form_of)
    if not twice:
        return []
    shown = ", ".join(map(quoted, twice[:_SHOWN])) + (", ..." if len(twice) > _SHOWN else "")
    differ = "case, blanks, marks, zeros in front of numbers or the code of their letters alone"
    return [f"{what} that differ in {differ}: {shown}: {remedy}"]


def most_frequent(names: Iterable[str]) -> dict[str, str]:
    """For each of `names`, which recur, that of its form that most are; of several the first in order."""
    counted = Counter(names)
    found: dict[str, str] = {}
    for name in sorted(counted, key=lambda each: (-counted[each], each)):
        found.setdefault(form_of(name), name)
    return {name: found[form_of(name)] for name in counted}


def form_of(name: str) -> str:
    """What of a name tells it from others: not the case or code of letters, blanks or marks between words.

    Numbers count by their value: 02 is 2. A mark between digits stays one, whatever it is: 1_1 is not 11.
    """
    folded = _NUMBERS.sub(_by_value, unicodedata.normalize("NFKC", name).casefold())
    return _MARKS.sub(lambda mark: "_" if _between_digits(folded, *mark.span()) else "", folded) or folded


def _by_value(numbers: re.Match[str]) -> str:
    """Without zeros in front; those behind a single point or comma stay, as 1.05 is not 1.5."""
    first, *others = re.split("([.,])", numbers[0])
    if len(others) == 2:
        return "".join([_plain(first), *others])
    return "".join(map(_plain, [first, *others]))


def _plain(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _between_digits(text: str, start: int, end: int) -> bool:
    return text[:start][-1:].isdigit() and text[end:][:1].isdigit()
