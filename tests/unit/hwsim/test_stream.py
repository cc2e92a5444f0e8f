"""Batches one after another: their summaries, when they are asked for, and the memory they take."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from kernel_graphs import chain, layer

from snnc.hwsim.event_driven import Summary, stream, summarise


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
