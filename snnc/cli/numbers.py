"""Numbers that options write in a form of their own."""

from __future__ import annotations

from snnc.errors import InputError
from snnc.text import quoted


def bits_of(text: str) -> int | tuple[int, ...]:
    """One number, or one a layer between commas. Raises `InputError` for anything else."""
    try:
        bits = tuple(int(number) for number in text.split(","))
    except ValueError:
        raise InputError(
            f"--weight-bits {text}: give one number, or one per layer, for example 4,8"
        ) from None
    return bits[0] if len(bits) == 1 else bits


def share_of(text: str) -> float | None:
    """A number, or None for "auto". Raises `InputError` for anything else."""
    if text == "auto":
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(f"--prune {text}: give a share from 0 to 1, or auto") from None


def seconds_of(text: str | None) -> float | None:
    """Of --dt. Raises `InputError` for what is no number."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        number, unit = text[:-2].strip(), text[-2:]
        meant = (
            f"{float(number) / 1000:g}"
            if unit == "ms" and number.replace(".", "", 1).isdecimal()
            else "0.005"
        )
        raise InputError(f"--dt {quoted(text)}: give seconds, as {meant}") from None
