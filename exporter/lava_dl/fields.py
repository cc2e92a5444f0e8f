"""The fields of a layer: taken one after another, each with its check; what is left over is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.exporter.lava_dl.file import Value
from snnc.stages.bounds import IntArray
from snnc.stages.population import NEURON_LIMIT
from snnc.text import quoted

HIGH = int(np.iinfo(np.int32).max)


class Fields:
    """`values` by name; `where` is what errors call their place."""

    def __init__(self, where: str, values: Mapping[str, Value]) -> None:
        self.where = where
        self._left = dict(values)

    def __contains__(self, name: str) -> bool:
        """Whether the field is there, and not yet taken."""
        return name in self._left

    def refuse(self, problem: str) -> NoReturn:
        """Raise `InputError`."""
        raise InputError(f"{self.where}: {problem}")

    def text(self, name: str) -> str:
        """A text, which must be there."""
        value = self._take(name)
        if not isinstance(value, str):
            self.refuse(f"{name} is a number, expected a text")
        return value

    def numbers(self, name: str) -> IntArray:
        """Whole numbers of any shape, int32; the field must be there."""
        value = self._take(name)
        if isinstance(value, str):
            self.refuse(f"{name} is the text {quoted(value)}, expected numbers")
        return self._whole(name, value)

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """One whole number low .. high; without `default` it must be there."""
        if default is not None and name not in self:
            return default
        found = self.numbers(name)
        if found.size != 1:
            self.refuse(f"{name} has shape {found.shape}, expected one number")
        return self._within(name, int(found.reshape(-1)[0]), low, high)

    def pair(self, name: str, low: int, default: int | None = None) -> tuple[int, int]:
        """For rows and columns; one number stands for both."""
        if default is not None and name not in self:
            return default, default
        found = self.numbers(name).reshape(-1)
        if found.size not in (1, 2):
            self.refuse(f"{name} has {found.size} numbers, expected one, or two for rows and columns")
        down, across = (self._within(name, int(each), low, NEURON_LIMIT) for each in (found[0], found[-1]))
        return down, across

    def for_neurons(self, name: str, grid: tuple[int, int, int]) -> IntArray:
        """One number for each neuron of the grid C, H, W, in the order of the contract.

        The file holds one for all, one for each channel, or one for each neuron.
        """
        found = self.numbers(name)
        channels, rows, columns = grid
        neurons = channels * rows * columns
        if found.size in (1, neurons):
            return np.broadcast_to(found.reshape(-1), neurons)
        if found.size == channels:
            return np.repeat(found.reshape(-1), rows * columns)
        return self.refuse(
            f"{name} has {found.size} numbers, expected 1, {channels} for the channels or {neurons} for the "
            "neurons"
        )

    def same(self, name: str, expected: Collection[int]) -> None:
        """Refuse the field, if it is there, unless it holds these numbers."""
        if name in self:
            found = self.numbers(name).reshape(-1).tolist()
            if found != list(expected):
                self.refuse(f"{name} is {quoted(found)}, by the other fields it is {list(expected)}")

    def drop(self, *names: str) -> None:
        """Pass over fields that have no meaning for what the network computes."""
        for name in names:
            self._left.pop(name, None)

    def finish(self) -> None:
        """Refuse what was not taken: it may change what the network computes."""
        if self._left:
            self.refuse(f"{quoted(min(self._left))} is a field whose meaning is unknown; remove it")

    def _take(self, name: str) -> Value:
        if name not in self:
            self.refuse(f"has no {name!r}; write the file again")
        return self._left.pop(name)

    def _whole(self, name: str, value: npt.NDArray[Any]) -> IntArray:
        if not value.size:
            self.refuse(f"{name} holds no number")
        # Narrower floating point rounds the limits: 2**31 - 1 would become 2**31.
        wide = value.astype(np.result_type(value, np.float64)) if value.dtype.kind == "f" else value
        sound = (wide == np.rint(wide)) & (wide >= -HIGH) & (wide <= HIGH)
        if not sound.all():
            at = np.unravel_index(int((~sound).argmax()), sound.shape)
            self.refuse(
                f"{name} holds {value[at]}, expected whole numbers within 32 bits; lava-dl writes such of "
                "layers with quantised weights and norms"
            )
        return value.astype(np.int32)

    def _within(self, name: str, found: int, low: int, high: int) -> int:
        if not low <= found <= high:
            self.refuse(f"{name} is {found}, expected {low} .. {high}")
        return found
