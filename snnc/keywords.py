"""Arguments of a function that Python itself would refuse with a TypeError of no remedy."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

from snnc.argument_kinds import EXAMPLES, wrong_kind
from snnc.errors import CallError, InputError
from snnc.text import did_you_mean

Given = ParamSpec("Given")
Found = TypeVar("Found")
Made = TypeVar("Made")


READOUT = (
    "An export has all readouts: predict and finetune take one, as exported.predict(x, readout='out'); for "
    "verify, give from_torch a module that returns that output alone (docs/from_torch.md, 'Several outputs')"
)
LABELS = "verify takes labels, with samples: exported.verify(x, labels=labels); and so does finetune"
TARGET = "export takes the target: network.export('c', 'net.c')"
"""What to do in the place of an argument that another function has."""
STEPS = (
    "The example of from_torch, or the recordings of train, decide how many steps a network has; load of a "
    "NIR file takes time_steps"
)
DELAYS = "The delays are those of the network: from_torch follows those of a module, train learns its own"
ELSEWHERE = {
    "readout": READOUT,
    "labels": LABELS,
    "device": "train alone takes a device, as device='cuda'",
    "dt": "from_torch, from_arrays and load take dt, the seconds a step; a network keeps it",
    "layout": "from_torch, from_arrays and what takes samples as x take a layout",
    **dict.fromkeys(("time_steps", "timesteps", "num_steps", "n_steps", "T"), STEPS),
    **dict.fromkeys(("delay", "delays"), DELAYS),
    "batch_size": "train and finetune take it",
    **dict.fromkeys(("epochs", "learning_rate", "lr"), "train and finetune take it"),
    **dict.fromkeys(("board", "lanes", "clock"), "It is a setting of the target, as 'fpga:board=ulx3s'"),
}
"""The same, of any function that does not have it; also by names that other libraries have for it."""
NONE: Mapping[str, str] = MappingProxyType({})
MEANT = {
    "bits": ("weight_bits",),
    **dict.fromkeys(("num_bits", "n_bits", "precision", "bit_width"), ("weight_bits",)),
    "lr": ("learning_rate",),
    "force": ("overwrite",),
    "exist_ok": ("overwrite",),
    **dict.fromkeys(("quiet", "silent"), ("verbose",)),
    **dict.fromkeys(("gpu", "cuda"), ("device",)),
    **dict.fromkeys(("sample", "samples", "input", "inputs", "batch"), ("x", "example", "data")),
    "example": ("x", "data"),
    "dataset": ("data",),
    **dict.fromkeys(("y", "targets", "target_labels"), ("labels",)),
    "model": ("module", "net"),
    "network": ("module", "net"),
    **dict.fromkeys(("timesteps", "num_steps", "n_steps", "steps", "T"), ("time_steps",)),
    **dict.fromkeys(("filename", "file", "folder", "output", "out"), ("path",)),
    "format": ("target",),
    "backend": ("executor", "executors", "target"),
    "pruning": ("prune",),
    "num_classes": ("classes",),
    "class_names": ("classes",),
}
"""Names of other libraries, and the arguments that they are, of these the first that a function has."""


def checked_keywords(
    instead: Mapping[str, str] = NONE, examples: Mapping[str, str] = NONE
) -> Callable[[Callable[Given, Found]], Callable[Given, Found]]:
    """A decorator: calls with arguments that the function does not have, or without some, raise `CallError`.

    A value of another kind than its annotation, as text, raises `InputError`: see `wrong_kind`.

    `instead` tells what to do in the place of arguments that other libraries or functions have, or of one
    that is given by its place and by its name; `examples` how an argument is given that has to be, before
    `EXAMPLES`.
    """

    def decorated(function: Callable[Given, Found]) -> Callable[Given, Found]:
        signature = inspect.signature(function)
        name = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]
        how = {**EXAMPLES, **examples}
        wrong = {
            key: wrong_kind(key, each.annotation, how)
            for key, each in signature.parameters.items()
            if isinstance(each.annotation, str) and each.kind is not each.VAR_KEYWORD
        }

        @wraps(function)
        def call(*args: Given.args, **kwargs: Given.kwargs) -> Found:
            try:
                given = signature.bind(*args, **kwargs).arguments
            except TypeError:
                raise _refused(signature, name, args, kwargs, instead, how) from None
            for key, value in given.items():
                if key in wrong and (told := wrong[key](value)):
                    raise InputError(told)
            return function(*args, **kwargs)

        return call

    return decorated


def checked_class(
    instead: Mapping[str, str] = NONE, examples: Mapping[str, str] = NONE
) -> Callable[[type[Made]], type[Made]]:
    """A decorator: `checked_keywords` of what makes an object of the class."""

    def decorated(kind: type[Made]) -> type[Made]:
        made: Any = kind
        made.__init__ = checked_keywords(instead, examples)(made.__init__)
        return kind

    return decorated


def _refused(
    signature: inspect.Signature,
    name: str,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    instead: Mapping[str, str],
    how: Mapping[str, str],
) -> CallError:
    """What is wrong with a call that `signature` does not allow; of a method, `self` is not told."""
    known = {key: each for key, each in signature.parameters.items() if each.kind is not each.VAR_KEYWORD}
    if known.pop("self", None):
        args = args[1:]
    first = [key for key, each in known.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
    any_name = len(known) + ("self" in signature.parameters) < len(signature.parameters)
    if unknown := [key for key in kwargs if key not in known and not any_name]:
        return unknown_argument(name, unknown[0], [*known], instead)
    if args and not known:
        return CallError(f"{name}: takes no argument, and {len(args)} came", *instead.values())
    if len(args) > len(first):
        others = ", ".join(key for key in known if key not in first)
        what = f"{name}: {len(args)} arguments have no name, it takes {' and '.join(first) or 'none'} so"
        return CallError(what, *[f"Give the others by name: {others}"] * bool(others))
    if twice := [key for key in first[: len(args)] if key in kwargs]:
        what = f"{name}: {twice[0]} is given twice, by its place and by its name; give it once"
        return CallError(what, *filter(None, [instead.get(twice[0])]))
    placed = first[: len(args)]
    missing = [
        key
        for key, each in known.items()
        if each.default is each.empty and key not in kwargs and key not in placed
    ]
    return CallError(
        f"{name}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
        f"Give {'; '.join(how.get(key, key) for key in missing)}",
    )


def unknown_argument(
    name: str, key: str, known: Sequence[str], instead: Mapping[str, str] = NONE, fields: Iterable[str] = ()
) -> CallError:
    """Of an argument `key` that the function `name` does not have, nor the configuration that it takes."""
    instead = {**ELSEWHERE, **instead}
    one, many = key.removesuffix("s"), f"{key}s"
    meant = next((each for each in (many, one, *MEANT.get(key, ())) if each in known), None)
    near = f" (did you mean {meant!r}?)" if meant else ""
    if not meant and key not in instead:
        near = did_you_mean(key, known)
    told = None if near else instead.get(key, instead.get(one))
    has = f"only {', '.join(known)}" if known else "and takes none"
    if listed := ", ".join(fields):
        has += " and fields of the configuration" + (f": {listed}" if not (near or told) else "")
    return CallError(f"{name}: has no argument {key!r}{near}, {has}", *filter(None, [told]))
