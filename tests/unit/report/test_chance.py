"""That an accuracy is not shown to be better than one answer for all recordings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import equal

from snnc.report.chance import no_better_than_one_class
from snnc.report.deploy import deploy
from snnc.stages import Confusion


def of(counts: dict[str, tuple[int, ...]]) -> str:
    return no_better_than_one_class(replace(equal(), confusion=Confusion("test", ("a", "b"), counts)))


def test_an_accuracy_at_chance_is_named_beside_the_answer() -> None:
    found = replace(equal(), confusion=Confusion("test", ("a", "b"), {"a": (6, 4), "b": (5, 5)}))
    # Wilson's interval of 11 of 20: (0.55 + 1.9208 / 20 ± 1.96 sqrt(0.2475 / 20 + 0.9604 / 400)) / 1.19208
    told = (
        "55.00 % of 20 recordings of test are right (95 % interval 34.2 to 74.2 %): "
        "not shown to be better than to answer a every time (50.00 %)"
    )
    assert no_better_than_one_class(found) == told
    assert told in deploy(found).limits


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"a": (10, 0), "b": (0, 10)}, False),
        ({"a": (90, 0), "b": (10, 0)}, True),  # 90 % right, by one answer
        ({"a": (90, 0), "b": (0, 10)}, False),
        ({"a": (0, 10), "b": (10, 0)}, True),
        ({"a": (2, 0), "b": (0, 1)}, True),  # three recordings tell little
        ({"a": (3, 7)}, False),  # of one class alone nothing is told
        ({"a": (10, 0), "b": (0, 10), "c": (9, 9)}, True),  # 20 of 38, and 18 are of c
    ],
)
def test_where_it_is_told(counts: dict[str, tuple[int, ...]], told: bool) -> None:
    assert bool(of(counts)) is told


def test_without_recordings_nothing_is_told() -> None:
    assert no_better_than_one_class(replace(equal(), confusion=None)) == ""
