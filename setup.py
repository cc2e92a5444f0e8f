"""What a package index shows of snnc; all else stands in pyproject.toml.

An index shows README.md without the repository around it, so that relative links lead nowhere there, and no
address of the repository is known that could be put before them. They become plain words, and pictures go.
"""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import setup

CODE = r"^```.*?^```$|(?:(?<=\n\n)|\A)(?:^(?: {4}[^\n]*)?\n)+|`[^`\n]+`"
"""Blocks and words of code, which stay as they are."""
ELSEWHERE = r"(?!https?:|mailto:)"
"""Before an address that is relative."""
TEXT = r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]"
LINK = rf"{TEXT}\({ELSEWHERE}[^)]*\)|<a\b[^>]*\bhref=\"{ELSEWHERE}[^>]*>(.*?)</a>"
PICTURE = rf"(?:^ *)?!{TEXT}\({ELSEWHERE}[^)]*\)|<picture>.*?</picture>|<img\b[^>]*\bsrc=\"{ELSEWHERE}[^>]*>"
PARTS = re.compile(rf"(?P<code>{CODE})|(?P<picture>(?:{PICTURE})\n?)|{LINK}", re.MULTILINE | re.DOTALL)


def description(readme: str) -> str:
    """`readme` with the words of relative links in their place, and without relative pictures."""

    def shown(found: re.Match[str]) -> str:
        if found["code"] is not None:
            return found["code"]
        if found["picture"] is not None:
            return ""
        words = next(group for group in found.groups()[3:] if group is not None)
        return description(words)

    return PARTS.sub(shown, readme)


PAGES = "\nThe pages that are named here come with the source, in the folder `docs` of the repository.\n"


if __name__ == "__main__":
    text = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    setup(long_description=description(text) + PAGES, long_description_content_type="text/markdown")
