"""What pydantic makes of a type to check values against it: made once, as that takes longer than a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")

_made: dict[Any, Any] = {}


def validator(kind: type[T]) -> TypeAdapter[T]:
    """The one of `kind`, the same each time."""
    from pydantic import TypeAdapter  # here: it takes long to load

    if kind not in _made:
        _made[kind] = TypeAdapter(kind)
    found: TypeAdapter[T] = _made[kind]
    return found
