"""How long a diagnosis takes: `python -m benchmarks.diagnosis`, processor time, set `OMP_NUM_THREADS=1`."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from snnc.hwsim.compare import first_difference
from snnc.hwsim.diagnosis import diagnose
from snnc.hwsim.event_driven import EventDrivenExecutor
from snnc.stages import Artifact, QuantizedGraph, QuantizedLayer

NETS = (  # widths, T, density of the input
    ((140, 256, 256, 20), 76, 0.1),
    ((700, 512, 512, 20), 100, 0.02),
    ((700, 1024, 1024, 35), 1000, 0.02),
)


def main() -> None:
    print("| net | T | fault | hypotheses | s | first cause |")
    print("|---" * 6 + "|")
    for widths, steps, density in NETS:
        rng = np.random.default_rng(0)
        shapes = list(zip(widths[1:], widths[:-1], strict=True))
        layers = [_layer(rng, index, shape, index < len(shapes) - 1) for index, shape in enumerate(shapes)]
        classes = tuple(f"class{index}" for index in range(widths[-1]))
        graph = QuantizedGraph(tuple(layers), steps, 0.001, 1.0, classes)
        inputs = (rng.random((1, steps, widths[0])) < density).astype(np.uint8)
        expected = _run(graph, inputs)
        second = layers[1]
        for name, index, fields in (
            ("threshold + 1", 0, {"threshold": 301}),
            ("delays up to 40", 1, {"delay": np.minimum(second.delay, 40)}),
            ("one weight + 1", 1, {"weight": _bumped(second.weight)}),
            ("one delay + 1", 1, {"delay": _bumped(second.delay)}),
        ):
            changed = [*layers]
            changed[index] = replace(changed[index], **fields)  # type: ignore[arg-type]
            found = _run(replace(graph, layers=tuple(changed)), inputs)
            place = first_difference(
                [
                    {key: (a[key][None], b[key][None]) for key in a}
                    for a, b in zip(expected, found, strict=True)
                ]
            )
            assert place is not None
            began = time.process_time()
            made = diagnose(graph, place.layer, place.neuron, place.step, inputs[0], expected, found)
            taken = time.process_time() - began
            shape = "-".join(map(str, widths))
            print(f"| {shape} | {steps} | {name} | {made.tried} | {taken:.2f} | {made.causes[0].name} |")


def _layer(rng: np.random.Generator, index: int, shape: tuple[int, int], spikes: bool) -> QuantizedLayer:
    weight, delay = rng.integers(-127, 128, shape), rng.integers(0, 63, shape)
    bias = rng.integers(-90, 90, shape[0])
    return QuantizedLayer(f"layer{index}", weight, delay, bias, 3, 4096, 400, 300 if spikes else None)


def _bumped(array: np.ndarray) -> np.ndarray:
    changed = np.array(array)
    changed[7, 9] += 1
    return changed


def _run(graph: QuantizedGraph, inputs: np.ndarray) -> list[dict[str, Any]]:
    nothing = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
    readout = np.zeros((0, graph.time_steps, graph.layers[-1].neurons), np.int32)
    trace = EventDrivenExecutor().run(Artifact(Path("nowhere"), "none", graph, {}, nothing, readout), inputs)
    return [{name: getattr(layer, name)[0] for name in ("u", "v", "spikes")} for layer in trace]


if __name__ == "__main__":
    main()
