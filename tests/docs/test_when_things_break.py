"""Every fault that the page names has its test."""

from __future__ import annotations

import re

from places import ROOT


def test_every_line_of_the_page_has_its_test() -> None:
    lines = [
        line.strip("| ").split(" | ")
        for line in (ROOT / "docs" / "when_things_break.md").read_text().splitlines()
        if line.startswith("|")
    ][2:]
    assert len(lines) >= 15
    for fault, *_, tests in lines:
        named = re.findall(r"`([\w/]+)\.py::(test_\w+)`", tests)
        assert named, fault
        for file, test in named:
            assert f"def {test}(" in (ROOT / "tests" / f"{file}.py").read_text(), (file, test)
