"""What `snnc verify` makes of executors that differ, break down, or do both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from models import tamper
from report_page import Page
from trace_files import changed

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.exporter.golden import pack_golden
from snnc.hwsim.oracle import OracleExecutor
from snnc.report.json_report import from_json
from snnc.stages import Artifact, Rung, Trace
from snnc.verification import comparison
from snnc.verification.comparison import InputGroup
from snnc.verification.verify import verify

pytestmark = pytest.mark.slow

Changes = Mapping[int, list[tuple[Any, ...]] | Exception]


class Planned:
    """The oracle; by the number of the run, its trace is changed or it breaks down."""

    def __init__(self, name: str, by_run: Changes) -> None:
        self.name, self.by_run, self.runs = name, by_run, 0

    def unavailable_reason(self) -> None:
        return None

    def run(self, artifact: Artifact, spikes: np.ndarray) -> Trace:
        self.runs += 1
        what = self.by_run.get(self.runs - 1, [])
        if isinstance(what, Exception):
            raise what
        return changed(OracleExecutor().run(artifact, spikes), *what)


@pytest.fixture
def verified(tiny_artifact, tmp_path, monkeypatch) -> Callable[..., tuple[int, Any, ElementTree.Element]]:
    """Verify with these executors, a batch a sample: the exit code, the report, and the JUnit file."""
    monkeypatch.setattr("snnc.batches.MOST", 1)
    monkeypatch.setattr("snnc.verification.shrinking.shrink.SECONDS", 1e9)
    real = comparison.load_executor

    def run(*options: str, **by_name: Changes) -> tuple[int, Any, ElementTree.Element]:
        made = {name: Planned(name, by_run) for name, by_run in by_name.items()}
        monkeypatch.setattr(comparison, "load_executor", lambda name: made.get(name) or real(name))
        command = ["verify", str(tiny_artifact), "--dataset", "none", "--executors", ",".join(by_name)]
        code = main([*command, "--generated", "0", "-v", "--junit", str(tmp_path / "j.xml"), *options])
        report = from_json((tiny_artifact / "report.json").read_text())
        return code, report, ElementTree.parse(tmp_path / "j.xml").getroot()

    return run


WRONG_U = [(0, "u", (0, 3, 1))]
"""Neuron 1 of the first layer in step 3."""


def test_what_differed_before_it_broke_down_is_told(verified, capsys, tiny_artifact):
    code, report, junit = verified(oracle={1: WRONG_U, 2: RuntimeError("boom \x1b[31m")}, hwsim={})
    assert code == 1
    broken = report.executors[1]
    assert (broken.samples, broken.rung) == (2, Rung.SHIFTED_SPIKES)
    assert broken.failed.startswith("RuntimeError: boom")
    assert (broken.divergence.sample, broken.divergence.step, broken.divergence.neuron) == (1, 3, 1)
    said = capsys.readouterr().out
    assert "NOT EQUAL: first divergence in oracle: golden sample 1, step 3" in said
    where = "golden sample 1, step 3, layer hidden1, neuron 1, variable u"
    broken_down = "oracle broke down after 2 samples: RuntimeError: boom \\x1b[31m"
    assert f"{broken_down}; before that it differed first at {where}" in said
    assert "\x1b" not in said  # what a message holds does not steer the terminal
    failure = junit.find(".//testcase[@name='oracle equals torch']/failure")
    assert "broke down after 2 samples" in failure.get("message")
    assert where in failure.text
    assert "broke down after 2 samples" in Page((tiny_artifact / "report.html").read_text()).text


def test_it_broke_down_after_samples_that_were_equal(verified, capsys):
    code, report, junit = verified(oracle={3: RuntimeError("boom")}, hwsim={})
    assert code == 2
    assert (report.executors[1].samples, report.executors[1].divergence) == (3, None)
    said = capsys.readouterr().out
    assert "NOT VERIFIED: oracle broke down after 3 samples: RuntimeError: boom" in said
    assert "rung: bit-exact, of hwsim only" in said
    assert junit.find(".//testcase[@name='oracle equals torch']/error") is not None


def test_pictures_and_smallest_case_are_of_the_first_divergence_of_all(verified, capsys):
    """The second executor differs in an earlier sample than the first one."""
    code, report, _ = verified(oracle={4: WRONG_U}, hwsim={1: [(0, "v", (0, 4, 2))]})
    assert code == 1
    assert report.figures["sample"] == {"split": "golden", "index": 1}
    oracle, hwsim = report.executors[1:]
    assert (oracle.divergence.sample, oracle.divergence.reproducer) == (4, None)
    assert hwsim.divergence.sample == 1
    assert hwsim.divergence.reproducer is not None
    said = capsys.readouterr().out
    assert "first divergence in hwsim: golden sample 1" in said
    assert "smallest case: " in said


def test_layers_that_were_not_compared_are_not_said_to_agree(verified, tiny_artifact):
    code, report, _ = verified("--layers", "readout", oracle={0: WRONG_U})
    assert (code, report.layers_compared) == (0, ("readout",))
    text = Page((tiny_artifact / "report.html").read_text()).text
    assert "None: every u, v and spike of every step of readout agrees." in text
    assert json.loads((tiny_artifact / "report.json").read_text())["trusted"] is True


def test_a_report_in_the_folder_of_the_artifact_leaves_that_readable(verified, tiny_artifact):
    always = dict.fromkeys(range(9000), WRONG_U)
    code, report, _ = verified("-o", str(tiny_artifact), oracle=always)
    assert code == 1
    assert report.executors[1].divergence.reproducer.folder == f"{tiny_artifact.parent}/tiny-reproducer.loihi"
    read_artifact(tiny_artifact)


def test_a_search_for_the_cause_that_breaks_down_hides_no_verdict(verified, capsys, monkeypatch):
    def broken(*_: Any) -> None:
        raise IndexError("out of\nbounds")

    monkeypatch.setattr("snnc.verification.diagnosis.explain.diagnose", broken)
    code, report, _ = verified(oracle={1: WRONG_U})
    assert (code, report.executors[1].divergence.sample) == (1, 1)
    assert "cause: unknown: the search broke down: IndexError: out of bounds" in capsys.readouterr().out


def test_an_executor_that_breaks_down_in_the_search_hides_no_verdict(verified):
    later = {run: RuntimeError("only once") for run in range(8, 9000)}
    code, report, _ = verified(oracle={1: WRONG_U, **later})
    assert code == 1
    reproducer = report.executors[1].divergence.reproducer
    assert reproducer.folder is None
    assert "broke down, the last by RuntimeError: only once" in reproducer.absent


def test_a_search_for_the_smallest_case_that_breaks_down_leaves_the_cause(verified, monkeypatch):
    def broken(*_: Any, **__: Any) -> None:
        raise IndexError("out of\nbounds")

    monkeypatch.setattr("snnc.verification.shrinking.shrink.shrink", broken)
    code, report, _ = verified(oracle={1: WRONG_U})
    divergence = report.executors[1].divergence
    assert code == 1
    assert divergence.diagnosis.tried > 0
    assert divergence.vicinity is not None
    assert divergence.reproducer.absent == "the search broke down: IndexError: out of bounds"


def test_recordings_that_are_none_hide_nothing(tiny_artifact):
    artifact = read_artifact(tiny_artifact)
    none = InputGroup("test", np.zeros((0, artifact.graph.time_steps, artifact.graph.inputs), np.uint8))
    report = verify(artifact, [none], executors=["oracle"], generated=0)
    assert report.inputs == {"golden": 8, "test": 0}
    assert report.figures["sample"] == {"split": "golden", "index": 4}
    assert (report.chip_inputs, report.trusted) == ("golden", True)


def test_an_artifact_without_golden_inputs_is_refused(refused, tiny_artifact):
    artifact = read_artifact(tiny_artifact)
    nothing = pack_golden(artifact.graph, artifact.golden_input[:0], (artifact.golden_readout[:0],))
    tamper(tiny_artifact, "golden.npz", lambda _: nothing)
    assert "holds no golden input" in refused("verify", tiny_artifact, "--dataset", "none")


class Writing(Planned):
    """Leaves its input silent."""

    def run(self, artifact: Artifact, spikes: np.ndarray) -> Trace:
        trace = super().run(artifact, spikes)
        spikes[:] = 0
        return trace


def test_an_executor_that_writes_into_its_input_is_to_blame_for_it(tiny_artifact, monkeypatch):
    artifact = read_artifact(tiny_artifact)
    real = comparison.load_executor
    writing = Writing("oracle", {})
    monkeypatch.setattr(comparison, "load_executor", lambda name: writing if name == "oracle" else real(name))
    spikes = np.ones((2, artifact.graph.time_steps, artifact.graph.inputs), np.uint8)
    groups = [InputGroup("test", spikes)]
    _, oracle, hwsim = comparison.compare_executors(artifact, groups, ["oracle", "hwsim"]).results
    assert "read-only" in oracle.failed
    assert hwsim.rung is Rung.BIT_EXACT
    assert spikes.all()
