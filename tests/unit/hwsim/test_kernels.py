"""Both kernels of the simulator against the oracle and the integer PyTorch model; streaming; graded input."""

from __future__ import annotations

import operator
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import pairwise, product
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from golden import artifact_of, assert_same_trace

from snnc import formats
from snnc.errors import InputError
from snnc.hwsim import delivery
from snnc.hwsim.bit_lists import bit_lists
from snnc.hwsim.bit_trains import parts
from snnc.hwsim.bit_vectors import _full_adder
from snnc.hwsim.delivery import KERNELS, Delivery, Inlet
from snnc.hwsim.event_driven import Summary, simulate, stream, summarise
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


def layer(weight: npt.ArrayLike, delay: npt.ArrayLike = 0, **fields: int | None) -> QuantizedLayer:
    weight = np.asarray(weight)
    defaults = {"bias_exp": 0, "decay_u": 4096, "decay_v": 4096, "threshold": None}
    bias = np.zeros(len(weight), np.int32)
    return QuantizedLayer("layer", weight, np.broadcast_to(delay, weight.shape), bias, **(defaults | fields))  # type: ignore[arg-type]


def delivery_of(layer: QuantizedLayer, steps: int) -> Delivery:
    return Delivery(layer.name, [Inlet(layer.synapses)], layer.inputs, layer.neurons, steps)


def chain(*layers: QuantizedLayer, steps: int) -> QuantizedGraph:
    named = tuple(replace(one, name=f"layer{i}") for i, one in enumerate(layers))
    return QuantizedGraph.chain(named, steps, 0.001, 1.0, tuple(str(i) for i in range(layers[-1].neurons)))


@pytest.mark.parametrize("steps", [31, 32, 33, 40, 41, 48, 49, 64, 65, 129, 200])
@pytest.mark.parametrize("samples", [1, 7, 8, 9, 17, 32, 33])
def test_bits_across_the_borders_of_vectors_and_blocks(steps: int, samples: int) -> None:
    """One source, a delay a neuron: neuron d repeats the train d steps later, with its own weight."""
    weight = np.arange(-40, steps - 40)
    graph = chain(layer(weight[:, None], np.arange(steps)[:, None]), steps=steps)
    spikes = (np.random.default_rng(steps).random((samples, steps, 1)) < 0.5).astype(np.uint8)
    expected = np.zeros((samples, steps, steps), np.int32)
    for d in range(steps):
        expected[:, d:, d] = 64 * weight[d] * spikes[:, : steps - d, 0].astype(np.int32)
    np.testing.assert_array_equal(simulate(graph, spikes, kernel="bits").layers[0].u, expected)


@pytest.mark.parametrize(
    ("octets", "steps", "expected"),
    [
        (1, 32, [(0, 1, 0, 1)]),
        (1, 4, [(0, 1, 0, 1)]),  # nobody to share with
        (2, 33, [(0, 1, 0, 1), (1, 1, 0, 1), (0, 2, 32, 2)]),
        (2, 17, [(0, 1, 0, 1), (1, 1, 0, 1)]),  # 17 steps of two do not fit
        (3, 16, [(0, 2, 0, 2), (2, 1, 0, 2)]),
        (3, 8, [(0, 3, 0, 4)]),
        (4, 9, [(0, 2, 0, 2), (2, 2, 0, 2)]),
    ],
)
def test_octets_share_a_vector_where_few_steps_are_left(
    octets: int, steps: int, expected: list[tuple[int, ...]]
) -> None:
    assert [tuple(row) for row in parts(octets, steps).tolist()] == expected


