"""The date of a report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from report_examples import equal
from report_page import Page

from snnc.errors import InputError
from snnc.report.date import EPOCH, dated
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json


def test_it_is_of_now_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(EPOCH, raising=False)
    found = datetime.strptime(dated(equal()).date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(0) <= datetime.now(UTC) - found < timedelta(minutes=5)


def test_a_reproducible_build_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EPOCH, "1000000000")  # of the year 2001, as every table of this number has it
    report = dated(equal())
    assert report.date == "2001-09-09T01:46:40Z"
    assert "Verified 2001-09-09 01:46:40 UTC" in Page(to_html(report)).text
    assert from_json(to_json(report)) == report


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5", "9" * 20])
def test_it_must_be_seconds(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EPOCH, value)
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH is"):
        dated(equal())


def test_a_report_without_one_says_none() -> None:
    assert '"date"' not in to_json(equal())
    assert "Verified 2" not in Page(to_html(equal())).text


@pytest.mark.parametrize("value", ["yesterday", "2026-11-29", "<b>2026-11-29T00:00:00Z"])
def test_another_form_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="date is"):
        from_json(to_json(replace(equal(), date=value)))
