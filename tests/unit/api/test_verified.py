"""A verification says of itself how much of the network was silent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from report_examples import coverage, equal

import snnc


def quiet(spiked: int, inputs: str = "golden and input"):
    """Of the example's layers: `spiked` neurons of each fired; the readout has no threshold."""
    found = coverage(inputs, 28, 4000)
    return replace(found, layers=tuple(replace(each, spiked=spiked) for each in found.layers))


def verified(*found, **changes) -> snnc.Verified:
    return snnc.Verified(replace(equal(), coverage=found, **changes), Path("report.html"))


def test_it_says_how_many_neurons_never_fired() -> None:
    """Two layers of 64 neurons have a threshold: 2 * 64 - 2 * 4 = 120."""
    found = verified(quiet(4))
    assert found.never_fired == "120 of 128 neurons never fired"
    assert repr(found).endswith("; 120 of 128 neurons never fired")
    assert "<td>120 of 128 neurons never fired</td>" in found._repr_html_()
    assert "synapses carried a spike; 120 neurons never fired (golden and input)" in found.coverage


def test_generated_inputs_do_not_hide_it() -> None:
    found = verified(quiet(4), quiet(63, "all inputs"))
    assert found.never_fired == "120 of 128 neurons never fired (2 with generated inputs)"
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
    assert "; 120 of 128 neurons never fired (2 with generated inputs); a note" in repr(found)
