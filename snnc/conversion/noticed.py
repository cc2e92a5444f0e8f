"""What a run shows besides: draws of random numbers, and what neurons of a user do that no Cell says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from snnc.conversion.asked import settings_noticed
from snnc.conversion.choices import CHOOSES, Choice, mask_of
from snnc.conversion.constants import OTHER_NUMBERS, Constants
from snnc.conversion.read_out import takes_numbers
from snnc.conversion.run import DRAWS, TAKEN, Trace
from snnc.conversion.tensors import IN_PLACE, name_of, tensors_in, unnoticed

CASTS = frozenset(
    [
        *("to", "type", "type_as", "half", "bfloat16", "float", "double"),
        *("int", "long", "short", "char", "byte"),
    ]
)
ROUNDS = frozenset(f"{each}{end}" for each in ("round", "floor", "ceil", "trunc", "fix") for end in ("", "_"))


class Noticed(TorchFunctionMode):
    """Notes in `found` what functions of PyTorch do, also those that neurons of a user's converter call.

    `place` tells where they are called.
    """

    def __init__(self, found: Trace, place: Callable[[], str]) -> None:
        super().__init__()
        self._found, self._place = found, place
        self._random = torch.get_rng_state()
        self._neurons = ""
        self._moving: dict[int, torch.Tensor] = {}
        """Tensors in neurons that depend on what arrives, by id."""
        self._constants: dict[str, Constants] = {}

    def __enter__(self) -> Noticed:
        self._settings = settings_noticed(self._place, self._found.asked)
        self._settings.__enter__()
        enter: Any = super().__enter__
        enter()
        return self

    def __exit__(self, *raised: Any) -> None:
        leave: Any = super().__exit__
        leave(*raised)
        self._settings.__exit__(*raised)

    def enters(self, neurons: str, given: object) -> None:
        """A call of `neurons` begins."""
        self._neurons = neurons
        self._constants.setdefault(neurons, Constants()).enters()
        self._moves(given)

    def leaves(self) -> None:
        """It ended."""
        self._neurons = ""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        given = list(tensors_in((args, kwargs))) if self._neurons else []
        kinds = [each.dtype for each in given]
        result = func(*args, **kwargs)
        if self._draws() or kwargs.get("generator") is not None:
            self._doubt(f"{name_of(func)} {DRAWS}")
        moving = [kind for each, kind in zip(given, kinds, strict=True) if id(each) in self._moving]
        if moving:
            self._inside(func, args, kwargs, result, moving[0])
        return result

    @unnoticed
    def _draws(self) -> bool:
        """Whether random numbers were drawn since the last call."""
        before, self._random = self._random, torch.get_rng_state()
        return not torch.equal(before, self._random)

    def _inside(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        result: Any,
        kind: torch.dtype,
    ) -> None:
        """A function is given what depends on what arrives at neurons, of the `kind`."""
        name = name_of(func)
        if takes_numbers(func, args, kwargs, self._moving, result):
            self._doubt(f"{name} {TAKEN}")
        if name in ROUNDS:
            self._says(f"{name} makes whole numbers")
        if name in CASTS and isinstance(result, torch.Tensor) and _cuts(kind, result.dtype):
            self._says(f"{name} makes {result.dtype} of {kind}")
        if (chosen := mask_of(name, args, kwargs, self._moving)) is not None:
            call = len(self._found.calls.get(self._neurons, ()))
            choice = Choice(call, chosen[0], f"{self._place()}{name} {CHOOSES}", chosen[1])
            self._found.choices.setdefault(self._neurons, []).append(choice)
        if self._constants[self._neurons].others(name, args, kwargs, self._moving):
            self._says(f"{name} {OTHER_NUMBERS}")
        self._moves((args[:1] if IN_PLACE.fullmatch(name) else (), result))

    def _moves(self, tensors: object) -> None:
        self._moving |= {id(each): each for each in tensors_in(tensors)}

    def _doubt(self, what: str) -> None:
        self._found.doubts.append(f"{self._place()}{what}")
        if self._neurons:
            self._says(what)

    def _says(self, what: str) -> None:
        self._found.inside.setdefault(self._neurons, []).append(f"{self._place()}{what}")


def _cuts(kind: torch.dtype, made: torch.dtype) -> bool:
    """Whether what is `made` holds less of a number than the `kind` that it is made of."""
    if not kind.is_floating_point or made is torch.bool:
        return False
    return not made.is_floating_point or torch.finfo(made).eps > torch.finfo(kind).eps
