"""Faults seeded into the emitted C: each must be noticed by a vector that was worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from c_programs import FAST, RING, SPARSE, Programs
from golden import GOLDEN, assert_same_trace

from snnc.errors import StageError
from snnc.stages import QuantizedGraph, Trace
from snnc.targets.c.emitter import layer_programs, sources

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
    "decays of u and v are exchanged": (
        "uint32_t keep_u, uint32_t keep_v",
        "uint32_t keep_v, uint32_t keep_u",
    ),
    "state survives a sample": ("*byte++ = 0;", "byte++;"),
    "layers act in the wrong order": (
        "layer0(s, events);\n    layer1(s, s->spikes + 0);",
        "layer1(s, s->spikes + 0);\n    layer0(s, events);",
    ),
    "sparse: the wrong target": ("[target", "[0 * target"),
    "sparse: a source loses its last synapse": ("k < start0[j + 1]", "k + 1 < start0[j + 1]"),
}


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
