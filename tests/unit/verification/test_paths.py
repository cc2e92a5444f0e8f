"""Ways to run a network that no executor took: states left out, and what follows the first batch."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from answer_faults import found, text
from golden import artifact_of
from models import ON_GOLDEN, tamper
from trace_files import two_layers

from snnc.cli import main
from snnc.hwsim.event_driven import EventDrivenExecutor
from snnc.hwsim.layer_program import LayerProgram
from snnc.hwsim.spikes import Counts
from snnc.report.json_report import from_json
from snnc.targets.onnx.executor import OnnxRuntimeExecutor

SPIKES = np.random.default_rng(0).integers(0, 2, (8, 5, 2), np.uint8)


def test_a_fault_in_the_way_that_leaves_states_out(tiny_artifact: Path, monkeypatch) -> None:
    """The threshold is 640 more where the spikes alone are wanted: accuracy and budget are wrong."""
    right = LayerProgram._tiles.func

    def wrong(self: LayerProgram) -> tuple[Any, ...]:
        bias, keep, threshold = right(self)
        return bias, keep, threshold + 640

    patched = cached_property(wrong)
    patched.__set_name__(LayerProgram, "_tiles")
    monkeypatch.setattr(LayerProgram, "_tiles", patched)
    wrong_answer = found(tiny_artifact, "hwsim")
    assert (wrong_answer.by, wrong_answer.kind) == ("accuracy by bits", "v")
    assert "states were not compared" in wrong_answer.look_at


def test_both_kernels_are_compared_from_two_blocks(monkeypatch) -> None:
    calls = []
    real = LayerProgram.run

    def run(self: LayerProgram, spikes: Any, *rest: Any) -> Counts:
        calls.append((rest[-1], spikes.samples))
        return real(self, spikes, *rest)

    monkeypatch.setattr(LayerProgram, "run", run)
    trace = EventDrivenExecutor().run(artifact_of(two_layers()), SPIKES)
    assert [answer.by for answer in trace.answers] == ["accuracy by events", "accuracy by bits"]
    assert {("events", 4), ("bits", 4), (None, 8)} <= {*calls}
    for answer in trace.answers:
        np.testing.assert_array_equal(answer.readout, trace.readout)


def test_onnx_runs_in_two_batches(monkeypatch) -> None:
    lengths = []
    real = OnnxRuntimeExecutor.load

    def load(self: OnnxRuntimeExecutor, model: bytes) -> Any:
        run = real(self, model)
        return lambda spikes: (lengths.append(len(spikes)), run(spikes))[1]

    monkeypatch.setattr(OnnxRuntimeExecutor, "load", load)
    OnnxRuntimeExecutor().run(artifact_of(two_layers()), SPIKES)
    assert lengths == [5, 3]


@pytest.mark.lava
def test_a_program_that_runs_the_first_samples_again(tiny_artifact: Path) -> None:
    old = "part = spikes[start : start + batch]"
    change = text(old, f"{old}\n        part = spikes[: len(part)]")
    tamper(tiny_artifact, "lava_network.py", change)
    options = (*ON_GOLDEN, "--executors", "lava-event", "--trust-program")
    assert main(["verify", str(tiny_artifact), *options]) == 1
    result = from_json((tiny_artifact / "report.json").read_text()).executors[1]
    assert (result.divergence.split, result.divergence.sample) == ("golden", 5)
