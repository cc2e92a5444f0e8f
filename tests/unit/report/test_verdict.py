"""The verdict of a report, and the first divergence that it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from report_examples import (
    different,
    equal,
    failed,
    golden_lost,
    nothing_run,
    only_reference,
    weak_rung,
)

from snnc.report.verdict import Outcome, missed, rung, verdict
from snnc.stages import Divergence, ExecutorResult, Report, Rung


def result(name: str, **others: Any) -> ExecutorResult:
    return ExecutorResult(name, Rung.NOTHING, 0, 0.0, **others)


def test_equal_verdict_names_all_and_the_samples() -> None:
    assert str(verdict(equal())) == (
        "Bit-exact: torch = oracle = hwsim = lava-stock = lava-event over 28 samples "
        "(8 golden, 20 recordings)"
    )


def test_verdict_does_not_claim_samples_an_executor_did_not_run() -> None:
    report = equal()
    few = replace(report.executors[3], samples=1)
    report = replace(report, executors=(*report.executors[:3], few))
    assert str(verdict(report)) == (
        "Bit-exact: torch = oracle = hwsim = lava-stock over 1 to 28 samples, by executor"
    )


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"golden": 28}, "28 samples (all golden)"),
        ({"golden": 1, "test": 3, "input": 20, "extremes": 4}, "28 samples (1 golden, 27 recordings)"),
        ({"golden": 8, "x": 1, "generated": 19}, "28 samples (8 golden, 1 recording, 19 generated)"),
        ({"golden": 8, "generated": 20}, "28 samples (8 golden, 20 generated)"),
        ({"golden": 8, "test": 0, "generated": 20}, "28 samples (8 golden, 20 generated)"),
        ({}, "28 samples"),  # of a report that does not tell
    ],
)
def test_samples_are_told_by_what_they_are(inputs: dict[str, int], told: str) -> None:
    """All that was not made for tests is a recording: of a split, or of the user."""
    assert str(verdict(replace(equal(), inputs=inputs))).endswith(f" over {told}")


def test_different_verdict_names_the_first_divergence() -> None:
    assert str(verdict(different())) == (
        "NOT EQUAL: first divergence in hwsim: test sample 3, step 17, layer hidden2, neuron 41, "
        "variable v: torch 812, hwsim 811"
    )


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        (only_reference, Outcome.NOT_VERIFIED, "no executor other than torch"),
        (nothing_run, Outcome.NOT_VERIFIED, "nothing was compared"),
        (failed, Outcome.NOT_VERIFIED, "lava-event broke down: timed out after 60 s"),
        (golden_lost, Outcome.NOT_EQUAL, "exporting machine recorded"),
        (weak_rung, Outcome.NOT_EQUAL, 'oracle and torch agree only up to rung "readout v"'),
    ],
)
def test_no_other_report_is_called_equal(
    change: Callable[[Report], Report], outcome: Outcome, words: str
) -> None:
    found = verdict(change(equal()))
    assert found.outcome is outcome
    assert words in found.grounds


def test_first_divergence_follows_the_order_of_the_contract() -> None:
    report = different()
    base = report.executors[2].divergence
    assert base is not None

    def among(**later: Any) -> Divergence:
        """What is found first: `base` in the last executor, or one that differs in `later`."""
        other = replace(report.executors[1], rung=Rung.CLASS, divergence=replace(base, **later))
        found = replace(report, executors=(other, report.executors[2])).first_divergence
        assert found is not None
        return found[1]

    for later in (
        {"sample": 4, "step": 0},
        {"step": 18, "layer": "hidden1"},
        {"layer": "readout", "neuron": 0},
        {"neuron": 42, "variable": "u"},
        {"variable": "spike"},
    ):
        assert among(**later) == base
    for earlier in ({"split": "golden", "sample": 7}, {"layer": "hidden1", "neuron": 63}, {"variable": "u"}):
        assert among(**earlier) == replace(base, **earlier)


def test_no_more_is_claimed_than_the_layers_that_were_compared() -> None:
    report = replace(equal(), layers_compared=("hidden2", "readout"))
    assert str(verdict(report)).endswith(
        " over 28 samples (8 golden, 20 recordings), in hidden2 and readout only"
    )
    assert rung(report) == "bit-exact, in hidden2 and readout only"
    assert rung(equal()) == "bit-exact"


@pytest.mark.parametrize(
    ("own", "others", "told"),
    [
        (("c",), (), "its executor c was not asked for"),
        (("c", "d"), (), "its executors c and d were not asked for"),
        (("c",), (result("c", skipped="no compiler"),), "its executor c was skipped"),
        (
            ("c", "d"),
            (result("c", skipped="no compiler"), result("d", skipped="x")),
            "its executors c and d were skipped",
        ),
        (
            ("c", "d"),
            (result("c", skipped="no compiler"), result("d", failed="a signal")),
            "its executor d broke down",
        ),
        ((), (), "no executor of it is known"),
    ],
)
def test_why_the_program_did_not_run(own: tuple[str, ...], others: tuple[Any, ...], told: str) -> None:
    """Who was not asked for did not refuse to run."""
    report = replace(equal(), own_executors=own, executors=(*equal().executors, *others))
    assert missed(report) == f"the program for loihi did not run ({told})"
