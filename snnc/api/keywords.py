"""Arguments of a function that Python itself would refuse with a TypeError of no remedy."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

from snnc.errors import CallError
from snnc.text import did_you_mean

Given = ParamSpec("Given")
Found = TypeVar("Found")


def checked_keywords(
    instead: Mapping[str, str], examples: Mapping[str, str]
) -> Callable[[Callable[Given, Found]], Callable[Given, Found]]:
    """A decorator: calls with arguments that the function does not have, or without some, raise `CallError`.

    `instead` tells what to do in the place of arguments that other libraries have; `examples` how an argument
    is given that has to be.
    """

    def decorated(function: Callable[Given, Found]) -> Callable[Given, Found]:
        signature, name = inspect.signature(function), function.__name__

        @wraps(function)
        def call(*args: Given.args, **kwargs: Given.kwargs) -> Found:
            try:
                signature.bind(*args, **kwargs)
            except TypeError:
                raise _refused(signature, name, args, kwargs, instead, examples) from None
            return function(*args, **kwargs)

        return call

    return decorated


def _refused(
    signature: inspect.Signature,
    name: str,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    instead: Mapping[str, str],
    examples: Mapping[str, str],
) -> CallError:
    """What is wrong with a call that `signature` does not allow."""
    known = signature.parameters
    first = [key for key, each in known.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
    unknown = [key for key in kwargs if key not in known]
    if unknown:
        key = unknown[0]
        near = "" if key in instead else did_you_mean(key, known)
        what = f"{name}: has no argument {key!r}{near}, only {', '.join(known)}"
        return CallError(what, *([instead[key]] if key in instead else []))
    if len(args) > len(first):
        others = ", ".join(key for key in known if key not in first)
        return CallError(
            f"{name}: {len(args)} arguments have no name, it takes {' and '.join(first)} so",
            f"Give the others by name: {others}",
        )
    if twice := [key for key in first[: len(args)] if key in kwargs]:
        return CallError(f"{name}: {twice[0]} is given twice, by its place and by its name; give it once")
    placed = first[: len(args)]
    missing = [
        key
        for key, each in known.items()
        if each.default is each.empty and key not in kwargs and key not in placed
    ]
    return CallError(
        f"{name}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
        f"Give {'; '.join(examples.get(key, key) for key in missing)}",
    )
