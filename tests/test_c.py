"""The C program against hand-computed vectors, against the oracle, and with faults seeded into it."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from c_programs import FAST, SANITIZED, STRICT, Programs, compilers
from golden import FORGET, GOLDEN, HOLD, artifact_of, assert_same_trace, case, layer, state
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import delayed_graphs, graphs_with_input

from snnc import decode
from snnc.errors import ExecutorError, LimitError, StageError
from snnc.executors import load_executor
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import QuantizedGraph, Trace
from snnc.targets.c.emitter import check_graph, layer_programs, sources, state_bytes, table_bytes
from snnc.targets.c.executor import CExecutor
from snnc.targets.c.tables import smallest_signed


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
    assert executor.missing() is None
    for each in (GOLDEN[9], GOLDEN[9], GOLDEN[-1]):  # compiled anew for another graph
        found = executor.run(artifact_of(each.graph), each.input)
        assert found.executor == "c"
        assert_same_trace(found, each.layers)
    nothing = executor.run(artifact_of(GOLDEN[-1].graph), GOLDEN[-1].input[:0])
    assert [each.v.shape for each in nothing] == [(0, 3, 1), (0, 3, 1)]


@given(st.lists(graphs_with_input(), min_size=24, max_size=24))
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_graphs_agree_with_the_oracle(tmp_path_factory, drawn) -> None:
    programs = Programs([graph for graph, _ in drawn], tmp_path_factory.mktemp("random"))
    for number, (graph, spikes) in enumerate(drawn):
        expected = OracleExecutor().run(artifact_of(graph), spikes)
        assert_same_trace(Trace("c", programs.trace(number, spikes)), expected.layers)


@given(st.lists(delayed_graphs(widest=20, longest=300), min_size=8, max_size=8), st.integers(0, 2**32 - 1))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_long_delays_agree_with_the_oracle(tmp_path_factory, graphs, seed) -> None:
    programs = Programs(graphs, tmp_path_factory.mktemp("delays"))
    rng = np.random.default_rng(seed)
    for number, graph in enumerate(graphs):
        spikes = (rng.random((1, graph.time_steps, graph.inputs)) < 0.1).astype(np.uint8)
        expected = OracleExecutor().run(artifact_of(graph), spikes)
        assert_same_trace(Trace("c", programs.trace(number, spikes)), expected.layers)


RING = case(
    # Delays 0 .. 3 from one line: four rows. Spikes in steps 0, 2, 3 and 7 of 10; weights 1, 2, 4, 8.
    # a[t] = x[t] + 2 x[t-1] + 4 x[t-2] + 8 x[t-3]:
    # 0: 1   1: 2   2: 4+1   3: 8+2+1   4: 4+2   5: 8+4   6: 8   7: 1   8: 2   9: 4
    "a ring of four rows is used more than once",
    [layer([[1], [2], [4], [8]], [[0], [1], [2], [3]], dv=FORGET, vth=0), layer([[1, 2, 4, 8]], dv=FORGET)],
    [[1, 0, 1, 1, 0, 0, 0, 1, 0, 0]],
    [
        state(
            u=[
                [64, 0, 64, 64, 0, 0, 0, 64, 0, 0],
                [0, 128, 0, 128, 128, 0, 0, 0, 128, 0],
                [0, 0, 256, 0, 256, 256, 0, 0, 0, 256],
                [0, 0, 0, 512, 0, 512, 512, 0, 0, 0],
            ],
            v=[[0] * 10] * 4,
            spikes=[
                [1, 0, 1, 1, 0, 0, 0, 1, 0, 0],
                [0, 1, 0, 1, 1, 0, 0, 0, 1, 0],
                [0, 0, 1, 0, 1, 1, 0, 0, 0, 1],
                [0, 0, 0, 1, 0, 1, 1, 0, 0, 0],
            ],
        ),
        state(
            u=[[64 * a for a in (1, 2, 5, 11, 6, 12, 8, 1, 2, 4)]],
            v=[[64 * a for a in (1, 2, 5, 11, 6, 12, 8, 1, 2, 4)]],
        ),
    ],
)
SPARSE = case(
    # Only neuron 19 has a synapse, from input 1, delay 2: in step 2, 3 << 6 = 192.
    "a sparse table",
    [layer([[0, 0]] * 19 + [[0, 3]], [[0, 0]] * 19 + [[0, 2]])],
    [[1, 1, 1], [1, 0, 0]],
    [state(u=[[0, 0, 0]] * 19 + [[0, 0, 192]], v=[[0, 0, 0]] * 19 + [[0, 0, 192]])],
)
CASES = [*GOLDEN, RING, SPARSE]

FAULTS = {
    ">= for > at the threshold": ("> $T;", ">= $T;"),
    "arithmetic shift of a negative state": (
        "return x < 0 ? -(int32_t)left : (int32_t)left;",
        "return left * 0 + (int32_t)((int64_t)x * keep >> 12);",
    ),
    "decay loses the low half": (" + (((size & 4095u) * keep) >> 12)", ""),
    "decay overflows": ("(size >> 12) * keep + (((size & 4095u) * keep) >> 12)", "(size * keep) >> 12"),
    "no reset": ("s->v[n] = 0;", ";"),
    "reset by subtraction": ("s->v[n] = 0;", "s->v[n] -= $T;"),
    "the reset takes the current too": ("s->v[n] = 0;", "s->v[n] = s->u[n] = 0;"),
    "reset before the comparison": ("s->v[neuron] = v;", "s->v[neuron] = v; s->v[neuron] = 0;"),
    "delays are one too long": ("slot = now + delay", "slot = now + 1 + delay"),
    "delays are lost": ("slot = now + delay", "slot = now + 0 * delay"),
    "ring: the last row is never used": ("s->now[$L] = now + 1 == $S ?", "s->now[$L] = now + 2 >= $S ?"),
    "ring: it does not advance": ("? 0 : now + 1;", "? 0 : now;"),
    "a row is not emptied": ("[now][i] = 0;", "[now][i] += 0;"),
    "no wrap above": ("u -= U_WRAP;", ";"),
    "no wrap below": ("u += U_WRAP;", ";"),
    "u wraps at 2**23": ("if (u > U_MAX)", "if (u >= U_MAX)"),
    "u does not wrap at -2**23": ("(u <= -U_MAX)", "(u < -U_MAX)"),
    "no clip above": ("v = V_MAX;", ";"),
    "no clip below": ("v = -V_MAX;", ";"),
    "clip a step too low": ("v < -V_MAX", "v < -V_MAX - 1"),
    "wraps are not counted": ("COUNT(s->u_wraps[layer]);", ";"),
    "clips are not counted": ("COUNT(s->v_clips[layer]);", ";"),
    "weights are shifted by 5": ("a * 64", "a * 32"),
    "no bias": (" + u + bias;", " + u + 0 * bias;"),
    "bias without its exponent": ("INT32_C(16)", "INT32_C(1)"),
    "payloads count as one": (" * (int32_t)events[j]", ""),
    "decays of u and v are exchanged": ("uint32_t keep_u, uint32_t keep_v", "uint32_t keep_v, uint32_t keep_u"),
    "state survives a sample": ("memset(s, 0, sizeof *s);", "(void)s; (void)memset;"),
    "layers act in the wrong order": ("layer0(s, events);\n    layer1(s, s->spikes + 0);", "layer1(s, s->spikes + 0);\n    layer0(s, events);"),
    "sparse: the wrong target": ("[target", "[0 * target"),
    "sparse: a source loses its last synapse": ("k < start0[j + 1]", "k + 1 < start0[j + 1]"),
}


def test_the_ring_and_the_sparse_table(tmp_path: Path) -> None:
    programs = Programs([RING.graph, SPARSE.graph], tmp_path)
    for number, each in enumerate((RING, SPARSE)):
        assert_same_trace(Trace("c", programs.trace(number, each.input)), each.layers)
        assert_same_trace(OracleExecutor().run(artifact_of(each.graph), each.input), each.layers)
    assert b"target0[1]" in sources(SPARSE.graph)["snn.c"]
    assert b"target0" not in sources(RING.graph)["snn.c"]


def with_fault(graph: QuantizedGraph, old: str, new: str) -> dict[str, bytes]:
    """The program with `old` replaced; $T a layer's threshold, $L its number, $S its slots."""
    files = sources(graph)
    text = files["snn.c"].decode()
    for index, (each, program) in enumerate(zip(graph.layers, layer_programs(graph), strict=True)):
        values = {"$T": str((each.threshold or 0) << 6), "$L": str(index), "$S": str(program.slots)}
        before, after = old, new
        for name, value in values.items():
            before, after = before.replace(name, value), after.replace(name, value)
        text = text.replace(before, after)
    return files | {"snn.c": text.encode()}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_seen(fault: str, tmp_path: Path) -> None:
    changed = [(each, with_fault(each.graph, *FAULTS[fault])) for each in CASES]
    changed = [(each, files) for each, files in changed if files != sources(each.graph)]
    assert changed, "the fault is nowhere in the program"
    graphs = [each.graph for each, _ in changed]
    programs = Programs(graphs, tmp_path, FAST, [files for _, files in changed])
    for number, (each, _) in enumerate(changed):
        try:
            assert_same_trace(Trace("c", programs.trace(number, each.input)), each.layers)
        except (AssertionError, StageError):
            return
    pytest.fail("no case tells it from the right program")
