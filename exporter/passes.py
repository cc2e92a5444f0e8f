"""Running passes one after another: what each changed, checks between them, and dumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from snnc.provenance import stage_hash
from snnc.stages import DiscreteModel, PlacedProgram, QuantizedGraph, TrainedModel

Stage = TrainedModel | DiscreteModel | QuantizedGraph | PlacedProgram
Count = int | float | str
Observer = Callable[[str, Stage], None]
Before = TypeVar("Before", bound=Stage)
After = TypeVar("After", bound=Stage)


@dataclass(frozen=True, slots=True)
class PassRecord:
    """One pass: the hash of the stage it made, and counts of everything it changed, in words."""

    name: str
    sha256: str
    changes: Mapping[str, Count]

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", MappingProxyType(dict(self.changes)))


class Passes:
    """Runs passes and keeps their records, in order. `observe` sees every stage that a pass makes."""

    def __init__(self, observe: Observer | None = None) -> None:
        self._observe = observe
        self._records: list[PassRecord] = []

    @property
    def records(self) -> tuple[PassRecord, ...]:
        return tuple(self._records)

    def run(
        self,
        name: str,
        before: Before,
        function: Callable[[Before], After],
        changes: Callable[[Before, After], Mapping[str, Count]],
        check: Callable[[Before, After], None] | None = None,
    ) -> After:
        """`function(before)`, recorded.

        Parameters
        ----------
        changes : what the pass changed, for the record.
        check : raises if the new stage does not keep what the pass promises.
        """
        after = function(before)
        if check is not None:
            check(before, after)
        self._records.append(PassRecord(name, stage_hash(after), changes(before, after)))
        if self._observe is not None:
            self._observe(name, after)
        return after
