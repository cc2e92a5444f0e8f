"""QuantizedGraph: the integer network of the contract, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.bounds import STEPS_LIMIT, whole
from snnc.stages.chain import LAYER_LIMIT
from snnc.stages.layer import QuantizedLayer
from snnc.stages.order import contract_order
from snnc.stages.population import INPUT, LI, Population
from snnc.stages.projection import Projection
from snnc.stages.readout import OF_SPIKES, OF_V, SOFTMAX, Readout
from snnc.stages.sums import check_sums, largest_event
from snnc.stages.version1 import check_layers, layers_of, no_chain, populations_of
from snnc.text import did_you_mean, quoted

INPUT_LIMIT = 64
"""Most input populations."""
PROJECTION_LIMIT = 4096
"""Most projections; the populations with a state are as many as layers may be."""
CHAIN = ("layers", "time_steps", "bin_s", "readout_scale", "class_names", "payload_max")
"""The arguments of `QuantizedGraph.chain`, each of which is a property of a chain."""


@dataclass(frozen=True, slots=True)
class QuantizedGraph:
    """Populations and projections of `docs/semantics.md` over T = `time_steps` steps of `bin_s` seconds.

    `QuantizedGraph.chain(layers, time_steps, bin_s, readout_scale, class_names, payload_max=1)` makes one of
    layers, as version 1 of the contract has them. The properties `layers`, `readout_scale`, `class_names` and
    `payload_max` give them back, also where the same graph was made of populations; they raise `StageError`
    if it is no chain, which `is_chain` tells. `with_layers(layers)` gives the chain with other layers.

    Attributes
    ----------
    populations, projections, readouts
        Lists in the order of the contract. Input events are [samples, T, `inputs`]: the lines of all input
        populations side by side, in the order of the list.
    order
        Names of all populations in the contract order, in which they are computed and compared.
    """

    __repr__ = brief

    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    readouts: tuple[Readout, ...]
    time_steps: int
    bin_s: float
    order: tuple[str, ...] = field(init=False, compare=False, repr=False)
    _no_chain: str | None = field(init=False, default=None, compare=False, repr=False)
    """Why it is no chain, "" if it is one; None until somebody asks, as the layers of a chain are."""
    _layers: tuple[QuantizedLayer, ...] | None = field(init=False, default=None, compare=False, repr=False)
    _hash: str | None = field(init=False, default=None, compare=False, repr=False)  # see `graph_hash`

    def __post_init__(self) -> None:
        for name in ("populations", "projections", "readouts"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        self._check_counts()
        steps = whole("graph", "time_steps", self.time_steps, 1, STEPS_LIMIT)
        object.__setattr__(self, "time_steps", steps)
        if not (np.isfinite(self.bin_s) and self.bin_s > 0):
            raise StageError(f"graph: bin_s is {self.bin_s}, expected finite and > 0")
        object.__setattr__(self, "populations", tuple(map(self._with_end, self.populations)))
        named = {each.name: each for each in self.populations}
        for projection in self.projections:
            _check_projection(projection, named)
        for population in self.populations:
            check_sums(population, [(each, named[each.source]) for each in self.into(population.name)])
        self._check_readouts(named)
        object.__setattr__(self, "order", self._order())

    @classmethod
    def chain(
        cls,
        layers: Iterable[QuantizedLayer],
        time_steps: int,
        bin_s: float,
        readout_scale: float,
        class_names: Iterable[str],
        payload_max: int = 1,
    ) -> Self:
        """The graph of the contract's version 1: `layers` one after another, the last of them the readout.

        `readout_scale` turns the readout's integer v into the trained network's units (clause 7). Input
        events are whole numbers 0 .. `payload_max` (clause 2); 1 is for spikes.
        """
        layers, names = tuple(layers), tuple(class_names)
        check_layers(layers, readout_scale, names, payload_max)
        populations, projections = populations_of(layers, payload_max)
        readout = Readout(layers[-1].name, SOFTMAX, readout_scale, names)
        graph = cls(populations, projections, (readout,), time_steps, bin_s)
        object.__setattr__(graph, "_layers", layers)
        object.__setattr__(graph, "_no_chain", "")
        return graph

    def with_layers(self, layers: Iterable[QuantizedLayer]) -> Self:
        """This chain with other layers."""
        return self.changed(layers=layers)

    def changed(self, **values: Any) -> Self:
        """This chain with other values of the arguments of `chain`."""
        kept = {name: getattr(self, name) for name in CHAIN}
        return self.chain(**kept | values)

    @property
    def is_chain(self) -> bool:
        """Whether version 1 of the contract can express it."""
        return not self.why_no_chain()

    @property
    def layers(self) -> tuple[QuantizedLayer, ...]:
        if self._layers is None:
            self._require_chain()
            object.__setattr__(self, "_layers", layers_of(self.populations, self.projections))
        assert self._layers is not None
        return self._layers

    @property
    def readout_scale(self) -> float:
        return self._chain_readout.scale  # type: ignore[return-value]  # a chain has one number

    @property
    def class_names(self) -> tuple[str, ...]:
        return self._chain_readout.class_names

    @property
    def payload_max(self) -> int:
        """Largest input event of a chain."""
        self._require_chain()
        return largest_event(self.populations[0])

    @property
    def stateful(self) -> tuple[Population, ...]:
        """The populations that are no input, in the order of the list: each has a layer in a `Trace`."""
        return tuple(each for each in self.populations if each.model != INPUT)

    def trace_index(self, name: str) -> int:
        """Which layer of a `Trace` is of the population `name`; `StageError` if none is."""
        names = [each.name for each in self.stateful]
        if name not in names:
            raise _unknown(name, self.stateful)
        return names.index(name)

    @property
    def inputs(self) -> int:
        """Input lines of all input populations together."""
        return sum(each.neurons for each in self.populations if each.model == INPUT)

    def lines(self, name: str) -> slice:
        """Which input lines are those of the input population `name`."""
        first = 0
        for each in self.populations:
            if each.name == name and each.model == INPUT:
                return slice(first, first + each.neurons)
            first += each.neurons if each.model == INPUT else 0
        raise StageError(f"graph: has no input population {quoted(name)}; name one of its inputs")

    def population(self, name: str) -> Population:
        """The population called `name`; raise `StageError` if there is none."""
        for each in self.populations:
            if each.name == name:
                return each
        raise _unknown(name, self.populations)

    def into(self, name: str) -> tuple[Projection, ...]:
        """The projections whose destination is `name`."""
        return tuple(each for each in self.projections if each.destination == name)

    def out_of(self, name: str) -> tuple[Projection, ...]:
        """The projections whose source is `name`."""
        return tuple(each for each in self.projections if each.source == name)

    def end(self, name: str) -> int:
        """The `end` of the population `name`: T, where it has no other."""
        return self.population(name).end or self.time_steps

    @property
    def _chain_readout(self) -> Readout:
        self._require_chain()
        return self.readouts[0]

    def _require_chain(self) -> None:
        if reason := self.why_no_chain():
            raise StageError(f"graph: is no chain of layers: {reason}; use its populations and projections")

    def why_no_chain(self) -> str:
        """What makes it no chain of layers, as a sentence; "" of a chain."""
        if self._no_chain is None:
            found = no_chain(self.populations, self.projections, self.readouts)
            object.__setattr__(self, "_no_chain", found)
        return self._no_chain or ""

    def _check_counts(self) -> None:
        states = len(self.stateful)
        inputs = len(self.populations) - states
        for what, count, limit in (
            ("populations with a state", states, LAYER_LIMIT),
            ("input populations", inputs, INPUT_LIMIT),
            ("projections", len(self.projections), PROJECTION_LIMIT),
        ):
            if count > limit:
                raise StageError(f"graph: has {count} {what}, the limit is {limit}; use fewer")
        if not states:
            raise StageError("graph: has no population with a state; add one")
        if not self.readouts:
            raise StageError("graph: has no readout; mark a population as one")
        for what, names in (
            ("populations share the name", [each.name for each in self.populations]),
            ("readouts are of the population", [each.population for each in self.readouts]),
        ):
            twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
            if twice is not None:
                remedy = "rename one" if what.startswith("pop") else "leave one out"
                raise StageError(f"graph: two {what} {quoted(twice)}; {remedy}")

    def _with_end(self, population: Population) -> Population:
        """An end that is T is none: so two graphs that compute the same are equal."""
        if population.end is None:
            return population
        remedy = "choose one of these, or more steps"
        end = whole(population.name, "end", population.end, 1, self.time_steps, remedy)
        return replace(population, end=None) if end == self.time_steps else population

    def _check_readouts(self, named: dict[str, Population]) -> None:
        for readout in self.readouts:
            population = named.get(readout.population)
            if population is None:
                raise _unknown(readout.population, self.populations)
            decoders = OF_SPIKES if population.spikes else OF_V if population.model == LI else ()
            if readout.decoder not in decoders:
                raise StageError(
                    f"readout {population.name}: the decoder {readout.decoder} is not for the model "
                    f"{population.model}; use {' or '.join(decoders) or 'another population'}"
                )
            if len(readout.class_names) != population.neurons:
                raise StageError(
                    f"readout {population.name}: {len(readout.class_names)} class names for "
                    f"{population.neurons} neurons; give one for each"
                )

    def _order(self) -> tuple[str, ...]:
        names = [each.name for each in self.populations]
        place = {name: number for number, name in enumerate(names)}
        if all(place[each.source] < place[each.destination] for each in self.projections):
            return tuple(names)
        at_once = ((e.source, e.destination) for e in self.projections if e.synapses.has_delay_0)
        return contract_order(names, at_once)


def _unknown(name: str, populations: Sequence[Population]) -> StageError:
    known = [each.name for each in populations]
    meant = did_you_mean(name, known)
    return StageError(f"graph: has no population {quoted(name)}{meant}; name one that it has")


def _check_projection(projection: Projection, named: dict[str, Population]) -> None:
    source, destination = named.get(projection.source), named.get(projection.destination)
    if source is None or destination is None:
        name = projection.source if source is None else projection.destination
        raise _unknown(name, list(named.values()))
    if source.model == LI:
        raise StageError(
            f"{projection.name}: {source.name} is of the model {LI} and never spikes; use another source"
        )
    if destination.model == INPUT:
        raise StageError(
            f"{projection.name}: {destination.name} is of the model {INPUT}; use another destination"
        )
    projection.check_sizes(source.neurons, destination.neurons)
