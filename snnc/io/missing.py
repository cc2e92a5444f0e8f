"""Entries of a list that are missing: None, no number, or an empty text."""

from __future__ import annotations

from typing import Any

import numpy as np

from snnc.errors import InputError

_NAMED = 5
"""Most entries that are named."""
_OF_TABLES = ("NAType", "NaTType")
"""What pandas has in their place."""


def missing(given: Any) -> list[int]:
    """Positions of what is missing in `given`, a list or an array of one dimension; none of anything else.

    Is asked before a list of texts becomes an array, in which what is no number is the text "nan".
    """
    given = np.asarray(given) if hasattr(given, "__array__") and not hasattr(given, "detach") else given
    of_one = isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind in "OUf"
    if isinstance(given, list | tuple) or of_one:
        return [at for at, each in enumerate(given) if _is_missing(each)]
    return []


def check_labels(name: str, labels: Any, what: str) -> None:
    """Raise `InputError` if a label is missing. `name`: of the labels; `what` each is of, as "sample"."""
    if found := missing(labels):
        one = len(found) == 1
        verb, them, their = ("has", "it", "its") if one else ("have", "them", "their")
        named = what == "recording" and any(isinstance(each, str) and each for each in labels)
        unknown = ", '?' where it is not known" if named else ""
        if what == "sample" and len(found) == len(labels):
            raise InputError(
                f"{name}: all {len(labels)} are missing ({seen(labels, found)}); leave out labels"
            )
        raise InputError(
            f"{name}: {listed(found, what)} of {len(labels)} {verb} no label ({seen(labels, found)}); leave "
            f"{them} out or name {their} class{unknown}"
        )


def listed(found: list[int], what: str) -> str:
    """As "recording 3", or "recordings 3, 4"."""
    more = ", ..." * (len(found) > _NAMED)
    return f"{what}{'s' * (len(found) > 1)} {', '.join(map(str, found[:_NAMED]))}{more}"


def seen(given: Any, found: list[int]) -> str:
    """What stands at the first of `found`."""
    return str(list(given)[found[0]]) or "''"


def _is_missing(each: Any) -> bool:
    if isinstance(each, float | np.floating):
        return bool(np.isnan(each))
    return each is None or (isinstance(each, str) and not each) or type(each).__name__ in _OF_TABLES
