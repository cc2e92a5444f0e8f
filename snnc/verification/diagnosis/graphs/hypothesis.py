"""A fault of a population of a graph that a diagnosis can name, as a change of its model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from snnc.verification.diagnosis.graphs.population_model import PopulationModel

Change: TypeAlias = Callable[[PopulationModel], PopulationModel]
Variants: TypeAlias = Iterator[tuple[str, Change]]
"""What tells them apart, and the change."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """`where` tells hypotheses of one name apart. One that is not `anywhere` is about this population alone.

    `freedom`: it was solved for, so the samples that it follows from do not test it. `within`: the name of
    what it is a special case of, beside that of its candidate.
    """

    name: str
    where: str
    change: Change
    anywhere: bool = True
    freedom: bool = False
    within: str = ""


UNCHANGED = Hypothesis("", "", lambda model: model)
"""The contract."""


def rules(**fields: Any) -> Change:
    return lambda model: model.with_rules(**fields)


def numbers(**values: Any) -> Change:
    """Numbers as given, or as functions make them of those of the model."""

    def change(model: PopulationModel) -> PopulationModel:
        made = {name: of(model) if callable(of) else of for name, of in values.items()}
        return model.with_numbers(**made)

    return change
