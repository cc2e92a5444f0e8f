"""Running passes one after another: what each changed, checks between them, and dumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from snnc.errors import PassError
from snnc.provenance import stage_hash
from snnc.stages import DiscreteModel, PlacedProgram, QuantizedGraph, TrainedModel

Stage = TrainedModel | DiscreteModel | QuantizedGraph | PlacedProgram
Count = int | float | str
Observer = Callable[[str, Stage], None]
Before = TypeVar("Before", bound=Stage)
After = TypeVar("After", bound=Stage)


@dataclass(frozen=True, slots=True)
class PassRecord:
    """One pass: the hashes of the stages it read and made, and counts of everything it changed, in words."""

    name: str
    input_sha256: str
    sha256: str
    changes: Mapping[str, Count]

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", MappingProxyType(dict(self.changes)))


class Passes:
    """Runs passes, checks each, and keeps their records, in order.

    `observe` sees every stage that a pass makes.
    """

    def __init__(self, observe: Observer | None = None) -> None:
        self._observe = observe
        self._records: list[PassRecord] = []
        self._last: Stage | None = None

    @property
    def records(self) -> tuple[PassRecord, ...]:
        return tuple(self._records)

    def run(
        self,
        name: str,
        before: Before,
        function: Callable[[Before], After],
        changes: Callable[[Before, After], Mapping[str, Count]],
        check: Callable[[Before, After], None],
    ) -> After:
        """`function(before)`, checked and recorded.

        Parameters
        ----------
        changes : what the pass changed, for the record.
        check : raises `PassError` if the new stage does not keep what the pass promises.

        Raises
        ------
        PassError
            If `check` does, with the pass's name; whatever `function` raises.
        """
        # Most passes read what the one before made, and hashing a large stage takes a while.
        read = self._records[-1].sha256 if before is self._last else stage_hash(before)
        after = function(before)
        try:
            check(before, after)
        except PassError as error:
            raise PassError(
                f"pass {name}: {error}; the pass is at fault, not the model: please report it"
            ) from error
        self._records.append(PassRecord(name, read, stage_hash(after), changes(before, after)))
        self._last = after
        if self._observe is not None:
            self._observe(name, after)
        return after
