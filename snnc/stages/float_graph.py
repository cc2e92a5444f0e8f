"""FloatGraph: populations and projections of the contract in real numbers, before they are quantised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.discrete import DiscreteModel
from snnc.stages.float_population import FloatPopulation
from snnc.stages.float_synapses import FloatMatrix, FloatSynapses
from snnc.stages.order import contract_order
from snnc.stages.population import INPUT, LI, LIF, ZERO
from snnc.stages.readout import SOFTMAX, Readout
from snnc.stages.version1 import input_name
from snnc.text import quoted


@dataclass(frozen=True, slots=True)
class FloatProjection:
    """Synapses with real weights and whole delays, from population `source` to `destination`."""

    __repr__ = brief

    source: str
    destination: str
    synapses: FloatSynapses

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"{self.source} -> {self.destination}"


@dataclass(frozen=True, slots=True)
class FloatGraph:
    """As `QuantizedGraph`, in floating point: what quantisation reads.

    The scale of a readout multiplies the real v. `order`: names of all populations in the contract order.
    """

    __repr__ = brief

    populations: tuple[FloatPopulation, ...]
    projections: tuple[FloatProjection, ...]
    readouts: tuple[Readout, ...]
    time_steps: int
    bin_s: float
    order: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("populations", "projections", "readouts"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        names = [each.name for each in self.populations]
        if len(set(names)) < len(names):
            raise StageError("graph: two populations share a name; rename one")
        named = dict(zip(names, self.populations, strict=True))
        for each in self.projections:
            for name, neurons in (
                (each.source, each.synapses.pre_neurons),
                (each.destination, each.synapses.post_neurons),
            ):
                if name not in named:
                    raise StageError(f"{each.name}: there is no population {quoted(name)}; name one of them")
                if neurons != named[name].neurons:
                    raise StageError(
                        f"{each.name}: its synapses are for {neurons} neurons of {name}, which has "
                        f"{named[name].neurons}; make both numbers equal"
                    )
        at_once = ((e.source, e.destination) for e in self.projections if e.synapses.has_delay_0)
        object.__setattr__(self, "order", contract_order(names, at_once))

    def population(self, name: str) -> FloatPopulation:
        """The population called `name`; raise `StageError` if there is none."""
        for each in self.populations:
            if each.name == name:
                return each
        raise StageError(f"graph: has no population {quoted(name)}; name one that it has")

    def into(self, name: str) -> tuple[FloatProjection, ...]:
        """The projections whose destination is `name`."""
        return tuple(each for each in self.projections if each.destination == name)

    @property
    def stateful(self) -> tuple[FloatPopulation, ...]:
        """The populations that are no input, in the order of the list."""
        return tuple(each for each in self.populations if each.model != INPUT)

    @property
    def inputs(self) -> int:
        """Input lines of all input populations together."""
        return sum(each.neurons for each in self.populations if each.model == INPUT)


def graph_of_chain(model: DiscreteModel, payload_max: int = 1) -> FloatGraph:
    """A chain of layers as a graph; the last layer is read by `softmax`."""
    names = [layer.name for layer in model.layers]
    first = FloatPopulation(
        input_name(names), INPUT, model.layers[0].weight.shape[1], payload_max=payload_max
    )
    populations: Sequence[FloatPopulation] = [
        FloatPopulation(
            layer.name,
            LI if layer.threshold is None else LIF,
            len(layer.bias),
            keep_u=np.float64(1 - 1 / layer.tau_syn),  # type: ignore[arg-type]  # one number for all
            keep_v=np.float64(1 - 1 / layer.tau),  # type: ignore[arg-type]
            bias=layer.bias,
            threshold=None if layer.threshold is None else np.float64(layer.threshold),  # type: ignore[arg-type]
            reset=None if layer.threshold is None else ZERO,
        )
        for layer in model.layers
    ]
    projections = [
        FloatProjection(before, layer.name, FloatMatrix(layer.weight, layer.delay))  # type: ignore[arg-type]
        for before, layer in zip([first.name, *names], model.layers, strict=False)
    ]
    readout = Readout(names[-1], SOFTMAX, 1.0, model.class_names)
    return FloatGraph((first, *populations), tuple(projections), (readout,), model.time_steps, model.bin_s)
