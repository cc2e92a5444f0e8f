"""Both kernels of the simulator against the oracle and the integer PyTorch model; graded input."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from golden import artifact_of, assert_same_trace
from kernel_graphs import chain, layer

from snnc import formats
from snnc.errors import InputError
from snnc.hwsim import delivery
from snnc.hwsim.delivery import KERNELS, Delivery, Inlet
from snnc.hwsim.event_driven import simulate, summarise
from snnc.hwsim.oracle import OracleExecutor
from snnc.hwsim.schedule import Schedule
from snnc.hwsim.spikes import Spikes, Workspace
from snnc.stages import QuantizedGraph, QuantizedLayer, Trace
from snnc.trainer.integer_model import run_graph

NETS = 500
ORACLE_WORK = 20_000
"""Synapses x steps x samples that the oracle is given: it takes about a microsecond for each."""


def random_net(rng: np.random.Generator) -> tuple[QuantizedGraph, npt.NDArray[np.uint8]]:
    """A net of up to 3 layers of 1-24 neurons, and spikes of 1-39 samples; extremes are likely."""
    steps = int(rng.choice([1, rng.integers(2, 20), rng.integers(62, 67), rng.integers(100, 140)]))
    widths = rng.choice([1, 1, 3, 8, 9, 17, 24], rng.integers(2, 5))
    layers = []
    for index, (inputs, neurons) in enumerate(pairwise(int(w) for w in widths)):
        largest = int(rng.choice([1, 3, 127, formats.ACCUMULATE_LIMIT // inputs]))
        weight = rng.integers(-largest, largest + 1, (neurons, inputs))
        weight[rng.random(weight.shape) < rng.choice([0, 0, 0.5, 1], p=[0.5, 0.2, 0.2, 0.1])] = 0
        longest = rng.choice([0, 3, max(steps - 1, 1), steps + 5, 130])
        layers.append(
            QuantizedLayer(
                name=f"layer{index}",
                weight=weight,
                delay=rng.integers(0, longest + 1, weight.shape),
                bias_mant=rng.integers(-4096, 4096, neurons) >> rng.choice([0, 6, 13]),
                bias_exp=int(rng.integers(0, 8)),
                decay_u=int(rng.choice([4096, 4096, 0, 1, rng.integers(4097)])),
                decay_v=int(rng.choice([4096, 2048, 0, 1, rng.integers(4097)])),
                threshold=None
                if index == len(widths) - 2
                else int(rng.choice([0, min(largest, 1 << 12), (1 << 17) - 1])),
            )
        )
    names = tuple(str(i) for i in range(widths[-1]))
    graph = QuantizedGraph.chain(tuple(layers), steps, 0.001, 1.0, names)
    density = rng.choice([0, 0.03, 0.3, 1])
    samples = rng.choice([rng.integers(1, 11), rng.integers(11, 40)], p=[0.8, 0.2])
    return graph, (rng.random((samples, steps, widths[0])) < density).astype(np.uint8)


def saturations(trace: Trace) -> list[tuple[int | None, int | None]]:
    return [(layer.u_wraps, layer.v_clips) for layer in trace]


@pytest.mark.slow
def test_500_random_nets_by_both_kernels_the_oracle_and_torch() -> None:
    rng = np.random.default_rng(20261125)
    met: Counter[str] = Counter()
    for _ in range(NETS):
        graph, spikes = random_net(rng)
        expected = run_graph(graph, spikes)
        for kernel in KERNELS:
            found = simulate(graph, spikes, threads=1, kernel=kernel)
            assert_same_trace(found, expected.layers)
            assert saturations(found) == saturations(expected)
            brief = summarise(graph, spikes, threads=1, kernel=kernel)
            np.testing.assert_array_equal(brief.readout, expected.readout)
            np.testing.assert_array_equal(
                brief.spike_counts, np.transpose([layer.spikes.sum(axis=(1, 2)) for layer in expected])
            )
            assert list(zip(brief.u_wraps, brief.v_clips, strict=True)) == saturations(expected)
        work = sum(layer.weight.size for layer in graph.layers) * graph.time_steps * len(spikes)
        if work <= ORACLE_WORK:
            oracle = OracleExecutor().run(artifact_of(graph), spikes)
            assert_same_trace(found, oracle.layers)
            met["oracle"] += 1
        hidden = expected.layers[:-1]
        met["wraps"] += any(layer.u_wraps for layer in expected)
        met["clips"] += any(layer.v_clips for layer in expected)
        met["no weights"] += any(not layer.weight.any() for layer in graph.layers)
        met["a zero weight"] += any((layer.weight == 0).any() for layer in graph.layers)
        met["silent"] += any(not layer.spikes.any(axis=(0, 1)).all() for layer in hidden)
        met["always firing"] += any(layer.spikes.all(axis=(0, 1)).any() for layer in hidden)
        met["T = 1"] += graph.time_steps == 1
        met["one neuron"] += any(layer.neurons == 1 for layer in graph.layers)
        met["delays >= T"] += any(layer.max_delay >= graph.time_steps for layer in graph.layers)
        met["delays over a vector"] += any(64 <= layer.max_delay < graph.time_steps for layer in graph.layers)
        fired = Schedule(graph).programs[:-1]
        met["fires in bits"] += any(
            program.fire(Spikes(np.zeros((1, *shape), np.uint8)), Workspace(), "bits") is not None
            for program, shape in zip(
                fired, ((graph.time_steps, x.inputs) for x in graph.layers), strict=False
            )
        )
        met["octets share a vector"] += len(spikes) > 8 and graph.time_steps % 32 in range(1, 17)
        met["sums of 24 bits"] += any(abs(layer.weight).sum(axis=1).max() > 32767 for layer in graph.layers)
    assert len(met) == 14
    assert min(met.values()) >= 20, met


def delivery_of(layer: QuantizedLayer, steps: int) -> Delivery:
    return Delivery(layer.name, [Inlet(layer.synapses)], layer.inputs, layer.neurons, steps)


def test_the_kernel_follows_the_firing_rate() -> None:
    rng = np.random.default_rng(3)
    program = delivery_of(layer(rng.integers(-127, 128, (256, 256)), rng.integers(0, 25, (256, 256))), 100)
    for rate, expected in ((0, "events"), (0.005, "events"), (0.2, "bits"), (1, "bits")):
        assert program.choose(Spikes((rng.random((8, 100, 256)) < rate).astype(np.uint8))) == expected
    # One sample takes the bit kernel as long as eight do.
    assert program.choose(Spikes((rng.random((1, 100, 256)) < 0.1).astype(np.uint8))) == "events"


def test_the_chosen_kernel_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = chain(layer(np.ones((64, 64))), steps=100)
    used = []
    for name in ("deliver_events", "deliver_bits"):
        deliver = getattr(delivery, name)
        spy = partial(
            lambda name, deliver, *arguments: used.append(name) or deliver(*arguments), name, deliver
        )
        monkeypatch.setattr(delivery, name, spy)
    silence, noise = np.zeros((8, 100, 64), np.uint8), np.ones((8, 100, 64), np.uint8)
    assert not simulate(graph, silence, threads=1).readout.any()
    assert (simulate(graph, noise, threads=1).readout == 64 * 64).all()
    assert used == ["deliver_events", "deliver_bits"]


def test_unknown_kernels_are_refused() -> None:
    graph = chain(layer([[1]]), steps=1)
    with pytest.raises(InputError, match="kernel 'fast' is unknown; there are events, bits"):
        simulate(graph, np.zeros((1, 1, 1)), kernel="fast")


def test_positions_beyond_32_bits_leave_the_event_kernel() -> None:
    wide = layer(np.ones((1, 2000)), 2_000_000)
    assert delivery_of(wide, 100).choose(Spikes(np.ones((8, 100, 2000), np.uint8))) == "bits"
    long = delivery_of(wide, 3_000_000)
    assert long.choose(Spikes(samples=8, count=1 << 62)) == "events"
    with pytest.raises(
        InputError, match=r"layer has 2000 inputs with delays up to 2000000, more than the 2 GiB"
    ):
        long.bits  # noqa: B018


def test_graded_input_multiplies_the_weights_of_the_first_layer() -> None:
    """Payload 3 at weight 5 and 200 at -7, delay 1. The second layer counts spikes: 1, not their payload."""
    first = layer([[5, -7], [100, 0]], [[0, 1], [0, 0]], threshold=100)
    graph = chain(first, layer([[1, 1]]), steps=3).changed(payload_max=255)
    payloads = np.array([[[3, 200], [0, 0], [255, 1]]])
    for kernel in (*KERNELS, None):
        found = simulate(graph, payloads, kernel=kernel)
        expected = [[64 * 15, 64 * 300], [64 * -1400, 0], [64 * 1275, 64 * 25500]]
        np.testing.assert_array_equal(found.layers[0].u[0], expected)
        np.testing.assert_array_equal(found.layers[0].spikes[0], [[0, 1], [0, 0], [1, 1]])
        np.testing.assert_array_equal(found.readout[0], [[64], [0], [128]])


def test_graded_input_can_saturate_what_spikes_cannot() -> None:
    """1000 * 255 << 6 = 16,320,000 > 2**23: wraps to -457,216, once."""
    found = simulate(chain(layer([[1000]]), steps=1).changed(payload_max=255), [[[255]]])
    assert (found.readout[0, 0, 0], found.layers[0].u_wraps) == (16_320_000 - (1 << 24), 1)
