"""What each tensor of a run is, also where functions change it in place, or another view of its memory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import torch

from snnc.conversion.calls import Known
from snnc.conversion.functions.nearest import NEW_TENSOR
from snnc.conversion.values import Unknown

WITHOUT = frozenset([bool, float, int, slice, str, torch.device, torch.dtype, type(None)])
"""Types that hold no tensor: a run is asked for the tensors of hundreds of thousands of numbers."""
Given = ParamSpec("Given")
Found = TypeVar("Found")


def unnoticed(function: Callable[Given, Found]) -> Callable[Given, Found]:
    """`function`, whose own calls of PyTorch are none of a run: nothing notes them, which takes long."""

    @wraps(function)
    def call(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        with torch._C.DisableTorchFunction():
            return function(*args, **kwargs)

    return call


class Tensors:
    """By identity: tensors are held, so that ids and memory stay theirs."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[torch.Tensor, Known, int | None]] = {}
        self._views: defaultdict[int, list[torch.Tensor]] = defaultdict(list)
        self._written: dict[int, tuple[torch.Tensor, str]] = {}
        self.followed, self._lost = 0, False
        """How many were noted before the first that is not followed."""

    def note(self, tensor: torch.Tensor, value: Known, beside: bool = False) -> None:
        """`beside`: it is a state of neurons, by which nothing is lost until it is used."""
        if not beside:
            self._lost |= isinstance(value, Unknown)
            self.followed += not self._lost
        if id(tensor) not in self._known:
            self._views[memory(tensor)].append(tensor)
        self._known[id(tensor)] = tensor, value, version_of(tensor)

    def value(self, tensor: object) -> Known | None:
        """None of a tensor that does not depend on the input."""
        found = self._known.get(id(tensor))
        if found is not None:
            return found[1] if found[2] == version_of(tensor) else Unknown(UNTOLD, NEW_TENSOR)
        if self._written and isinstance(tensor, torch.Tensor):
            written = self._written.get(memory(tensor))
            if written is not None:
                return Unknown(written[1], NEW_TENSOR)
        return None

    def changed(self, tensor: torch.Tensor, what: str, part: torch.Tensor | None = None) -> None:
        """`tensor` was changed in place, `what` tells where and by which function: so were its views.

        `part`: the view of it alone that was changed; views of the same shape beside it were not.
        """
        value, where = self.value(tensor), memory(tensor)
        why = f"{what} changes it in place, by another view of its memory"
        if value is None:
            value = Unknown(why, NEW_TENSOR)
            self.note(tensor, value)
        self._written[where] = tensor, why
        for other in self._views[where]:
            if other is tensor:
                continue
            if part is not None and _beside(other, part):
                if id(other) in self._known:
                    self.note(other, self._known[id(other)][1])
                continue
            same = part is None and _same_place(other, tensor)
            self.note(other, value if same else Unknown(why, NEW_TENSOR))


UNTOLD = "a tensor is changed in place where functions of PyTorch do not tell, as in an extension"
UNCOUNTED = frozenset(["apply_", "map_", "map2_", "set_"])
"""Functions that change a tensor, and PyTorch does not count it."""


def version_of(tensor: object) -> int | None:
    """How often a tensor was changed; None where PyTorch does not count."""
    return None if not isinstance(tensor, torch.Tensor) or tensor.is_inference() else tensor._version


Version = int | torch.Tensor
IN_PLACE = re.compile(
    r"\w*[a-z0-9]_|__setitem__|__i(add|sub|mul|matmul|truediv|floordiv|mod|pow|and|or|xor|[lr]shift)__"
)
"""Names of functions that change their first tensor."""


def versions(tensors: Iterable[torch.Tensor]) -> list[tuple[torch.Tensor, Version]]:
    """Each tensor with the number of times that it was changed; or as it is, where PyTorch does not count."""
    return [(each, each.clone() if each.is_inference() else each._version) for each in tensors]


