"""What `from_torch` says of the layout where it fails: how the example was read, and what can be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from snnc.api.example import Example
from snnc.conversion.arguments import axes_of, kind_of, tensor_of
from snnc.conversion.convert import followed_so_far
from snnc.conversion.failures import FAILS
from snnc.conversion.functions.nearest import INDEXED, IfReadSo
from snnc.conversion.other_counts import other_count
from snnc.conversion.other_events import CLOSE
from snnc.conversion.own_time import Sure
from snnc.conversion.running import runs_on
from snnc.errors import InputError

if TYPE_CHECKING:
    import torch

OF_DIMENSIONS = re.compile(r"\b(batch|time|recordings?|dimensions?|shapes?|sizes?|steps?)\b")
"""In an error of which the cause may be that dimensions of the example were taken for others."""
FEW = 4
"""Recordings of the example with which another order is tried; all of them, if the module fails on so few."""
Convert = Callable[[Any, str, bool], object]
"""Of an example, its layout, and whether more recordings are compared, too. It raises whatever the module's
own code does."""


def hinted(
    module: torch.nn.Module, example: Any, layout: str, error: InputError, convert: Convert
) -> tuple[object, ...]:
    """Lines of the error with how the example was read, and what to do if dimensions were mistaken.

    Remedies that hold only if they were not are left out where the module can be read with another layout;
    they come last where more of it is followed.
    """
    try:
        if np.ndim(example) != len(str(layout)):
            return error.args
        read = Example.of(example, layout)
        axes_of(tensor_of(example), layout)
    except (TypeError, ValueError):  # of parts that are no array together, or a layout that is none
        return error.args
    if any(isinstance(each, Sure) for each in error.args):
        return error.args
    fails, of_dimensions = FAILS in str(error), OF_DIMENSIONS.search(str(error)) is not None
    tried = _Tried(module, example, read, convert)
    others = [each for each in error.args if not isinstance(each, IfReadSo)]
    # If it was, other sizes, of fewer steps, would but hide where neurons differ.
    was_read = any(each.startswith(CLOSE) for each in error.args)
    if found := tried.choices(fails or (of_dimensions and not was_read)):
        return *others, f"{read}; {found}"
    if not fails and (found := tried.further(module, error)):
        return *others, f"{read}; {found}", *(each for each in error.args if isinstance(each, IfReadSo))
    if not fails:
        return error.args
    counts = [] if error.args[1:] else tried.counts(layout, error)  # no other remedy is known
    found = tried.runs()
    return *error.args, *counts, f"{read}; {found}" if found else str(read)


class _Tried:
    """Conversions of the module with the dimensions of the `example` in other orders, and other layouts."""

    def __init__(self, module: torch.nn.Module, example: Any, read: Example, convert: Convert) -> None:
        self.module, self.example, self.read, self.convert = module, example, read, convert
        self.failing: set[tuple[int, ...]] = set()
        """Orders with which the module's own code fails, whatever the layout."""

    def choices(self, moved: bool) -> str | None:
        """A layout of the module, and how to give the example with it, by which dimension of that is time.

        None if no layout can be read, `moved` with dimensions of the example in any order.
        """
        as_it_is = next((each for each in self.read.others if self.reads(each, each)), None)
        layouts = [as_it_is] if as_it_is else [self.read.layout, *self.read.others] * moved
        for layout in layouts:
            if found := self.by_time(layout, (layout, self.read.layout, *self.read.orders)):
                return self.told(layout, found)
        return None

    def by_time(self, layout: str, orders: Iterable[str]) -> list[str]:
        """The first of the `orders` of the example for each that is time, with which `layout` can be read."""
        found: dict[int, str] = {}
        for own in dict.fromkeys(orders):
            if own.index("T") not in found and self.reads(layout, own):
                found[own.index("T")] = own
        return [*found.values()]

    def reads(self, layout: str, own: str) -> bool:
        """Whether the module can be read with `layout` of an example whose dimensions are `own`."""
        order = self.order(layout, own)
        if order in self.failing:
            return False
        example = tensor_of(self.example).permute(order)
        few = example
        if "N" in layout:
            few = example.movedim(layout.index("N"), 0)[:FEW].movedim(0, layout.index("N"))
        for each in (few, example)[few.shape == example.shape :]:
            try:
                self.convert(each, layout, False)
            except Exception as error:
                if FAILS not in str(error):
                    return False
            else:  # on few recordings, perhaps, which may be the only number that it takes
                return each is example or runs_on(self.module, example.to(kind_of(self.module)))
        self.failing.add(order)
        return False

    def further(self, module: torch.nn.Module, error: InputError) -> str | None:
        """The layout with which more of the module is followed, if `error` is of dimensions.

        Time and samples are exchanged; of neurons that take time elsewhere any other layout is tried, and the
        example in the order of that, too.
        """
        known = not INDEXED.isdisjoint(error.args)
        if known or not error.args or not OF_DIMENSIONS.search(str(error.args[0])):
            return None
        elsewhere = any(isinstance(each, IfReadSo) for each in error.args)
        layouts = self.read.others if elsewhere else filter(None, [self.read.exchanged])
        here = self.followed(module, self.read.layout, self.read.layout)
        counts = {each: self.followed(module, each, each) for each in layouts}
        best = max(counts, key=counts.__getitem__, default=None)
        if best is None or not -inf < here < counts[best]:
            return None
        dimension = f"if dimension {best.index('T')} of the example is time"
        said = f"{dimension}, pass layout={best!r}, with which more of the module is followed"
        own = self.read.layout
        if elsewhere and own.index("T") != best.index("T") and self.followed(module, best, own) > here:
            how = self.moved(self.order(best, own))
            said += f"; if dimension {own.index('T')} is time, pass that with {how}"
        return said

    def followed(self, module: torch.nn.Module, layout: str, own: str) -> float:
        """How much of the module is followed with `layout` of an example whose dimensions are `own`."""
        try:
            return followed_so_far(module, tensor_of(self.example).permute(self.order(layout, own)), layout)
        except Exception:  # of an example, or a layout, that is none
            return -inf

    def runs(self) -> str | None:
        """The orders of dimensions with which the module's own code runs, although none can be read."""
        module, layout = self.module, self.read.layout
        tensor = tensor_of(self.example).to(kind_of(module))
        if runs_on(module, tensor):  # then its numbers are of another kind, and their order is not why
            return None
        orders = dict.fromkeys(self.order(layout, own) for own in self.read.orders if own != layout)
        found = [order for order in orders if runs_on(module, tensor.permute(order))]
        return f"the module's own code runs on {' and on '.join(map(self.moved, found))}" if found else None

    def counts(self, layout: str, error: InputError) -> list[str]:
        """The number of samples or steps on which the module's own code runs, if it is another."""
        tensor = tensor_of(self.example)
        axes, given = axes_of(tensor, layout), tensor.to(kind_of(self.module))
        found = other_count(self.module, given, axes, str(error))
        return [found] if found else []

    def order(self, layout: str, own: str) -> tuple[int, ...]:
        return tuple(own.index(letter) for letter in layout)

    def moved(self, order: tuple[int, ...]) -> str:
        how = "example.permute{}" if hasattr(self.example, "permute") else "numpy.transpose(example, {})"
        return how.format(order)

    def told(self, layout: str, found: Iterable[str]) -> str:
        ways: list[str] = []
        for own in found:
            given = "the example as it is" if own == layout else self.moved(self.order(layout, own))
            of_example = "" if ways else " of the example"
            ways.append(f"with {given} if dimension {own.index('T')}{of_example} is time{self.samples(own)}")
        return f"with layout={layout!r} the module can be read: pass that {'; '.join(ways)}"

    def samples(self, own: str) -> str:
        """Which dimension is samples, where sizes do not tell: lines are as many."""
        if "N" not in own:
            return ""
        at = own.index("N")
        rest = [size for size, letter in zip(self.read.shape, own, strict=True) if letter not in "TN"]
        return f" and {at} is samples" if self.read.shape[at] in rest else ""
