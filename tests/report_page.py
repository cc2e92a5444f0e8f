"""A rendered report, read as a browser reads it: its text, tags and attributes."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from rich.console import Console

from snnc.report.console import print_report
from snnc.stages import Report


class Page(HTMLParser):
    """Start tags with attributes, and the text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self._text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script":
            self.scripts.append(data)
        elif self.lasttag != "style":
            self._text.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._text).split())

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def with_divergence(report: Report, **changes: Any) -> Report:
    """`report` with its divergence changed."""
    executors = list(report.executors)
    assert executors[2].divergence is not None
    executors[2] = replace(executors[2], divergence=replace(executors[2].divergence, **changes))
    return replace(report, executors=tuple(executors))


def printed_lines(report: Report, path: str | None = None) -> list[str]:
    buffer = io.StringIO()
    print_report(report, Console(file=buffer, width=80, highlight=False), path)
    return buffer.getvalue().splitlines()


def figures_of(page: Page) -> dict[str, Any]:
    drawn: dict[str, Any] = json.loads(next(text for text in page.scripts if text.startswith("{")))
    return drawn