def changed_since(before: Sequence[tuple[torch.Tensor, Version]], in_place: bool) -> list[torch.Tensor]:
    """Those that were changed in place.

    Tensors of inference are compared; of them the first one also counts if the function works `in_place`, as
    it may change nothing on this example alone.
    """
    changed = []
    for number, (tensor, version) in enumerate(before):
        if isinstance(version, torch.Tensor):
            if (in_place and number == 0) or not equal(tensor, version):
                changed.append(tensor)
        elif tensor._version != version:
            changed.append(tensor)
    return changed


def tensors_in(thing: Any) -> Iterator[torch.Tensor]:
    """All tensors in lists, tuples, mappings and dataclasses."""
    if isinstance(thing, torch.Tensor):
        yield thing
    elif type(thing) in WITHOUT:
        return
    elif isinstance(thing, list | tuple):
        for each in thing:
            yield from tensors_in(each)
    elif isinstance(thing, Mapping):
        for each in thing.values():
            yield from tensors_in(each)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for each in fields(thing):
            yield from tensors_in(getattr(thing, each.name))


def one_place(index: Any, tensor: torch.Tensor) -> tuple[int, int] | None:
    """Dimension and place of an index that takes one place of one dimension; None if it is another."""
    parts = index if isinstance(index, tuple) else (index,)
    places = [(dim, part % tensor.shape[dim]) for dim, part in enumerate(parts) if isinstance(part, int)]
    plain = all(isinstance(part, int) or part == slice(None) for part in parts)
    return places[0] if plain and len(places) == 1 else None


def part_set(name: str, args: tuple[Any, ...]) -> torch.Tensor | None:
    """What an assignment to one place of a tensor changes."""
    place = one_place(args[1], args[0]) if name == "__setitem__" else None
    return None if place is None else args[0].select(*place)


def name_of(func: Callable[..., Any]) -> str:
    """The name of a function, or that of the attribute that it gets."""
    name: str = getattr(func, "__name__", str(func))
    of = getattr(getattr(func, "__self__", None), "__name__", name)
    return {"__get__": of, "__set__": f"set {of}"}.get(name, name)


def copy(tensor: torch.Tensor | None) -> torch.Tensor | None:
    """As it is now, as a function may change it in place."""
    return None if tensor is None else tensor.detach().clone()


def same_numbers(first: object, tensor: torch.Tensor) -> bool:
    """Whether `tensor` is `first`, as it is."""
    return isinstance(first, torch.Tensor) and _same_place(first, tensor) and first.dtype == tensor.dtype


def has_memory(tensor: torch.Tensor) -> bool:
    """Whether its numbers lie in one memory, as those of sparse tensors and within `torch.func` do not."""
    return tensor.layout == torch.strided and not torch._C._functorch.is_functorch_wrapped_tensor(tensor)


def equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether both hold the same numbers; sparse ones, too."""
    return one.shape == other.shape and torch.equal(one.to_dense(), other.to_dense())


def begin_of(tensor: torch.Tensor) -> int:
    """Where its numbers begin; of one without a memory, its own number."""
    return tensor.data_ptr() if has_memory(tensor) else id(tensor)


def _same_place(some: torch.Tensor, other: torch.Tensor) -> bool:
    if some is other or not (has_memory(some) and has_memory(other)):
        return some is other
    return _alike(some, other) and some.data_ptr() == other.data_ptr()


def _alike(some: torch.Tensor, other: torch.Tensor) -> bool:
    return some.shape == other.shape and some.stride() == other.stride()


def _beside(some: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether both are parts of the same kind, at other places."""
    known = has_memory(some) and has_memory(other)
    return known and _alike(some, other) and some.data_ptr() != other.data_ptr()


def memory(tensor: torch.Tensor) -> int:
    """The memory of a tensor, which its views share; of one without, its own number."""
    return (tensor.untyped_storage().data_ptr() if has_memory(tensor) else 0) or id(tensor)
