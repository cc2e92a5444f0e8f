"""Hypothesis strategies: random valid graphs and inputs for the differential tests of all executors.

Hypothesis draws (and shrinks) sizes and kinds; a drawn seed fills the arrays, which keeps large and
varied graphs cheap.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from snnc import formats
from snnc.stages import QuantizedGraph, QuantizedLayer

DECAYS = st.sampled_from([0, 1, 2048, 4095, 4096]) | st.integers(0, formats.DECAY_ONE)


def _random_bytes(draw: st.DrawFn, *shape: int) -> npt.NDArray[np.uint8]:
    seed = draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@st.composite
def layers(
    draw: st.DrawFn, name: str, shape: tuple[int, int], readout: bool, large: bool, max_delay: int
) -> QuantizedLayer:
    """One layer [neurons, inputs]: of mixed or one sign, dense, sparse or empty; 8-bit or `large` weights."""
    weight = _random_bytes(draw, *shape).view(np.int8).astype(np.int32)
    longest = draw(st.sampled_from([0, min(3, max_delay), max_delay]))
    delay = _random_bytes(draw, *shape) % np.int32(longest + 1)
    synapses = draw(st.sampled_from(["mixed", "excitatory", "sparse", "none"]))
    if synapses == "excitatory":
        weight = np.minimum(np.abs(weight), 127)
    elif synapses == "sparse":
        weight[_random_bytes(draw, *shape) < 160] = 0
    elif synapses == "none":
        weight[:] = 0
    if large:  # up to the limit of clause 2: 12 * 128 * 170 < 2**18
        total = max(1, int(np.abs(weight).sum(axis=1).max()))
        weight *= draw(st.just(formats.ACCUMULATE_LIMIT // total) | st.integers(1, 170))
    # A weight as threshold lets v meet it exactly.
    met = sorted({0, *weight[(weight > 0) & (weight <= formats.THRESHOLD_MAX)].tolist()})
    thresholds = st.sampled_from(met) | st.integers(0, 300) | st.integers(0, formats.THRESHOLD_MAX)
    mantissa = _random_bytes(draw, shape[0], 2).view(np.int16)[:, 0].astype(np.int32)
    return QuantizedLayer(
        name=name,
        weight=weight,
        delay=delay,
        bias_mant=mantissa * draw(st.sampled_from([0, 0, 1, 128])) >> 10,  # none, 6 bits, 13 bits
        bias_exp=draw(st.integers(0, formats.BIAS_EXPONENT_MAX)),
        decay_u=draw(DECAYS),
        decay_v=draw(DECAYS),
        threshold=None if readout else draw(thresholds),
    )


@st.composite
def graphs(draw: st.DrawFn, *, large: bool | None = None, max_delay: int = 30) -> QuantizedGraph:
    """1-4 layers of 1-12 neurons over 1-20 steps, for spikes or payloads.

    `large` forces (True) or forbids (False) weights beyond 8 bits, with which u wraps and v clips
    often; None draws it.
    """
    large = draw(st.booleans()) if large is None else large
    widths = draw(st.lists(st.integers(1, 12), min_size=2, max_size=5))
    last = len(widths) - 2
    chain = tuple(
        draw(layers(f"layer{i}", (widths[i + 1], widths[i]), i == last, large, max_delay))
        for i in range(last + 1)
    )
    total = max(1, int(np.abs(chain[0].weight).sum(axis=1).max()))
    payload_max = min(formats.PAYLOAD_MAX, formats.ACCUMULATE_LIMIT // total)
    return QuantizedGraph.chain(
        layers=chain,
        time_steps=draw(st.integers(1, 20)),
        bin_s=0.001,
        readout_scale=1.0,
        class_names=tuple(f"class{i}" for i in range(widths[-1])),
        payload_max=draw(st.just(1) | st.integers(1, payload_max)),
    )


def payloads(graph: QuantizedGraph, events: npt.NDArray[np.bool_], seed: int) -> npt.NDArray[np.uint8]:
    """uint8, at each of `events` a payload that `graph` takes."""
    drawn = np.random.default_rng(seed).integers(1, graph.payload_max + 1, events.shape, np.uint8)
    return np.where(events, drawn, 0).astype(np.uint8)


@st.composite
def graphs_with_input(
    draw: st.DrawFn, *, large: bool | None = None, max_delay: int = 30
) -> tuple[QuantizedGraph, npt.NDArray[np.uint8]]:
    """A graph of `graphs` and an input uint8 [1-2 samples, T, inputs] for it."""
    graph = draw(graphs(large=large, max_delay=max_delay))
    shape = (draw(st.integers(1, 2)), graph.time_steps, graph.inputs)
    density = draw(st.sampled_from([128, 20, 256]))  # of 256; the last is every input in every step
    return graph, payloads(graph, _random_bytes(draw, *shape) < density, draw(st.integers(0, 2**32 - 1)))


@st.composite
def delayed_graphs(draw: st.DrawFn, *, widest: int, longest: int = 200) -> QuantizedGraph:
    """1-5 layers of 1-`widest` neurons with delays up to 0 .. `longest`, over enough steps for most of them.

    Weights have 2-8 bits and lean to the positive, dense or sparse, with biases; most nets fire.
    """
    widths = draw(st.lists(st.integers(1, widest), min_size=2, max_size=6))
    bits, keep = draw(st.integers(2, 8)), draw(st.sampled_from([0.1, 0.5, 1.0]))
    most = draw(st.sampled_from([longest, 9]) | st.integers(0, longest))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    chain = []
    for index, shape in enumerate((after, before) for before, after in pairwise(widths)):
        top = (1 << (bits - 1)) - 1
        weight = rng.integers(-top // 2, top + 1, shape) * (rng.random(shape) < keep)
        chain.append(
            QuantizedLayer(
                name=f"layer{index}",
                weight=weight,
                delay=rng.integers(0, most + 1, shape),
                bias_mant=rng.integers(-4096, 4096, shape[0]) >> draw(st.sampled_from([4, 8, 12])),
                bias_exp=draw(st.sampled_from([0, 0, 3])),
                decay_u=draw(st.just(formats.DECAY_ONE) | DECAYS),
                decay_v=draw(DECAYS),
                threshold=None if index == len(widths) - 2 else int(rng.integers(0, top + 2)),
            )
        )
    steps = draw(st.integers(1, most + 20))
    return QuantizedGraph.chain(
        tuple(chain), steps, 0.001, 1.0, tuple(f"class{i}" for i in range(widths[-1]))
    )
