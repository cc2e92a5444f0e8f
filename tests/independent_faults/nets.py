"""Small networks on which faults can be reached that the demo network never meets.

deep    three layers; u and v keep a share of themselves, biases have an exponent, v of the readout is large
wide    200 hidden neurons, sparse synapses, delays 0 to 62
limits  payloads up to 128; u wraps, exactly at both ends of its range too, and v is clipped; a high threshold
graded  payloads up to 15, nothing saturates
edges   decay constants at the ends, 0, 2 and 4096; all delays of the first layer are 0
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from snnc.exporter.artifact_writing import write_artifact
from snnc.exporter.delay_costs import delay_costs
from snnc.exporter.graph_export import artifact_files
from snnc.exporter.passes.place import Place
from snnc.exporter.placement.record import placement_record, traffic_record
from snnc.exporter.ranges.certificate import certificate
from snnc.exporter.ranges.prove import graph_bounds, overflow_excluded
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.targets.registry import load_target


def layer(
    random: np.random.Generator,
    name: str,
    shape: tuple[int, int],
    decays: tuple[int, int],
    *,
    most: int = 127,
    mean: float = 0.0,
    longest: int = 20,
    density: float = 1.0,
    bias: tuple[int, int] = (0, 0),
    threshold: int | None = None,
) -> QuantizedLayer:
    """A random layer: weights up to `most` around `mean`, bias mantissas up to bias[0] with exponent
    bias[1]."""
    weight = np.clip(np.round(random.normal(mean, most / 2, shape)), -most, most).astype(np.int32)
    weight[random.random(shape) >= density] = 0
    return QuantizedLayer(
        name=name,
        weight=weight,
        delay=random.integers(0, longest + 1, shape).astype(np.int32),
        bias_mant=random.integers(-bias[0], bias[0] + 1, shape[0]).astype(np.int32),
        bias_exp=bias[1],
        decay_u=decays[0],
        decay_v=decays[1],
        threshold=threshold,
    )


def graph(layers: list[QuantizedLayer], steps: int, payload_max: int = 1) -> QuantizedGraph:
    names = tuple(f"class {i}" for i in range(layers[-1].neurons))
    return QuantizedGraph.chain(tuple(layers), steps, 0.01, 2.0**-18, names, payload_max)


def deep() -> QuantizedGraph:
    r = np.random.default_rng(11)
    return graph(
        [
            layer(r, "first", (32, 24), (700, 300), mean=8, bias=(3900, 2), longest=30, threshold=1500),
            layer(r, "second", (20, 32), (1500, 150), mean=4, bias=(1500, 3), longest=12, threshold=2200),
            layer(r, "out", (8, 20), (600, 60), mean=14, bias=(900, 1), longest=9),
        ],
        48,
    )


def wide() -> QuantizedGraph:
    r = np.random.default_rng(12)
    return graph(
        [
            layer(r, "hidden", (200, 40), (1000, 500), density=0.3, longest=62, bias=(700, 2), threshold=400),
            layer(r, "out", (10, 200), (2000, 400), most=40, density=0.5, longest=25, bias=(300, 1)),
        ],
        70,
    )


def limits() -> QuantizedGraph:
    r = np.random.default_rng(13)
    first = layer(r, "first", (10, 16), (600, 400), longest=6, bias=(4000, 7), threshold=100_000)
    weight, delay = first.weight.copy(), first.delay.copy()
    weight[0], weight[1], delay[:2] = -64, 64, 0
    first = QuantizedLayer(
        "first", weight, delay, np.where(np.arange(10) < 2, 0, first.bias_mant), 7, 600, 400, 100_000
    )
    return graph([first, layer(r, "out", (4, 10), (300, 20), mean=40, longest=5, bias=(4000, 7))], 40, 128)


def graded() -> QuantizedGraph:
    r = np.random.default_rng(14)
    return graph(
        [
            layer(r, "first", (16, 12), (2000, 500), most=90, mean=10, bias=(2000, 2), threshold=2500),
            layer(r, "out", (5, 16), (1200, 300), mean=5, longest=15, bias=(400, 3)),
        ],
        40,
        15,
    )


def edges() -> QuantizedGraph:
    r = np.random.default_rng(15)
    return graph(
        [
            layer(r, "first", (14, 18), (2, 4096), most=40, longest=0, bias=(900, 1), threshold=130),
            layer(r, "second", (9, 14), (4096, 0), most=60, mean=6, longest=3, bias=(600, 0), threshold=300),
            layer(r, "out", (3, 9), (4096, 0), mean=3, longest=40, bias=(60, 2)),
        ],
        45,
    )


NETS = {"deep": deep, "wide": wide, "limits": limits, "graded": graded, "edges": edges}


def write_net(name: str, folder: Path) -> Path:
    """The artifact of a network, for the target c, in `folder`."""
    network, target = NETS[name](), load_target("c")
    program, ranges = Place(target).run(network), graph_bounds(network)
    record = {
        "range_proof": certificate(ranges),
        "placement": placement_record(program),
        "traffic": traffic_record(program),
        "delays": delay_costs(network, target.limits),
        "provenance": {"dataset": "none", "overflow_proved": overflow_excluded(ranges)},
    }
    path = folder / f"{name}.c"
    return write_artifact(path, target.name, network, artifact_files(program, target, ranges), record).path
