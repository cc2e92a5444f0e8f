"""The event-driven simulator against hand-computed states and against the scalar oracle."""

from __future__ import annotations

import importlib.util
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import numba
import numpy as np
import numpy.typing as npt
import pytest
from golden import (
    FORGET,
    GOLDEN,
    HOLD,
    GoldenCase,
    L,
    artifact_of,
    assert_same_trace,
    case,
    layer,
    named,
    state,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import graphs_with_input

from snnc import formats
from snnc.errors import InputError, StageError
from snnc.hwsim import event_driven, kernels
from snnc.hwsim.event_driven import EventDrivenExecutor, Summary, readout, simulate, summarise
from snnc.hwsim.oracle import OracleExecutor
from snnc.plugins.executors import load_executor
from snnc.stages import QuantizedGraph, QuantizedLayer, Trace

FAR = 2**31 - 1
TWO_NEURONS = named("decay rounds toward zero for either sign")
"""A layer of two neurons, one line, four steps."""

CASES = [
    # T = 1, one neuron: (-5 << 6) + (3 << 2) = -320 + 12.
    case(
        "one neuron, one step",
        [layer([[-5]], bias=[3], bias_exp=2)],
        [[1]],
        [state(u=[[-320]], v=[[-308]])],
    ),
    # T = 1: delay 1 is already too late, through the hidden layer as well.
    case(
        "one step, two layers",
        [layer([[1], [1]], [[0], [1]], vth=0), layer([[2, 4]], [[0, 0]])],
        [[1]],
        [state(u=[[64], [0]], v=[[0], [0]], spikes=[[1], [0]]), state(u=[[128]], v=[[128]])],
    ),
    # T = 3. Delay 2 is the longest that arrives, from step 0 only; 3 = T and the largest int32 are not.
    case(
        "delays around and far beyond T",
        [layer([[1, 2, 4], [8, 16, 32]], [[2, 3, FAR], [FAR, 1, 2]])],
        [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
        [state(u=[[0, 0, 64], [0, 1024, 3072]], v=[[0, 0, 64], [0, 1024, 4096]])],
    ),
    # No input spike and no bias: nothing anywhere, though the threshold is 0 (0 > 0 is false).
    case(
        "silent",
        [layer([[1]], vth=0), layer([[1]])],
        [[0, 0, 0]],
        [state(u=[[0] * 3], v=[[0] * 3]), state(u=[[0] * 3], v=[[0] * 3])],
    ),
    # A bias of 1 fires every step at threshold 0. Readout, delay 1: u = 0, 64, 64, 64.
    case(
        "always firing without input",
        [layer([[0]], bias=[1], vth=0), layer([[1]], [[1]])],
        [[0, 0, 0, 0]],
        [
            state(u=[[0] * 4], v=[[0] * 4], spikes=[[1] * 4]),
            state(u=[[0, 64, 64, 64]], v=[[0, 64, 128, 192]]),
        ],
    ),
    # dv = 0 keeps all of v, the smallest magnitude and either sign included.
    case(
        "the bias adds up from plus and minus one",
        [layer([[0], [0]], bias=[1, -1], dv=HOLD)],
        [[0, 0, 0]],
        [state(u=[[0] * 3, [0] * 3], v=[[1, 2, 3], [-1, -2, -3]])],
    ),
    # Weights of 18 bits, du = 0: 131073 << 6 = L + 64 -> L + 64 - 2L = 64 - L, wraps.
    # Step 1: 64 - L + L + 64 = 128, no wrap. -131072 << 6 = -L -> L, wraps; step 1: L - L = 0.
    # Neuron 2: 131072 << 6 = L, no wrap; step 1: 2L -> 0, wraps.
    # v, dv = 0: 64 - L, 192 - L. L clipped to L - 1; then L - 1 + 0. The same for neuron 2.
    case(
        "u wraps with one wide weight, v clips",
        [layer([[131073], [-131072], [131072]], du=HOLD, dv=HOLD)],
        [[1, 1]],
        [
            state(
                u=[[64 - L, 128], [L, 0], [L, 0]],
                v=[[64 - L, 192 - L], [L - 1, L - 1], [L - 1, L - 1]],
                u_wraps=3,
                v_clips=2,
            )
        ],
    ),
    # The most that a valid graph allows: +-2**18 << 6 = +-2L wraps to 0 in either step.
    case(
        "the largest weights",
        [layer([[2**18], [-(2**18)]], du=FORGET)],
        [[1, 1]],
        [state(u=[[0, 0], [0, 0]], v=[[0, 0], [0, 0]], u_wraps=4)],
    ),
    # Weights of 9 bits (int16): 300 << 6 = 19200, -300 << 6; delay 1 for the second.
    case(
        "weights of 16 bits",
        [layer([[300], [-300]], [[0], [1]], dv=FORGET)],
        [[1, 0]],
        [state(u=[[19200, 0], [0, -19200]], v=[[19200, 0], [0, -19200]])],
    ),
]


@pytest.mark.parametrize("case", [*GOLDEN, *CASES], ids=lambda case: case.name)
def test_every_state_is_as_computed_by_hand(case: GoldenCase) -> None:
    trace = EventDrivenExecutor().run(artifact_of(case.graph), case.input)
    assert trace.executor == "hwsim"
    assert_same_trace(trace, case.layers)
    for found, expected in zip(trace, case.layers, strict=True):
        assert (found.u_wraps, found.v_clips) == (expected.u_wraps, expected.v_clips)


@pytest.mark.parametrize("case", [*GOLDEN, *CASES], ids=lambda case: case.name)
def test_summary_is_as_computed_by_hand(case: GoldenCase) -> None:
    summary = summarise(case.graph, case.input)
    np.testing.assert_array_equal(summary.readout, case.layers[-1].v)
    for index, expected in enumerate(case.layers):
        np.testing.assert_array_equal(summary.spike_counts[:, index], expected.spikes.sum(axis=(1, 2)))
        assert (summary.u_wraps[index], summary.v_clips[index]) == (expected.u_wraps, expected.v_clips)


def test_offsets_beyond_16_bits() -> None:
    """70 neurons and delays of about 1000 steps: offsets delay * 70 + neuron reach 70069."""
    neurons, steps = 70, 1002
    delay = 1000 - np.arange(neurons) % 2
    graph = chain([(np.arange(1, neurons + 1)[:, None], delay[:, None])], steps)
    spikes = np.zeros((1, steps, 1), np.uint8)
    spikes[0, 0] = spikes[0, 1] = spikes[0, 2] = 1  # the last one is too late for delay 1000
    expected = np.zeros((steps, neurons), np.int32)
    for i in range(neurons):
        for step in (0, 1, 2):
            if step + delay[i] < steps:
                expected[step + delay[i], i] = (i + 1) * 64
    np.testing.assert_array_equal(simulate(graph, spikes).layers[0].u[0], expected)


@given(graphs_with_input(), st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_equals_oracle(pair: tuple[QuantizedGraph, npt.NDArray[np.uint8]], threads: int) -> None:
    graph, spikes = pair
    oracle = OracleExecutor().run(artifact_of(graph), spikes)
    assert_same_trace(simulate(graph, spikes, threads=threads), oracle.layers)
    assert_summarises(summarise(graph, spikes, threads=threads), oracle)


@pytest.fixture(scope="module")
def batch() -> tuple[QuantizedGraph, npt.NDArray[np.uint8], Trace]:
    """Two layers, 37 samples (several uneven blocks), each layer saturating; and its oracle trace."""
    rng = np.random.default_rng(5)
    shapes = [(6, 5), (3, 6)]
    graph = chain(
        [(rng.integers(-40000, 40000, shape), rng.integers(0, 9, shape)) for shape in shapes], 12, du=HOLD
    )
    spikes = (rng.random((37, 12, 5)) < 0.4).astype(np.uint8)
    oracle = OracleExecutor().run(artifact_of(graph), spikes)
    assert all(trace.u_wraps and trace.v_clips for trace in oracle)
    assert 0 < oracle.layers[0].spikes.mean() < 1
    return graph, spikes, oracle


def test_threads_are_started_where_there_is_work_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def pool(workers: int) -> ThreadPoolExecutor:
        started.append(workers)
        return ThreadPoolExecutor(workers)

    monkeypatch.setattr(event_driven, "ThreadPoolExecutor", pool)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    graph = case("two neurons", [layer([[1]], vth=0), layer([[1]])], [[0]], []).graph
    for samples, workers in ((4, []), (event_driven.WORTH_A_THREAD, [2])):  # of one step
        simulate(graph, np.ones((samples, 1, 1), np.uint8))
        assert started == workers
    simulate(graph, np.ones((3, 1, 1), np.uint8), threads=3)
    assert started == [2, 3]


@pytest.mark.parametrize("threads", [1, 2, 3, 64, None])
def test_threads_do_not_change_the_result(
    batch: tuple[QuantizedGraph, npt.NDArray[np.uint8], Trace], threads: int | None
) -> None:
    graph, spikes, oracle = batch
    assert_same_trace(simulate(graph, spikes, threads=threads), oracle.layers)
    assert_summarises(summarise(graph, spikes, threads=threads), oracle)
    np.testing.assert_array_equal(readout(graph, spikes, threads=threads), oracle.readout)


def test_no_samples_give_an_empty_trace() -> None:
    graph = TWO_NEURONS.graph
    none = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
    assert simulate(graph, none).readout.shape == (0, 4, 2)
    assert readout(graph, none).shape == (0, 4, 2)


def test_input_need_be_neither_contiguous_nor_bytes() -> None:
    case = next(case for case in GOLDEN if len(case.input) > 1)
    strided = np.repeat(case.input, 2, axis=0)[::2].astype(bool)
    strided.flags.writeable = False
    assert_same_trace(simulate(case.graph, strided), case.layers)


def test_what_does_not_fit_is_refused() -> None:
    case = TWO_NEURONS
    with pytest.raises(
        StageError, match="sample 0 has 3 steps of 1 lines, the network takes 4 steps of 1 lines"
    ):
        simulate(case.graph, case.input[:, :3])
    with pytest.raises(StageError, match="other than 0 and 1"):
        readout(case.graph, case.input * np.uint8(2))
    with pytest.raises(InputError, match="threads is 0"):
        EventDrivenExecutor(threads=0).run(artifact_of(case.graph), case.input)


def test_registered_and_always_available() -> None:
    executor = load_executor("hwsim")
    assert isinstance(executor, EventDrivenExecutor)
    assert executor.unavailable_reason() is None


def test_constants_are_those_of_the_formats() -> None:
    assert kernels.SHIFT == formats.STATE_FRACTION_BITS
    assert kernels.DECAY_BITS == formats.DECAY_BITS
    assert kernels.DECAY_MASK == formats.DECAY_ONE - 1
    assert (kernels.U_MIN, kernels.U_MAX, kernels.U_WRAP) == (formats.U_MIN, formats.U_MAX, formats.U_WRAP)
    assert kernels.V_LIMIT == formats.V_LIMIT


@pytest.mark.parametrize("user_cache", [True, False])
def test_loads_where_no_cache_can_be_written_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user_cache: bool
) -> None:
    """A file in place of a folder stops even a privileged user from writing there."""
    copy = tmp_path / "kernels_copy.py"
    copy.write_bytes(Path(kernels.__file__).read_bytes())
    (tmp_path / "__pycache__").touch()
    (tmp_path / "file").touch()
    home = tmp_path / ("home" if user_cache else "file")
    for name in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    module = load_copy(copy)
    assert module.update.py_func.__name__ == "update"
    assert home.is_dir() == user_cache


def load_copy(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def chain(
    synapses: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]], steps: int, *, du: int = FORGET
) -> QuantizedGraph:
    """Layers of (weight, delay) with threshold 20000 << 6, no bias and dv = 0."""
    last = len(synapses) - 1
    return QuantizedGraph.chain(
        layers=tuple(
            QuantizedLayer(
                name=f"layer{i}",
                weight=weight,
                delay=delay,
                bias_mant=np.zeros(len(weight), np.int32),
                bias_exp=0,
                decay_u=du,
                decay_v=HOLD,
                threshold=None if i == last else 20000,
            )
            for i, (weight, delay) in enumerate(synapses)
        ),
        time_steps=steps,
        bin_s=0.001,
        readout_scale=1.0,
        class_names=tuple(f"class{i}" for i in range(len(synapses[-1][0]))),
    )


def assert_summarises(summary: Summary, trace: Trace) -> None:
    np.testing.assert_array_equal(summary.readout, trace.readout)
    counts = np.stack([found.spikes.sum(axis=(1, 2)) for found in trace], axis=1)
    np.testing.assert_array_equal(summary.spike_counts, counts)
    assert summary.u_wraps.tolist() == [found.u_wraps for found in trace]
    assert summary.v_clips.tolist() == [found.v_clips for found in trace]
