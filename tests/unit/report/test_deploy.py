"""The answer to "Can I deploy?": a word, how far it reaches, and what limits it, a sentence each."""

from __future__ import annotations

import re
from dataclasses import replace

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
from report_page import Page

from snnc.report.coverage import coverage_phrase
from snnc.report.deploy import deploy
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.stages import ExecutorResult, Report, Rung

YES = "Yes, as far as simulation can tell"
ABSENT = ExecutorResult("netx", Rung.NOTHING, 0, 0.0, skipped="lava-dl is missing")
OTHER = ExecutorResult("rtl", Rung.NOTHING, 0, 0.0, skipped="no core; export it with --target fpga")


def test_a_yes_says_how_far_it_reaches() -> None:
    """44,200 + 700 + 100 of 44,800 + 4,096 + 640 synapses carried a spike: see `coverage`."""
    found = deploy(equal())
    assert (found.answer, found.tone, found.limits) == (YES, "good", ())
    assert found.remark == (
        "On 28 samples, oracle, hwsim, lava-stock and lava-event agree with torch in every u, v and spike. "
        "These exercised 90.8 % of the synapses. Overflow is excluded for all inputs, and the network fits "
        "the chip"
    )


def test_what_no_input_reaches_is_told_apart() -> None:
    """Of 49,536 synapses 45,000 carried a spike: 90.84 %; 540 are 1.09 %, 4,536 all that is left."""
    for counts, told, phrase in (
        ((600, 3396, 540), "; no input reaches the rest. ", ", no input reaches the rest; "),
        ((0, 0, 540), "; no input reaches 1.1 %. ", ", no input reaches 1.1 %; "),
        ((0, 0, 0), ". ", "; "),
        ((None, None, None), ". ", "; "),
    ):
        last = equal().coverage[-1]
        layers = tuple(
            replace(each, unreachable=count) for each, count in zip(last.layers, counts, strict=True)
        )
        report = replace(equal(), coverage=(replace(last, layers=layers),))
        assert f"These exercised 90.8 % of the synapses{told}Overflow" in deploy(report).remark
        assert coverage_phrase(report).startswith(f"90.8 % of synapses carried a spike{phrase}3 of 128")
        assert from_json(to_json(report)) == report


def test_no_more_samples_are_told_than_executors_ran() -> None:
    one, *others = equal().executors[1:]
    report = replace(equal(), executors=(equal().executors[0], replace(one, samples=4), *others))
    assert deploy(report).remark.startswith("On 4 to 28 samples, ")


def test_a_yes_never_stands_without_its_reach() -> None:
    report = replace(equal(), executors=(*equal().executors[:2], ABSENT, OTHER), coverage=())
    assert deploy(report).remark.startswith("On 28 samples, oracle agrees with torch in every u, v and spike")
    assert deploy(report).limits == (
        "which synapses these inputs exercised was not counted",
        "the executor netx did not run",  # rtl runs no network of this target
    )


def test_synthetic_inputs_are_no_recordings() -> None:
    said = "no recording was compared, only synthetic inputs"
    for inputs, told in (
        ({"golden": 8}, True),
        ({"golden": 8, "generated": 20}, True),
        ({"golden": 8, "test": 20, "generated": 0}, False),
        ({"golden": 8, "input": 20}, False),
    ):
        assert (said in deploy(replace(equal(), inputs=inputs)).limits) == told


@pytest.mark.parametrize(
    ("report", "answer", "limits"),
    [
        (
            different(),
            "No",
            [
                "either the decay of v rounds down instead of toward zero, or one weight differs",
                "the executor lava-event did not run",
            ],
        ),
        (golden_lost(equal()), "No", ["torch does not give the readout that the exporting machine recorded"]),
        (
            weak_rung(equal()),
            "No",
            ['oracle and torch agree only up to rung "readout v"; the first divergence was not recorded'],
        ),
        (
            failed(equal()),
            "Not yet",
            ["the executor lava-event broke down, so whether it agrees is not known"],
        ),
        (only_reference(equal()), "Not yet", []),
        (
            replace(only_reference(equal()), own_executors=("c",), program_needed=True),
            "Not yet",
            ["the program for loihi did not run (its executor c was not asked for)"],
        ),
    ],
    ids=["differs", "golden lost", "weak", "broken", "nothing compared", "program missed"],
)
def test_what_is_no_yes_says_why(report: Report, answer: str, limits: list[str]) -> None:
    found = deploy(report)
    assert (found.answer, found.tone) == (answer, "bad")
    assert list(found.limits) == limits


def test_who_differs_and_who_agrees() -> None:
    assert (
        deploy(different()).remark
        == "on 28 samples, oracle and lava-stock agree with torch, but hwsim differs"
    )
    assert deploy(only_reference(equal())).remark == "nothing was compared with torch"


def test_deployment_needs_a_proof_and_room() -> None:
    report = equal()
    unproved = replace(report, provenance={"overflow_proved": False})
    saturated = replace(
        unproved, executors=tuple(replace(result, saturations=3) for result in report.executors)
    )
    proved = replace(saturated, provenance={"overflow_proved": True})
    full = "fullest: 95 % of a core's synapse memory, by the export's estimate"
    for changed, answer, limit in (
        (
            unproved,
            ("Check first", "unsure"),
            "Overflow of u and v is not excluded: not proved, 0 saturations counted",
        ),
        (
            saturated,
            ("Check first", "unsure"),
            "states that left their range were wrapped or clipped; other inputs may saturate, too",
        ),
        (proved, ("No", "bad"), "were wrapped or clipped, although the range proof excludes it"),
        (
            replace(report, chip_cores=3),
            ("No", "bad"),
            f"the network does not fit the chip (cores: 4 of 3 used, {full})",
        ),
        (
            replace(report, chip_cores=None),
            ("Check first", "unsure"),
            "it is not known whether the network fits the chip",
        ),
    ):
        found = deploy(changed)
        assert (found.answer, found.tone) == answer
        assert limit in found.limits[0]
    assert deploy(replace(report, chip_cores=0, resources=())).answer == YES


def test_the_page_shows_each_once_and_in_order() -> None:
    """What a yes lacks comes first; no sentence of the card is one of the others."""
    report = replace(
        equal(),
        executors=(*equal().executors, ABSENT),
        provenance={"overflow_proved": False, "encoder": "cochlea"},
        layers_compared=("hidden1",),
        disagreement="the network is not the module Loop",
        coverage=(),
    )
    found = deploy(report)
    text = to_html(report).partition("Can I deploy?")[2].partition("</dd>")[0]
    shown = [" ".join(each.split()) for each in re.findall("<li>(.*?)</li>", text)]
    assert len(shown) == len(set(shown)) == len(found.limits) == 6
    assert shown[0].startswith("Overflow of u and v is not excluded: ")
    assert shown[2] == "The network is not the module Loop."
    assert shown[3].startswith("The encoder (cochlea), ")
    assert "every u, v and spike" not in found.remark  # of one layer alone
    assert "Check first" in Page(text).text


@pytest.mark.parametrize("report", [nothing_run(equal()), failed(different())])
def test_every_report_has_a_card(report: Report) -> None:
    assert deploy(report).remark
    assert deploy(report).tone == "bad"
