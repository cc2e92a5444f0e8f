"""Arguments of a function that Python itself would refuse with a TypeError of no remedy."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import ParamSpec, TypeVar

from snnc.errors import CallError
from snnc.text import did_you_mean

Given = ParamSpec("Given")
Found = TypeVar("Found")


READOUT = (
    "An export has all readouts: predict takes one, as exported.predict(x, readout='out'); for verify and "
    "finetune, give from_torch a module that returns that output alone (docs/from_torch.md, 'Several "
    "outputs')"
)
LABELS = "verify takes labels, with samples: exported.verify(x, labels=labels); and so does finetune"
TARGET = "export takes the target: network.export('c', 'net.c')"
"""What to do in the place of an argument that another function has."""
ELSEWHERE = {"readout": READOUT, "readouts": READOUT, "labels": LABELS}
"""The same, of any function that does not have it."""
NONE: Mapping[str, str] = MappingProxyType({})
MEANT = {
    "bits": "weight_bits",
    "lr": "learning_rate",
    "force": "overwrite",
    "exist_ok": "overwrite",
    "quiet": "verbose",
}
"""Names of other libraries, and the argument that they are where a function has it."""
EXAMPLES = {
    "target": "the target, as 'c'",
    "path": "a path",
    "data": "recordings, or their name or path",
    "x": "samples, [N, T, lines]",
    "labels": "the class of each recording",
    "dt": "the seconds a step, as dt=1e-3",
    "tick_s": "the seconds a unit of time, as tick_s=1e-6",
}
"""How an argument is given that has to be."""


def checked_keywords(
    instead: Mapping[str, str] = NONE, examples: Mapping[str, str] = NONE
) -> Callable[[Callable[Given, Found]], Callable[Given, Found]]:
    """A decorator: calls with arguments that the function does not have, or without some, raise `CallError`.

    `instead` tells what to do in the place of arguments that other libraries or functions have; `examples`
    how an argument is given that has to be, before `EXAMPLES`.
    """

    def decorated(function: Callable[Given, Found]) -> Callable[Given, Found]:
        signature = inspect.signature(function)

        @wraps(function)
        def call(*args: Given.args, **kwargs: Given.kwargs) -> Found:
            try:
                signature.bind(*args, **kwargs)
            except TypeError:
                raise _refused(signature, function.__name__, args, kwargs, instead, examples) from None
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
    """What is wrong with a call that `signature` does not allow; of a method, `self` is not told."""
    known = {key: each for key, each in signature.parameters.items() if each.kind is not each.VAR_KEYWORD}
    if known.pop("self", None):
        args = args[1:]
    first = [key for key, each in known.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
    any_name = len(known) + ("self" in signature.parameters) < len(signature.parameters)
    if unknown := [key for key in kwargs if key not in known and not any_name]:
        return _unknown(name, unknown[0], [*known], instead)
    if len(args) > len(first):
        others = ", ".join(key for key in known if key not in first)
        what = f"{name}: {len(args)} arguments have no name, it takes {' and '.join(first) or 'none'} so"
        return CallError(what, *[f"Give the others by name: {others}"] * bool(others))
    if twice := [key for key in first[: len(args)] if key in kwargs]:
        return CallError(f"{name}: {twice[0]} is given twice, by its place and by its name; give it once")
    placed = first[: len(args)]
    missing = [
        key
        for key, each in known.items()
        if each.default is each.empty and key not in kwargs and key not in placed
    ]
    how = {**EXAMPLES, **examples}
    return CallError(
        f"{name}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
        f"Give {'; '.join(how.get(key, key) for key in missing)}",
    )


def _unknown(name: str, key: str, known: list[str], instead: Mapping[str, str]) -> CallError:
    """Of an argument `key` that the function `name` does not have."""
    if key.removesuffix("s") not in known:  # as readouts=, of a function that has readout
        instead = {**ELSEWHERE, **instead}
    near = did_you_mean(key, known)
    if MEANT.get(key) in known:
        near = f" (did you mean {MEANT[key]!r}?)"
    if key in instead:
        near = ""
    has = f"only {', '.join(known)}" if known else "and takes none"
    return CallError(f"{name}: has no argument {key!r}{near}, {has}", *filter(None, [instead.get(key)]))
