"""A fault that a diagnosis can name, and a hypothesis of it: a change of a layer of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from snnc.verification.diagnosis.layer_model import Integers, LayerModel


@dataclass(frozen=True, slots=True)
class Candidate:
    """`summary` says in one sentence what the other side did, `remedy` where to look.

    One that is `within` another is a special case of it, and then the other is not named beside it.
    """

    name: str
    summary: str
    remedy: str
    within: str | None = None


Change: TypeAlias = Callable[[LayerModel], LayerModel]
Variants: TypeAlias = Iterator[tuple[str, Change]]
"""What tells them apart, and the change."""
Generator: TypeAlias = Callable[[LayerModel], Variants]
"""The variants of one fault that are worth a trial in a layer."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """`change` makes of a layer of the contract what the other side may have run.

    `where` tells hypotheses of one name apart. One that is not `anywhere` is about this layer alone.
    """

    name: str
    where: str
    change: Change
    anywhere: bool = True


UNCHANGED = Hypothesis("", "", lambda model: model)
"""The contract."""


def rules(**fields: Any) -> Change:
    """A copy with these rules replaced."""
    return lambda model: model.with_rules(**fields)


def replaced(**fields: Any) -> Change:
    """The fields of the model with these values."""
    return lambda model: replace(model, **fields)


def arrays(**changes: Callable[[Integers], Integers]) -> Change:
    """The fields named, each by its function."""

    def change(model: LayerModel) -> LayerModel:
        fields: dict[str, Any] = {name: do(getattr(model, name)) for name, do in changes.items()}
        return replace(model, **fields)

    return change


def fixed(*variants: tuple[str, Change]) -> Generator:
    """Variants that depend on nothing."""
    return lambda model: iter(variants)


def with_ties(where: str, ties: int) -> str:
    """The place of a cause, and of how many others that fit alike nothing tells it apart."""
    if not ties:
        return where
    told = f"or {ties} more that fit alike"
    return f"{where} ({told})" if where else told
