"""Speakers of a configuration: their numbers, or their names in the data."""

from operator import index
from typing import Annotated, Any

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError


def _speaker(value: Any) -> int | str:
    """A text stays one, also if it looks like a number: it is a name."""
    if isinstance(value, str) and value:
        return value
    try:
        if isinstance(value, bool):
            raise TypeError
        return index(value)
    except TypeError:
        raise PydanticCustomError("speaker", "give the number or the name of a speaker") from None


Speaker = Annotated[int | str, PlainValidator(_speaker)]
