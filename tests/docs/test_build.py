"""The documentation is built as `make docs` builds it: a broken link or a page in no menu fails."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml
from places import ROOT


def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"^(WARNING|ERROR)", done.stderr, re.MULTILINE), done.stderr
    built = {path.parent.name for path in (tmp_path / "site").glob("*/index.html")}
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}
    assert built >= pages


def test_a_link_or_page_that_is_lost_is_an_error() -> None:
    """Without these settings mkdocs only mentions it, even where it is strict."""
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    assert settings["strict"] is True
    assert settings["validation"] == {
        "nav": {"omitted_files": "warn", "not_found": "warn", "absolute_links": "warn"},
        "links": {
            "not_found": "warn",
            "anchors": "warn",
            "absolute_links": "warn",
            "unrecognized_links": "warn",
        },
    }
