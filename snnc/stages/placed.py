"""PlacedProgram: a graph laid out on the cores of a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.quantized import QuantizedGraph


@dataclass(frozen=True, slots=True)
class CoreNeurons:
    """Neurons of one layer, or population, that lie on one core: `neurons` int32, rising numbers in it."""

    __repr__ = brief

    layer: str
    neurons: npt.NDArray[np.int32]

    def __post_init__(self) -> None:
        neurons = frozen(self.neurons, np.int32, name=f"{self.layer}: neurons of a core")
        if neurons.ndim != 1 or len(neurons) == 0 or (np.diff(neurons) <= 0).any():
            raise StageError(f"{self.layer}: neurons of a core must be at least one number, in rising order")
        object.__setattr__(self, "neurons", neurons)


@dataclass(frozen=True, slots=True)
class Core:
    """One core: where it lies, what it holds, and use of each resource as (used, max).

    `column` and `row` are its tile's in the mesh; cores of one tile share them.
    """

    __repr__ = brief

    chip: int
    core: int
    column: int
    row: int
    populations: tuple[CoreNeurons, ...]
    use: Mapping[str, tuple[int, int]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "populations", tuple(self.populations))
        object.__setattr__(self, "use", MappingProxyType(dict(self.use)))

    @property
    def name(self) -> str:
        return f"{self.chip}.{self.core}"


@dataclass(frozen=True, slots=True)
class Traffic:
    """Spikes between cores, summed over `recordings`, against neurons placed simply in their order.

    Attributes
    ----------
    measured
        Whether spikes were counted in recordings; if not, every source is taken to spike once.
    spikes
        For each input line and neuron, its spikes times the other cores that listen to it.
    hops
        The same, each times the tiles between the two cores.
    in_order_cores, in_order_spikes, in_order_hops
        For layers cut into slices in neuron order, a slice a core and the cores in order; the hops are
        None if these are more cores than there are.
    """

    __repr__ = brief

    measured: bool
    recordings: int
    spikes: int
    hops: int
    in_order_cores: int
    in_order_spikes: int
    in_order_hops: int | None

    def __post_init__(self) -> None:
        counts = (self.spikes, self.hops, self.in_order_cores, self.in_order_spikes, self.in_order_hops or 0)
        if self.recordings < 1 or min(counts) < 0:
            raise StageError("traffic: recordings must be at least 1, and every other number at least 0")


@dataclass(frozen=True, slots=True)
class PlacedProgram:
    """`graph` for `target`, each neuron on exactly one core; `traffic` None if nobody counted it.

    `settings` are those of the target (`snnc.target.Target.settings`).
    """

    __repr__ = brief

    target: str
    graph: QuantizedGraph
    cores: tuple[Core, ...]
    traffic: Traffic | None = None
    settings: Mapping[str, int | str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))
        object.__setattr__(self, "cores", tuple(self.cores))
        found: dict[str, list[npt.NDArray[np.int32]]] = {each.name: [] for each in self.graph.stateful}
        for core in self.cores:
            for population in core.populations:
                if population.layer not in found:
                    raise StageError(
                        f"core {core.name}: holds {population.layer!r}, which is not a layer or population "
                        "with a state"
                    )
                found[population.layer].append(population.neurons)
        for layer in self.graph.stateful:
            placed = np.sort(np.concatenate(found[layer.name] or [np.zeros(0, np.int32)]))
            if not np.array_equal(placed, np.arange(layer.neurons)):
                raise StageError(
                    f"{layer.name}: cores hold {len(placed)} neurons, {len(np.unique(placed))} different "
                    f"ones, expected each of {layer.neurons} once"
                )
        if len({(core.chip, core.core) for core in self.cores}) != len(self.cores):
            raise StageError("placed program: one core is used twice")
