"""What an ONNX file tells of its network in its metadata (docs/onnx.md), read strictly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from snnc.errors import ExecutorError
from snnc.stages.trace import Fact

NUMBERS: dict[str, Callable[[str], Fact]] = {
    "semantics_version": int,
    "time_steps": int,
    "bin_s": float,
}
"""Numbers that every file tells, and how they are read; the rest is text, or a JSON list."""
PAYLOAD_MAX: dict[str, Callable[[str], Fact]] = {"payload_max": int}
"""Those of a chain alone."""
READOUT = {"number": int, "population": str, "decoder": str, "class_names": list}
INPUT = {"population": str, "lines": int, "payload_max": int}
"""Fields of the objects in the lists of a graph, and their types."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Those of the file called `by`; `held` are its keys and values. All methods raise `ExecutorError`."""

    by: str
    held: Mapping[str, str]

    def of_chain(self) -> tuple[tuple[str, ...], dict[str, Fact]]:
        """The names of classes, and the facts."""
        self._need(("graph_hash", "class_names", "layer_names", *NUMBERS, *PAYLOAD_MAX))
        facts: dict[str, Fact] = {
            "graph_hash": self.held["graph_hash"],
            "layer_names": self._names("layer_names"),
            **self._numbers(NUMBERS | PAYLOAD_MAX),
        }
        return self._names("class_names"), facts

    def of_graph(self) -> dict[str, Fact]:
        """The facts of a graph that is no chain."""
        self._need(("graph_hash", "population_names", "readouts", "inputs", *NUMBERS))
        inputs, readouts = self._objects("inputs", INPUT), self._objects("readouts", READOUT)
        return {
            "graph_hash": self.held["graph_hash"],
            "layer_names": self._names("population_names"),
            "input_names": tuple(each["population"] for each in inputs),
            "input_lines": tuple(str(each["lines"]) for each in inputs),
            "payload_maxes": tuple(str(each["payload_max"]) for each in inputs),
            "readout_names": tuple(each["population"] for each in readouts),
            **self._numbers(NUMBERS),
        }

    def of_readout(self, number: int) -> tuple[tuple[str, ...], dict[str, Fact]]:
        """The names of classes and the facts of the readout whose outputs have the number `number`."""
        found = [each for each in self._objects("readouts", READOUT) if each["number"] == number]
        if len(found) != 1:
            raise ExecutorError(
                f"readouts of {self.by}: {len(found)} have the number {number}, expected one; export the "
                "model again"
            )
        names = tuple(found[0]["class_names"])
        if not all(isinstance(name, str) for name in names):
            raise ExecutorError(f"readouts of {self.by}: class_names of {number} is not a list of names")
        return names, {"decoder": found[0]["decoder"], "classes": len(names)}

    def _need(self, keys: Iterable[str]) -> None:
        if missing := sorted(set(keys) - set(self.held)):
            raise ExecutorError(f"metadata of {self.by}: missing {', '.join(missing)}")

    def _numbers(self, numbers: Mapping[str, Callable[[str], Fact]]) -> dict[str, Fact]:
        found = {}
        for name, read in numbers.items():
            try:
                found[name] = read(self.held[name])
            except ValueError as error:
                raise ExecutorError(f"{name} of {self.by}: is not a number") from error
        return found

    def _names(self, key: str) -> tuple[str, ...]:
        names = self._json(key)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ExecutorError(f"{key} of {self.by}: is not a JSON list of names")
        return tuple(names)

    def _objects(self, key: str, fields: Mapping[str, type]) -> list[dict[str, Any]]:
        found = self._json(key)
        if not isinstance(found, list) or not all(_is(each, fields) for each in found):
            raise ExecutorError(f"{key} of {self.by}: is not a JSON list of objects of {', '.join(fields)}")
        return found

    def _json(self, key: str) -> Any:
        try:
            return json.loads(self.held[key])
        except (ValueError, RecursionError):
            return None


def _is(found: Any, fields: Mapping[str, type]) -> bool:
    """Whether it is an object of exactly these fields."""
    return (
        isinstance(found, dict)
        and found.keys() == fields.keys()
        and all(type(found[name]) is kind for name, kind in fields.items())
    )
