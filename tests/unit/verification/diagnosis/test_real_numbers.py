"""Whether a record is that of real numbers, by a network in Python's fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from graph_cases import li, lif, listed, readout, source

from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import LayerTrace, Projection, QuantizedGraph, Trace
from snnc.verification.diagnosis import run_observed
from snnc.verification.diagnosis.real_numbers import NAME, real_numbers

STEPS, DECAY, THRESHOLD, BIAS = 30, 300, 90, 70
WEIGHTS = (57, 41)


def network() -> QuantizedGraph:
    return QuantizedGraph(
        (
            source("x", 2),
            lif("h", 1, decay_v=DECAY, threshold=THRESHOLD, bias_mant=BIAS),
            li("y", 1, decay_v=DECAY),
        ),
        (
            Projection("x", "h", listed(2, 1, (0, 0, WEIGHTS[0], 0), (1, 0, WEIGHTS[1], 2))),
            Projection("h", "y", listed(1, 1, (0, 0, 33, 1))),
        ),
        (readout("y", "last", 1, 1.0),),
        STEPS,
        0.001,
    )


def exact(spikes: np.ndarray, *, keeps: Fraction = Fraction(4096 - DECAY, 4096)) -> LayerTrace:
    """u, v and spikes of `h` without any rounding but that of what is recorded."""
    v, record = Fraction(0), []
    for t in range(STEPS):
        u = 64 * (WEIGHTS[0] * int(spikes[t, 0]) + (WEIGHTS[1] * int(spikes[t - 2, 1]) if t > 1 else 0))
        v = keeps * v + u + BIAS
        fired = v > 64 * THRESHOLD
        v = Fraction(0) if fired else v
        record.append((u, round(v), fired))
    return LayerTrace(*(np.array(each)[None, :, None] for each in zip(*record, strict=True)))


@pytest.fixture
def spikes() -> np.ndarray:
    return (np.random.default_rng(3).random((1, STEPS, 2)) < 0.4).astype(np.uint8)


def found(spikes: np.ndarray, hidden: LayerTrace):
    graph = network()
    nothing = np.zeros((0, STEPS, 1), np.int32)
    from pathlib import Path

    from snnc.stages import Artifact

    expected = OracleExecutor().run(Artifact(Path("g"), "c", graph, {}, spikes[:0], nothing, {}), spikes)
    assert hidden.spikes.any()
    assert not np.array_equal(hidden.v, expected.layers[0].v)
    other = Trace("other", (hidden, expected.layers[1]))
    return real_numbers(graph, "h", 0, run_observed(spikes, expected, other)[0])


def test_exact_numbers_are_known(spikes: np.ndarray) -> None:
    cause = found(spikes, exact(spikes[0]))
    assert cause is not None
    assert (cause.name, cause.explained, cause.neurons) == (NAME, 1, 1)


def test_another_time_constant_is_none(spikes: np.ndarray) -> None:
    assert found(spikes, exact(spikes[0], keeps=Fraction(4096 - DECAY - 8, 4096))) is None


def test_a_spike_too_many_is_none(spikes: np.ndarray) -> None:
    right = exact(spikes[0])
    fired = right.spikes.copy()
    fired[0, int(np.flatnonzero(~fired[0, :, 0])[0])] = True
    assert found(spikes, LayerTrace(right.u, right.v, fired)) is None
