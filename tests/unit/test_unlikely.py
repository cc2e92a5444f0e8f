"""A step of 0.1 s or more is most likely one of milliseconds; one of microseconds, a slip: both are told."""

from __future__ import annotations

from pathlib import Path

import nir
import numpy as np
import pytest

from snnc.cli import main
from snnc.unlikely import unlikely_step


@pytest.mark.parametrize(
    ("step", "said"), [(1e-4, ""), (5e-5, ""), (0.09, ""), (0.1, "give 0.0001"), (2, "give 0.002")]
)
def test_long_steps_are_told(step: float, said: str) -> None:
    assert unlikely_step(step).endswith(said)
    assert bool(unlikely_step(step)) == bool(said)


@pytest.mark.parametrize("step", [4.9e-5, 1e-9])
def test_short_steps_are_told(step: float) -> None:
    assert unlikely_step(step).startswith(f"is {step:g} seconds a step, and steps are mostly 1 to 50 ms")
    assert unlikely_step(step).endswith("recordings of longer steps will not fit")


def test_an_export_notes_a_step_of_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = np.ones(1)
    neuron = nir.LIF(tau=3 * one, r=one, v_leak=0 * one, v_threshold=one, v_reset=0 * one)
    nir.write(tmp_path / "net.nir", nir.NIRGraph.from_list(nir.Linear(weight=np.eye(1)), neuron))
    told = ["--dt", "1", "--time-steps", "4", "--reset", "zero", "--target", "c"]
    assert main(["export", str(tmp_path / "net.nir"), *told]) == 0
    assert "note: --dt is 1 seconds a step" in capsys.readouterr().out
