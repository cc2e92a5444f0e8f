"""What a pass is: a frozen dataclass, which takes one frozen stage and gives the next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar

from snnc.exporter.calibration import Calibration
from snnc.exporter.options import ExportOptions
from snnc.stages import DiscreteModel, FloatGraph, PlacedProgram, QuantizedGraph, TrainedModel
from snnc.target import Target

Stage = TrainedModel | DiscreteModel | FloatGraph | QuantizedGraph | PlacedProgram
Count = int | float | str
Exported = Callable[[Any], Any]
Before = TypeVar("Before", bound=Stage)
After = TypeVar("After", bound=Stage)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the passes of one export choose their fields by.

    `bits`: weight bits of each layer; of a `FloatGraph`, of each population with a state. `target`: None
    where all passes that run are before `Legalise`.
    `calibration`: what may be measured. `reference`: how many of its recordings the network decodes right
    before quantisation, if the options have a `max_drop`. `progress` gets a message before what takes long.
    """

    model: TrainedModel | DiscreteModel | FloatGraph | QuantizedGraph
    options: ExportOptions
    bits: tuple[int, ...]
    target: Target | None = None
    calibration: Calibration | None = None
    reference: int = 0
    progress: Callable[[str], None] = lambda message: None


class Pass(ABC, Generic[Before, After]):
    """A subclass is a frozen dataclass, and its fields are all that `run` depends on beside the stage.

    `takes`: the stages that it is a pass of. `name` stands in records and messages; `result`, what it makes,
    in the loss budget. `exact`: what it makes computes the same as what it was given, so searches need not
    run it to measure.
    """

    takes: ClassVar[tuple[type[Stage], ...]] = (QuantizedGraph,)
    name: ClassVar[str]
    result: ClassVar[str] = ""
    exact: ClassVar[bool] = False
    __slots__ = ()

    @classmethod
    @abstractmethod
    def planned(cls, before: Before, plan: Plan, exported: Exported) -> Self:
        """The pass as `plan` asks for it.

        A pass that searches measures `exported(after)`: what the passes that follow make of its own result.
        The search for scales does not yet: it measures the network as it is quantised, before pruning.
        """

    @abstractmethod
    def run(self, before: Before) -> After:
        """The next stage. A pure function; raises a `SnncError` where there is none."""

    @abstractmethod
    def check(self, before: Before, after: After) -> None:
        """Raise `PassError` unless `after` is what this pass promises of `before`.

        It calls nothing that `run` calls: numbers are computed again, in fractions where rounding decides.
        """

    @abstractmethod
    def summary(self, before: Before, after: After) -> Mapping[str, Count]:
        """Counts of everything that the pass changed, for the record."""
