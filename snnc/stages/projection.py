"""Projection: synapses that lead from one population to another, or to itself."""

from __future__ import annotations

from dataclasses import dataclass

from snnc import formats
from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.bounds import whole
from snnc.stages.synapses import Synapses


@dataclass(frozen=True, slots=True)
class Projection:
    """`source` and `destination` name populations; a synapse of weight W delivers W << `weight_exp`."""

    __repr__ = brief

    source: str
    destination: str
    synapses: Synapses
    weight_exp: int = 0

    def __post_init__(self) -> None:
        largest = formats.WEIGHT_EXPONENT_MAX
        object.__setattr__(self, "weight_exp", whole(self.name, "weight_exp", self.weight_exp, 0, largest))

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"{self.source} -> {self.destination}"

    def check_sizes(self, pre: int, post: int) -> None:
        """Raise `StageError` unless its synapses are between `pre` and `post` neurons."""
        for side, found, wanted in (
            (self.source, self.synapses.pre_neurons, pre),
            (self.destination, self.synapses.post_neurons, post),
        ):
            if found != wanted:
                raise StageError(
                    f"{self.name}: its synapses are for {found} neurons of {side}, which has {wanted}; make "
                    "both numbers equal"
                )
