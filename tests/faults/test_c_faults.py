"""Faults seeded into the emitted C: each must be noticed by a vector that was worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from c_programs import FAST, RING, SPARSE, Programs
from golden import GOLDEN, assert_same_trace
from program_edits import C

from snnc.errors import StageError
from snnc.stages import QuantizedGraph, Trace
from snnc.targets.c.emitter import layer_programs, sources

CASES = [*GOLDEN, RING, SPARSE]
AT_ONCE = 8
"""Programs in one that is compiled: most faults show in the first ones."""


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


@pytest.mark.parametrize("fault", C)
def test_a_seeded_fault_is_seen(fault: str, tmp_path: Path) -> None:
    changed = [(each, with_fault(each.graph, *C[fault])) for each in CASES]
    changed = [(each, files) for each, files in changed if files != sources(each.graph)]
    assert changed, "the fault is nowhere in the program"
    for first in range(0, len(changed), AT_ONCE):
        some = changed[first : first + AT_ONCE]
        folder, files = tmp_path / str(first), [each for _, each in some]
        programs = Programs([each.graph for each, _ in some], folder, FAST, files)
        for number, (each, _) in enumerate(some):
            try:
                assert_same_trace(Trace("c", programs.trace(number, each.input)), each.layers)
            except (AssertionError, StageError):
                return
    pytest.fail("no case tells it from the right program")
