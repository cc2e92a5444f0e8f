"""Settings of a target are known by their names."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from snnc.errors import InputError
from snnc.text import did_you_mean, quoted


def check_known(target: str, chosen: Iterable[str], known: Collection[str]) -> None:
    """Raise `InputError` if a name that is `chosen` is none of the `known` settings of `target`."""
    for name in chosen:
        if name not in known:
            only = f", only {', '.join(known)}" if known else ""
            meant = did_you_mean(name, known)
            raise InputError(
                f"target {target}: has no setting {quoted(name)}{meant}{only}; leave it out, or name with "
                "--target one that has it"
            )
