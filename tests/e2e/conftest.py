"""Fixtures shared by the tests of commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import chromium
from made_once import made_once
from places import EXAMPLES
from playwright.sync_api import Browser
from real_data import HEIDELBERG, real_data

from snnc.cli import main


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def example_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network in examples/, exported and verified on real speech; its program for Lava did not run."""
    data = str(real_data(HEIDELBERG))

    def make(folder: Path) -> None:
        model, out = str(EXAMPLES / "heidelberg" / "model.pt"), str(folder / "example.loihi")
        assert main(["export", model, "--dataset", data, "-o", out]) == 0
        options = ["--dataset", data, "--executors", "hwsim,c", "--generated", "4"]
        assert main(["verify", out, *options]) == 0

    return made_once(tmp_path_factory, "example-report", make) / "example.loihi"
