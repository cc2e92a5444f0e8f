"""PlacedProgram: a graph laid out on the cores of a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from snnc.errors import StageError
from snnc.stages.quantized import QuantizedGraph


@dataclass(frozen=True, slots=True)
class CoreUse:
    """Neurons `start:stop` of `layer` on one core, with use of each resource as (used, max)."""

    chip: int
    core: int
    layer: str
    start: int
    stop: int
    use: Mapping[str, tuple[int, int]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "use", MappingProxyType(dict(self.use)))


@dataclass(frozen=True, slots=True)
class PlacedProgram:
    """`graph` for `target`, each neuron on exactly one core."""

    target: str
    graph: QuantizedGraph
    cores: tuple[CoreUse, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "cores", tuple(self.cores))
        for layer in self.graph.layers:
            slices = sorted((c.start, c.stop) for c in self.cores if c.layer == layer.name)
            covered = [0, *[stop for _, stop in slices]]
            if [start for start, _ in slices] != covered[:-1] or covered[-1] != layer.neurons:
                raise StageError(
                    f"{layer.name}: cores cover {slices}, not each of {layer.neurons} neurons once"
                )
        if len({(c.chip, c.core) for c in self.cores}) != len(self.cores):
            raise StageError("placed program: one core is used twice")
