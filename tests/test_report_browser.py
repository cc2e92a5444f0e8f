"""The report in a real browser, opened from disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from report_examples import different, equal

from snnc.report.html_report import to_html
from snnc.stages import Report

pytestmark = pytest.mark.browser

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REPORTS = {"equal": equal, "different": different}
PLOTS = 13


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("SNNC_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail("no Chromium: run `make chromium`, or set SNNC_CHROMIUM to its executable")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("report")
    paths = {name: folder / f"{name}.html" for name in REPORTS}
    for name, path in paths.items():
        path.write_text(to_html(REPORTS[name]()), encoding="utf-8")
    return paths


class _Opened:
    """A page with what it complained of and what it asked for."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_function("document.querySelectorAll('.plot.js-plotly-plot').length == " + str(PLOTS))

    def evaluate(self, script: str) -> Any:
        return self.page.evaluate(script)


@pytest.fixture(params=[(report, size) for report in REPORTS for size in SIZES], ids="-".join)
def opened(
    request: pytest.FixtureRequest, browser: Browser, files: dict[str, Path]
) -> Iterator[tuple[_Opened, Report]]:
    report, size = request.param
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    yield _Opened(context.new_page(), files[report]), REPORTS[report]()
    context.close()


def test_report_in_browser(opened: tuple[_Opened, Report]) -> None:
    shown, report = opened
    page = shown.page

    headline = page.locator(".headline")
    assert headline.is_visible()
    words = "Bit-exact:" if report.trusted else "NOT EQUAL:"
    assert headline.inner_text().startswith(words)
    box = headline.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 800, "the verdict must be seen without scrolling"

    for plot in page.locator(".plot").all():
        svg = plot.locator("svg.main-svg").first
        assert svg.is_visible()
        size = svg.bounding_box()
        assert size is not None
        assert size["width"] > 200
    assert page.locator("#plot-raster .scatterlayer .point").count() > 1000
    # Four steps of two layers, and two layers before and after.
    assert page.locator("#plot-sqnr .barlayer .point").count() == 8
    assert page.locator("#plot-bytes .barlayer .point").count() == 4

    for chip in page.locator(".chipmap svg").all():
        drawn = chip.bounding_box()
        assert drawn is not None
        assert drawn["width"] > 150
    numbers = page.locator("#chip details.operations")
    assert numbers.get_attribute("open") is not None  # a short table is
    assert page.locator("#chip .cores tbody tr").count() == len(report.chip.cores if report.chip else ())

    overflow = shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0

    # The accuracy table fits a phone, with its last column clear of the edge.
    table = page.locator("table.stages")
    assert table.evaluate("t => t.parentElement.scrollWidth - t.parentElement.clientWidth") == 0

    assert shown.complaints == []
    assert [url for url in shown.requests if not url.startswith(("file:", "data:"))] == []
    assert (
        shown.evaluate("performance.getEntriesByType('resource').filter(e => /^http/.test(e.name)).length")
        == 0
    )


def test_dark_mode_toggle(opened: tuple[_Opened, Report]) -> None:
    shown, _ = opened
    page = shown.page
    background = "getComputedStyle(document.body).backgroundColor"
    point = "getComputedStyle(document.querySelector('#plot-raster .point')).fill"
    light = shown.evaluate(background), shown.evaluate(point)
    button = page.get_by_role("button", name="Dark mode")
    assert button.get_attribute("aria-pressed") == "false"

    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    dark = shown.evaluate(background), shown.evaluate(point)
    assert dark == ("rgb(18, 22, 28)", "rgb(86, 180, 233)")
    assert light == ("rgb(246, 247, 249)", "rgb(0, 114, 178)")

    button.click()
    assert (shown.evaluate(background), shown.evaluate(point)) == light
    assert shown.complaints == []


def test_page_follows_the_system_theme(browser: Browser, files: dict[str, Path]) -> None:
    context = browser.new_context(color_scheme="dark")
    shown = _Opened(context.new_page(), files["equal"])
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 28)"
    assert shown.page.get_by_role("button", name="Dark mode").get_attribute("aria-pressed") == "true"
    context.close()


def test_skip_link_is_the_first_stop_of_the_keyboard(browser: Browser, files: dict[str, Path]) -> None:
    context = browser.new_context()
    page = _Opened(context.new_page(), files["equal"]).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    context.close()
