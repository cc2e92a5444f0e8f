"""Names that people take for the same, and that are not."""

import unicodedata
from collections import Counter
from collections.abc import Iterable

from snnc.text import quoted

_SHOWN = 6
"""Most names that a note shows."""


def of_alike(what: str, names: Iterable[str]) -> list[str]:
    """A note on those of `names` that differ in little, side by side; `what` they are, in the plural."""
    several = list(names)
    forms = Counter(map(_form, several))
    twice = sorted((name for name in several if forms[_form(name)] > 1), key=_form)
    if not twice:
        return []
    shown = ", ".join(map(quoted, twice[:_SHOWN])) + (", ..." if len(twice) > _SHOWN else "")
    differ = f"{what} that differ in case, blanks or the code of their letters alone: {shown}"
    return [f"{differ}: give what is the same one name"]


def _form(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
