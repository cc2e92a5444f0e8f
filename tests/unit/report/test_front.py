"""`front.html` of a sweep."""

from __future__ import annotations

import pytest
from report_page import Page

from snnc.report.front import HEIGHT, LEFT, RIGHT, TOP, WIDTH, page, panel
from snnc.trainer.sweep_points import Point

A = Point("a", 8, 90, 100, 500.0, 100, 2.0, 1.0)
B = Point("b", 4, 80, 100, 250.0, 60, 1.0, 0.5)
C = Point("c<i>", 4, 70, 100, 400.0, 60, 1.5, 0.5)


def test_the_page_tells_all_points() -> None:
    shown = Page(
        page("mine", "loihi", [A, B, C], {"operations": 300}, B, {"d, 2 bits": "too <b>few"}).decode()
    )
    for words in (
        "mine for loihi",
        "3 points, 2 on the front",
        "Chosen within the budget: b, 4 bits.",
        "a 8 90.0 500 100 2 1 yes",
        "c<i> 4 70.0 400 60 1.5 0.5",
        "d, 2 bits: too <b>few",
        "synaptic operations a recording",
    ):
        assert words in shown.text
    assert shown.named("i") == shown.named("script") == []
    pictures = [each for each in shown.named("svg") if each["role"] == "img"]
    assert len(pictures) == 4
    assert "On the front: a, 8 bits: 90.0 %, operations 500; b, 4 bits" in pictures[0]["aria-label"]
    assert len([each for each in shown.named("circle") if each["class"] == "ring"]) == 4


def test_points_of_different_recordings_have_no_front() -> None:
    shown = Page(page("mine", "c", [A, B, C], {}, None, {}, with_front=False).decode())
    why = "no front, since runs of different folds are measured on different recordings"
    assert f"There is {why}: compare variants by the mean of their folds." in shown.text
    for words in ("3 points", "a 8 90.0 500 100 2 1", "c<i> 4 70.0 400 60 1.5 0.5"):
        assert words in shown.text
    assert "on the front" not in shown.text
    assert " yes" not in shown.text
    assert {each["class"] for each in shown.named("circle")} == {"off"}
    assert [each for each in shown.named("polyline") if each["class"] == "best"] == []
    pictures = [each for each in shown.named("svg") if each["role"] == "img"]
    assert f"3 points. There is {why}." in pictures[0]["aria-label"]


def test_what_is_not_known_has_no_picture() -> None:
    points = [Point("a", 8, 1, 2, 5.0, 9)]
    assert len(Page(page("mine", "c", points, {}, None, {}).decode()).named("svg")) == 2
    assert "No run has integers" in Page(page("mine", "c", [], {}, None, {}).decode()).text


def test_places_by_hand() -> None:
    """The axis of operations ends at 1.06 * 500 = 530; that of accuracy has 8 % of 20 beyond."""
    drawn = panel("operations", [A, B, C], 265, None)
    inner, high = WIDTH - RIGHT - LEFT, 20 * 1.16
    marks = {mark.title[0]: mark for mark in drawn.marks}
    assert marks["a"].x == pytest.approx(LEFT + inner * 500 / 530, abs=0.01)
    assert marks["b"].x == pytest.approx(LEFT + inner * 250 / 530, abs=0.01)
    assert marks["a"].y == pytest.approx(TOP + (HEIGHT - 44 - TOP) * 1.6 / high, abs=0.01)
    assert [marks[name].best for name in "abc"] == [True, True, False]
    assert drawn.limit == LEFT + inner / 2
    assert [label for _, label in drawn.x_ticks] == ["0", "200", "400"]
    assert [label for _, label in drawn.y_ticks] == ["70", "75", "80", "85", "90"]
    b, a, end = marks["b"], marks["a"], WIDTH - RIGHT
    assert drawn.line == f"{b.x},{b.y} {a.x},{b.y} {a.x},{a.y} {float(end)},{a.y}"


def test_equal_points_and_no_operations_have_an_axis() -> None:
    still = Point("a", 8, 5, 10, 0.0, 3)
    assert panel("operations", [still, still], 10, None).limit is None
