"""A verification says of itself how much of the network was silent, and how many samples it compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from report_examples import coverage, equal
from spike_counters import spike_counter

import snnc
from snnc.errors import NoRecordingsWarning
from snnc.stages import AccuracyStage

SAMPLES = np.arange(36).reshape(3, 4, 3) % 5 == 0


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verified") / "counter.onnx"
    return snnc.Network(spike_counter(), "counter").export("onnx", folder)


def quiet(spiked: int, inputs: str = "golden and input"):
    """Of the example's layers: `spiked` neurons of each fired; the readout has no threshold."""
    found = coverage(inputs, 28, 4000)
    return replace(found, layers=tuple(replace(each, spiked=spiked) for each in found.layers))


def verified(*found, **changes) -> snnc.Verified:
    return snnc.Verified(replace(equal(), coverage=found, **changes), Path("report.html"))


def test_it_says_how_many_neurons_never_fired() -> None:
    """Two layers of 64 neurons have a threshold: 2 * 64 - 2 * 4 = 120."""
    found = verified(quiet(4))
    assert found.never_fired == "120 of 128 neurons never fired (golden and input)"
    assert repr(found).endswith("; 120 of 128 neurons never fired (golden and input)")
    assert "<td>120 of 128 neurons never fired (golden and input)</td>" in found._repr_html_()
    assert "synapses carried a spike; 120 of 128 neurons never fired (golden and input)" in found.coverage


def test_generated_inputs_do_not_hide_it() -> None:
    found = verified(quiet(4), quiet(63, "all inputs"))
    assert found.never_fired == "120 of 128 neurons never fired (golden and input; 2 with generated inputs)"
    assert found.never_fired in repr(found)


def test_nothing_is_said_if_all_fired_or_nothing_ran() -> None:
    for found in (verified(quiet(64)), verified()):
        assert found.never_fired == ""
        assert "fired" not in repr(found)


def test_it_prints_in_a_line_that_is_short_with_long_notes() -> None:
    notes = ("a note " * 20, "another " * 20)
    found = verified(quiet(4), quiet(63, "all inputs"), notes=notes)
    assert len(repr(found)) < 300
    assert repr(found).startswith("Bit-exact: torch = ")
    assert "; 120 of 128 neurons never fired (golden and input; 2 with generated inputs); a n" in repr(found)


def test_it_says_how_many_of_the_samples_were_compared(exported) -> None:
    for samples, said in ((None, "3 of 3"), (2, "2 of 3"), ("all", "3 of 3"), (7, "3 of 3")):
        found = exported.verify(SAMPLES, "oracle", generated=0, samples=samples, verbose=False)
        assert found.compared == f"{said} given samples compared"
        assert f"; {found.compared}" in str(found)
        assert f"<td>{found.compared}</td>" in found._repr_html_()
    recordings = snnc.from_arrays(SAMPLES, [0, 1, 2], dt=exported.graph.bin_s, name="mine")
    found = exported.verify(data=recordings, executors="oracle", generated=0, verbose=False)
    assert found.compared == "3 of 3 given samples compared"
    with pytest.warns(NoRecordingsWarning):
        assert exported.verify(executors="oracle", generated=0).compared == ""


def test_a_difference_takes_no_count_of_samples(exported) -> None:
    found = exported.verify(SAMPLES, "oracle", generated=0, verbose=False)
    wrong = replace(found, report=replace(found.report, golden_reproduced=False))
    assert wrong.compared == ""
    assert "3 of 3" not in f"{wrong}{wrong!r}"


@pytest.mark.parametrize(
    ("moved", "total", "said"),
    [
        (1, 280, "1 of 280 recordings gets"),
        (2, 280, "2 of 280 recordings get"),
        (1, 1, "1 of 1 recording gets"),
    ],
)
def test_recordings_of_another_class_are_counted_in_words(moved: int, total: int, said: str) -> None:
    stages = (
        AccuracyStage("float", "input", 1, total, lost=0, moved=0),
        AccuracyStage("quantised", "input", 1, total, lost=0, moved=moved),
    )
    assert f", {said} another class" in str(verified(quiet(64), accuracy=stages))


@pytest.mark.parametrize(
    ("extremes", "words"),
    [
        ({}, ""),
        ({"extremes": 1}, ", and of the others the extreme"),
        ({"extremes": 7}, ", and of the others the 7 extremes"),
    ],
)
def test_the_extremes_are_counted_too(extremes, words) -> None:
    """20 samples that were asked for, and 7 extremes, are the 27 recordings of the verdict."""
    found = verified(inputs={"golden": 8, "input": 20, **extremes})
    found = replace(found, given=((20, 1500, "given samples"),))
    assert found.compared == f"20 of 1500 given samples compared{words}"
    assert found.compared in str(found)


def test_the_numbers_of_a_verification_add_up(exported) -> None:
    x = np.random.default_rng(0).random((60, 4, 3)) < np.linspace(0, 1, 60)[:, None, None]
    found = exported.verify(x, "oracle", generated=0, samples=2, verbose=False)
    assert found.report.inputs == {**found.report.inputs, "input": 2, "extremes": 1}
    assert found.compared == "2 of 60 given samples compared, and of the others the extreme"
