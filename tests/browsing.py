"""A headless Chromium, and a report opened in it from disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

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


@contextmanager
def chromium() -> Iterator[Browser]:
    executable = os.environ.get("SNNC_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail("no Chromium: run `make chromium`, or set SNNC_CHROMIUM to its executable")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


class Opened:
    """A page with what it complained of and what it asked for; `plots` are waited for."""

    def __init__(self, page: Page, path: Path, plots: int) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(path.as_uri())
        expect(page.locator(".plot.drawn")).to_have_count(plots, timeout=30_000)
        self.drawn: float = page.evaluate("performance.now()")

    def times(self) -> str:
        # Pictures may be drawn before the paint is recorded. `wait_for_function` would evaluate a
        # string in the page at each further look, which the report's policy forbids.
        text = self.evaluate(
            """new Promise(found => new PerformanceObserver(list => {
                const paint = list.getEntriesByName('first-contentful-paint')[0];
                if (paint) found(paint.startTime);
            }).observe({type: 'paint', buffered: true}))"""
        )
        size = self.evaluate("performance.getEntriesByType('navigation')[0].decodedBodySize")
        return f"{size} bytes, text after {text:.0f} ms, all pictures before {self.drawn:.0f} ms"

    def evaluate(self, script: str) -> Any:
        return self.page.evaluate(script)

    def check_quiet(self) -> None:
        """It complained of nothing, asked for nothing but files, and does not scroll sideways."""
        assert self.complaints == []
        assert [url for url in self.requests if not url.startswith(("file:", "data:"))] == []
        http = "performance.getEntriesByType('resource').filter(e => /^http/.test(e.name)).length"
        assert self.evaluate(http) == 0
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.evaluate(wider) == 0
