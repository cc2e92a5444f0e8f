"""An executor that does not compute by the contract is never called bit-exact, whatever it gives."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from golden import artifact_of
from graph_cases import dense, graph_of, li, lif, source
from report_examples import equal

from snnc.cli.verify import exit_code
from snnc.decoding.decoder import decoders
from snnc.errors import InputError, PluginError
from snnc.executor import FixedPointExecutor, own_arithmetic
from snnc.hwsim.oracle import OracleExecutor
from snnc.plugins.executors import EXECUTORS, load_executor, own_arithmetic_of
from snnc.plugins.guard import guarded_executor
from snnc.report.html_report import html_bytes
from snnc.report.json_report import from_json, to_json
from snnc.report.junit import to_junit
from snnc.report.questions import questions
from snnc.report.verdict import Outcome, verdict
from snnc.stages import AccuracyStage, Answer, Artifact, QuantizedGraph, Report, Rung, Trace
from snnc.targets.spinnaker.fixed.executor import SpinnakerFixedExecutor
from snnc.verification.comparison import InputGroup, compare_executors

OWN = {"pynn-brian2", "pynn-nest", "spinnaker-fixed"}


def network(decay_v: int) -> QuantizedGraph:
    """With a decay of 4096 nothing is kept, and so nothing rounded."""
    return graph_of(
        [source("x", 2), lif("h", 2, threshold=3, decay_v=decay_v), li("y", 2, decay_v=4096)],
        [dense("x", "h", [[2, 4], [3, 1]]), dense("h", "y", [[1, 2], [3, -1]], 1)],
        12,
    )


def report(decay_v: int, *names: str) -> Report:
    """Of a run of `names`; all else is that of the example."""
    spikes = (np.random.default_rng(3).random((4, 12, 2)) < 0.5).astype(np.uint8)
    artifact = replace(artifact_of(network(decay_v)), target="spinnaker")
    found = compare_executors(artifact, [InputGroup("own", spikes)], names)
    return replace(equal(), executors=found.results, inputs=found.inputs)


def test_which_executors_have_one() -> None:
    assert {name for name in EXECUTORS if own_arithmetic(load_executor(name))} == OWN
    assert own_arithmetic_of("spinnaker-fixed") == own_arithmetic(load_executor("spinnaker-fixed"))
    assert own_arithmetic_of("another") is None


def test_that_of_another_distribution_stays_known_behind_its_guard() -> None:
    guarded = guarded_executor(SpinnakerFixedExecutor(), "other.module:Board")
    assert own_arithmetic(guarded) == SpinnakerFixedExecutor.own_arithmetic
    assert isinstance(guarded, FixedPointExecutor)
    wrong = SpinnakerFixedExecutor()
    wrong.own_arithmetic = 7  # type: ignore[assignment]
    with pytest.raises(PluginError, match="has a int as its own_arithmetic, expected a sentence"):
        guarded_executor(wrong, "other.module:Board")


def test_equal_states_are_equal_on_these_inputs_alone() -> None:
    found = report(4096, "oracle", "spinnaker-fixed")
    assert [each.rung for each in found.executors] == [Rung.BIT_EXACT, Rung.BIT_EXACT, Rung.SHIFTED_SPIKES]
    told = verdict(found)
    assert told.outcome is Outcome.EQUAL_HERE
    assert str(told).startswith(
        "Equal on these inputs: torch = oracle = spinnaker-fixed over 4 samples (all recordings); "
        "spinnaker-fixed: it computes in the board's S16.15"
    )
    assert (exit_code(found), found.trusted, found.rung) == (0, True, Rung.SHIFTED_SPIKES)
    document = json.loads(to_json(found))
    assert (
        document["rung"] == document["executors"][2]["rung"] == {"label": "spikes after a shift", "level": 4}
    )
    assert from_json(to_json(found)).executors == found.executors
    assert 'failures="0"' in to_junit(found)
    page = html_bytes(found).decode()
    assert "<strong>Equal on these inputs:</strong>" in page
    assert "✗" not in page.partition('id="executors"')[2].partition("</section>")[0]
    assert "bit-exact" not in f"{questions(found)[0]}".lower()
    assert "arithmetic of its own" in "".join(questions(found)[0].limits)


def test_a_difference_is_one() -> None:
    found = report(512, "spinnaker-fixed")
    assert verdict(found).outcome is Outcome.NOT_EQUAL
    assert (exit_code(found), found.trusted) == (1, False)
    assert found.rung <= Rung.SHIFTED_SPIKES


def test_a_report_that_calls_one_bit_exact_is_refused() -> None:
    text = to_json(report(4096, "spinnaker-fixed"))
    forged = text.replace(
        '"label": "spikes after a shift",\n        "level": 4', '"label": "bit-exact",\n        "level": 5'
    )
    assert forged != text
    with pytest.raises(InputError, match=r"executors\[1\].rung: is bit-exact, with an arithmetic of its own"):
        from_json(forged)


def test_its_accuracy_stands_beside_that_of_the_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of labels that the integers decode right in three of four; the board's classes are turned round."""
    spikes = (np.random.default_rng(3).random((4, 12, 2)) < 0.5).astype(np.uint8)
    artifact = replace(artifact_of(network(4096)), target="spinnaker")
    right = decoders(artifact.graph)[0]
    classes = right.classes(right.record(OracleExecutor().run(artifact, spikes).layers))
    labels = np.where(np.arange(4) == 2, 1 - classes, classes)
    run = SpinnakerFixedExecutor.run

    def turned(self: SpinnakerFixedExecutor, artifact: Artifact, spikes: np.ndarray) -> Trace:
        found = run(self, artifact, spikes)
        return replace(found, answers=(Answer("board", classes=1 - classes[: len(spikes)]),))

    monkeypatch.setattr(SpinnakerFixedExecutor, "run", turned)
    groups = [InputGroup("golden", spikes[:0]), InputGroup("test", spikes, labels)]
    found = compare_executors(artifact, groups, ["oracle", "spinnaker-fixed"])
    assert found.accuracy == (
        AccuracyStage("torch", "test, as compared", 3, 4, lost=0),
        AccuracyStage("spinnaker-fixed", "test, as compared", 1, 4, lost=3),
    )
    given = replace(equal(), accuracy=(*equal().accuracy, *found.accuracy))
    assert from_json(to_json(given)).accuracy == given.accuracy
    assert questions(given)[1] == questions(equal())[1]  # of quantisation, not of the board
