"""The call of `Network.export` that is not refused, where too many weight bits are why one is."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from snnc.errors import RangeProofError

Of = TypeVar("Of")
Given = ParamSpec("Given")
Found = TypeVar("Found")
Method = Callable[Concatenate[Of, Given], Found]
BITS = "weight_bits"


def naming_what_passes(export: Method[Of, Given, Found]) -> Method[Of, Given, Found]:
    """A decorator: where fewer weight bits pass, the error of the range proof ends in the call with these."""

    @wraps(export)
    def call(of: Of, /, *args: Given.args, **kwargs: Given.kwargs) -> Found:
        try:
            return export(of, *args, **kwargs)
        except RangeProofError as error:
            if error.weight_bits:
                several = [int(each) for each in error.weight_bits.split(",")]
                given = {**kwargs, BITS: several if len(several) > 1 else several[0]}
                named = (f"{name}={_word(value, name)}" for name, value in given.items())
                words = [*map(_word, args), *named]
                error.args = (*error.args, f"what passes: network.export({', '.join(words)})")
            raise

    return call


def _word(value: Any, name: str = "data") -> str:
    """As it is written in a call; what is no plain value by its `name`."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    plain = value is None or isinstance(value, bool | int | float | str | list | tuple)
    return repr(value) if plain else name
