"""`snnc verify` over whole data sets, batch by batch."""

from __future__ import annotations

import numpy as np
import pytest
from golden import artifact_of
from trace_files import changed, two_layers

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.report.json_report import from_json
from snnc.stages import LayerTrace, Rung, Trace
from snnc.verification import comparison
from snnc.verification.accuracy import load_data

pytestmark = pytest.mark.slow


def test_every_recording_of_every_split(digits_artifact, tmp_path, capsys):
    options = ["--samples", "all", "--split", "all", "--executors", "hwsim", "-o", str(tmp_path)]
    assert main(["verify", str(digits_artifact), *options]) == 0
    report = from_json((tmp_path / "report.json").read_text())
    recorded = {"golden": 8, "train": 1680, "validation": 240, "test": 480}
    assert dict(report.inputs) == recorded | {"generated": 16}
    assert {stage.split for stage in report.accuracy} == {"test"}
    assert "--samples all --split all" in report.command
    assert (
        "+ BIT-EXACT   2 executors, 2424 samples (8 golden, 2400 recordings, 16 generated)"
        in capsys.readouterr().out
    )


def test_frames_made_when_they_are_sliced_are_those_of_pick(digits_artifact):
    (data,) = load_data(read_artifact(digits_artifact), None, ("validation",))
    frames, labels = data.pick(40)
    lazy, lazy_labels = data.pick_lazily(40)
    assert len(lazy) == 40
    np.testing.assert_array_equal(np.concatenate([lazy[:7], lazy[7:]]), frames)
    np.testing.assert_array_equal(lazy_labels, labels)


@pytest.mark.parametrize("samples", ["-1", "1.5", "many", "", "²", "9" * 5000])
def test_counts_that_are_none(refused, tiny_artifact, samples):
    assert "give a number of recordings" in refused("verify", tiny_artifact, "--samples", samples)


class ByBatch:
    """The oracle with a fault in each batch of one sample: first the class alone holds, then the activity."""

    name = "oracle"

    def __init__(self) -> None:
        self.batches = 0

    def unavailable_reason(self) -> None:
        return None

    def run(self, artifact, spikes) -> Trace:
        trace = OracleExecutor().run(artifact, spikes)
        self.batches += 1
        if self.batches == 1:
            hidden = changed(trace, *((0, "spikes", (0, t, i)) for t in range(5) for i in range(2)))
            return changed(hidden, (1, "v", (0, 4, 0)))
        winner = int(trace.readout[0].sum(axis=0).argmax())
        other = np.array(trace.readout)
        other[:, :, winner] = -9999
        last = trace.layers[-1]
        return Trace("oracle", (trace.layers[0], LayerTrace(last.u, other, last.spikes)))


def test_a_rung_holds_for_every_batch_or_not_at_all(monkeypatch):
    monkeypatch.setattr("snnc.batches.MOST", 1)
    faulty = ByBatch()
    real = comparison.load_executor
    monkeypatch.setattr(comparison, "load_executor", lambda name: faulty if name == "oracle" else real(name))
    spikes = np.zeros((2, 5, 2), np.uint8)
    spikes[:, 0, 0] = spikes[:, 1, 1] = 1
    groups = [comparison.InputGroup("test", spikes)]
    one = comparison.compare_executors(artifact_of(two_layers()), groups, ["oracle"])
    assert faulty.batches == 2
    assert one.results[1].rung is Rung.NOTHING
    assert one.results[1].divergence.sample == 0
