"""Accuracy against bytes of a search for bits."""

from __future__ import annotations

from report_examples import losses

from snnc.report.bits_front import bits_front
from snnc.stages.losses import BitsCandidate, BitsSearch, Recordings


def search(*candidates: BitsCandidate) -> BitsSearch:
    return BitsSearch(Recordings("validation", 100, 100), 1.0, 95, ("a",), candidates, candidates[-1].bits)


def test_what_is_beaten_is_not_on_the_front() -> None:
    plot = bits_front(
        search(
            BitsCandidate((8,), 95, (10,), (800,)),
            BitsCandidate((6,), 94, (10,), (810,)),  # less accurate, and larger
            BitsCandidate((4,), 90, (10,), (400,)),
        )
    )
    assert plot is not None
    groups = {trace["name"]: (trace["x"], trace["y"]) for trace in plot.figure["data"]}
    assert groups == {
        "on the front": ([800, 400], [95.0, 90.0]),
        "beaten": ([810], [94.0]),
        "exported": ([400], [90.0]),
    }
    assert "bits 4: 400 bytes, 90.00 %, on the front" in plot.alternative


def test_one_network_is_no_front() -> None:
    assert bits_front(search(BitsCandidate((8,), 95, (10,), (800,)))) is None


def test_a_network_that_does_not_exist_has_no_point() -> None:
    bits = losses().bits
    assert bits is not None
    plot = bits_front(bits)
    assert plot is not None
    assert [trace["x"] for trace in plot.figure["data"]] == [[5500, 3350], [3350]]
