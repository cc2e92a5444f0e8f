"""The networks of the conformance suite: extremes made by hand, then random ones, always the same.

All are small, so that an executor that starts slowly can take many; each has two samples, so that what one
leaves behind is seen in the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import QuantizedGraph, QuantizedLayer

KEEP, FORGET = 0, formats.DECAY_ONE
MOST_BIAS: dict[str, Any] = {"bias_mant": formats.BIAS_MANTISSA_MAX, "bias_exp": formats.BIAS_EXPONENT_MAX}
LEAST_BIAS: dict[str, Any] = MOST_BIAS | {"bias_mant": formats.BIAS_MANTISSA_MIN}


@dataclass(frozen=True, slots=True)
class Net:
    """`graph` and input for it, uint8 [samples, T, inputs]."""

    name: str
    graph: QuantizedGraph
    spikes: npt.NDArray[np.uint8]


def nets(count: int = 100) -> tuple[Net, ...]:
    """The first `count`; the extremes come first."""
    made = extremes()
    return (*made, *(random_net(seed) for seed in range(count - len(made))))[:count]


def extremes() -> tuple[Net, ...]:
    """What goes wrong first, by name."""
    return tuple(map(_with_own_spikes, _extremes()))


def _with_own_spikes(net: Net) -> Net:
    """Networks are made once; what an executor does to its input must not reach the next one."""
    return replace(net, spikes=net.spikes.copy())


@cache
def _extremes() -> tuple[Net, ...]:
    most = formats.ACCUMULATE_LIMIT
    last, five, wide = _layer([[1]]), [[3, -2, 100, 7, -128]], np.arange(600).reshape(3, 200) % 255 - 127
    cases: dict[str, tuple[list[dict[str, Any]], int]] = {
        "one neuron, one input, one step": ([_layer([[-128]])], 1),
        "no synapse, biases alone": ([_layer([[0, 0]], threshold=0, bias_mant=1), last], 9),
        "no synapse, nothing at all": ([_layer([[0]], threshold=0), last], 4),
        "silent: the highest threshold": ([_layer([[127]], threshold=formats.THRESHOLD_MAX), last], 9),
        "every neuron fires in every step": ([_layer([[0]], threshold=0, **MOST_BIAS), last], 9),
        "v meets the threshold exactly": ([_layer([[5], [6]], threshold=5), _layer([[1, 2]])], 9),
        "v is clipped above": ([_layer([[127]], decay_v=KEEP, **MOST_BIAS)], 30),
        "v is clipped below": ([_layer([[-128]], decay_v=KEEP, **LEAST_BIAS)], 30),
        "v is clipped below its threshold": (
            [_layer([[-1]], threshold=0, decay_v=KEEP, **LEAST_BIAS), last],
            30,
        ),
        "u wraps above": ([_layer([[most]], decay_u=1)], 9),
        "u wraps below": ([_layer([[-most]], decay_u=1)], 9),
        "u reaches both ends": ([_layer([[most // 2], [-most // 2]])], 4),
        "the current never decays": ([_layer([[3], [-3]], decay_u=KEEP, threshold=9), _layer([[1, 1]])], 20),
        "decays round toward zero": ([_layer([[1], [-1]], decay_u=1000, decay_v=1500)], 30),
        "delays of T and more": ([_layer(five, [[4, 5, 6, 60, 0]], threshold=2), last], 5),
        "a delay of 62": ([_layer(five, 62, threshold=2), last], 70),
        "a delay of 63": ([_layer(five, 63, threshold=2), last], 70),
        "a delay of 300": ([_layer(five, 300, threshold=2), last], 310),
        "only the least weight": (
            [_layer([[-128, -128], [0, -128]], threshold=0, bias_mant=4032), _layer([[1, 1]])],
            9,
        ),
        "weights of nine bits": ([_layer([[255, -256]], threshold=200), last], 9),
        "six layers of one neuron": ([*(_layer([[2]], 1, threshold=1) for _ in range(5)), last], 20),
        "many inputs": ([_layer(wide, threshold=99), _layer([[1] * 3])], 9),
    }
    payloads = [_layer([[3, -1], [2, 2]], [[0, 1], [2, 0]], threshold=90), _layer([[1, 2]])]
    return (*(_net(name, *case) for name, case in cases.items()), _net("payloads", payloads, 9, 255))


def random_net(seed: int) -> Net:
    """1-4 layers of 1-12 neurons over 1-24 steps; a third with weights with which u wraps and v clips."""
    return _with_own_spikes(_random_net(seed))


@cache
def _random_net(seed: int) -> Net:
    rng = np.random.default_rng(seed)
    widths = rng.integers(1, 13, rng.integers(2, 6)).tolist()
    steps = int(rng.integers(1, 25))
    longest = int(rng.choice([0, 3, 30, 62, steps + 5]))
    layers = [_random_layer(rng, shape, longest) for shape in pairwise(widths)]
    total = max(1, int(np.abs(layers[0]["weight"]).sum(axis=1).max()))
    most = min(formats.PAYLOAD_MAX, formats.ACCUMULATE_LIMIT // total)
    payload_max = int(rng.choice([1, 1, 1, most]))
    layers[-1]["threshold"] = None
    return _net(f"random {seed}", layers, steps, payload_max, seed, float(rng.choice([0.05, 0.4, 1.0])))


def _random_layer(rng: np.random.Generator, shape: tuple[int, int], longest: int) -> dict[str, Any]:
    """Fields of a layer [neurons, inputs] = reversed `shape`."""
    shape = shape[::-1]
    weight = rng.integers(-128, 128, shape) * (rng.random(shape) < rng.choice([0.2, 1.0, 1.0]))
    if rng.random() < 0.3:
        weight = np.minimum(np.abs(weight), 127)
    if rng.random() < 0.3:
        weight *= formats.ACCUMULATE_LIMIT // max(1, int(np.abs(weight).sum(axis=1).max()))
    # A weight as threshold lets v meet it exactly.
    met = int(np.clip(weight.max(), 0, formats.THRESHOLD_MAX))
    decays = [0, 1, 2048, FORGET, FORGET, int(rng.integers(FORGET))]
    return _layer(
        weight,
        rng.integers(0, longest + 1, shape),
        bias_mant=rng.integers(-4096, 4096, shape[0]) >> int(rng.choice([0, 5, 13])),
        bias_exp=int(rng.choice([0, 0, 6, 7])),
        decay_u=int(rng.choice(decays)),
        decay_v=int(rng.choice(decays)),
        threshold=int(rng.choice([0, 50, met, met])),
    )


def _layer(weight: Any, delay: Any = 0, **fields: Any) -> dict[str, Any]:
    """Fields of a layer; unless given, no bias, a current that is forgotten, a slow leak, no threshold."""
    given = {"bias_mant": 0, "bias_exp": 0, "decay_u": FORGET, "decay_v": 300, "threshold": None}
    return {"weight": np.array(weight, np.int64), "delay": delay} | given | fields


def _net(
    name: str,
    layers: list[dict[str, Any]],
    steps: int,
    payload_max: int = 1,
    seed: int = 0,
    density: float = 0.6,
) -> Net:
    """A network of these layers, with 2 samples of which the first input fires in the first step."""
    chain = tuple(
        QuantizedLayer(
            name=f"layer{index}",
            **fields
            | {
                "delay": np.broadcast_to(fields["delay"], fields["weight"].shape),
                "bias_mant": np.broadcast_to(fields["bias_mant"], len(fields["weight"])),
            },
        )
        for index, fields in enumerate(layers)
    )
    classes = tuple(f"class{index}" for index in range(chain[-1].neurons))
    graph = QuantizedGraph.chain(chain, steps, 0.001, 0.01, classes, payload_max)
    rng = np.random.default_rng(seed)
    shape = (2, steps, graph.inputs)
    spikes = rng.integers(1, payload_max + 1, shape) * (rng.random(shape) < density)
    spikes[:, 0, 0] = payload_max
    return Net(name, graph, spikes.astype(np.uint8))