@pytest.mark.parametrize("weight", [127, -128, 85, -85, 32767 // 300, (1 << 18) // 300, -(1 << 18) // 301])
def test_bits_of_many_equal_sources(weight: int) -> None:
    """300 sources with the same weight that all fire: the most that the carries of a plane have to hold."""
    graph = chain(layer(np.full((9, 300), weight)), steps=2)
    spikes = np.ones((1, 2, 300), np.uint8)
    spikes[0, 1, 0] = 0
    arriving = simulate(graph, spikes, kernel="bits").layers[0].u // 64
    total = np.array([300 * weight, 299 * weight])
    wrapped = (total + (1 << 17) - 1) % (1 << 18) - (1 << 17) + 1  # u = a << 6 wraps at 24 bits
    np.testing.assert_array_equal(arriving, np.broadcast_to(wrapped[:, None], (2, 9))[None])


@pytest.mark.parametrize("weight", [1, -1, 3, 7, -86, 127, -128, 255, 1 << 17])
def test_a_weight_is_its_powers_of_two(weight: int) -> None:
    """Each list holds the source's train at most once, and adding them up gives the weight."""
    inputs, start, excess, before, stride, sums, _ = bit_lists(
        np.array([[weight]], np.int32), np.array([[2]], np.int32), 5, 24
    )
    assert (before, stride) == (2, 64)
    trains = [[int(x) for x in inputs[a:b] if 0 < x < sums] for a, b in pairwise(start)]
    assert {x for found in trains for x in found} == {64}  # after 64 bytes of silence, and two bytes early
    signed = np.array([len(found) for found in trains]).reshape(24, 2) @ [1, -1]
    assert sum(int(n) << p for p, n in enumerate(signed)) == weight
    assert not (signed[1:] & signed[:-1]).any()  # no two adjacent: the fewest there are
    # Eight rows that are added inverted count eight too much, of which 7 are silence.
    assert excess[0] == sum(8 << p for p, n in enumerate(signed) if n < 0)


@pytest.mark.parametrize("ternary", [False, True])
def test_a_full_adder_adds_on_every_kind_of_processor(ternary: bool) -> None:
    builder = SimpleNamespace(xor=operator.xor, and_=operator.and_, or_=operator.or_)
    for a, b, c in product((0, 1), repeat=3):
        total, carry = _full_adder(builder, a, b, c, ternary)
        assert 2 * carry + total == a + b + c


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


def test_a_stream_gives_the_summaries_of_its_batches() -> None:
    rng = np.random.default_rng(4)
    graph = chain(
        layer(rng.integers(-9, 10, (5, 3)), 1, threshold=4), layer(rng.integers(-9, 10, (2, 5))), steps=7
    )
    spikes = (rng.random((20, 7, 3)) < 0.5).astype(np.uint8)
    whole = summarise(graph, spikes)
    parts = list(stream(graph, (spikes[i : i + 6] for i in range(0, 20, 6)), threads=2))
    assert [len(part.readout) for part in parts] == [6, 6, 6, 2]
    np.testing.assert_array_equal(np.concatenate([part.readout for part in parts]), whole.readout)
    np.testing.assert_array_equal(np.concatenate([part.spike_counts for part in parts]), whole.spike_counts)
    assert sum(part.v_clips for part in parts).tolist() == whole.v_clips.tolist()


def test_a_stream_asks_for_a_batch_only_when_it_is_due() -> None:
    graph = chain(layer([[1]]), steps=1)
    asked = []

    def batches():  # type: ignore[no-untyped-def]
        for i in range(3):
            asked.append(i)
            yield np.ones((1, 1, 1), np.uint8)

    results = stream(graph, batches())
    assert asked == []
    assert isinstance(next(results), Summary)
    assert asked == [0]


STREAMED = """
import numpy as np
from snnc.decoding import softmax
from snnc.hwsim.event_driven import stream
from snnc.stages import QuantizedGraph, QuantizedLayer

SAMPLES, BATCH, shape = 10_000, 250, (100, 140)
rng = np.random.default_rng(0)
widths = ((64, 140), (20, 64))
graph = QuantizedGraph.chain(
    tuple(
        QuantizedLayer(
            f"layer{i}", rng.integers(-127, 128, w), rng.integers(0, 25, w), np.zeros(w[0]), 0, 4096, 2048,
            None if i else 400,
        )
        for i, w in enumerate(widths)
    ),
    shape[0], 0.01, 0.001, tuple(map(str, range(20))),
)
noise = (rng.random((BATCH, *shape)) < 0.05).astype(np.uint8)
with open("spikes.bin", "wb") as file:
    for _ in range(SAMPLES // BATCH):
        file.write(noise.tobytes())

def batches():
    with open("spikes.bin", "rb") as file:
        while data := file.read(noise.nbytes):
            yield np.frombuffer(data, np.uint8).reshape(-1, *shape)

classes = np.concatenate(
    [softmax.classes(found.readout, graph.readout_scale) for found in stream(graph, batches())]
)
assert classes.shape == (SAMPLES,)
assert (classes.reshape(-1, BATCH) == classes[:BATCH]).all()
# Not ru_maxrss: it begins with the peak of the process that started this one.
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ten_thousand_samples_from_a_file_stay_under_500_mb(tmp_path) -> None:  # type: ignore[no-untyped-def]
    done = subprocess.run(
        [sys.executable, "-c", STREAMED],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
        timeout=300,
    )
    assert int(done.stdout) < 500_000  # kB


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
