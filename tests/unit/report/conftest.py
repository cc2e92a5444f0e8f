"""Pages shared by the tests of the report."""

from __future__ import annotations

import pytest
from report_examples import different, equal
from report_page import Page

from snnc.report.html_report import to_html


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(to_html(equal()))


@pytest.fixture(scope="module")
def page_of_difference() -> Page:
    return Page(to_html(different()))
