"""Golden vectors: spike trains that every artifact carries, whatever it was trained on, and the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.stages import QuantizedGraph

RATES = (0.02, 0.1, 0.5)
SEED = 20240507


def golden_input(graph: QuantizedGraph) -> npt.NDArray[np.uint8]:
    """uint8 [8, T, inputs]: silence, everything always on, every input once at the first and at the
    last step, every input in its own step (a staircase), and noise at 2, 10 and 50 %.

    All with the largest payload, but for the noise, which has all of them. It comes from raw PCG64 bits,
    which numpy guarantees to be the same on every version.
    """
    steps, inputs = graph.time_steps, graph.inputs
    spikes = np.zeros((5 + len(RATES), steps, inputs), np.uint8)
    most = graph.payload_max
    spikes[1] = most
    spikes[2, 0] = most
    spikes[3, -1] = most
    spikes[4, np.arange(inputs) % steps, np.arange(inputs)] = most
    bits = np.random.PCG64(SEED)
    for i, rate in enumerate(RATES):
        raw = np.asarray(bits.random_raw(steps * inputs), np.uint64)
        fires, payload = raw >> np.uint64(40) < int(rate * (1 << 24)), 1 + (raw & np.uint64(0xFFFFF)) % most
        spikes[5 + i] = np.where(fires, payload, 0).reshape(steps, inputs)
    return spikes


def golden_readout(graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """What the integer PyTorch model answers, int32 [samples, T, classes]."""
    from snnc.trainer.integer_model import run_graph

    with one_thread():
        return np.concatenate(
            [run_graph(graph, spikes[part]).readout for part in batches(graph, len(spikes))]
        )


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch on one thread: few samples make products so small that several threads mostly wait for each
    other, for seconds where other programs use the processor.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
