"""Which classes are taken for which, in the page and the terminal."""

from __future__ import annotations

from dataclasses import replace

from report_examples import equal
from report_page import Page

from snnc.report.confusion import confusion_rows, totals, worst
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
