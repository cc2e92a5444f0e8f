"""Which classes are taken for which, in the page and the terminal."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

from report_examples import equal
from report_page import Page

from snnc.report.confusion import confusion_rows, digits, shares, totals, worst
from snnc.report.html_report import to_html
from snnc.stages import Confusion


def test_confusions_in_words_and_cells(page: Page) -> None:
    found = equal().confusion
    assert found is not None
    assert totals(found) == "184 of 200 right"
    assert worst(found) == ["3 is taken for 5: 9 of 20 recordings", "7 is taken for 1: 7 of 20 recordings"]
    row = confusion_rows(found)[3]
    assert [cell.count for cell in row.cells] == [0, 0, 0, 11, 0, 9, 0, 0, 0, 0]
    assert [cell.right for cell in row.cells].index(True) == 3
    assert (row.total, row.right) == (20, "55 %")
    # 45 percent of colour, times the root of 11/20.
    assert row.cells[3].tint == 33
    assert "On test: 184 of 200 right. Most often, 3 is taken for 5: 9 of 20 recordings; 7" in page.text
    assert "3 0 0 0 11 0 9 0 0 0 0 20 55 %" in page.text


def test_a_network_without_confusions() -> None:
    right = Confusion("test", ("a", "b"), {"a": (2, 0), "b": (0, 0)})
    text = Page(to_html(replace(equal(), confusion=right))).text
    assert "On test: 2 of 2 right. Every recording was decoded as its class." in text
    assert "b 0 0 0 –" in text
    assert "No confusion matrix" in Page(to_html(replace(equal(), confusion=None))).text


def test_percent_of_a_row_add_to_100() -> None:
    """By hand: 77, 15 and 3 of 95 are 81.05, 15.79 and 3.16 percent; rounded alone, they add to 100.1."""
    assert shares([77, 15, 3], 0, 1) == ["81.1", "15.8", "3.1"]
    assert shares([1, 1, 1], 1, 1) == ["33.4", "33.3", "33.3"]
    assert shares([0, 8, 0], 1, 1) == ["0", "100.0", "0"]
    assert shares([0, 0], 0, 1) == ["0", "0"]
    # 1 of 2001: with two digits it is 0.05, with one it would be 0.0.
    found = Confusion("test", ("a", "b"), {"a": (2000, 1), "b": (0, 4)})
    assert digits(found) == 2
    assert shares([2000, 1], 0, digits(found)) == ["99.95", "0.05"]


def test_percent_are_near_the_counts() -> None:
    draw = random.Random(3)
    for _ in range(300):
        counts = [draw.choice((0, 0, 1, draw.randrange(200))) for _ in range(draw.randrange(1, 12))]
        right = draw.randrange(len(counts))
        found = Confusion("test", ("a",), {"a": tuple(counts)})
        places = digits(found)
        parts = [Fraction(text) for text in shares(counts, right, places)]
        unit, total = Fraction(1, 10**places), sum(counts)
        if not total:
            continue
        assert sum(parts) == 100
        exact = [Fraction(100 * count, total) for count in counts]
        assert all(abs(a - b) < unit for a, b in zip(parts, exact, strict=True))
        assert abs(parts[right] - exact[right]) <= unit / 2
        assert [part == 0 for part in parts] == [count == 0 for count in counts]
