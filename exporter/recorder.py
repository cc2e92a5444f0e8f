"""The record of an export: each pass is checked as it is done, and what it changed is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from snnc.errors import PassError
from snnc.exporter.passes import Step
from snnc.exporter.passes.base import Count, Stage
from snnc.provenance import stage_hash

Observer = Callable[[str, Stage], None]


@dataclass(frozen=True, slots=True)
class PassRecord:
    """One pass: the hashes of the stages it read and made, and counts of everything it changed, in words."""

    name: str
    input_sha256: str
    sha256: str
    changes: Mapping[str, Count]

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", MappingProxyType(dict(self.changes)))


class Recorder:
    """Called with every step. `observe` sees every stage that a pass makes.

    Raises
    ------
    PassError
        If a pass does not keep what it promises, with its name.
    """

    def __init__(self, observe: Observer | None = None) -> None:
        self._observe = observe
        self.records: list[PassRecord] = []
        self._last: Stage | None = None

    def __call__(self, step: Step[Any, Any]) -> None:
        done, before, after = step.done, step.before, step.after
        try:
            done.check(before, after)
        except PassError as error:
            raise PassError(
                f"pass {done.name}: {error}; the pass is at fault, not the model: please report it"
            ) from error
        # Most passes read what the one before made, and hashing a large stage takes a while.
        read = self.records[-1].sha256 if before is self._last else stage_hash(before)
        self.records.append(PassRecord(done.name, read, stage_hash(after), done.summary(before, after)))
        self._last = after
        if self._observe is not None:
            self._observe(done.name, after)
