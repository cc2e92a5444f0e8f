"""Ranges worked out by hand: small chains, and the intervals of every step of their last layer's neuron 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snnc.stages import QuantizedGraph, QuantizedLayer

FORGET, HALF, HOLD = 4096, 2048, 0  # decay constants
Interval = tuple[int, int]


def layer(
    weight: list[list[int]],
    delay: list[list[int]] | None = None,
    *,
    threshold: int | None = None,
    du: int = FORGET,
    dv: int = HALF,
    bias: int = 0,
    name: str = "readout",
) -> QuantizedLayer:
    """A layer with one bias for all neurons."""
    shape = np.shape(weight)
    delays = np.zeros(shape, int) if delay is None else np.array(delay)
    return QuantizedLayer(name, np.array(weight), delays, np.full(shape[0], bias), 0, du, dv, threshold)


def chain(*layers: QuantizedLayer, steps: int, payload_max: int = 1) -> QuantizedGraph:
    """The layers and, if the last one spikes, a readout that each of its neurons reaches with weight 1."""
    if layers[-1].spikes:
        layers = (*layers, layer([[1] * layers[-1].neurons]))
    names = tuple(map(str, range(layers[-1].neurons)))
    return QuantizedGraph.chain(layers, steps, 0.01, 1.0, names, payload_max)


@dataclass(frozen=True)
class RangeCase:
    """Intervals of neuron 0 of layer `index`, one a step."""

    name: str
    graph: QuantizedGraph
    u: list[Interval]
    v: list[Interval]
    index: int = 0


RANGE_CASES = [
    # u: -2 * 64 .. (3 + 1) * 64. v keeps half: 256, 128 + 256, 192 + 256, and -128, -192, -224.
    RangeCase(
        "a sum of each sign, and a leak",
        chain(layer([[3, -2, 1]]), steps=3),
        u=[(-128, 256)] * 3,
        v=[(-128, 256), (-192, 384), (-224, 448)],
    ),
    # Weight 3 arrives from step 0, 1 from step 1, -2 from step 2, 100 at step 3 = T: never.
    # v: 192; 96 + 256; 176 + 256.
    RangeCase(
        "each delay counts from its own step on",
        chain(layer([[3, -2, 1, 100]], [[0, 2, 1, 3]]), steps=3),
        u=[(0, 192), (0, 256), (-128, 256)],
        v=[(0, 192), (0, 352), (-128, 432)],
    ),
    # u: 64, 32 + 64, 48 + 64; v keeps nothing and adds the bias 10 in each step, the first included.
    RangeCase(
        "a current that lasts, and a bias",
        chain(layer([[1]], du=HALF, dv=FORGET, bias=10), steps=3),
        u=[(0, 64), (0, 96), (0, 112)],
        v=[(10, 74), (10, 106), (10, 122)],
    ),
    # Bias -3 alone: -3; -3 / 2 rounds toward zero to -1: -4; -2: -5; -2: -5.
    RangeCase(
        "decay rounds toward zero",
        chain(layer([[0]], bias=-3), steps=4),
        u=[(0, 0)] * 4,
        v=[(-3, -3), (-4, -4), (-5, -5), (-5, -5)],
    ),
    # Threshold 4 << 6 = 256 is met, not passed: nothing fires. All is kept: step 1 can reach 256 + 256, and
    # fires then; what did not fire is at most 256, so step 2 reaches 512 again.
    RangeCase(
        "a threshold caps what is kept",
        chain(layer([[4]], threshold=4, dv=HOLD, name="hidden"), steps=3),
        u=[(0, 256)] * 3,
        v=[(0, 256), (0, 512), (0, 512)],
    ),
    # Bias 100, all is kept. Step 0 reaches 292 > 256 and may fire: 0 or 100..256 is kept, so step 1 starts
    # from 0 again: 0 + 100 .. 256 + 192 + 100.
    RangeCase(
        "what fires starts from zero, below what did not fire",
        chain(layer([[3]], threshold=4, dv=HOLD, bias=100, name="hidden"), steps=3),
        u=[(0, 192)] * 3,
        v=[(100, 292), (100, 548), (100, 548)],
    ),
    # Bias 10 is above the threshold 0: it fires in every step, and nothing is kept.
    RangeCase(
        "what must fire keeps nothing",
        chain(layer([[0]], threshold=0, dv=HOLD, bias=10, name="hidden"), steps=3),
        u=[(0, 0)] * 3,
        v=[(10, 10)] * 3,
    ),
    # Bias 64 meets the threshold 1 << 6 and does not fire; 64 + 64 = 128 fires in step 1; then anew.
    RangeCase(
        "what meets the threshold stays",
        chain(layer([[0]], threshold=1, dv=HOLD, bias=64, name="hidden"), steps=4),
        u=[(0, 0)] * 4,
        v=[(64, 64), (128, 128), (64, 64), (128, 128)],
    ),
    # Hidden neuron 0 reaches 4 << 6 and never fires. Neuron 1 passes it from step 2 on, its delay; with the
    # readout's own delay of 1 its weight 7 arrives from step 3 on: 448.
    RangeCase(
        "a source counts from the step in which it can fire",
        chain(
            layer([[4], [5]], [[0], [2]], threshold=4, dv=FORGET, name="hidden"),
            layer([[100, 7]], [[0, 1]], dv=FORGET),
            steps=5,
        ),
        u=[(0, 0), (0, 0), (0, 0), (0, 448), (0, 448)],
        v=[(0, 0), (0, 0), (0, 0), (0, 448), (0, 448)],
        index=1,
    ),
    # 2000 * 127 * 64 = 16256000 > 2^23: u may wrap, and then lie anywhere in -2^23 + 1 .. 2^23. A half of it
    # is kept, 4194303 or 4194304; v is clipped at 2^23 - 1, of which a half is 4194303.
    RangeCase(
        "a wrap and a clip",
        chain(layer([[127] * 2000], du=HALF), steps=2),
        u=[(0, 16256000), (-4194303, 4194304 + 16256000)],
        v=[(-8388607, 8388608), (-8388607 - 4194303, 8388608 + 4194303)],
    ),
    # Payloads of up to 10: -10 * 2 * 64 .. 10 * 3 * 64.
    RangeCase(
        "payloads multiply the weights of the first layer",
        chain(layer([[3, -2]], dv=FORGET), steps=1, payload_max=10),
        u=[(-1280, 1920)],
        v=[(-1280, 1920)],
    ),
    # The hidden neuron fires, but its spikes have no payload: the readout gets 7 * 64.
    RangeCase(
        "spikes of neurons have no payload",
        chain(
            layer([[3]], threshold=0, dv=FORGET, name="hidden"),
            layer([[7]], dv=FORGET),
            steps=1,
            payload_max=10,
        ),
        u=[(0, 448)],
        v=[(0, 448)],
        index=1,
    ),
]


def found_rows(case: RangeCase, ranges: object) -> tuple[list[Interval], list[Interval]]:
    """Intervals of u and v of the case's neuron in every step, from the ranges that a prover gave."""
    one = ranges[case.index]  # type: ignore[index]
    steps = [min(t, len(one.u_lo) - 1) for t in range(case.graph.time_steps)]
    u, v = (
        [(int(low[t, 0]), int(high[t, 0])) for t in steps]
        for low, high in ((one.u_lo, one.u_hi), (one.v_lo, one.v_hi))
    )
    return u, v
