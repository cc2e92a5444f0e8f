"""Populations of which no neuron ever fired are told beside the verdict, and are a doubt about deploying."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report_examples import coverage, equal, losses

from snnc.api.verified import Verified
from snnc.cli import main
from snnc.cli.console import out
from snnc.cli.verdict import print_verdict
from snnc.errors import InputError
from snnc.report.coverage import coverage_phrase, mostly_silent, silent
from snnc.report.deploy import deploy
from snnc.report.json_report import from_json, to_json
from snnc.report.junit import to_junit
from snnc.report.losses import loss_sentence
from snnc.stages import Report


def fired(*counts: int, generated: bool = True) -> Report:
    """Of the example, in which so many neurons of each layer fired, with `generated` inputs or without."""
    last = coverage("all inputs", 60, 45_000)
    layers = tuple(replace(each, spiked=count) for each, count in zip(last.layers, counts, strict=True))
    loud = replace(last, layers=tuple(replace(each, spiked=each.neurons) for each in last.layers[:2]))
    found = replace(last, layers=layers)
    return replace(equal(), coverage=(loud, found) if generated else (found,))


def unheard(*names: str) -> Report:
    """Of the example, in which every neuron fired, but none of these populations on a recording."""
    report = fired(64, 64, 0)
    return replace(report, coverage=(replace(report.coverage[0], silent=names), *report.coverage[1:]))


def printed(report: Report) -> list[str]:
    console = out()
    console.file = io.StringIO()
    print_verdict(report, console)
    return console.file.getvalue().splitlines()


def test_a_build_server_and_inspect_tell_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for report in (unheard("hidden2"), fired(0, 64, 0), equal()):
        (tmp_path / "report.json").write_text(to_json(report))
        assert main(["inspect", str(tmp_path / "report.json")]) == 0
        shown, quiet = " ".join(capsys.readouterr().out.split()), silent(report)
        found = ElementTree.fromstring(to_junit(report)).find("testsuite/properties/property[@name='silent']")
        assert (None if found is None else found.get("value")) == (quiet or None)
        assert f"silent: {quiet}" in shown if quiet else "silent" not in shown


@pytest.mark.parametrize("generated", [True, False])
def test_a_silent_population_is_told_and_is_checked_first(generated: bool) -> None:
    report = fired(0, 64, 0, generated=generated)
    said = silent(report)
    assert said.startswith("on all inputs that ran, none of the 64 neurons of hidden1 fired, so the spikes ")
    assert printed(report)[1:] == [f"  ! {said}"]
    assert (deploy(report).answer, deploy(report).limits) == ("Check first", (said,))
    assert "none of the 64 neurons of hidden1 fired" in repr(Verified(report, Path("report.html")))
    assert said in str(Verified(report, Path("report.html")))
    assert "; 64 of 128 neurons never fired (all inputs)" in coverage_phrase(report)


def test_a_population_that_fires_on_no_recording_is_told_and_is_checked_first() -> None:
    """Golden and generated inputs, which nobody recorded, made it fire."""
    report = unheard("hidden2")
    said = silent(report)
    assert said.startswith(
        "none of the 64 neurons of hidden2 fired on any of the 20 recordings of test: only synthetic inputs "
        "(golden) made any fire; lower the threshold"
    )
    assert printed(report)[1:] == [f"  ! {said}"]
    assert (deploy(report).answer, deploy(report).limits[0]) == ("Check first", said)
    assert "; every neuron fired, those of hidden2 on synthetic inputs alone (" in coverage_phrase(report)
    for told in (repr, str, Verified._table):
        assert "none of the 64 neurons of hidden2 fired" in told(Verified(report, Path("report.html")))
    assert from_json(to_json(report)) == report


def test_what_fired_on_no_input_is_told_as_that_alone() -> None:
    report = fired(0, 64, 0)
    given = replace(report.coverage[0], silent=("hidden1", "hidden2"))
    said = silent(replace(report, coverage=(given, *report.coverage[1:])))
    assert said.count("hidden1") == said.count("hidden2") == 1
    assert (
        said.index("on all inputs that ran, ") < said.index("hidden1 fired, so") < said.index("of the 20 rec")
    )


def test_a_report_names_no_silent_population_that_it_lacks() -> None:
    with pytest.raises(
        InputError, match=r"coverage\[0\].silent: names a population that coverage\[0\].layers"
    ):
        from_json(to_json(unheard("hidden3")))


def test_several_are_named() -> None:
    assert "none of the 64 neurons of hidden1 and none of the 64 neurons of hidden2 fired" in silent(
        fired(0, 0, 0)
    )


def test_a_readout_that_does_not_spike_and_few_silent_neurons_are_no_doubt() -> None:
    """The readout of the example has no threshold."""
    for report in (fired(33, 64, 0), replace(equal(), coverage=())):
        assert silent(report) == mostly_silent(report) == ""
        assert len(printed(report)) == 1
        assert deploy(report).answer.startswith("Yes")


def test_half_of_a_hidden_population_that_is_silent_is_told() -> None:
    """It is no doubt, as the network may need no more of them; but what they would send was not compared."""
    report = fired(8, 32, 0)
    said = (
        "on all inputs that ran, 56 of the 64 neurons of hidden1 and 32 of the 64 neurons of hidden2 never "
        "fired"
    )
    assert printed(report)[1:] == [f"  ! {said}"]
    assert (deploy(report).answer, deploy(report).limits) == ("Yes, as far as simulation can tell", (said,))
    read = {"populations": [{"name": "hidden1", "readout": "rate"}, {"name": "hidden2", "readout": None}]}
    assert "hidden1" not in mostly_silent(replace(report, network=read))  # few classes may be among inputs
    given = replace(report.coverage[0], silent=("hidden1",))
    told = replace(report, coverage=(given, report.coverage[1]))
    assert "of the 64 neurons of hidden1" in silent(told)
    assert "hidden1" not in mostly_silent(told)  # once


def test_a_cost_in_spikes_of_none_is_told_in_words() -> None:
    given = losses().loss
    assert given is not None

    def told(first: int | None, last: int | None) -> str:
        layer = given.stages[0].layers[0]
        stages = [
            replace(given.stages[0], stage=stage, layers=(replace(layer, spikes=spikes),))
            for stage, spikes in (("float", first), ("quantised", last))
        ]
        return loss_sentence(replace(given, stages=tuple(stages)))

    assert ", no neuron fires at all, on " in told(0, 0)
    assert ", 7 spikes where there were none, on " in told(0, 7)
    assert ", spikes +5.00 %, on " in told(100, 105)
    assert "spike" not in told(None, None)  # no neuron has a threshold
    assert "fires" not in told(None, None)
