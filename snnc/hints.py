"""What a user may have meant by a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """ " (did you mean 'lava-event'?)", or "" where none of `known` is near `name`."""
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), list(known), 1)
    return f" (did you mean {near[0]!r}?)" if near else ""
