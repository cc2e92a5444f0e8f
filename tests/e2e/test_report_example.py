"""The report of the network in examples/ on real speech, in a browser: it answers what one asks first."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from browsing import SIZES, Opened
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", SIZES)
def test_it_answers_the_three_questions(size: str, browser: Browser, example_report: Path, capsys) -> None:
    width, height = SIZES[size]
    told = json.loads((example_report / "report.json").read_text())
    assert (example_report / "report.html").stat().st_size < 3_000_000
    context = browser.new_context(viewport={"width": width, "height": height})
    shown = Opened(context.new_page(), example_report / "report.html", plots=len(told["layers"]) * 2 + 7)
    with capsys.disabled():  # for the reader: timing decides nothing
        print(f"\nexample, {size}: {shown.times()}")
    questions = shown.page.locator(".questions > div")
    answers = {
        div.locator("dt").inner_text(): div.locator("dd strong").inner_text() for div in questions.all()
    }
    for strong in questions.locator("dd strong").all():
        box = strong.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height, "to be seen without scrolling"
        line = float(strong.evaluate("each => parseFloat(getComputedStyle(each).lineHeight)"))
        assert box["height"] < 2.5 * line, "two lines at most"

    assert answers["Can I deploy?"] == "Check first"  # its program for Lava did not run
    first, last = told["accuracy"][0], told["accuracy"][-1]
    (finished,) = (stage for stage in told["accuracy"] if stage["stage"] == "finished")
    before = finished if finished["correct"] >= first["correct"] else first
    lost = 100 * (last["correct"] - before["correct"]) / last["total"]
    cost = answers["What did quantisation cost?"]
    shown_points = re.search(r"([+−][\d.]+) points", cost)[1]
    assert cost.startswith("None seen") == (lost >= 0)
    assert float(shown_points.replace("−", "-")) == pytest.approx(lost, abs=0.006)
    # The core that works longest, of its own figures in the table of cores.
    rows = shown.page.locator("#chip .cores tbody tr").all()
    busy = {
        row.locator("th").inner_text().split()[0]: float(re.search(r"([\d.]+) %", row.inner_text())[1])
        for row in rows
    }
    busiest = max(busy, key=lambda name: busy[name])
    assert len(busy) == len(told["chip"]["cores"]) > 1
    assert answers["Where is the bottleneck on the chip?"].startswith(f"Core {busiest}")
    shown.check_quiet()
    context.close()
