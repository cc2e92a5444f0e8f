"""What is odd about recordings that a user gives to a trained network, on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snnc.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def tell(notes: Iterable[str]) -> None:
    """A line each, apart from results."""
    from snnc.cli import console

    out = console.out(stderr=True)
    for note in notes:
        out.print(f"note: {note}")


def of_silent(silent: Sequence[int], count: int, files: Sequence[str] | None) -> tuple[str, ...]:
    """That these of `count` samples hold no event, so that their classes are of silence; empty if none."""
    if not silent:
        return ()
    first = f"sample {silent[0]}" if files is None else one_line(files[silent[0]])
    hold, their = ("holds", "its class is") if len(silent) == 1 else ("hold", "their classes are")
    return (
        f"{len(silent)} of {count} recordings {hold} no event (first: {first}): {their} what the "
        "network makes of silence",
    )
