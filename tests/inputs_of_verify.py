"""Inputs as `verify` has them without recordings, random ones, and networks to run them on."""

from __future__ import annotations

import numpy as np

from snnc.exporter.golden import golden_input
from snnc.exporter.ranges.prove import earliest_spikes, graph_bounds
from snnc.hwsim.event_driven import simulate
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.verification.inputs.coverage import reached
from snnc.verification.inputs.extremes import heights
from snnc.verification.inputs.reachable import Reachable
from snnc.verification.inputs.stimuli import generate


def inputs_of_verify(graph: QuantizedGraph, seed: int = 0) -> np.ndarray:
    """As `verify` has them where there are no recordings."""
    golden = golden_input(graph)
    ranges = graph_bounds(graph)
    trace = simulate(graph, golden)
    found, far = reached(graph, golden, trace), heights(graph, golden, trace).max(axis=0)
    reachable = Reachable.within(graph, ranges, earliest_spikes(graph, ranges))
    made = generate(graph, found, seed=seed, reachable=reachable, driven_to=far)
    return np.concatenate([golden, made])


def random_inputs(graph: QuantizedGraph, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (count, graph.time_steps, graph.inputs)
    rate = rng.choice([0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.95], (count, 1, 1))
    payload = rng.integers(1, graph.payload_max + 1, shape)
    return np.where(rng.random(shape) < rate, payload, 0).astype(np.uint8)


def like_the_demo() -> QuantizedGraph:
    """Two layers with a current that is forgotten, half of v kept, delays up to 24, as presets train them."""
    rng = np.random.default_rng(3)
    shapes = [("hidden1", (48, 70)), ("readout", (10, 48))]
    layers = [
        QuantizedLayer(
            name,
            np.clip(np.round(rng.normal(0, 30, shape)), -128, 127),
            rng.integers(0, 25, shape),
            rng.integers(-2600, 2600, shape[0]),
            bias_exp=1,
            decay_u=4096,
            decay_v=2048,
            threshold=107 if name == "hidden1" else None,
        )
        for name, shape in shapes
    ]
    return QuantizedGraph.chain(tuple(layers), 60, 0.001, 1.0, tuple(f"class{i}" for i in range(10)))


def layer(name: str, weight: list, delay: list, threshold: int | None, **fields) -> QuantizedLayer:
    given = {"bias_mant": np.zeros(len(weight), np.int32), "bias_exp": 0, "decay_u": 4096, "decay_v": 4096}
    return QuantizedLayer(name, np.array(weight), np.array(delay), **(given | fields), threshold=threshold)
