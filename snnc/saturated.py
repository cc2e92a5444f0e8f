"""How often a state left its range in a run (contract, clause 9), by population and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from snnc.stages import Artifact, LayerTrace, QuantizedGraph

LEFT = "states that left their range were wrapped or clipped"


@dataclass(slots=True)
class Saturated:
    """Of all samples so far, by population; `counts` is None where the executor does not count them."""

    graph: QuantizedGraph
    counts: dict[str, int] | None
    samples: int = 0

    @classmethod
    def none_yet(cls, graph: QuantizedGraph) -> Saturated:
        return cls(graph, {each.name: 0 for each in graph.stateful})

    def add(self, samples: int, found: Iterable[int | None]) -> None:
        """`found` in so many more samples, of each population with a state in the order of the list."""
        self.samples += samples
        for each, more in zip(self.graph.stateful, found, strict=True):
            if more is None:
                self.counts = None
            elif self.counts is not None:
                self.counts[each.name] += more

    def add_layers(self, layers: Iterable[LayerTrace]) -> None:
        """Those of a trace."""
        found = list(layers)
        self.add(len(found[0].v), (each.saturations for each in found))

    def told(self) -> str:
        """As "3 saturations in 2 samples (hid1 3): ..."; empty where none is known."""
        total = sum((self.counts or {}).values())
        if not total:
            return ""
        many = f"{total} saturation{'s' * (total != 1)} in {self.samples} sample{'s' * (self.samples != 1)}"
        return f"{many} ({by_population(self.counts or {})}): {LEFT}"

    def note(self, executor: str, artifact: Artifact) -> str:
        """`told`, or that it is not known although `artifact` may saturate."""
        proved = artifact.manifest.get("provenance", {}).get("overflow_proved")
        if self.counts is None and proved is False:
            return f"{executor} does not count saturations, and overflow is not excluded"
        return self.told()


def by_population(counts: Mapping[str, int]) -> str:
    """As "hid1 1300, hid2 26", without those that have none."""
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count)
