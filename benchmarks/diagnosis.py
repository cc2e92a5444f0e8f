"""How long a diagnosis takes: `python -m benchmarks.diagnosis`, processor time, set `OMP_NUM_THREADS=1`."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from snnc.hwsim.event_driven import EventDrivenExecutor
from snnc.plugins.executors import REFERENCE, load_executor
from snnc.stages import Artifact, QuantizedGraph, QuantizedLayer, Trace
from snnc.verification.compare import first_divergence
from snnc.verification.diagnosis.explain import explained
from snnc.verification.one_executor import Deviation

NETS = (  # widths, T, density of the input
    ((140, 256, 256, 20), 76, 0.1),
    ((700, 512, 512, 20), 100, 0.02),
    ((700, 1024, 1024, 35), 1000, 0.02),
)


def main() -> None:
    print("| net | T | fault | hypotheses | s | causes |")
    print("|---" * 6 + "|")
    for widths, steps, density in NETS:
        rng = np.random.default_rng(0)
        shapes = list(zip(widths[1:], widths[:-1], strict=True))
        layers = [_layer(rng, index, shape, index < len(shapes) - 1) for index, shape in enumerate(shapes)]
        classes = tuple(f"class{index}" for index in range(widths[-1]))
        graph = QuantizedGraph.chain(tuple(layers), steps, 0.001, 1.0, classes)
        inputs = (rng.random((1, steps, widths[0])) < density).astype(np.uint8)
        nothing = np.zeros((0, steps, widths[0]), np.uint8)
        artifact = Artifact(
            Path("nowhere"), "none", graph, {}, nothing, np.zeros((0, steps, widths[-1]), np.int32)
        )
        expected = load_executor(REFERENCE).run(artifact, inputs)
        second = layers[1]
        for name, index, fields in (
            ("threshold + 1", 0, {"threshold": 301}),
            ("delays up to 40", 1, {"delay": np.minimum(second.delay, 40)}),
            ("one weight + 1", 1, {"weight": _bumped(second.weight)}),
            ("one delay + 1", 1, {"delay": _bumped(second.delay)}),
        ):
            changed = [*layers]
            changed[index] = replace(changed[index], **fields)  # type: ignore[arg-type]
            wrong = _Wrong(graph.with_layers(changed))
            found = wrong.run(artifact, inputs)
            divergence = first_divergence(graph, expected, found, inputs, name)
            assert divergence is not None
            began = time.process_time()
            known = explained(artifact, divergence, Deviation(wrong, inputs, expected, found))
            taken = time.process_time() - began
            made, shape = known.diagnosis, "-".join(map(str, widths))
            assert made is not None
            causes = ", ".join(cause.name for cause in made.causes) or made.unknown or "none"
            print(f"| {shape} | {steps} | {name} | {made.tried} | {taken:.1f} | {causes} |", flush=True)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """The simulator on another graph than the artifact's."""

    graph: QuantizedGraph
    name: str = "hwsim"

    def unavailable_reason(self) -> str | None:
        return None

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        return EventDrivenExecutor().run(replace(artifact, graph=self.graph), spikes)


def _layer(rng: np.random.Generator, index: int, shape: tuple[int, int], spikes: bool) -> QuantizedLayer:
    weight, delay = rng.integers(-127, 128, shape), rng.integers(0, 63, shape)
    bias = rng.integers(-90, 90, shape[0])
    return QuantizedLayer(f"layer{index}", weight, delay, bias, 3, 4096, 400, 300 if spikes else None)


def _bumped(array: np.ndarray) -> np.ndarray:
    changed = np.array(array)
    changed[7, 9] += 1
    return changed


if __name__ == "__main__":
    main()
