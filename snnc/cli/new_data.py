"""What is odd about recordings that a user gives to a trained network, on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snnc.verification.spike_input import SpikeInput


def tell(notes: Iterable[str]) -> None:
    """A line each, apart from results."""
    from snnc.cli import console

    out = console.out(stderr=True)
    for note in notes:
        out.print(f"note: {note}")


def notes_of_input(given: SpikeInput) -> tuple[str, ...]:
    """Of samples of a file of events, what is odd about its times and addresses."""
    from snnc.trainer.other_data import notes_of_file

    return () if given.events is None else notes_of_file(given.events)
