"""Two targets for tests, which take every graph: a program for a processor, and one for a small chip.

`pytest.MonkeyPatch` puts them among the built-in ones (`use`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from snnc.stages import PlacedProgram
from snnc.target import Target, processor_limits
from snnc.targets import registry
from snnc.targets.loihi.target import LIMITS
from snnc.targets.problems import check_limits


def emit(program: PlacedProgram) -> dict[str, bytes]:
    """The names of all populations in the contract order."""
    return {"order.txt": "\n".join(program.graph.order).encode()}


NARROW = replace(LIMITS, neurons_per_core=2, cores=32, cores_per_tile=1, mesh_columns=32, mesh_rows=1)
PROCESSOR = Target("tiny", "for tests", processor_limits(20), lambda graph: None, emit, chip=False)
CHIP = Target("tinychip", "for tests", NARROW, partial(check_limits, limits=NARROW), emit)


def use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.BUILT_IN, "tiny", "tiny_target:PROCESSOR")
    monkeypatch.setitem(registry.BUILT_IN, "tinychip", "tiny_target:CHIP")
