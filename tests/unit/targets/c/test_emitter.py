"""The C program against hand-computed vectors, against the oracle, and with faults seeded into it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from c_programs import CHECKED, RING, SPARSE, STRICT, Programs, compilers
from golden import FORGET, GOLDEN, HOLD, artifact_of, assert_same_trace, case, layer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import delayed_graphs, graphs_with_input

from snnc.decoding import softmax
from snnc.errors import ExecutorError, LimitError, StageError
from snnc.hwsim.oracle import OracleExecutor
from snnc.plugins.executors import load_executor
from snnc.stages import QuantizedGraph, Trace
from snnc.targets.c.emitter import (
    check_graph,
    layer_programs,
    smallest_signed,
    sources,
    state_bytes,
    table_bytes,
)
from snnc.targets.c.executor import CExecutor

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """All golden graphs, compiled with warnings as errors and with sanitizers."""
    return Programs([each.graph for each in GOLDEN], tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("number", range(len(GOLDEN)), ids=[each.name for each in GOLDEN])
def test_golden(golden: Programs, number: int) -> None:
    found = golden.trace(number, GOLDEN[number].input)
    assert_same_trace(Trace("c", found), GOLDEN[number].layers)
    assert all(None not in (each.u_wraps, each.v_clips) for each in found)


def test_the_executor_gives_the_golden_trace() -> None:
    executor = load_executor("c")
    assert isinstance(executor, CExecutor)
    assert executor.unavailable_reason() is None
    one, other = GOLDEN[0], GOLDEN[-1]
    for each in (one, one, other):  # compiled anew for another graph
        found = executor.run(artifact_of(each.graph), each.input)
        assert found.executor == "c"
        assert_same_trace(found, each.layers)
    nothing = executor.run(artifact_of(other.graph), other.input[:0])
    assert [each.v.shape for each in nothing] == [(0, *each.v.shape[1:]) for each in other.layers]


@given(st.lists(graphs_with_input(), min_size=24, max_size=24))
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_graphs_agree_with_the_oracle(tmp_path_factory, drawn) -> None:
    programs = Programs([graph for graph, _ in drawn], tmp_path_factory.mktemp("random"), CHECKED)
    for number, (graph, spikes) in enumerate(drawn):
        expected = OracleExecutor().run(artifact_of(graph), spikes)
        assert_same_trace(Trace("c", programs.trace(number, spikes)), expected.layers)


@given(st.lists(delayed_graphs(widest=20, longest=300), min_size=8, max_size=8), st.integers(0, 2**32 - 1))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_long_delays_agree_with_the_oracle(tmp_path_factory, graphs, seed) -> None:
    programs = Programs(graphs, tmp_path_factory.mktemp("delays"), CHECKED)
    rng = np.random.default_rng(seed)
    for number, graph in enumerate(graphs):
        spikes = (rng.random((1, graph.time_steps, graph.inputs)) < 0.1).astype(np.uint8)
        expected = OracleExecutor().run(artifact_of(graph), spikes)
        assert_same_trace(Trace("c", programs.trace(number, spikes)), expected.layers)


def test_the_ring_and_the_sparse_table(tmp_path: Path) -> None:
    programs = Programs([RING.graph, SPARSE.graph], tmp_path)
    for number, each in enumerate((RING, SPARSE)):
        assert_same_trace(Trace("c", programs.trace(number, each.input)), each.layers)
        assert_same_trace(OracleExecutor().run(artifact_of(each.graph), each.input), each.layers)
    assert b"target0[1]" in sources(SPARSE.graph)["snn.c"]
    assert b"target0" not in sources(RING.graph)["snn.c"]


def extremes() -> QuantizedGraph:
    """Weights of 16 and 32 bits, payloads up to 255, sums of 32 bits, 16-bit delays, no synapse."""
    layers = [
        layer([[127, 3]], [[0, 300]], vth=9, bias=[4095], bias_exp=7),
        layer([[129], [0]], vth=3),
        layer([[262144, 0], [0, 0]], du=HOLD, vth=131071),
        layer([[0, 0]]),
    ]
    return case("extremes", layers, [[0] * 400] * 2, []).graph.changed(payload_max=255)


@pytest.mark.parametrize("compiler", compilers())
@pytest.mark.parametrize(
    "macros",
    [
        (),
        ("-DSNN_COUNT",),
        ("-DSNN_SCORES",),
        ("-DSNN_NAMES",),
        ("-DSNN_SCORES", "-DSNN_COUNT", "-DSNN_NAMES"),
    ],
)
def test_it_compiles_without_a_warning(compiler: str, macros: tuple[str, ...], tmp_path: Path) -> None:
    for name, data in sources(extremes()).items():
        (tmp_path / name).write_bytes(data)
    command = [compiler, *STRICT, *macros, "-c", "snn.c", "main.c"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_wide_numbers_agree_with_the_oracle(tmp_path: Path) -> None:
    graph = extremes()
    text = sources(graph)["snn.c"].decode()
    for table in ("uint16_t delay0", "int16_t weight1", "int32_t weight2"):
        assert f"static const {table}[" in text
    spikes = np.random.default_rng(1).integers(0, 256, (2, 400, 2)).astype(np.uint8)
    expected = OracleExecutor().run(artifact_of(graph), spikes)
    assert expected.layers[2].u_wraps
    assert_same_trace(Trace("c", Programs([graph], tmp_path).trace(0, spikes)), expected.layers)


def test_the_network_needs_no_library_no_heap_and_32_bits() -> None:
    text = sources(extremes())["snn.c"].decode()
    scores = text[text.index("static void add_scores") : text.index("/* [8] */")]
    network = text.replace(scores, "")
    assert network.count("#include") == 2  # snn.h, and math.h for the scores
    for word in ("64_t", "long", "malloc", "float", "double", "memset"):
        assert word not in network


def test_a_sum_that_fits_16_bits_takes_16() -> None:
    """32767 and -32768 do, 32768 as 128 * 256 does not; payloads count."""

    def sums(weight: list[list[int]], payload_max: int = 1) -> str:
        graph = case("sums", [layer(weight)], [[0]] * len(weight[0]), []).graph
        return layer_programs(graph.changed(payload_max=payload_max))[0].sum_type

    assert sums([[127] * 258 + [1]]) == "int16_t"
    assert sums([[127] * 258 + [2]]) == "int32_t"
    assert sums([[127]], 255) == "int16_t"
    assert sums([[127, 2]], 255) == "int32_t"


@pytest.mark.parametrize(
    ("least", "most", "name"),
    [(-128, 127, "int8_t"), (-129, 0, "int16_t"), (0, 128, "int16_t"), (0, 32768, "int32_t")],
)
def test_smallest_signed(least: int, most: int, name: str) -> None:
    assert smallest_signed(least, most) == name


def test_sizes_by_hand() -> None:
    # RING: first 3 * 4; layer 0: weight 4, delay 4 bytes, dense (sparse: start 2, target 4, weight, delay);
    # layer 1: weight 4. State: u, v, spikes 9 * 5; now 2 * 4; 16-bit sums: 4 rows * 4 + 1 row * 1, times 2;
    # 87 bytes are 88 where an int32_t begins at a multiple of 4.
    layers = layer_programs(RING.graph)
    assert table_bytes(layers) == 12 + 8 + 4
    assert state_bytes(layers) == 45 + 8 + 34 + 1
    # SPARSE: start 3, target 1, delay 1, weight 1 byte; first 2 * 4. State: 9 * 20 + 4 + 3 rows * 20 * 2.
    layers = layer_programs(SPARSE.graph)
    assert table_bytes(layers) == 8 + 6
    assert state_bytes(layers) == 180 + 4 + 120


def test_delays_of_t_or_more_take_neither_tables_nor_state() -> None:
    """In T = 3 steps a delay of 2**31 - 1 delivers nothing."""
    one = case("late", [layer([[1, 2]], [[2, 2**31 - 1]])], [[1, 1, 1]] * 2, []).graph
    assert layer_programs(one)[0].slots == 3
    none = case("late", [layer([[1]], [[3]])], [[1, 1, 1]], []).graph
    assert layer_programs(none)[0].slots == 1
    assert layer_programs(none)[0].tables == ()


def test_a_state_that_cannot_be_addressed_is_refused() -> None:
    graph = case("huge", [layer([[1]] * 64, [[40_000_000]] * 64)], [[0]], []).graph
    check_graph(graph)  # T is 1
    with pytest.raises(LimitError, match=r"state of the C program takes? .* bytes, the limit is 2147483647"):
        check_graph(replace(graph, time_steps=50_000_000))


def test_equal_graphs_give_equal_bytes_and_names_stay_out() -> None:
    files = sources(RING.graph)
    assert files == sources(
        case(
            "again",
            [
                layer([[1], [2], [4], [8]], [[0], [1], [2], [3]], dv=FORGET, vth=0),
                layer([[1, 2, 4, 8]], dv=FORGET),
            ],
            [[0] * 10],
            [],
        ).graph
    )
    hostile = '*/ int main(void) { system("x"); } /*'
    renamed = RING.graph.changed(
        layers=(replace(RING.graph.layers[0], name=hostile), RING.graph.layers[1]),
    )
    assert sources(renamed) == files
    for name in files:
        assert b"\r" not in files[name]
        assert b"$" not in files[name]


def test_the_program_on_a_computer(golden: Programs) -> None:
    number = next(n for n, each in enumerate(GOLDEN) if each.name == "nothing of one sample reaches the next")
    spikes, expected = GOLDEN[number].input, GOLDEN[number].layers[-1].v
    done = golden.call(number, given=spikes.tobytes())
    assert (done.returncode, done.stdout) == (0, expected.astype("<i4").tobytes())
    given, out = golden.folder / "input", golden.folder / "output"
    given.write_bytes(spikes.tobytes())
    assert golden.call(number, str(given), str(out)).returncode == 0
    assert out.read_bytes() == done.stdout


@pytest.mark.parametrize(
    ("words", "given", "code", "said"),
    [
        (["--help"], b"", 2, b"usage"),
        (["--trace", "a", "b", "c"], b"", 2, b"usage"),
        (["nowhere"], b"", 2, b"nowhere cannot be opened"),
        ([], b"\0\0", 2, b"ends within a sample"),  # T = 3, one input line
        ([], b"\0\0\0\0", 2, b"ends within a sample"),
        ([], b"\0\2\0", 2, b"larger than SNN_PAYLOAD_MAX"),
        ([], b"", 0, b""),
        (["--classes"], b"\1\1\1\0\0\0", 0, b""),
    ],
)
def test_the_program_refuses_what_is_wrong(golden: Programs, words, given, code, said) -> None:
    number = next(n for n, each in enumerate(GOLDEN) if each.name == "nothing of one sample reaches the next")
    done = golden.call(number, *words, given=given)
    assert done.returncode == code
    assert said in done.stderr
    assert bool(said) == bool(done.stderr)


def test_classes_are_those_of_the_host(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    fields = [
        layer(rng.integers(-9, 10, (6, 5)).tolist(), dv=500, vth=6),
        layer(rng.integers(-9, 10, (4, 6)).tolist(), dv=200),
    ]
    graph = case("classes", fields, [[0] * 8] * 5, []).graph.changed(readout_scale=0.003)
    spikes = (rng.random((40, 8, 5)) < 0.3).astype(np.uint8)
    readout = OracleExecutor().run(artifact_of(graph), spikes).readout
    done = Programs([graph], tmp_path).call(0, "--classes", given=spikes.tobytes())
    expected = softmax.classes(readout, 0.003).tolist()
    assert [int(line) for line in done.stdout.split()] == expected
    assert len(set(expected)) > 1


@pytest.mark.parametrize(
    ("value", "said"),
    [("no-such-compiler", "'no-such-compiler' is not a program"), ("cc '", "No closing quotation")],
)
def test_a_compiler_that_is_not_there(monkeypatch: pytest.MonkeyPatch, value: str, said: str) -> None:
    monkeypatch.setenv("CC", value)
    assert said in (CExecutor().unavailable_reason() or "")


def test_no_compiler_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "install one" in (CExecutor().unavailable_reason() or "")


def test_a_compiler_that_fails_and_a_program_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    one = GOLDEN[0]
    with pytest.raises(ExecutorError, match="more than 0 s"):
        CExecutor(time_limit=1e-9).run(artifact_of(one.graph), one.input)
    monkeypatch.setenv("CC", "false")
    with pytest.raises(ExecutorError, match=r"the C compiler \(false\) failed with exit status 1"):
        CExecutor().run(artifact_of(one.graph), one.input)
    monkeypatch.setenv("CC", "true")  # compiles nothing
    with pytest.raises(ExecutorError, match=r"the C compiler \(true\) made no program"):
        CExecutor().run(artifact_of(one.graph), one.input)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(StageError):
        CExecutor().run(artifact_of(GOLDEN[0].graph), np.full((1, 4, 1), 2, np.uint8))
