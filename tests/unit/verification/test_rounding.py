"""What an export and its report say of the spikes that rounding changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from float_nets import dense, graph, lif

import snnc
from snnc.exporter.expectation.agreement import Agreement
from snnc.exporter.expectation.held import Held
from snnc.verification.rounding import rounding


def row(changed: int, places: int = 600, spikes: int = 90, through: int = 0) -> dict[str, Any]:
    return {
        "places": places,
        "different": 0,
        "through": through,
        "spikes": spikes,
        "different_when_rounded": changed,
    }


def test_counts_of_all_populations_that_spike_are_added() -> None:
    out = {"places": 40, "different": 0, "through": 0, "spikes": None}
    rows = {"a": row(3), "b": row(1, 200, 10), "out": out}
    assert rounding({"expected": {"module": "Net", "populations": rows}}) == (
        "on the example, the integers spike otherwise than the module in 4 of 800 places with 100 spikes"
    )
    assert rounding({"expected": {"file": "a.npz", "populations": {"a": row(1, 9, 1)}}}) == (
        "on the example, the integers spike otherwise than the recordings in 1 of 9 places with 1 spike"
    )
    other = {"expected": {"module": "Net", "populations": {"a": row(0, through=5)}}}
    assert rounding(other) == "on the example, the integers spike as the network in real numbers"


@pytest.mark.parametrize(
    "provenance",
    [
        {},
        {"expected": 7},
        {"expected": {"populations": {}}},
        {"expected": {"populations": {"a": {"places": 3}}}},
        {"expected": {"populations": {"a": row(-1)}}},
        {"expected": {"populations": {"a": {**row(1), "spikes": "many"}}}},
    ],
)
def test_nothing_is_said_of_what_is_not_known(provenance: dict[str, Any]) -> None:
    assert rounding(provenance) == ""


def test_an_export_its_verification_and_the_report_say_it(tmp_path: Path) -> None:
    """Twice 0.5001 is more than 1. In integers 126 steps are 1, 0.5001 is 63, and twice that is not more."""
    net = graph(lif(1), dense([1.003, 0.5001]))
    events = np.zeros((1, 6, 2), np.uint8)
    events[0, :2, 1] = 1
    spikes = np.zeros((1, 6, 1), np.bool_)
    spikes[0, 1, 0] = True
    held = Held({"module": "Net"}, events, (Agreement("a", 6, 0, 0, 1, None),), {"a": spikes})
    exported = snnc.Network(net, "net", held=held).export("c", tmp_path / "net.c")
    said = "spike otherwise than the module in 1 of 6 places with 1 spike"
    assert f"on the example, the integers {said}" in repr(exported)
    found = exported.verify(events, ["hwsim"], generated=0, allow_missing=True, verbose=False)
    assert f"on the example, the integers (torch) {said}" in repr(found)
    assert f"on the example, the integers (torch) {said}" in str(found)
    page = exported.report.read_text()
    answer = page.partition("What did quantisation cost?")[2].partition("</div>")[0]
    assert "known of spikes alone" in answer.lower()
    assert said in answer
