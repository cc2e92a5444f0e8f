"""Runs of a sweep in integers: the front, the budget, and the table."""

from __future__ import annotations

import pytest

from snnc.errors import InputError
from snnc.trainer.sweep_points import Budget, Point, front
from snnc.trainer.sweep_table import point_cells, to_cells, to_markdown


def point(run: str, correct: int, operations: float, size: int = 100, energy: float | None = 1.0) -> Point:
    return Point(run, 8, correct, 100, operations, size, energy, energy)


A = point("a", 90, 500)
B = point("b", 80, 300)
C = point("c", 80, 400)  # b is as accurate and cheaper
D = point("d", 70, 300)  # b costs the same and is more accurate
E = point("e", 60, 900, size=50)  # nothing has fewer bytes
F = point("f", 80, 300)  # as b
POINTS = [D, C, B, A, E, F]


def test_the_front_is_what_nothing_beats() -> None:
    assert front(POINTS) == [A, B, F, E]
    assert front([]) == []
    assert front([C]) == [C]


def test_energy_counts_where_it_is_known() -> None:
    cheap, dear = point("x", 80, 300, energy=0.5), point("y", 80, 300, energy=0.7)
    assert front([dear, cheap]) == [cheap]
    unknown = [point("x", 80, 300, energy=None), point("y", 81, 300, energy=None)]
    assert front(unknown) == [unknown[1]]


def test_the_most_accurate_within_a_budget() -> None:
    assert Budget.read("operations=500").best(POINTS) == A
    assert Budget.read("operations=499.5").best(POINTS) == B
    assert Budget.read(" operations = 400 , bytes=60").best(POINTS) is None
    assert Budget.read("bytes=99").best(POINTS) == E
    # Of equals the one that costs less, by the first cost that differs.
    assert Budget.read("operations=1e3").best([C, B]) == B


def test_the_nearest_to_a_budget_exceeds_it_least() -> None:
    # b by twice the bytes, a by 2.5 times and e by 4.5 times the operations; d as b, and less accurate.
    assert Budget.read("operations=200,bytes=50").nearest(POINTS) == B
    # By 500 / 100 of a, 300 / 100 of b, d and f: of these the most accurate.
    assert Budget.read("operations=100").nearest(POINTS) == B
    assert list(Budget.read("operations=300,bytes=50").excess(B)) == [("bytes", 100, 50)]
    assert Budget.read("operations=0").nearest([C, B]) == B  # no multiple of nothing


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("operation=3", r"'operation=3' is no limit \(did you mean 'operations'\?\)"),
        ("operations", "give COST=NUMBER"),
        ("", "give COST=NUMBER"),
        ("bytes=3,bytes=4", "bytes is given twice"),
        ("bytes=many", "bytes is 'many'; give a number from 0 on"),
        ("bytes=-1", "give a number from 0 on"),
        ("energy_uj=nan", "give a number from 0 on"),
        ("energy_uj=inf", "give a number from 0 on"),
    ],
)
def test_what_is_no_budget(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Budget.read(text)


def test_energy_of_a_target_without_costs_cannot_be_limited() -> None:
    Budget.read("operations=1,bytes=1").check(priced=False)
    Budget.read("energy_uj=1").check(priced=True)
    with pytest.raises(InputError, match="latency_ms is not known, since the target has no published costs"):
        Budget.read("bytes=1,latency_ms=1").check(priced=False)


def test_the_table_of_points() -> None:
    lines = to_markdown(to_cells([]), point_cells([A, point("z", 0, 1234.6, energy=0.01234)])).splitlines()
    assert lines[-4:] == [
        "| run | bits | validation, % | operations | synapse bytes | µJ, estimate | ms, estimate | front |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| a | 8 | 90.0 | 500 | 100 | 1 | 1 | yes |",
        "| z | 8 | 0.0 | 1,235 | 100 | 0.0123 | 0.0123 | yes |",
    ]
